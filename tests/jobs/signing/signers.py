"""Somebody who is to sign and knows nothing but what was mailed or texted to them, and what is to be found once they have signed."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pikepdf
from PIL import Image

from tests.builders import a_ported_line, a_porting, an_eid, an_order
from tests.jobs.conftest import SECRET, House, put, the_tenant, wished
from tests.jobs.signing.test_eid_gateway import ACR
from webapp import clock
from webapp.domain.ordering.order import Order
from webapp.domain.problem import Problem
from webapp.domain.signing.rules import METHODS, Consent, Visitor
from webapp.domain.tenants.tenant import SigningTerms, Tenant
from webapp.gateways.eid_standin import EidStandin
from webapp.operations.signing.signature import Signing
from webapp.operations.signing.signing_access import SignerView
from webapp.store.invariants import broken_promises
from webapp.store.platform.scope import Scope
from webapp.store.porting import Port
from webapp.store.unit_of_work import Store
from webapp.web.signing.sign_view import eid_url

EVERY = frozenset({"owner", "entitled", "correct", "charges", "only_numbers", "active", "compensation", "transfer"})
VISITOR = Visitor("192.0.2.77", "Prov/1.0")
SIGNER, ORDERER = "asa@granit.example", "gosta@granit.example"
PAPERS = [("confirmation", ""), ("power_of_attorney", "PT-7K4Q-2M-2"), ("power_of_attorney_signed", "PT-7K4Q-2M-2")]
AFTER = [ORDERER, ORDERER, SIGNER, SIGNER]  # received, signed; the link, the copy


def a_signing_tenant(**eid: Any) -> Tenant:
    """An operator that takes every proof there is."""
    terms = SigningTerms(methods=METHODS, seal_key="provtele", sms_sender="Provtele", eid=an_eid(**eid))
    return the_tenant(signing=terms, revision="7" * 64)


def place(store: Store, tenant: Tenant, language: str = "sv", **porting: Any) -> Order:
    """An order with one number that moves, as placing leaves it."""
    line = a_ported_line(user_email="", porting=a_porting(**{"wished_date": wished(), **porting}))
    order = put(store, tenant, an_order(line, tenant=tenant, language=language, placed_at=clock.now()))
    assert line.porting
    day = line.porting.wished_date
    port = Port("p1", order.company.id, order.ref, 1, line.porting.e164, "awaiting_signature", day, {}, {}, clock.now())
    with store.work(Scope(tenant.slug, None, "test")) as work:
        assert work.portings.add(port)
    return order


@dataclass
class Phone:
    """In the signer's hand. `link` is what its browser keeps once the mailed link was opened."""

    house: House
    email: str = SIGNER
    browser_binding: str = "seat"
    link: str = ""
    signer: str = ""

    @property
    def signing(self) -> Signing:
        return Signing(self.house.store, SECRET, self.house.tenant, clock.now())

    def mails(self) -> list[dict[str, Any]]:
        return [mail for mail in self.house.mailbox.mails() if mail["to"] == self.email]

    def open(self) -> SignerView:
        """Opens the link that was mailed last."""
        links = [link for mail in self.mails() for link in mail["links"] if "/sign/" in link]
        self.link = links[-1].rpartition("/")[2]
        self.signer = self.signing.open_link(self.link, VISITOR.address) or ""
        return self.visit()

    def visit(self) -> SignerView:
        found = self.signing.visit(self.signer, self.link, browser_binding=self.browser_binding, seen=VISITOR)
        assert found is not None
        return found

    def consent(self, method: str) -> None:
        visit = self.visit() if self.link else self.open()
        form = Consent(visit.signer.name, visit.capacities[0], EVERY, method, visit.document.sha256)
        assert self.signing.consent(visit, self.link, form, self.browser_binding, VISITOR) == {}

    def mailed_code(self) -> str:
        return re.findall(r"\b\d{6}\b", self.mails()[-1]["text"])[-1]

    def give(self, code: str) -> Problem | None:
        return self.signing.give_code(self.visit(), self.link, code, self.browser_binding, VISITOR)

    def sign(self) -> None:
        """By a code that is mailed."""
        self.consent("code_mail")
        self.house.drain()
        assert self.give(self.mailed_code()) is None

    def way_to_broker(self) -> str:
        """Where the page of this stage sends the browser; empty: it waits for the job still, or is another page."""
        visit = self.visit()
        return eid_url(visit) if visit.stage == "eid" else ""

    def to_broker(self, **choice: str) -> dict[str, str]:
        """Goes where the page sends it, chooses a person there, and comes back with this."""
        url = self.way_to_broker()
        assert url, "the job has not prepared it"
        attempt = re.search(r'name="attempt" value="([^"]+)"', httpx.get(url).text)
        assert attempt
        back = httpx.post(url, data={"attempt": attempt[1], **(choice or {"person": "asa"})})
        return {name: values[0] for name, values in parse_qs(urlsplit(back.headers["Location"]).query).items()}

    def from_broker(self, came: dict[str, str]) -> Problem | None:
        given = {name: came.get(name, "") for name in ("code", "state", "error")}
        return self.signing.eid_came_back(self.visit(), self.link, self.browser_binding, VISITOR, **given)

    def upload(self, content: bytes) -> Problem | None:
        return self.signing.upload_scan(self.visit(), self.link, content, "scan", self.browser_binding, VISITOR)


def dies(house: House, point: str, act: Callable[[], Any]) -> None:
    """A process that serves a request is killed at that point."""
    pid = os.fork()
    if not pid:
        os.environ["SKYLT_FAULTS"] = f"{point}=kill9"
        house.store = Store(house.databases.app_url, pool_size=1)  # connections are not shared between processes
        try:
            act()
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -9


def state(house: House) -> str:
    return str(house.sql("select state from signing_request order by version desc limit 1")[0][0])


def happened(house: House) -> list[str]:
    return [row[0] for row in house.sql("select what from signing_event order by seq")]


def broken(house: House) -> list[str]:
    return [f"{each.promise} {each.subject}" for each in broken_promises(house.store, SECRET, clock.now())]


def language_of(mail: dict[str, Any]) -> str:
    found = re.search(r'<html[^>]* lang="(\w+)"', mail["html"])
    assert found
    return found[1]


def assert_one_of_each(house: House, *proofs: str, repeated: int = 0) -> None:
    """One signature, one sealed file, one mail each; `proofs` are addresses that were mailed codes."""
    assert [(kind, subject) for kind, subject, _, _ in house.papers()] == PAPERS
    assert all(whole for *_, whole in house.papers())
    counts = Counter(happened(house))
    assert state(house) == "sealed" and (counts["signed"], counts["sealed"], counts["sent"]) == (1, 1, 1)
    assert house.sql("select state from signer") == [("signed",)]
    assert house.sql("select state from order_line") == [("ready",)] and house.sql("select state from porting") == [
        ("signed",)
    ]
    ids = Counter((mail["to"], mail["headers"]["Message-ID"]) for mail in house.mailbox.mails())
    assert sorted(to for to, _ in ids) == sorted([*AFTER, *proofs])
    assert sum(ids.values()) - len(ids) == repeated
    assert not house.jobs("todo", "doing", "failed") and broken(house) == []


def at_broker(open_house: Callable[..., House], provider: EidStandin, dialect: str = "idura") -> tuple[House, Phone]:
    """A signer who has chosen eID and can be sent to the broker."""
    house = open_house(eid={"dialect": dialect, "acr": (ACR[dialect],)})
    house.more = {"SKYLT_EID_STANDIN": provider.url}
    phone = Phone(house)
    phone.consent("eid")
    assert phone.way_to_broker() == ""
    house.drain()
    return house, phone


def a_pdf(pages: int, **saved: object) -> bytes:
    made, out = pikepdf.new(), BytesIO()
    for _ in range(pages):
        made.add_blank_page()
    made.save(out, **saved)  # type: ignore[arg-type]
    return out.getvalue()


def a_picture(kind: str, *size: int, mode: str = "1") -> bytes:
    out = BytesIO()
    Image.new(mode, size).save(out, kind)  # type: ignore[arg-type]
    return out.getvalue()

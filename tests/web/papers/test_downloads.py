"""Every paper is looked at before it leaves: what somebody has changed is refused in the reader's language, and staff are told once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.browsing import Portal
from tests.documents.sealing import HOLDERS, PASSWORD, keyring, sealed_paper
from tests.documents.test_tampering import TAMPERED, Tamper
from tests.web import order_factories
from tests.web.conftest import Visit
from tests.web.order_factories import do_jobs, place, said
from webapp.gateways.mail_standin import MailStandin
from webapp.operations.desk import staff
from webapp.operations.papers import document_verification
from webapp.operations.papers.document_verification import Seals
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope

SEALS = Seals(keyring().place, PASSWORD)


@pytest.fixture(autouse=True)
def sealing(portal: Portal) -> Iterator[None]:
    """The portal knows whom to believe."""
    whole = portal.app.extensions["skylt"]
    portal.app.extensions["skylt"] = replace(whole, seals=SEALS)
    yield
    portal.app.extensions["skylt"] = whole


def keep(portal: Portal, n: int = 0, slug: str = "fjallton") -> Document:
    """A sealed paper among those of a new order."""
    order, paper = place(portal, slug, order_factories.new_user()), sealed_paper(n)
    do_jobs(portal, only="carry_out")
    facts = {"number": f"{order.ref}-1", "file": "paper.pdf", "level": "B-B", "sealed_by": HOLDERS[paper.tenant].name}
    document = Document(
        f"sealed-{order.ref}", order.company.id, order.ref, "", "confirmation", 1, "Orderbekräftelse", "sv",
        hashlib.sha256(paper.whole).hexdigest(), len(paper.whole), f"C-{order.ref}", portal.now,
        facts | {"sealed_at": portal.now.isoformat()},
    )  # fmt: skip
    with portal.store.work(Scope(slug, order.company.id, "test")) as work:
        assert work.documents.add(document, paper.whole)
    portal.sql("delete from procrastinate_jobs where status = 'todo'")
    return document


def put(portal: Portal, document: Document, content: bytes, *, digest: bool = False) -> None:
    """Somebody gets at the database."""
    portal.sql("update document set bytes = %s where id = %s", content, document.id)
    if digest:
        sha256 = hashlib.sha256(content).hexdigest()
        portal.sql("update document set sha256 = %s, size = %s where id = %s", sha256, len(content), document.id)


def path(document: Document) -> str:
    return f"/orders/{document.order}/documents/{document.id}"


def open_alarms(portal: Portal, document: Document) -> int:
    return int(portal.sql("select count(*) from alarm where subject = %s and over_at is null", document.id)[0][0])


def test_a_whole_paper_is_handed_out_as_it_is(portal: Portal, visit: Visit) -> None:
    document = keep(portal)
    for local, before in (("owner", ""), ("operator", "/admin")):
        answer = visit("fjallton", local).request("GET", before + path(document))
        assert answer.status_code == 200 and answer.data == sealed_paper(0).whole
    told = portal.sql("select what, actor from audit where subject = %s and what ^@ 'document.'", document.order)
    assert [what for what, _ in told] == ["document.fetched", "document.fetched"] and open_alarms(portal, document) == 0


def test_a_whole_paper_is_handed_out_when_the_key_that_sealed_it_has_ended(
    portal: Portal, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = keep(portal)
    before = document_verification.sweep(portal.store, SEALS, "fjallton", portal.now)  # what other tests have spoilt
    monkeypatch.setattr(portal, "now", keyring().key("fjallton").expires + timedelta(days=366))
    answer = visit("fjallton", "owner").request("GET", path(document))
    assert answer.status_code == 200 and answer.data == sealed_paper(0).whole
    assert document_verification.sweep(portal.store, SEALS, "fjallton", portal.now) == before
    assert open_alarms(portal, document) == 0


@pytest.mark.parametrize("tamper", TAMPERED, ids=lambda tamper: tamper.__name__)
def test_what_was_tampered_with_is_refused_and_told(portal: Portal, visit: Visit, tamper: Tamper) -> None:
    document = keep(portal)
    put(portal, document, tamper(sealed_paper(0), 0))
    owner = visit("fjallton", "owner")
    for _ in range(2):
        owner.open(path(document))
        assert owner.status == 409 and owner.h1 == said("sv", "We cannot hand out this document")
    answer = visit("fjallton", "operator").request("GET", "/admin" + path(document))
    assert answer.status_code == 409 and b"%PDF" not in answer.data
    assert open_alarms(portal, document) == 1
    mails = portal.sql(
        "select count(*) from procrastinate_jobs where task_name = 'mail_paper_damaged' and status = 'todo'"
    )
    assert mails == [(1,)]
    told = portal.sql("select what from audit where subject = %s and what ^@ 'document.'", document.order)
    assert [what for (what,) in told] == ["document.refused"] * 3


SEEN_BY_THE_SEAL = [tamper for tamper, seen in TAMPERED.items() if seen and tamper.__name__ != "foreseen"]


@pytest.mark.parametrize("tamper", SEEN_BY_THE_SEAL, ids=lambda tamper: tamper.__name__)
def test_a_digest_that_was_changed_with_it_helps_nobody(portal: Portal, visit: Visit, tamper: Tamper) -> None:
    document = keep(portal)
    put(portal, document, tamper(sealed_paper(0), 0), digest=True)
    assert visit("fjallton", "owner").request("GET", path(document)).status_code == 409


def test_another_sellers_good_seal_is_not_enough(portal: Portal, visit: Visit) -> None:
    document = keep(portal)
    put(portal, document, sealed_paper(2).whole, digest=True)
    assert visit("fjallton", "owner").request("GET", path(document)).status_code == 409


def test_staff_see_it_and_get_one_mail(portal: Portal, visit: Visit, mailbox: MailStandin) -> None:
    document = keep(portal)
    put(portal, document, sealed_paper(0).whole + b"\n")
    visit("fjallton", "owner").open(path(document))
    assert do_jobs(portal, mailbox.port, only="mail_paper_damaged") == []
    (mail,) = mailbox.mails()
    support = portal.tenant("fjallton").support.email
    assert mail["to"] == support and f"{document.order}-1" in mail["subject"] and "hash" in mail["text"]
    desk = visit("fjallton", "operator").open("/admin/orders")
    assert said("sv", "A document has been changed since it was created and is not handed out") in desk.text
    assert (
        said("sv", "A document has been changed since it was created and is not handed out")
        in desk.open(f"/admin/orders/{document.order}").text
    )
    with portal.store.work(Scope("baeltkom", None, "test")) as work:
        assert staff.troubles(work) == ()


def test_a_danish_reader_is_told_in_danish(portal: Portal, visit: Visit) -> None:
    document = keep(portal, 2, "baeltkom")
    put(portal, document, b"%PDF-1.7 nothing")
    owner = visit("baeltkom", "owner").open(path(document))
    assert owner.status == 409 and owner.h1 == said("da", "We cannot hand out this document")


def test_where_nobody_knows_whom_to_believe_no_sealed_paper_leaves(portal: Portal, visit: Visit) -> None:
    document = keep(portal)
    portal.app.extensions["skylt"] = replace(portal.app.extensions["skylt"], seals=Seals())
    assert visit("fjallton", "owner").request("GET", path(document)).status_code == 503
    assert open_alarms(portal, document) == 0  # the paper is not to blame
    assert portal.sql("select subject from alarm where kind = 'seal_trouble' and over_at is null") == [
        ("trust.missing",)
    ]


def test_the_night_looks_at_every_paper_and_ends_what_is_mended(portal: Portal, visit: Visit) -> None:
    good, bad = keep(portal), keep(portal)
    before = document_verification.sweep(portal.store, SEALS, "fjallton", portal.now)  # what other tests have spoilt
    put(portal, bad, sealed_paper(0).whole[:-1])
    assert document_verification.sweep(portal.store, SEALS, "fjallton", portal.now) == before + 1
    assert document_verification.sweep(portal.store, SEALS, "fjallton", portal.now) == before + 1
    assert (open_alarms(portal, good), open_alarms(portal, bad)) == (0, 1)
    assert visit("fjallton", "owner").request("GET", path(bad)).status_code == 409
    assert open_alarms(portal, bad) == 1
    put(portal, bad, sealed_paper(0).whole)
    assert document_verification.sweep(portal.store, SEALS, "fjallton", portal.now) == before
    assert open_alarms(portal, bad) == 0
    assert visit("fjallton", "owner").request("GET", path(bad)).status_code == 200


def test_the_night_goes_through_more_than_one_batch(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_verification, "BATCH", 2)
    papers = [keep(portal, 2, "klitfon") for _ in range(5)]
    put(portal, papers[-1], b"")
    assert document_verification.sweep(portal.store, SEALS, "klitfon", portal.now) == 1

"""A reseller's customer with one of everything, and all who might come for it: colleagues, the neighbour company, other tenants, staff."""

from __future__ import annotations

import hashlib
import itertools
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.browsing import Portal, Visitor, a_portal, tenants_with
from tests.web import order_factories
from webapp.domain.ordering.draft import Draft, Line
from webapp.domain.people import Company
from webapp.store.papers.documents import Document
from webapp.store.papers.exports import Exports
from webapp.store.platform.embedded import Databases
from webapp.store.platform.scope import Scope
from webapp.web.sessions import hash_of

_numbers = itertools.count(1)
HOME = "skarvox"
SIBLING = "tvillvox"
CANARY = "Kanarie Fågelsson"
VISITORS: Mapping[str, tuple[str, str | None]] = {
    "anonymous": (HOME, None),
    "member": (HOME, "member"),
    "buyer": (HOME, "buyer"),
    "other company": (HOME, "owner2"),
    "staff": (HOME, "operator"),
    "sibling": (SIBLING, "owner"),
    "sibling's staff": (SIBLING, "operator"),
    "operator's customer": ("fjallton", "owner"),
    "operator's staff": ("fjallton", "operator"),
    "other tenant": ("baeltkom", "owner"),
    "other tenant's staff": ("baeltkom", "operator"),
}
"""Who comes: at which tenant, with which of its accounts."""


@dataclass
class World:
    """The portal, and what belongs to the buyer's company at the reseller."""

    portal: Portal
    _visitors: dict[str, Visitor] = field(default_factory=dict)

    def visitor(self, who: str) -> Visitor:
        """One of VISITORS, with a browser of their own that stays the same."""
        if who not in self._visitors:
            slug, local = VISITORS[who]
            self._visitors[who] = self.portal.visitor(slug, local)
        return self._visitors[who]

    def things(self) -> dict[str, str]:
        """One of everything, new each time: what the variable parts of addresses are filled with."""
        portal, person = self.portal, self.portal.person(HOME, "buyer")
        assert person.company
        line = order_factories.new_user(1, user_name=CANARY, user_email="kanarie@fagel.example")
        order = order_factories.place(portal, HOME, line, local="buyer")
        content = b"%PDF-1.7 " + CANARY.encode() + order.ref.encode()
        digest = hashlib.sha256(content).hexdigest()
        paper = Document(
            f"paper-{order.ref}", person.company.id, order.ref, "", "confirmation", 1, "Orderbekräftelse", "sv",
            digest, len(content), _code(order.ref), portal.now, {"file": f"{order.ref}.pdf"},
        )  # fmt: skip
        answers = {"kind": "mobile", "user_mode": "new", "user.first": "Kanarie", "user.last": "Fågelsson"}
        made = {name: f"{name}-{order.ref}" for name in ("draft", "session", "reset")}
        with portal.store.work(Scope(HOME, person.company.id, person.id)) as work:
            work.documents.add(paper, content)
            work.drafts.add(
                Draft(
                    made["draft"], person.company.id, "sv", portal.tenant(HOME).revision, person.id, person.id,
                    portal.now, lines=(Line(1, answers), Line(2, answers, removed=True)),
                )
            )  # fmt: skip
        with portal.store.work(Scope(HOME, None, "test")) as work:
            kept = f"+46700{next(_numbers):06}"
            work.numbers.add(kept, "mobile")
            assert work.numbers.hold(kept, made["draft"], now=portal.now), "so that there is something to give back"
            exports = Exports(work.session)
            asked = {"asked_by": "x", "asked": {}, "language": "sv", "now": portal.now}
            until = portal.now.replace(hour=23)
            assert exports.add(f"export-{order.ref}", order.ref, [(paper.id, "current")], expires_at=until, **asked)
            assert exports.change_state(f"export-{order.ref}", was="making", to="ready")
        with portal.store.work(Scope.doorstep(HOME)) as work:
            account = work.people.get(person.id)
            assert account
            work.sessions.open(account, hash_of(made["session"]), portal.now)
            until = portal.now.replace(hour=23)
            work.tokens.issue("reset", hash_of(made["reset"]), now=portal.now, expires_at=until, person=person.id)
        [(session,)] = portal.sql("select id from login_session where token_hash = %s", hash_of(made["session"]))
        [(job,)] = portal.sql(
            "update procrastinate_jobs set status = 'failed' where args->>'id' = %s returning id", order.ref
        )
        [(subscription,)] = portal.sql(
            "select id from subscription where company = %s order by id limit 1", person.company.id
        )
        return {
            "draft": made["draft"], "n": "1", "step_id": "typ", "question": "icc", "ref": order.ref, "document": paper.id,
            "id": subscription, "number": str(job), "session": session, "token": made["reset"],
            "code": paper.verify_code, "export": f"export-{order.ref}",
        }  # fmt: skip


def _code(ref: str) -> str:
    made = hashlib.sha256(ref.encode()).hexdigest()[:12].upper().translate(str.maketrans("01", "XY"))
    return "-".join((made[:4], made[4:8], made[8:]))


def a_world(databases: Databases, folder: Path) -> Iterator[World]:
    """The demo's tenants and a second reseller under the same operator."""
    tenants = tenants_with(folder, {})
    twin = Path(shutil.copytree(tenants / HOME, tenants / SIBLING))
    about = (twin / "tenant.toml").read_text("utf-8")
    for old, new in (("Skärvox", "Tvillvox"), ("skarvox", SIBLING), ('ref_prefix = "SX"', 'ref_prefix = "TV"')):
        about = about.replace(old, new)
    (twin / "tenant.toml").write_text(about, "utf-8")
    with a_portal(databases, tenants) as portal:
        with portal.store.work(Scope(SIBLING, None, "seed")) as work:
            company = Company(
                "twin", "Tvillingbolaget AB", "5599992012", "small", "SX-RAM", "Gatan 1", "11418", "Stockholm"
            )
            work.companies.add(company)
            for local, role in (("owner", "owner"), ("operator", "staff")):
                work.people.add(
                    email=f"{local}@{SIBLING}.example",
                    name=f"{local} Tvilling",
                    role=role,
                    language="sv",
                    password_hash="x",
                    company=None if role == "staff" else company.id,
                )
        yield World(portal)

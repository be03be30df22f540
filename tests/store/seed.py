"""Two tenants with two companies each, and in every company one of everything; ids tell whose a thing is."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

from webapp.domain.money import Money
from webapp.domain.ordering.draft import Draft, Line
from webapp.domain.ordering.order import Order, OrderLine, Provenance
from webapp.domain.ordering.quote import Quote, Row
from webapp.domain.people import Address, Company, Employee
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope
from webapp.store.porting import Port
from webapp.store.subscriptions import Subscription
from webapp.store.unit_of_work import Store, Work

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TENANTS = ("north", "south")
COMPANIES = ("a", "b")


def whole(tenant: str, actor: str = "seed") -> Scope:
    """All companies of a tenant."""
    return Scope(tenant, None, actor)


def one(tenant: str, company: str, actor: str = "somebody") -> Scope:
    """One company of a tenant; its id is the tenant's and its letter."""
    return Scope(tenant, f"{tenant}-{company}", actor)


def draft(id: str, company: str, lines: int = 1) -> Draft:
    """An open draft with answered lines."""
    answered = tuple(Line(n, {"kind": "mobile", "first": "Eva"}) for n in range(1, lines + 1))
    return Draft(id, company, "sv", "rev", "seed", "seed", NOW, lines=answered)


def order(ref: str, company: str, draft_id: str, users: tuple[str, ...] = ("Eva Ek",), **changes: object) -> Order:
    """What a draft could have become."""
    lines = tuple(
        OrderLine(
            n=n, answers={"kind": "mobile"}, facts=(), user_name=user, user_email="", plan="p", plan_name="Plan",
            data=None, months=0, number_source="new", number=None,
        )
        for n, user in enumerate(users, 1)
    )  # fmt: skip
    rows = tuple(Row(line.n, "p", "Plan", "month", 1, Money(19900, "SEK")) for line in lines)
    values = {
        "ref": ref,
        "draft": draft_id,
        "company": Company(company, "Bolaget", "5560", "small", None, "Gatan 1", "11122", "Staden"),
        "ordered_by": "Olle",
        "ordered_by_email": "olle@example.test",
        "ordered_by_role": "owner",
        "language": "sv",
        "placed_at": NOW,
        "reference": "Projekt Ö",
        "lines": lines,
        "quote": Quote(rows, (), "2026-01-01", None, "SEK", 2500),
        "provenance": Provenance("rev", 1, "2026-01-01", None, "v1", "sha"),
    }
    return Order(**{**values, **changes})  # type: ignore[arg-type]


BYTES = b"%PDF"


def document(id: str, company: str, ref: str, version: int = 1) -> Document:
    """A paper of an order."""
    code, sha256 = f"code-{id}", hashlib.sha256(BYTES).hexdigest()
    return Document(
        id, company, ref, "", "confirmation", version, "Orderbekräftelse", "sv", sha256, 4, code, NOW, {"x": 1}
    )


def fill(store: Store) -> None:
    """Put everything in."""
    for t, tenant in enumerate(TENANTS):
        with store.work(whole(tenant)) as work:
            work.revisions.publish(f"{tenant}-digest", {"name": tenant}, now=NOW)
            work.throttle.forget("nobody")
            staff = work.people.add(
                email=f"staff@{tenant}.test", name=f"Staff {tenant}", role="staff", language="sv", password_hash="h",
                id=f"{tenant}-staff",
            )  # fmt: skip
            assert staff
            work.effects.claim(f"mail:{tenant}", "<id@test>", now=NOW)
            for i in range(5):
                work.numbers.add(f"+4670000{t}10{i}", "mobile")
            for c, letter in enumerate(COMPANIES):
                fill_company(work, f"{tenant}-{letter}", f"{t}{c}")


def fill_company(work: Work, company: str, digits: str) -> None:
    """One of everything for one company."""
    work.companies.add(Company(company, f"Bolag {company}", f"55{digits}", "small", None, "Gatan 1", "11122", "Staden"))
    work.companies.add_address(Address(f"{company}-address", "Lagret", "Vägen 2", "22233", "Orten"), company)
    person = work.people.add(
        email=f"owner@{company}.test", name=f"Owner {company}", role="owner", language="sv", password_hash="h",
        company=company, id=f"{company}-person",
    )  # fmt: skip
    account = work.people.get(person)
    assert account
    work.sessions.open(account, f"session-{company}".encode(), NOW)
    work.tokens.issue(
        "reset", f"token-{company}".encode(), now=NOW, expires_at=NOW.replace(hour=23), person=person, company=company
    )
    work.employees.add(Employee(f"{company}-employee", "Eva", f"Ek {company}", initials="EE"), company)
    work.drafts.add(draft(f"{company}-draft", company))
    work.drafts.add(draft(f"{company}-placed", company))
    ref = f"REF-{company}"
    work.orders.add(order(ref, company, f"{company}-placed"))
    work.drafts.mark_placed(f"{company}-placed")
    work.summaries.ask(f"{company}-draft", "f" * 64, {}, now=NOW, company=company)
    work.documents.add(document(f"{company}-document", company, ref), BYTES)
    work.portings.add(
        Port(f"{company}-port", company, ref, 1, f"+467099{digits}1", "submitted", date(2026, 3, 9), {}, {}, NOW)
    )
    number = f"+467000{digits}001"
    work.subscriptions.add(
        Subscription(
            f"{company}-sub", company, f"{company}-employee", number, "mobile", "p", "ordered", ref, 1, NOW, {}
        ),
        "Eva Ek",
    )
    work.numbers.add(number, "mobile", "reserved", company)
    work.numbers.allocate(number, company, draft=None, now=NOW)
    work.numbers.attach(number, f"{company}-sub")
    work.numbers.add(f"+467000{digits}002", "mobile", "reserved", company)
    work.numbers.add(f"+468000{digits}003", "fixed", "allocated", company)
    work.sims.add(f"89460000000000{digits}1", company)
    work.audit.write("order.placed", ref, now=NOW, company=company)

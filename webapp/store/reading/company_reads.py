"""Reads of what a company has: subscriptions, employees, numbers, addresses, user accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select, tuple_

from webapp.domain.people import Address, Company, Employee
from webapp.store.people.companies import EMPLOYEE
from webapp.store.platform.alphabet import in_alphabet
from webapp.store.platform.tables import PORT_OVER, EmployeeRow, NumberRow, PersonRow, PortingRow, SubscriptionRow
from webapp.store.reading.cards import NumberCard, Page, SubscriptionCard, UserCard
from webapp.store.reading.paging import PAGE, read_cursor, some
from webapp.store.reading.paging import cursor as to_next
from webapp.store.unit_of_work import Work

_S, _E, _N, _P = SubscriptionRow, EmployeeRow, NumberRow, PortingRow


def subscriptions(
    work: Work, *, q: str = "", state: str = "", unassigned: bool = False, cursor: str = "", limit: int = PAGE
) -> Page[SubscriptionCard]:
    """What the company has, the latest first. One statement."""
    found = _subscriptions().order_by(_S.created_at.desc(), _S.id.desc())
    if q and (matching := work.search.matching("subscription", q, _S.id)) is not None:
        found = found.where(matching)
    if state:
        found = found.where(_S.state == state)
    if unassigned:
        found = found.where(_S.employee.is_(None))
    if key := read_cursor(cursor, datetime.fromisoformat, str):
        found = found.where(tuple_(_S.created_at, _S.id) < tuple_(*key))
    rows, more = some(work, found, limit)
    cards = tuple(_subscription(row) for row in rows)
    return Page(cards, to_next(cards[-1].created_at.isoformat(), cards[-1].id) if more else None)


def subscription(work: Work, id: str) -> SubscriptionCard | None:
    """One of them."""
    row = work.session.execute(_subscriptions().where(_S.id == id)).one_or_none()
    return _subscription(row) if row else None


def _subscriptions() -> Select[Any]:
    found = select(
        _S.id, _S.company, _S.number, _S.employee, _E.first, _E.last, _S.kind, _S.plan, _S.state, _S.order, _S.line,
        _S.created_at, _S.facts, _P.e164,
    )  # fmt: skip
    user = and_(_E.tenant == _S.tenant, _E.id == _S.employee)
    comes = _S.number.is_(None), _P.state.not_in(PORT_OVER)
    port = and_(_P.tenant == _S.tenant, _P.order == _S.order, _P.line == _S.line, *comes)
    return found.outerjoin(_E, user).outerjoin(_P, port)


def _subscription(row: Sequence[Any]) -> SubscriptionCard:
    id, company, number, employee, first, last, kind, plan, state, order, line, created_at, facts, moving = row
    user = " ".join(filter(None, (first, last)))
    plan_name = facts.get("plan_name", plan)
    return SubscriptionCard(
        id, company, number, employee, user, kind, plan, plan_name, state, order, line, created_at, facts, moving
    )


def employees(work: Work, language: str = "", *, q: str = "", cursor: str = "", limit: int = PAGE) -> Page[Employee]:
    """The company's employees by name, in the alphabet of the reader's language. One statement."""
    last, first = in_alphabet(_E.last, language), in_alphabet(_E.first, language)
    found = select(*EMPLOYEE, last, first).order_by(last, first, _E.id)
    if q and (matching := work.search.matching("employee", q, _E.id)) is not None:
        found = found.where(matching)
    if key := read_cursor(cursor, str, str, str):
        found = found.where(tuple_(last, first, _E.id) > tuple_(*key))
    rows, more = some(work, found, limit)
    cards = tuple(Employee(*row[:-2]) for row in rows)
    return Page(cards, to_next(rows[-1][-2], rows[-1][-1], cards[-1].id) if more else None)


def numbers(work: Work, company: str, *, kind: str = "", cursor: str = "", limit: int = 100) -> Page[NumberCard]:
    """The numbers of a company, with who uses them. One statement."""
    user = func.trim(func.concat(_E.first, " ", _E.last))
    found = (
        select(_N.e164, _N.kind, _N.state, user, _N.subscription)
        .outerjoin(_S, and_(_S.tenant == _N.tenant, _S.id == _N.subscription))
        .outerjoin(_E, and_(_E.tenant == _S.tenant, _E.id == _S.employee))
        .where(_N.company == company)
        .order_by(_N.e164)
    )
    if kind:
        found = found.where(_N.kind == kind)
    if key := read_cursor(cursor, str):
        found = found.where(_N.e164 > key[0])
    rows, more = some(work, found, limit)
    return Page(tuple(NumberCard(*row) for row in rows), to_next(rows[-1][0]) if more else None)


def users(work: Work, language: str = "") -> tuple[UserCard, ...]:
    """The user accounts of the scope, in the alphabet of the reader's language."""
    p = PersonRow
    found = select(p.id, p.name, p.email, p.role, p.active).order_by(in_alphabet(p.name, language), p.id)
    return tuple(UserCard(*row) for row in work.session.execute(found))


def companies(work: Work, language: str = "") -> tuple[Company, ...]:
    """The customers of the scope, in the alphabet of the reader's language."""
    return tuple(work.companies.listing(language))


def addresses(work: Work, company: str, language: str = "") -> tuple[Address, ...]:
    """A company's saved addresses, in the alphabet of the reader's language."""
    return tuple(work.companies.addresses(company, language))

"""Reads the audit trail: narrowed by day, actor, subject and what was done, the latest first; it judges nothing (webapp.store.audit_chain does)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, false, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from webapp.store.platform.tables import AuditRow, CompanyRow, PersonRow
from webapp.store.reading.cards import Page
from webapp.store.reading.paging import cursor as to_next
from webapp.store.reading.paging import read_cursor, some
from webapp.store.unit_of_work import Work

PAGE = 50
MOST_PEOPLE = 200
_A, _C, _P = AuditRow, CompanyRow, PersonRow


@dataclass(frozen=True)
class TrailRow:
    """Something that was done. Names are empty for jobs and for people of other tenants."""

    at: datetime
    what: str
    subject: str
    actor: str
    actor_tenant: str
    actor_name: str
    actor_email: str
    company_name: str
    subject_name: str  # where it is about a person
    details: Mapping[str, Any]


def trail(
    work: Work,
    *,
    area: str = "",
    actor: str = "",
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str = "",
    limit: int = PAGE,
) -> Page[TrailRow]:
    """What was done in an `area` (what stands before the dot), by people whose name or address has `actor` in it. At most two statements."""
    about = aliased(PersonRow)
    found = (
        select(
            _A.at, _A.what, _A.subject, _A.actor, _A.actor_tenant, func.coalesce(_P.name, ""),
            func.coalesce(_P.email, ""), func.coalesce(_C.name, ""), func.coalesce(about.name, ""), _A.details, _A.seq,
        )
        .outerjoin(_P, and_(_P.tenant == _A.tenant, _P.id == _A.actor, _A.actor_tenant == _A.tenant))
        .outerjoin(about, and_(about.tenant == _A.tenant, about.id == _A.subject))
        .outerjoin(_C, and_(_C.tenant == _A.tenant, _C.id == _A.company))
        .order_by(_A.at.desc(), _A.seq.desc())
    )  # fmt: skip
    if area:
        found = found.where(_A.what.startswith(f"{area}.", autoescape=True))
    if actor:
        people = _people(work, actor)
        found = found.where(or_(_A.actor == actor, _A.actor.in_(people) if people else false()))
    if subject:
        found = found.where(_A.subject == subject)
    if since:
        found = found.where(_A.at >= since)
    if until:
        found = found.where(_A.at < until)
    if key := read_cursor(cursor, datetime.fromisoformat, int):
        found = found.where(tuple_(_A.at, _A.seq) < tuple_(*key))
    rows, more = some(work, found, limit)
    cards = tuple(TrailRow(*row[:-1]) for row in rows)
    return Page(cards, to_next(rows[-1][0].isoformat(), str(rows[-1][-1])) if more else None)


def _people(work: Work, asked: str) -> list[str]:
    wanted = asked.casefold()
    found = select(_P.id).where(
        or_(func.lower(_P.name).contains(wanted, autoescape=True), _P.email.contains(wanted, autoescape=True))
    )
    return list(work.session.scalars(found.limit(MOST_PEOPLE)))

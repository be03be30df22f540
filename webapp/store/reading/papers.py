"""Reads of papers over all orders: narrowed by kind, day, customer, number and standing; it opens none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Case, ColumnElement, and_, case, false, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from webapp.store.papers.papers import numbers_on
from webapp.store.platform.tables import CompanyRow, DocumentRow
from webapp.store.reading.cards import Page
from webapp.store.reading.paging import PAGE, read_cursor, some
from webapp.store.reading.paging import cursor as to_next
from webapp.store.work import Work

UNSIGNED, SIGNED = "power_of_attorney", "power_of_attorney_signed"
STANDINGS = ("unsigned", "signed_since", "signed", "current", "replaced")
"""The first three are powers of attorney, signed_since as it was sent out; current is any other paper of which there is no
newer version."""

_D, _C = DocumentRow, CompanyRow


@dataclass(frozen=True)
class Asked:
    """What a list of papers is narrowed to; empty fields narrow nothing. Made from `since` and before `until`."""

    kind: str = ""
    standing: str = ""
    since: datetime | None = None
    until: datetime | None = None
    company: str = ""
    q: str = ""


@dataclass(frozen=True)
class PaperCard:
    """A paper in a list, or in the index of a zip."""

    id: str
    order: str
    kind: str
    version: int
    language: str
    sha256: str
    size: int
    verify_code: str
    made_at: datetime
    company: str
    company_name: str
    org_id: str
    facts: Mapping[str, Any]
    standing: str

    @property
    def number(self) -> str:
        """Its own number."""
        return str(self.facts.get("number", ""))

    @property
    def numbers(self) -> tuple[str, ...]:
        """The telephone numbers and series it covers, as they stand on it."""
        return numbers_on(self.facts)

    @property
    def key_ends(self) -> datetime | None:
        """When the certificate of its seal does; None: no seal, or one made before this was kept."""
        kept = self.facts.get("key_ends")
        return datetime.fromisoformat(kept) if kept else None

    @property
    def file(self) -> str:
        """The name it was given."""
        return str(self.facts.get("file", ""))


_POWERS = (UNSIGNED, SIGNED)
CARD: tuple[Any, ...] = (
    _D.id, _D.order, _D.kind, _D.version, _D.language, _D.sha256, _D.size, _D.verify_code, _D.made_at, _D.company,
    func.coalesce(_C.name, ""), func.coalesce(_C.org_id, ""), _D.facts,
)  # fmt: skip
"""What PaperCard is made of, but for the standing."""


@cache
def _standing() -> Case[str]:
    """Which of STANDINGS. Made when it is first asked for: the names it gives its tables have the ORM configure itself."""
    newer, twin = aliased(_D), aliased(_D)
    of_same_thing = or_(newer.kind == _D.kind, and_(newer.kind.in_(_POWERS), _D.kind.in_(_POWERS)))
    has_newer = _there_is(newer, of_same_thing, newer.version > _D.version)
    has_been_signed = _there_is(twin, twin.kind == SIGNED, twin.version == _D.version)
    return case(
        (has_newer, "replaced"),
        (_D.kind == SIGNED, "signed"),
        (_D.kind != UNSIGNED, "current"),
        (has_been_signed, "signed_since"),
        else_="unsigned",
    )


def _there_is(other: type[DocumentRow], *which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Such a paper about the same thing. Not EXISTS: PostgreSQL may answer that by reading all papers of the installation at once."""
    same = and_(other.tenant == _D.tenant, other.order == _D.order, other.subject == _D.subject)
    return select(literal(1)).where(same, *which).limit(1).correlate(_D).scalar_subquery().is_not(None)


def papers(work: Work, asked: Asked, *, cursor: str = "", limit: int = PAGE) -> Page[PaperCard]:
    """Papers, the latest first. One statement."""
    found = (
        select(*CARD, _standing())
        .outerjoin(_C, and_(_C.tenant == _D.tenant, _C.id == _D.company))
        .where(*_narrowed(work, asked))
        .order_by(_D.made_at.desc(), _D.id.desc())
    )
    if key := read_cursor(cursor, datetime.fromisoformat, str):
        found = found.where(tuple_(_D.made_at, _D.id) < tuple_(*key))
    rows, more = some(work, found, limit)
    cards = tuple(PaperCard(*row) for row in rows)
    return Page(cards, to_next(cards[-1].made_at.isoformat(), cards[-1].id) if more else None)


def measured(work: Work, asked: Asked, most: int) -> tuple[int, int]:
    """How many papers these are and their bytes together, counted up to `most`. One statement."""
    # In the order of the list: in no order, a small seller's few would be looked for among the papers of all.
    latest = select(_D.size).where(*_narrowed(work, asked)).order_by(_D.made_at.desc(), _D.id.desc())
    found = latest.limit(most).subquery()
    count, size = work.session.execute(select(func.count(), func.coalesce(func.sum(found.c.size), 0))).one()
    return int(count), int(size)


def chosen(work: Work, asked: Asked, most: int) -> tuple[tuple[str, int, str], ...]:
    """Id, size and standing of each, the oldest first, at most `most`. One statement."""
    found = select(_D.id, _D.size, _standing()).where(*_narrowed(work, asked))
    rows = work.session.execute(found.order_by(_D.made_at, _D.id).limit(most))
    return tuple((id, size, standing) for id, size, standing in rows)


def _narrowed(work: Work, asked: Asked) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if asked.kind:
        where.append(_D.kind == asked.kind)
    if asked.standing:
        where.append(_standing().in_((asked.standing,)))
    if asked.since:
        where.append(_D.made_at >= asked.since)
    if asked.until:
        where.append(_D.made_at < asked.until)
    if asked.company:
        where.append(_D.company == asked.company)
    if asked.q:
        matching = work.search.matching("document", asked.q, _D.id)
        where.append(false() if matching is None else matching)
    return where

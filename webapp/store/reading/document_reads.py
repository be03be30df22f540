"""Reads of papers over all orders: narrowed by kind, day, customer, number and standing; it opens none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, select, tuple_

from webapp.store.papers.cards import CARD, PaperCard, _standing
from webapp.store.platform.tables import CompanyRow as _C
from webapp.store.platform.tables import DocumentRow as _D
from webapp.store.reading.cards import Page
from webapp.store.reading.paging import PAGE, read_cursor, some
from webapp.store.reading.paging import cursor as to_next
from webapp.store.unit_of_work import Work

STANDINGS = ("unsigned", "signed_since", "signed", "current", "replaced")
"""The first three are powers of attorney, signed_since as it was sent out; current is any other paper of which there is no
newer version."""


@dataclass(frozen=True)
class DocumentFilter:
    """What a list of papers is narrowed to; empty fields narrow nothing. Made from `since` and before `until`."""

    kind: str = ""
    standing: str = ""
    since: datetime | None = None
    until: datetime | None = None
    company: str = ""
    q: str = ""


def papers(work: Work, asked: DocumentFilter, *, cursor: str = "", limit: int = PAGE) -> Page[PaperCard]:
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


def measured(work: Work, asked: DocumentFilter, most: int) -> tuple[int, int]:
    """How many papers these are and their bytes together, counted up to `most`. One statement."""
    # In the order of the list: in no order, a small seller's few would be looked for among the papers of all.
    latest = select(_D.size).where(*_narrowed(work, asked)).order_by(_D.made_at.desc(), _D.id.desc())
    found = latest.limit(most).subquery()
    count, size = work.session.execute(select(func.count(), func.coalesce(func.sum(found.c.size), 0))).one()
    return int(count), int(size)


def chosen(work: Work, asked: DocumentFilter, most: int) -> tuple[tuple[str, int, str], ...]:
    """Id, size and standing of each, the oldest first, at most `most`. One statement."""
    found = select(_D.id, _D.size, _standing()).where(*_narrowed(work, asked))
    rows = work.session.execute(found.order_by(_D.made_at, _D.id).limit(most))
    return tuple((id, size, standing) for id, size, standing in rows)


def _narrowed(work: Work, asked: DocumentFilter) -> list[ColumnElement[bool]]:
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

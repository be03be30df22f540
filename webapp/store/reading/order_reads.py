"""Reads around orders: the start page, lists, one order with all that has happened to it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, select, tuple_

from webapp.domain.money import Money
from webapp.domain.ordering.order import NEEDS_ACTION
from webapp.store.ordering.orders import LineState
from webapp.store.papers.documents import Document
from webapp.store.platform.tables import (
    PORT_OVER,
    AuditRow,
    CompanyRow,
    DocumentRow,
    DraftLineRow,
    DraftRow,
    OrderLineRow,
    OrderRow,
    PersonRow,
    PortingRow,
    SignerRow,
    SigningRequestRow,
)
from webapp.store.reading.cards import DraftCard, Event, Home, OrderCard, OrderPage, Page, PortCard
from webapp.store.reading.paging import PAGE, read_cursor, some
from webapp.store.reading.paging import cursor as to_next
from webapp.store.unit_of_work import Work

FIRST_LINES = 3
_D, _O, _L, _P, _C = DraftRow, OrderRow, OrderLineRow, PortingRow, CompanyRow
_R, _M, _S = SigningRequestRow, DocumentRow, SignerRow
_STORED = {NEEDS_ACTION: ("waiting_signature", "failed")}


def home(work: Work, now: datetime) -> Home:
    """Open drafts, the latest orders, what is being moved: six statements."""
    return Home(drafts(work, now), orders(work, limit=5).rows, portings(work, limit=10).rows)


def drafts(work: Work, now: datetime, limit: int = 20) -> tuple[DraftCard, ...]:
    """The open drafts, the latest first."""
    lines = DraftLineRow
    kept = (
        select(func.count())
        .where(lines.tenant == _D.tenant, lines.draft == _D.id, lines.removed.is_(False))
        .correlate(_D)
        .scalar_subquery()
    )
    found = (
        select(_D.id, kept, _D.reference, _D.touched_at, _D.expires_at, func.coalesce(PersonRow.name, ""))
        .outerjoin(PersonRow, and_(PersonRow.tenant == _D.tenant, PersonRow.id == _D.touched_by))
        .where(_D.state == "open", _D.expires_at > now)
        .order_by(_D.touched_at.desc(), _D.id)
        .limit(limit)
    )
    return tuple(DraftCard(*row) for row in work.session.execute(found))


def orders(
    work: Work,
    *,
    q: str = "",
    state: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    company: str = "",
    cursor: str = "",
    limit: int = PAGE,
) -> Page[OrderCard]:
    """Orders, the latest first: `state` some line is in, placed from `since` and before `until`. At most four statements."""
    name = func.coalesce(_C.name, "")
    found = (
        select(
            _O.ref,
            _O.placed_at,
            _O.company,
            name,
            _O.reference,
            _O.line_count,
            _O.monthly_net,
            _O.once_net,
            _O.currency,
        )
        .outerjoin(_C, and_(_C.tenant == _O.tenant, _C.id == _O.company))
        .order_by(_O.placed_at.desc(), _O.ref.desc())
    )
    if q and (matching := work.search.matching("order", q, _O.ref)) is not None:
        found = found.where(matching)
    if state:
        within = select(_L.order).where(_L.state.in_(_STORED.get(state, (state,))), _line_state() == state)
        found = found.where(_O.ref.in_(within))
    if since:
        found = found.where(_O.placed_at >= since)
    if until:
        found = found.where(_O.placed_at < until)
    if company:
        found = found.where(_O.company == company)
    if key := read_cursor(cursor, datetime.fromisoformat, str):
        found = found.where(tuple_(_O.placed_at, _O.ref) < tuple_(*key))
    rows, more = some(work, found, limit)
    states, users, ports = _of_orders(work, [row[0] for row in rows])
    cards = tuple(
        OrderCard(
            *row[:6],  # type: ignore[misc]
            monthly_net=Money(row[6], row[8]),
            once_net=Money(row[7], row[8]),
            states=states.get(row[0], {}),
            users=users.get(row[0], ()),
            next_port=ports.get(row[0]),
        )
        for row in rows
    )
    return Page(cards, to_next(cards[-1].placed_at.isoformat(), cards[-1].ref) if more else None)


def _of_orders(
    work: Work, refs: list[str]
) -> tuple[dict[str, dict[str, int]], dict[str, tuple[str, ...]], dict[str, date]]:
    """Of these orders: how many lines are in which state, the first users, the next day a number is moved."""
    if not refs:
        return {}, {}, {}
    states: dict[str, dict[str, int]] = {}
    users: dict[str, tuple[str, ...]] = {}
    each = select(_L.order, _line_state().label("state")).where(_L.order.in_(refs)).subquery()
    counted = select(each.c.order, each.c.state, func.count()).group_by(each.c.order, each.c.state)
    for ref, state, count in work.session.execute(counted):
        states.setdefault(ref, {})[state] = count
    named = select(_L.order, _L.user_name).where(_L.order.in_(refs), _L.n <= FIRST_LINES).order_by(_L.n)
    for ref, user in work.session.execute(named):
        users[ref] = (*users.get(ref, ()), user)
    days = (
        select(_P.order, func.min(_P.wished_date))
        .where(_P.order.in_(refs), _P.state.not_in(PORT_OVER), _P.wished_date.is_not(None))
        .group_by(_P.order)
    )
    ports = {ref: day for ref, day in work.session.execute(days) if day}
    return states, users, ports


def order_page(work: Work, ref: str) -> OrderPage | None:
    """One order; five statements."""
    order = work.orders.get(ref)
    if order is None:
        return None
    return OrderPage(
        order,
        _line_states(work, ref),
        documents(work, ref),
        tuple(work.portings.of_order(ref)),
        events(work, subject=ref),
    )


def _line_states(work: Work, ref: str) -> dict[int, LineState]:
    """As work.orders.states, each as it is told."""
    found = select(_L.n, _line_state(), _L.subscription, _L.failure, _L.changed_at).where(_L.order == ref)
    return {row[0]: LineState(*row) for row in work.session.execute(found.order_by(_L.n))}


def _line_state() -> ColumnElement[str]:
    """A line's state as everybody is told it: nothing happens to one whose paper nobody will sign until somebody acts."""
    bounced = exists().where(_S.tenant == _R.tenant, _S.request == _R.id, _S.state == "bounced")
    stuck = (
        exists()
        .where(_R.tenant == _L.tenant, _R.order == _L.order, _M.tenant == _R.tenant, _M.id == _R.document)
        .where(_M.facts["lines"].contains(func.to_jsonb(_L.n)))
        .where(_R.state.in_(("declined", "expired", "withdrawn")) | ((_R.state == "waiting") & bounced))
    )
    waits = _L.state == "waiting_signature"
    return case((_L.state == "failed", NEEDS_ACTION), (waits & stuck, NEEDS_ACTION), else_=_L.state)


def documents(work: Work, ref: str) -> tuple[Document, ...]:
    """The newest version of each paper of an order that has been made."""
    newest = {(d.kind, d.subject): d for d in work.documents.of_order(ref)}  # they come in order of version
    return tuple(newest.values())


def events(work: Work, *, subject: str = "", limit: int = 100) -> tuple[Event, ...]:
    """What was done, the latest first."""
    a = AuditRow
    found = (
        select(a.at, a.what, a.subject, a.actor, a.actor_tenant, func.coalesce(PersonRow.name, ""), a.details)
        .outerjoin(PersonRow, and_(PersonRow.tenant == a.tenant, PersonRow.id == a.actor, a.actor_tenant == a.tenant))
        .order_by(a.seq.desc())
        .limit(limit)
    )
    found = found.where(a.subject == subject) if subject else found
    return tuple(Event(*row) for row in work.session.execute(found))


def portings(
    work: Work, *, first: date | None = None, last: date | None = None, closed: bool = False, limit: int = 100
) -> Page[PortCard]:
    """Numbers on their way in by day; those without a day come last."""
    taken_back = (
        exists()
        .where(_R.tenant == _P.tenant, _R.order == _P.order, _R.state == "withdrawn")
        .where(_M.tenant == _R.tenant, _M.id == _R.document, _M.facts["lines"].contains(func.to_jsonb(_P.line)))
    )
    found = (
        select(
            _P.id,
            _P.order,
            _P.line,
            _P.e164,
            _P.state,
            _P.wished_date,
            func.coalesce(_C.name, ""),
            _L.user_name,
            func.coalesce(_P.series_first, ""),
            func.coalesce(_P.series_last, ""),
            taken_back,
        )
        .join(_L, and_(_L.tenant == _P.tenant, _L.order == _P.order, _L.n == _P.line))
        .outerjoin(_C, and_(_C.tenant == _P.tenant, _C.id == _P.company))
        .order_by(_P.wished_date.asc().nulls_last(), _P.id)
    )
    if not closed:
        found = found.where(_P.state.not_in(PORT_OVER))
    if first:
        found = found.where(_P.wished_date >= first)
    if last:
        found = found.where(_P.wished_date <= last)
    rows, _ = some(work, found, limit)
    return Page(tuple(PortCard(*row) for row in rows))

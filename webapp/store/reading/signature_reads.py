"""Reads of signatures that are waited for, over all orders in sight; it knows no page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Integer, case, cast, column, func, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH, aggregate_order_by

from webapp.domain.porting.porting_day import Wish
from webapp.store.platform.tables import DocumentRow, PortingRow, SignerRow, SigningRequestRow
from webapp.store.unit_of_work import Work

_R, _S, _D, _P = SigningRequestRow, SignerRow, DocumentRow, PortingRow
_HANGS = ("waiting", "declined", "expired")


@dataclass(frozen=True)
class Awaited:
    """A power of attorney that is not signed yet. `signers` are (name, e-mail, state) in their order."""

    order: str
    lines: tuple[int, ...]  # of the order; by the first its pages are addressed
    numbers: tuple[str, ...]  # as they stand on the paper
    state: str  # waiting | declined | expired
    expires_at: datetime
    signers: tuple[tuple[str, str, str], ...]
    wishes: tuple[Wish, ...]  # as they are now


def awaited(work: Work, limit: int = 10) -> tuple[tuple[Awaited, ...], int]:
    """Those that need somebody first, then by the day on which their links end; and how many there are. One statement."""
    who = func.jsonb_build_array(_S.name, _S.email, _S.state)
    signers = (
        select(func.jsonb_agg(aggregate_order_by(who, _S.n)))
        .where(_S.tenant == _R.tenant, _S.request == _R.id)
        .scalar_subquery()
    )
    moves = func.jsonb_array_elements(_D.facts["paper"]["moves"])
    # One a line, in the order of `lines`.
    on_paper = moves.table_valued(column("value", JSONB), with_ordinality="at").render_derived()
    move, line = on_paper.c.value, _D.facts["lines"].op("->")(cast(on_paper.c.at - 1, Integer))
    wish = func.jsonb_build_array(move["kind"], move["series"].astext.is_not(None), _P.wished_date)
    wishes = (
        select(func.jsonb_agg(wish.distinct()))
        .where(
            _P.tenant == _R.tenant, _P.order == _R.order, func.to_jsonb(_P.line) == line, _P.wished_date.is_not(None)
        )
        .correlate(_R, _D)
        .scalar_subquery()
    )
    bounced = select(_S.id).where(_S.tenant == _R.tenant, _S.request == _R.id, _S.state == "bounced").exists()
    found = (
        select(
            _R.order,
            _D.facts["lines"],
            func.jsonb_path_query_array(_D.facts, cast("$.paper.moves[*].number", JSONPATH)),
            _R.state,
            _R.expires_at,
            signers,
            wishes,
            func.count().over(),
        )
        .join(_D, (_D.tenant == _R.tenant) & (_D.id == _R.document))
        .where(_R.state.in_(_HANGS))
        .order_by(case(((_R.state != "waiting") | bounced, 0), else_=1), _R.expires_at, _R.id)
        .limit(limit)
    )
    rows = list(work.session.execute(found))
    cards = tuple(
        Awaited(order, tuple(lines), tuple(numbers), state, until, tuple((n, m, s) for n, m, s in who), _wishes(on))
        for order, lines, numbers, state, until, who, on, _ in rows
    )
    return cards, rows[0][-1] if rows else 0


def _wishes(rows: list[tuple[str, bool, str]] | None) -> tuple[Wish, ...]:
    return tuple(Wish(kind, is_series, date.fromisoformat(day)) for kind, is_series, day in rows or ())

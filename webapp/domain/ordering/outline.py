"""What the order and its other lines need to know of a line without reading its answers; stored beside them, asked by nobody who answers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from webapp.domain.ordering.draft import OtherLines, Sums
from webapp.domain.ordering.line import MOVES, LineContext
from webapp.domain.ordering.quote import commitment, is_agreed, least, line_rows, parcels


class Outline(NamedTuple):
    """One line as the others see it. Amounts are in minor units without VAT; none hangs on the language.

    It holds for its `basis` (`OrderContext.basis`); stock and people may have changed since, which is asked again when the
    order is placed.
    """

    n: int
    basis: str
    name: str  # of whoever gets the line, as far as known
    missing: int  # questions that lack an answer
    is_complete: bool
    digest: str  # over every answer that counts, the user, and the price
    monthly: int
    once: int
    minimum: int
    months: int
    parcels: int
    is_bound: bool
    is_agreed: bool
    is_awaiting: bool
    has_plan: bool
    lacks_data: bool
    claims: Sequence[str]
    removed: bool = False

    @property
    def moves(self) -> bool:
        """Whether a number is moved in on it."""
        return any(claim.startswith(MOVES) for claim in self.claims)

    @property
    def called(self) -> str:
        """How other lines call it."""
        return self.name or str(self.n)


def outline(form: LineContext) -> Outline:
    """The outline of a line as it stands. Without a price list it costs nothing."""
    rows = line_rows(form) if form.context.prices else []
    paid_for = commitment(form)
    amounts = {"month": 0, "once": 0}
    for row in rows:
        amounts[row.period] += row.amount.minor if row.amount else 0
    return Outline(
        n=form.line.n,
        basis=form.context.basis,
        name=form.user_name,
        missing=len(form.missing),
        is_complete=form.is_complete,
        digest=_digest(form, [[r.code, r.period, r.quantity, r.unit.minor if r.unit else None] for r in rows]),
        monthly=amounts["month"],
        once=amounts["once"],
        minimum=least(rows, {form.line.n: paid_for.months}),
        months=paid_for.months,
        parcels=parcels(form),
        is_bound=paid_for.bound,
        is_agreed=is_agreed(form),
        is_awaiting=form.awaits_months,
        has_plan=form.plan is not None,
        lacks_data=form.plan is not None and "data" in form.missing,
        claims=form.claims,
        removed=form.line.removed,
    )


def _digest(form: LineContext, rows: list[list[str | int | None]]) -> str:
    """Over every answer that counts, shown or not, and its price: two users of one name are two."""
    line = form.line
    counted = [line.action, line.subject, sorted(form.answers().items()), form.user_name, form.user_email]
    return hashlib.sha256(json.dumps([*counted, rows, form.months]).encode()).hexdigest()[:16]


def sums_of(outlines: Iterable[Outline]) -> Sums:
    """What these lines come to."""
    every = tuple(outlines)
    return Sums(
        count=len(every),
        incomplete=sum(not each.is_complete for each in every),
        monthly=sum(each.monthly for each in every),
        once=sum(each.once for each in every),
        minimum=sum(each.minimum for each in every),
        months=max((each.months for each in every), default=0),
        parcels=sum(each.parcels for each in every),
        bound=sum(each.is_bound for each in every),
        agreed=sum(each.is_agreed for each in every),
        awaiting=sum(each.is_awaiting for each in every),
        planned=sum(each.has_plan for each in every),
        dataless=sum(each.lacks_data for each in every),
    )


class Claims:
    """Who of many lines claims what, found without looking at each."""

    def __init__(self, outlines: Iterable[Outline]) -> None:
        self._who: dict[str, list[tuple[int, str]]] = {}
        for each in outlines:
            for claim in each.claims:
                self._who.setdefault(claim, []).append((each.n, each.called))

    def of_others(self, n: int) -> OtherLines:
        """As the line of that number asks."""
        return _OfOthers(self._who, n)


@dataclass(frozen=True)
class _OfOthers:
    claims: dict[str, list[tuple[int, str]]]
    n: int

    def who(self, claim: str) -> str:
        return next((called for n, called in self.claims.get(claim, ()) if n != self.n), "")

    def moving(self) -> Iterable[tuple[str, str, str]]:
        return (
            (*claim.removeprefix(MOVES).split(), called)  # type: ignore[misc]
            for claim, claimants in self.claims.items()
            if claim.startswith(MOVES)
            for n, called in claimants
            if n != self.n
        )

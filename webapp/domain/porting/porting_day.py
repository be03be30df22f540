"""On which day a number can move, asked for today: lead times, working days, and what is wrong with a day that was typed;
and until when the owner has to sign for a day that is wished."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from webapp.domain.dates import read_date
from webapp.domain.market import Market
from webapp.domain.problem import Invalid

MOST_DAYS = 365


def earliest(market: Market, kind: str, today: date, *, is_series: bool = False) -> date:
    """The first working day on which a number of that kind, or a series, can move."""
    return market.after_working_days(today, _lead(market, kind, is_series))


@dataclass(frozen=True)
class Wish:
    """A number, or a series, that is to move on a certain day."""

    kind: str
    is_series: bool
    day: date


@dataclass(frozen=True)
class Deadline:
    """The last day on which a signature is in time, and the wished day for which it is."""

    sign_by: date
    moves_on: date
    is_past: bool


def deadline(market: Market, wishes: Iterable[Wish], today: date, link_ends: date) -> Deadline | None:
    """That of the wish which needs a signature first. None when no day is wished, or the link holds no longer than that."""
    days = (
        (market.before_working_days(wish.day, _lead(market, wish.kind, wish.is_series)), wish.day) for wish in wishes
    )
    first = min(days, default=None)
    return Deadline(*first, first[0] < today) if first and first[0] < link_ends else None


def read_moving_day(raw: str, market: Market, today: date, first: date) -> date:
    """The day that was typed; raises Invalid where numbers cannot move on it. `first` is the earliest one."""
    try:
        day = read_date(raw, market)
    except Invalid as wrong:
        if wrong.problem.code != "date.shape":  # written as a day is, but no day
            raise
        raise Invalid("port.date.shape") from None
    if day < first:
        raise Invalid("port.date.early", d=first)
    if (day - today).days > MOST_DAYS:
        raise Invalid("port.date.late")
    if not market.is_working_day(day):
        raise Invalid("port.date.weekend")
    return day


def _lead(market: Market, kind: str, is_series: bool) -> int:
    rules = market.porting
    by_kind = rules.lead_mobile if kind == "mobile" else rules.lead_fixed
    return rules.lead_series if is_series else by_kind

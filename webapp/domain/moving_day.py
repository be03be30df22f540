"""On which day a number can move, asked for today: lead times, working days, and what is wrong with a day that was typed."""

from __future__ import annotations

from datetime import date

from webapp.domain.market import Market
from webapp.domain.numbers import read_date
from webapp.domain.problem import Invalid

MOST_DAYS = 365


def earliest(market: Market, kind: str, today: date, *, is_series: bool = False) -> date:
    """The first working day on which a number of that kind, or a series, can move."""
    rules = market.porting
    by_kind = rules.lead_mobile if kind == "mobile" else rules.lead_fixed
    return market.after_working_days(today, rules.lead_series if is_series else by_kind)


def read_moving_day(raw: str, market: Market, today: date, first: date) -> str:
    """The ISO day that was typed; raises Invalid where numbers cannot move on it. `first` is the earliest one."""
    try:
        day = read_date(raw)
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
    return day.isoformat()

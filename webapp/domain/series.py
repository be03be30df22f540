"""Number series: consecutive numbers that one customer holds and moves as one; knows no stock and no form."""

from __future__ import annotations

from webapp.domain.market import Market
from webapp.domain.numbers import show_msisdn


def show_series(first: str, last: str, market: Market) -> str:
    """Such as "08-465 004 90–99": of the last number, the group of digits in which it begins to differ and what follows."""
    start, end = show_msisdn(first, market), show_msisdn(last, market)
    if len(start) != len(end):
        return f"{start}–{end}"
    at = next((n for n, (one, other) in enumerate(zip(start, end, strict=True)) if one != other), len(start))
    while at > 0 and start[at - 1].isdigit():
        at -= 1
    return f"{start}–{end[at:]}" if at < len(start) else start

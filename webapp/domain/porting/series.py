"""Number series: consecutive numbers that one customer holds and that move as one; knows no stock and no form."""

from __future__ import annotations

from typing import Protocol

import phonenumbers

from webapp.domain.market import Market
from webapp.domain.numbers import show_msisdn
from webapp.domain.problem import Invalid


class Moving(Protocol):
    """A number on its way, or the series of which it is one; of a number alone `first` and `last` are empty."""

    @property
    def e164(self) -> str:
        """The number."""

    @property
    def first(self) -> str:
        """Of the series."""

    @property
    def last(self) -> str:
        """Of the series."""


def check_series(first: str, last: str, market: Market) -> None:
    """Raises Invalid where two numbers (E.164) are not the ends of a series that can move."""
    if len(first) != len(last) or _area(first) != _area(last):
        raise Invalid("port.series.area")
    if first > last:
        raise Invalid("port.series.order")
    size = int(last) - int(first) + 1
    if size not in market.porting.series:
        raise Invalid("port.series.size", n=size, sizes=", ".join(str(each) for each in market.porting.series))


def within(e164: str, first: str, last: str) -> bool:
    """Whether the number is one of the series."""
    return len(e164) == len(first) and first <= e164 <= last


def overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two series, or numbers as series of one, have a number in common."""
    return len(one[0]) == len(other[0]) and one[0] <= other[1] and other[0] <= one[1]


def show_series(first: str, last: str, market: Market) -> str:
    """Such as "08-465 004 90–99": of the last number, the group of digits in which it begins to differ and what follows."""
    start, end = show_msisdn(first, market), show_msisdn(last, market)
    if len(start) != len(end):
        return f"{start}–{end}"
    at = next((n for n, (one, other) in enumerate(zip(start, end, strict=True)) if one != other), 0)
    while at > 0 and start[at - 1].isdigit():
        at -= 1
    return f"{start}–{end[at:]}"


def show_moving(port: Moving, market: Market) -> str:
    """What moves, as people write it: a number, or a series."""
    return show_series(port.first, port.last, market) if port.first else show_msisdn(port.e164, market)


def count_of(port: Moving) -> int:
    """How many numbers move."""
    return int(port.last) - int(port.first) + 1 if port.first else 1


def _area(e164: str) -> str:
    """Calling code and area code; empty area where numbers are not geographic."""
    parsed = phonenumbers.parse(e164, None)
    length = phonenumbers.length_of_geographical_area_code(parsed)
    return f"{parsed.country_code}-{phonenumbers.national_significant_number(parsed)[:length]}"

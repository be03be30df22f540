"""Which numbers can be moved in: of the line's kind, and nobody's here yet. The one set of readers for ordering and correcting; asks no store itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from webapp.domain import numbers
from webapp.domain.market import Market
from webapp.domain.numbers import Whereabouts
from webapp.domain.porting.series import check_series, show_series, within
from webapp.domain.problem import Invalid, Problem


class Taken(Protocol):
    """Which numbers are somebody's at this seller or anywhere in the installation."""

    def whereabouts(self, first: str, last: str) -> Whereabouts:
        """Where any of the numbers from the first to the last is; empty when all of them may be moved in."""


def read_of_kind(raw: str, kind: str, market: Market, test_numbers: Iterable[tuple[str, str]]) -> str:
    """A number as typed, E.164. Raises Invalid where it is none, or none of the kind (mobile or fixed) that is asked for."""
    try:
        e164 = numbers.read_msisdn(raw, market, tuple(test_numbers))
    except Invalid:
        raise Invalid(f"port.number.{kind}") from None
    if numbers.number_kind(e164) not in {kind, "either"}:
        raise Invalid(f"port.number.{kind}")
    return e164


def check_number(e164: str, taken: Taken, market: Market, seller: str) -> None:
    """Raises Invalid where the number is here already, or on its way."""
    if where := taken.whereabouts(e164, e164):
        raise Invalid.of(why_number(where, e164, market, seller))


def check_within(number: str, first: str, last: str, market: Market) -> None:
    """Raises Invalid where the number that stands for a series is none of it."""
    if not within(number, first, last):
        shown = numbers.show_msisdn(number, market)
        raise Invalid("port.series.outside", n=shown, series=show_series(first, last, market))


def check_main(main: str, first: str, last: str, market: Market) -> None:
    """Raises Invalid where the main number is none of the series."""
    if not within(main, first, last):
        raise Invalid("port.main.outside", series=show_series(first, last, market))


def check_ends(first: str, last: str, taken: Taken, market: Market, seller: str) -> None:
    """Raises Invalid where these are not the ends of a series that can move, or one of its numbers is here already."""
    check_series(first, last, market)
    if where := taken.whereabouts(first, last):
        raise Invalid.of(why_series(where, first, last, market, seller))


def why_number(where: Whereabouts, e164: str, market: Market, seller: str) -> Problem:
    """Why a number cannot be moved in. Of what lies with other sellers, or comes to them, nothing is told."""
    shown = numbers.show_msisdn(e164, market)
    if where == "seller":
        return Problem("port.number.ours", {"n": shown, "tenant": seller})
    return Problem("port.number.moving" if where == "moving" else "port.number.elsewhere", {"n": shown})


def why_series(where: Whereabouts, first: str, last: str, market: Market, seller: str) -> Problem:
    """Why a series cannot be moved in."""
    shown = show_series(first, last, market)
    if where == "elsewhere":
        return Problem("port.series.elsewhere", {"series": shown})
    return Problem("port.series.ours", {"series": shown, "tenant": seller})

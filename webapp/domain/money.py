"""Amounts of money in whole minor units, and VAT taken once on a net sum; knows nothing of how an amount is written for people."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import total_ordering

from webapp.domain.problem import Invalid

_AMOUNT = re.compile(r"([0-9]{1,9})[.,]([0-9]{2})", re.ASCII)
_USAGE = re.compile(r"([0-9]{1,6})[.,]([0-9]{4})", re.ASCII)


@total_ordering
@dataclass(frozen=True)
class Money:
    """`minor` öre or øre of `currency` (ISO 4217). Different currencies neither add up nor compare: ValueError."""

    minor: int
    currency: str

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} are not one currency")

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0


@dataclass(frozen=True)
class Total:
    """A net sum, the VAT on it, and both together."""

    net: Money
    vat: Money
    gross: Money


def summed(amounts: Iterable[Money], currency: str) -> Money:
    """The sum of any number of amounts, zero when there is none."""
    total = Money(0, currency)
    minor = 0
    for amount in amounts:
        total._same(amount)
        minor += amount.minor
    return Money(minor, currency)


def with_vat(net: Money, vat_bp: int) -> Total:
    """VAT of `vat_bp` basis points on the net sum, rounded half up once (not per row; EN 16931 sums first)."""
    vat = Money((net.minor * vat_bp * 2 + 10_000) // 20_000, net.currency)
    return Total(net, vat, net + vat)


def read_amount(text: str) -> int:
    """Minor units of a price written with two decimals ("49,00", "49.00"); raises Invalid."""
    found = _AMOUNT.fullmatch(text.strip())
    if not found:
        raise Invalid("amount.shape", value=text)
    return int(found[1]) * 100 + int(found[2])


def read_usage(text: str) -> int:
    """Ten-thousandths of a currency unit of a usage price with four decimals ("0,5900"); it is printed, never added."""
    found = _USAGE.fullmatch(text.strip())
    if not found:
        raise Invalid("usage.shape", value=text)
    return int(found[1]) * 10_000 + int(found[2])

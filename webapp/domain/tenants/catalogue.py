"""What an operator sells and at what price from which day; does not know who buys or what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from webapp.domain.money import Money


@dataclass(frozen=True)
class Usage:
    """A price per use, which no sum contains."""

    article: str
    unit: str
    ten_thousandths: int


Texts = Mapping[str, str]
"""A text in each language: {"sv": …, "da": …}."""

LIST = 0
"""The column of a price list that needs no commitment; the others are 12, 24 and 36 months."""

MONTHS = (12, 24, 36)

KINDS = ("mobile", "fixed")
CALL_RATES = ("flat", "metered")


@dataclass(frozen=True)
class Plan:
    """A subscription. `data` lists the packages it admits; `priced` is false when only the data package costs."""

    code: str
    kind: str
    names: Texts
    call_rate: str | None = None
    data: tuple[str, ...] = ()
    descriptions: Texts = field(default_factory=dict)
    priced: bool = True
    wholesale: str | None = None  # the parent's code, whose floor and ceiling hold for a reseller


@dataclass(frozen=True)
class DataPackage:
    """A data allowance of `gb` gigabytes (None: unlimited) with `free_cards` data cards free of charge."""

    code: str
    names: Texts
    gb: int | None = None
    free_cards: int = 0
    priced: bool = True
    wholesale: str | None = None


@dataclass(frozen=True)
class Charge:
    """Something else that costs, each month or once, by line or by order, when its trigger holds."""

    code: str
    names: Texts
    trigger: str
    period: str  # "month" | "once"
    level: str = "line"  # "line" | "order"
    free_over: int | None = None  # shipping: no charge when more cards than this are sent
    wholesale: str | None = None
    included: Texts = field(default_factory=dict)  # data cards: what those that a package includes are called

    @property
    def included_names(self) -> Texts:
        """What it is called where it costs nothing."""
        return self.included or self.names


@dataclass(frozen=True)
class Catalogue:
    """All that is sold, in the order it is shown."""

    plans: tuple[Plan, ...]
    data: tuple[DataPackage, ...]
    charges: tuple[Charge, ...]
    max_cards: int = 0

    def plan(self, code: str) -> Plan:
        """The plan of that code; KeyError when it is not sold."""
        return self._by_code[0][code]

    def package(self, code: str) -> DataPackage:
        """The data package of that code; KeyError when it is not sold."""
        return self._by_code[1][code]

    @cached_property
    def _by_code(self) -> tuple[dict[str, Plan], dict[str, DataPackage]]:
        return {plan.code: plan for plan in self.plans}, {package.code: package for package in self.data}


@dataclass(frozen=True)
class Price:
    """The amounts of one article for one period: minor units by months of commitment (LIST = none). Absent: not offered."""

    amounts: Mapping[int, int]
    unit: str


@dataclass(frozen=True)
class UsagePrice:
    """What one minute, call or message costs in ten-thousandths of a unit; printed, never part of a quote."""

    code: str
    unit: str
    ten_thousandths: int


@dataclass(frozen=True)
class PriceList:
    """Prices valid from a local day until the next list. `agreement` is None for the operator's own list."""

    id: str  # "fjallton/2026-01-01" or "fjallton/FJ-RAM/2026-01-01"
    valid_from: date
    currency: str
    prices: Mapping[tuple[str, str], Price]  # (article code, "month" | "once")
    usage: tuple[UsagePrice, ...] = ()
    agreement: str | None = None

    def amount(self, code: str, period: str, months: int) -> Money | None:
        """What the article costs at that commitment, or None when it is not offered so."""
        price = self.prices.get((code, period))
        if price is None or months not in price.amounts:
            return None
        return Money(price.amounts[months], self.currency)

    def months_for(self, code: str) -> tuple[int, ...]:
        """The commitments at which the article is offered by the month, shortest first."""
        price = self.prices.get((code, "month"))
        return tuple(sorted(price.amounts)) if price else ()


def list_day(list_id: str) -> date:
    """The day from which a list holds, by its id: people are told it as a day, never as the id."""
    return date.fromisoformat(list_id.rpartition("/")[2])

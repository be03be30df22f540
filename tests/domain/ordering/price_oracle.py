"""What an order costs, worked out a second time from the files with plain Python; knows nothing of webapp."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

Rows = dict[tuple[int, str, str], tuple[int, int | None]]
"""(line, article, "month" | "once") -> quantity and unit price; None: included. Line 0 is the order as a whole."""


@dataclass(frozen=True)
class Wish:
    """What one employee gets, in plain words."""

    plan: str
    months: int = 0
    data: str = ""
    cards: int = 0
    sim: str = ""
    number: str = "new"
    pbx: bool = False
    mex: bool = False


@dataclass(frozen=True)
class Bill:
    """Rows and sums; each sum is net, VAT, gross."""

    rows: Rows
    monthly: tuple[int, int, int]
    once: tuple[int, int, int]
    minimum: tuple[int, int, int]


@dataclass
class Shelf:
    """A tenant's folder as a shopkeeper reads it."""

    plans: dict[str, Any]
    data: dict[str, Any]
    charges: list[dict[str, Any]]
    max_cards: int
    notice: int
    listed: dict[tuple[str, str], int] = field(default_factory=dict)
    agreed: dict[tuple[str, str], dict[int, int]] = field(default_factory=dict)

    @classmethod
    def read(cls, tenants: Path, slug: str) -> Shelf:
        """The folder of that name, with the operator's notice period where it names a parent."""
        folder = tenants / slug
        about = tomllib.loads((folder / "tenant.toml").read_text())
        operator = tenants / about["parent"] if "parent" in about else folder
        sold = tomllib.loads((folder / "catalogue.toml").read_text())
        shelf = cls(
            {plan["code"]: plan for plan in sold["plans"]},
            {package["code"]: package for package in sold["data"]},
            sold["charges"],
            sold["max_cards"],
            tomllib.loads((operator / "tenant.toml").read_text())["notice_months"],
        )
        (price_file,) = (folder / "prices").glob("*.csv")
        (agreement_file,) = (folder / "agreements").glob("*/*.csv")
        for row in _rows(price_file):
            shelf.listed[row["code"], row["charge"]] = _minor(row["list"])
        for row in _rows(agreement_file):
            by_months = {months: row[str(months)] for months in (12, 24, 36)}
            shelf.agreed[row["code"], row["charge"]] = {m: _minor(text) for m, text in by_months.items() if text}
        return shelf

    def months_of(self, plan: str) -> list[int]:
        """The commitments a plan is offered at: its own, or those of the packages that carry its price."""
        codes = [plan] if self.plans[plan].get("priced", True) else self.plans[plan]["data"]
        return sorted({months for code in codes for months in self.agreed.get((code, "month"), {})})

    def bill(self, wishes: Iterable[Wish]) -> Bill:
        """What these lines cost together."""
        rows: Rows = {}
        least = sent = 0
        for n, wish in enumerate(wishes, 1):
            own = self._line(n, wish)
            rows |= own
            monthly = sum(q * unit for (_, _, period), (q, unit) in own.items() if period == "month" and unit)
            least += monthly * (wish.months or self.notice)
            sent += (wish.sim == "ship") + wish.cards
        for charge in self.charges:
            if charge.get("level") == "order" and (charge["trigger"] == "order" or sent):
                free = "free_over" in charge and sent > charge["free_over"]
                unit = 0 if free else self.listed[charge["code"], charge["period"]]
                rows[0, charge["code"], charge["period"]] = (1, unit)
        sums = {"month": 0, "once": 0}
        for (_, _, period), (quantity, unit) in rows.items():
            sums[period] += quantity * (unit or 0)
        return Bill(rows, _taxed(sums["month"]), _taxed(sums["once"]), _taxed(least + sums["once"]))

    def _line(self, n: int, wish: Wish) -> Rows:
        rows: Rows = {}
        plan, package = self.plans[wish.plan], self.data.get(wish.data)
        if plan.get("priced", True):
            rows[n, wish.plan, "month"] = (1, self._article(wish.plan, wish.months))
        if package:
            included = not package.get("priced", True)
            rows[n, wish.data, "month"] = (1, None if included else self._article(wish.data, wish.months))
        free = min(wish.cards, package.get("free_cards", 0)) if package else 0
        due = {
            "plan": 1,
            "pbx": wish.pbx,
            "mex": wish.mex,
            "sim_card": wish.sim in ("icc", "ship"),
            "esim": wish.sim == "esim",
            "card_beyond_free": wish.cards - free,
            "port_mobile": wish.number == "port" and plan["kind"] == "mobile",
            "port_fixed": wish.number == "port" and plan["kind"] == "fixed",
            "specific_number": wish.number == "specific",
        }
        for charge in self.charges:
            if charge.get("level") != "order" and (times := int(due.get(charge["trigger"], 0))):
                rows[n, charge["code"], charge["period"]] = (times, self._charge(charge, wish.months))
        if free:
            code = next(c["code"] for c in self.charges if c["trigger"] == "card_beyond_free")
            rows[n, f"{code}:free", "month"] = (free, None)
        return rows

    def _article(self, code: str, months: int) -> int:
        return self.agreed[code, "month"][months] if months else self.listed[code, "month"]

    def _charge(self, charge: Mapping[str, Any], months: int) -> int:
        key = (charge["code"], charge["period"])
        return self.agreed.get(key, {}).get(months, self.listed[key])


def _rows(file: Path) -> Iterable[dict[str, str]]:
    with file.open(newline="") as opened:
        return [row for row in csv.DictReader(opened, delimiter=";") if row["charge"] in ("month", "once")]


def _minor(text: str) -> int:
    return int(Decimal(text.replace(",", ".")) * 100)


def _taxed(net: int) -> tuple[int, int, int]:
    vat = int((Decimal(net) / 4).quantize(Decimal(1), ROUND_HALF_UP))
    return net, vat, net + vat

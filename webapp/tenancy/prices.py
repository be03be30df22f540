"""Reads price files row by row: price lists, framework agreements, wholesale limits; knows amounts, not who may sell at them."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from webapp.domain.money import read_amount, read_usage
from webapp.domain.problem import Invalid
from webapp.domain.tenants.catalogue import LIST, Catalogue, Price, PriceList, UsagePrice
from webapp.tenancy.finding import Place, nearest
from webapp.tenancy.models import CODE
from webapp.tenancy.source import Folder

HEADER = ("code", "charge", "unit", "list", "12", "24", "36")
LIMITS_HEADER = ("code", "charge", "unit", "floor", "ceiling")
PERIODS = ("month", "once")
USAGE = ("minute", "call", "sms", "mms", "data")
UNITS = ("line", "card", "number", "series", "order", "minute", "call", "message", "mb")
COLUMNS = {"list": LIST, "12": 12, "24": 24, "36": 36}

_FILE = re.compile(r"(\d{4})-(\d{2})-(\d{2})\.csv", re.ASCII)

Rows = list[tuple[int, dict[str, str]]]


@dataclass(frozen=True)
class Limits:
    """What an operator allows its resellers from a local day: (floor, ceiling) in minor units by article and period."""

    valid_from: date
    by_article: Mapping[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True)
class Read:
    """A price list with the line of each row, so that later checks can say where."""

    prices: PriceList
    file: str
    lines: Mapping[tuple[str, str], int]

    def at(self, code: str, period: str, column: str = "") -> Place:
        """The place of a price."""
        return Place(self.file, f"{code}.{column}" if column else code, self.lines.get((code, period), 0))


def dated(folder: Folder, under: str) -> list[tuple[date, str]]:
    """The files of a price folder with the day each begins, oldest first."""
    found = []
    for name in folder.names(under):
        last = name.removeprefix(f"{under}/")
        shape = _FILE.fullmatch(last)
        try:
            day = date(int(shape[1]), int(shape[2]), int(shape[3])) if shape else None
        except ValueError:
            day = None
        if day is None:
            folder.notes.add("prices.date", folder.place(name), name=last)
        else:
            found.append((day, name))
    return sorted(found)


def price_lists(folder: Folder, catalogue: Catalogue | None, currency: str, hidden: frozenset[int]) -> tuple[Read, ...]:
    """The operator's own lists, without commitment."""
    lists = [
        _price_list(folder, name, day, f"{folder.slug}/{day}", catalogue, currency, None, hidden)
        for day, name in dated(folder, "prices")
    ]
    return tuple(prices for prices in lists if prices)


def agreements(
    folder: Folder, catalogue: Catalogue | None, currency: str, hidden: frozenset[int]
) -> dict[str, tuple[Read, ...]]:
    """Each framework agreement's lists by its code."""
    found = {}
    for code in sorted({name.split("/")[1] for name in folder.names("agreements")}):
        if not re.fullmatch(CODE, code):
            folder.notes.add("prices.agreement", folder.place(f"agreements/{code}"), name=code)
            continue
        lists = [
            _price_list(folder, name, day, f"{folder.slug}/{code}/{day}", catalogue, currency, code, hidden)
            for day, name in dated(folder, f"agreements/{code}")
        ]
        found[code] = tuple(prices for prices in lists if prices)
    return found


def _price_list(
    folder: Folder, name: str, day: date, list_id: str, catalogue: Catalogue | None, currency: str,
    agreement: str | None, hidden: frozenset[int],
) -> Read | None:  # fmt: skip
    rows = _rows(folder, name, HEADER)
    if rows is None:
        return None
    periods = _periods(catalogue)
    prices: dict[tuple[str, str], Price] = {}
    usage: list[UsagePrice] = []
    lines: dict[tuple[str, str], int] = {}
    for line, row in rows:
        code, charge = row["code"], row["charge"]
        if not _is_known(folder, name, line, row, periods, USAGE if agreement is None else ()):
            continue
        if (code, charge) in lines:
            folder.notes.add(
                "prices.duplicate", folder.place(name, code, line), code=code, charge=charge, line=lines[code, charge]
            )
            continue
        lines[code, charge] = line
        amounts = {}
        for column, months in COLUMNS.items():
            if not row[column]:
                continue
            place = folder.place(name, f"{code}.{column}", line)
            if (agreement is None) != (months == LIST):
                folder.notes.add("prices.column", place, column=column, **_WRONG_COLUMN[agreement is None])
            elif months in hidden:
                folder.notes.add("prices.months_hidden", place, months=months)
            elif (amount := _amount(folder, place, row[column], charge in USAGE)) is not None:
                amounts[months] = amount
        if not any(row[column] for column in COLUMNS):
            folder.notes.add("prices.empty", folder.place(name, code, line), code=code)
        elif charge in USAGE and LIST in amounts:
            usage.append(UsagePrice(code, charge, amounts[LIST]))
        elif amounts:
            prices[code, charge] = Price(amounts, row["unit"])
    return Read(PriceList(list_id, day, currency, prices, tuple(usage), agreement), folder.place(name).file, lines)


_WRONG_COLUMN = {
    True: {"kind": "a price list", "reason": "Prices with commitment belong to framework agreements, in agreements/."},
    False: {
        "kind": "a framework agreement",
        "reason": "Prices without commitment belong to the price list, in prices/.",
    },
}


def limits(folder: Folder, catalogue: Catalogue) -> tuple[Limits, ...]:
    """What resellers may charge, oldest first."""
    found = []
    periods = _periods(catalogue)
    for day, name in dated(folder, "wholesale"):
        by_article: dict[tuple[str, str], tuple[int, int]] = {}
        for line, row in _rows(folder, name, LIMITS_HEADER) or ():
            code, charge = row["code"], row["charge"]
            if not _is_known(folder, name, line, row, periods, ()):
                continue
            floor = _amount(folder, folder.place(name, f"{code}.floor", line), row["floor"], False)
            ceiling = _amount(folder, folder.place(name, f"{code}.ceiling", line), row["ceiling"], False)
            if floor is None or ceiling is None:
                continue
            if floor > ceiling:
                folder.notes.add("wholesale.order", folder.place(name, code, line), code=code)
            by_article[code, charge] = (floor, ceiling)
        found.append(Limits(day, by_article))
    return tuple(found)


def _periods(catalogue: Catalogue | None) -> dict[str, str] | None:
    """By which period each article is charged, plans and packages by the month; None when the catalogue cannot be read."""
    if catalogue is None:
        return None
    monthly = {plan.code: "month" for plan in catalogue.plans} | {package.code: "month" for package in catalogue.data}
    return {**monthly, **{charge.code: charge.period for charge in catalogue.charges}}


def _rows(folder: Folder, name: str, header: tuple[str, ...]) -> Rows | None:
    text = folder.text(name)
    if text is None:
        return None
    reader = csv.reader(text.splitlines(), delimiter=";", strict=True)
    rows: Rows = []
    try:
        for fields in reader:
            cells = [field.strip() for field in fields]
            if reader.line_num == 1:
                if tuple(cells) != header:
                    folder.notes.add("prices.header", folder.place(name, line=1), wanted=";".join(header))
                    return None
            elif any(cells):
                if len(cells) != len(header):
                    folder.notes.add(
                        "prices.columns", folder.place(name, cells[0], reader.line_num),
                        count=len(cells), wanted=len(header),
                    )  # fmt: skip
                else:
                    rows.append((reader.line_num, dict(zip(header, cells, strict=True))))
    except csv.Error as broken:
        folder.notes.add("prices.quotes", folder.place(name, line=reader.line_num), reason=broken)
        return None
    if reader.line_num == 0:
        folder.notes.add("prices.header", folder.place(name, line=1), wanted=";".join(header))
        return None
    return rows


def _is_known(
    folder: Folder, name: str, line: int, row: dict[str, str], periods: dict[str, str] | None, usage: tuple[str, ...]
) -> bool:
    code, charge, unit = row["code"], row["charge"], row["unit"]
    place = folder.place(name, code, line)
    if periods is not None and code not in periods:
        folder.notes.add("prices.code", place, nearest(code, periods), value=code)
        return False
    choices = (*PERIODS, *usage)
    if charge not in choices:
        folder.notes.add("prices.charge", place, nearest(charge, choices), value=charge, choices=", ".join(choices))
        return False
    if periods is not None and charge in PERIODS and charge != periods[code]:
        folder.notes.add("prices.period", place, code=code, wanted=periods[code], value=charge)
        return False
    if unit not in UNITS:
        folder.notes.add("prices.unit", place, nearest(unit, UNITS), value=unit, choices=", ".join(UNITS))
        return False
    return True


def _amount(folder: Folder, place: Place, written: str, is_usage: bool) -> int | None:
    try:
        return read_usage(written) if is_usage else read_amount(written)
    except Invalid:
        folder.notes.add(_why_no_amount(written, is_usage), place, value=written)
        return None


def _why_no_amount(written: str, is_usage: bool) -> str:
    if re.fullmatch(r"[-−–]\s*[0-9.,]+", written):
        return "price.negative"
    if re.fullmatch(
        r"[0-9]{1,3}([ .,'\u00a0\u202f][0-9]{3})+[.,][0-9]{2}|[0-9]{1,3}([ '\u00a0\u202f][0-9]{3})+", written
    ):
        return "price.thousands"
    if re.fullmatch(r"[0-9]+([.,][0-9]*)?", written):
        return "price.usage" if is_usage else "price.decimals"
    return "price.shape"

"""catalogue.toml as a Catalogue, and whether its articles, prices and limits fit each other; knows no questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from webapp.domain.tenants.catalogue import LIST, Catalogue, Charge, DataPackage, Plan, PriceList
from webapp.domain.tenants.tenant import Tenant
from webapp.tenancy.finding import Notes, Place, nearest
from webapp.tenancy.models import Article, CatalogueFile
from webapp.tenancy.prices import Limits, Read
from webapp.tenancy.source import Toml

_ONCE_AN_ORDER = ("shipping", "order")


def catalogue(entry: CatalogueFile) -> Catalogue:
    """The catalogue that the file describes."""
    return Catalogue(
        plans=tuple(
            Plan(
                p.code,
                p.kind,
                dict(p.name),
                p.call_rate,
                tuple(p.data),
                dict(p.description or {}),
                p.priced,
                p.wholesale,
            )
            for p in entry.plans
        ),
        data=tuple(DataPackage(d.code, dict(d.name), d.gb, d.free_cards, d.priced, d.wholesale) for d in entry.data),
        charges=tuple(
            Charge(c.code, dict(c.name), c.trigger, c.period, c.level, c.free_over, c.wholesale, dict(c.included or {}))
            for c in entry.charges
        ),
        max_cards=entry.max_cards,
    )


def check_catalogue(entry: CatalogueFile, toml: Toml, notes: Notes) -> None:
    """Notes articles that cannot be told apart, sold or charged."""
    seen: Counter[str] = Counter()
    tables: tuple[tuple[str, Sequence[Article]], ...] = (
        ("plans", entry.plans),
        ("data", entry.data),
        ("charges", entry.charges),
    )
    for key, table in tables:
        for at, article in enumerate(table):
            seen[article.code] += 1
            if seen[article.code] > 1:
                notes.add("catalogue.duplicate", toml.at(key, at, "code"), value=article.code)
    packages = {package.code: package for package in entry.data}
    for at, plan in enumerate(entry.plans):
        for nth, code in enumerate(plan.data):
            if code not in packages:
                notes.add("catalogue.data", toml.at("plans", at, "data", nth), nearest(code, packages), value=code)
        costs = [packages[code].priced for code in plan.data if code in packages]
        if not plan.priced and not (costs and all(costs)):
            notes.add("catalogue.unpriced", toml.at("plans", at, "priced"), value=plan.code)
    admitted = {code for plan in entry.plans for code in plan.data}
    for at, package in enumerate(entry.data):
        if package.code not in admitted:
            notes.add("catalogue.data_unused", toml.at("data", at, "code"), value=package.code)
    for at, charge in enumerate(entry.charges):
        wanted = "order" if charge.trigger in _ONCE_AN_ORDER else "line"
        if charge.level != wanted:
            notes.add("catalogue.level", toml.at("charges", at, "level"), trigger=charge.trigger, level=wanted)
        if charge.free_over is not None and charge.trigger != "shipping":
            notes.add("catalogue.free_over", toml.at("charges", at, "free_over"))


def check_prices(
    sold: Catalogue, lists: Iterable[Read], agreements: Mapping[str, tuple[Read, ...]], notes: Notes
) -> None:
    """Notes articles without a price in a list, and prices of articles that have none."""
    monthly: list[Plan | DataPackage] = [*sold.plans, *sold.data]
    wanted = [(article.code, "month") for article in monthly if article.priced]
    wanted += [(charge.code, charge.period) for charge in sold.charges]
    free = {article.code for article in monthly if not article.priced}
    for read in lists:
        for code, period in wanted:
            if (code, period) not in read.lines:
                notes.add("prices.missing", read.at("", ""), code=code, charge=period)
    for read in (*lists, *(read for several in agreements.values() for read in several)):
        for code, period in read.prices.prices:
            if code in free:
                notes.add("prices.not_priced", read.at(code, period), code=code)


def check_dearer(lists: Sequence[Read], agreements: Mapping[str, tuple[Read, ...]], notes: Notes) -> None:
    """Notes prices of an agreement above what the list asks without commitment, on any day both hold."""
    for series in agreements.values():
        for nth, read in enumerate(series):
            until = series[nth + 1].prices.valid_from if nth + 1 < len(series) else None
            for order, other in enumerate(lists):
                ends = lists[order + 1].prices.valid_from if order + 1 < len(lists) else None
                begins = other.prices.valid_from if order else None
                if (ends is None or ends > read.prices.valid_from) and (
                    until is None or begins is None or until > begins
                ):
                    _check_dearer(read, other, notes)


def _check_dearer(read: Read, other: Read, notes: Notes) -> None:
    for (code, period), price in read.prices.prices.items():
        listed = other.prices.amount(code, period, LIST)
        for months, amount in price.amounts.items():
            if listed is not None and amount > listed.minor:
                place = read.at(code, period, str(months))
                notes.add("prices.dearer", place, code=code, months=months, list=other.prices.valid_from)


def check_wholesale(
    sold: Catalogue,
    parent: Catalogue,
    limits: tuple[Limits, ...],
    reads: Iterable[tuple[Read, ...]],
    toml: Toml | None,
    notes: Notes,
) -> None:
    """Notes a reseller's prices outside what its operator allows on any day they hold together. No figure is told."""
    codes = {code for table in _tables(parent).values() for code in (article.code for article in table)}
    named: dict[str, str] = {}
    for key, table in _tables(sold).items():
        for at, article in enumerate(table):
            own = article.wholesale or (article.code if toml is None else "")
            if own in codes:
                named[article.code] = own
            elif toml and own:
                place = toml.at(key, at, "wholesale")
                notes.add("wholesale.unknown", place, nearest(own, codes), code=article.code, value=own)
            elif toml:
                notes.add("wholesale.unnamed", toml.at(key, at, "code"), code=article.code)
    for series in reads:
        for nth, read in enumerate(series):
            until = series[nth + 1].prices.valid_from if nth + 1 < len(series) else None
            for order, limit in enumerate(limits):
                ends = limits[order + 1].valid_from if order + 1 < len(limits) else None
                if (ends is None or ends > read.prices.valid_from) and (until is None or until > limit.valid_from):
                    _check_limit(read, limit, named, notes)


def check_unedited(published: Tenant, lists: Sequence[Read], now: datetime, folder: Place, notes: Notes) -> None:
    """Notes what is no longer as a list said when it had already begun to hold: its amounts, itself, or what came before it."""
    today = published.market.today(now)
    every = (*published.price_lists, *(prices for series in published.agreements.values() for prices in series))
    begun = {prices.id: prices for prices in every if prices.valid_from <= today}
    for read in lists:
        was = begun.get(read.prices.id)
        if was:
            before, after = _amounts(was), _amounts(read.prices)
            for code, period in sorted({*before, *after}):
                if before.get((code, period)) != after.get((code, period)):
                    notes.add("prices.edited", read.at(code, period), code=code)
        elif read.prices.valid_from < today and read.prices.agreement in {None, *published.agreements}:
            notes.add("prices.backdated", read.at("", ""), first=read.prices.valid_from)
    for gone in sorted(begun.keys() - {read.prices.id for read in lists}):
        notes.add("prices.removed", folder, id=gone)


def _amounts(prices: PriceList) -> dict[tuple[str, str], object]:
    """All that a list says of each article: amounts by months and their unit, and what use costs."""
    usage: dict[tuple[str, str], object] = {(each.code, each.unit): each for each in prices.usage}
    return {**prices.prices, **usage}


def _tables(sold: Catalogue) -> dict[str, Sequence[Plan | DataPackage | Charge]]:
    return {"plans": sold.plans, "data": sold.data, "charges": sold.charges}


def _check_limit(read: Read, limit: Limits, named: Mapping[str, str], notes: Notes) -> None:
    for (code, period), price in read.prices.prices.items():
        floor, ceiling = limit.by_article.get((named.get(code, ""), period), (None, None))
        if floor is None or ceiling is None:
            continue
        for months, amount in price.amounts.items():
            column = str(months or "list")
            told = {"value": f"{amount // 100},{amount % 100:02d}", "code": code, "column": column}
            if amount < floor:
                notes.add("price.below_floor", read.at(code, period, column), **told)
            elif amount > ceiling:
                notes.add("price.above_ceiling", read.at(code, period, column), **told)

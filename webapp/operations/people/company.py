"""What a company sees of its own: its prices and its addresses; orders nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from webapp.domain import numbers
from webapp.domain.money import Money
from webapp.domain.people import Address, Company
from webapp.domain.problem import Invalid, Problem
from webapp.domain.tenants.catalogue import LIST, MONTHS, Charge, DataPackage, Plan, PriceList, UsagePrice
from webapp.domain.tenants.tenant import Tenant
from webapp.store.platform.tables import new_id
from webapp.store.unit_of_work import Work

# Prices


@dataclass(frozen=True)
class ListedPrice:
    """An article, with its price by months of commitment (LIST = none). `usage` is in ten-thousandths."""

    code: str
    name: str
    unit: str
    amounts: Mapping[int, Money]
    about: str = ""
    usage: UsagePrice | None = None


@dataclass(frozen=True)
class Prices:
    """The prices that hold for one company on one day."""

    plans: tuple[ListedPrice, ...]
    data: tuple[ListedPrice, ...]
    monthly: tuple[ListedPrice, ...]
    once: tuple[ListedPrice, ...]
    usage: tuple[ListedPrice, ...]
    months: tuple[int, ...]  # the columns: LIST and the agreement's
    valid_from: date
    currency: str
    agreement: str | None = None
    agreement_from: date | None = None


def prices(tenant: Tenant, company: Company, today: date, language: str) -> Prices | None:
    """What the company pays today: the price list, beside it its framework agreement. None before the first list."""
    own = tenant.prices_on(today)
    if own is None:
        return None
    agreed = tenant.agreement_on(company.agreement, today)
    lists = [own, *([agreed] if agreed else [])]
    goods = tenant.catalogue
    offered = {m for each in lists for price in each.prices.values() for m in price.amounts}

    def rows(articles: Iterable[Plan | DataPackage | Charge], period: str) -> tuple[ListedPrice, ...]:
        found = (_row(article, period, lists, language) for article in articles)
        return tuple(row for row in found if row.amounts)

    articles: tuple[Plan | DataPackage | Charge, ...] = (*goods.plans, *goods.data, *goods.charges)
    names = {article.code: article.names[language] for article in articles}
    return Prices(
        rows(goods.plans, "month"),
        rows(goods.data, "month"),
        rows((c for c in goods.charges if c.period == "month"), "month"),
        rows((c for c in goods.charges if c.period == "once"), "once"),
        tuple(ListedPrice(use.code, names.get(use.code, use.code), use.unit, {}, usage=use) for use in own.usage),
        tuple(m for m in (LIST, *MONTHS) if m in offered),
        own.valid_from,
        own.currency,
        company.agreement if agreed else None,
        agreed.valid_from if agreed else None,
    )


def _row(article: Plan | DataPackage | Charge, period: str, lists: list[PriceList], language: str) -> ListedPrice:
    amounts: dict[int, Money] = {}
    unit = ""
    for each in lists:
        price = each.prices.get((article.code, period))
        if price:
            unit = unit or price.unit
            amounts |= {months: Money(minor, each.currency) for months, minor in price.amounts.items()}
    if isinstance(article, Charge) and LIST in amounts and len(lists) > 1:
        # A charge the agreement does not name costs what the list says.
        amounts = {months: amounts.get(months, amounts[LIST]) for months in (LIST, *MONTHS)}
    about = article.descriptions.get(language, "") if isinstance(article, Plan) else ""
    return ListedPrice(article.code, article.names[language], unit, amounts, about)


# Addresses


def add_address(
    work: Work, tenant: Tenant, company: Company, typed: Mapping[str, str], now: datetime
) -> dict[str, Problem]:
    """Saves a delivery address; what is wrong with it by field, and then nothing is saved."""
    readers = {
        "name": lambda text: numbers.read_text(text, 80),
        "street": lambda text: numbers.read_text(text, 120),
        "zip": lambda text: numbers.read_postcode(text, tenant.market),
        "city": lambda text: numbers.read_text(text, 80),
    }
    values, problems = {}, {}
    for field, read in readers.items():
        try:
            values[field] = read(typed.get(field, ""))
        except Invalid as invalid:
            lacks = invalid.problem.code == "text.missing"
            problems[field] = Problem(f"delivery.{field}.missing") if lacks else invalid.problem
    if not problems:
        address = Address(new_id(), **values)
        work.companies.add_address(address)
        work.audit.write("address.added", address.id, now=now)
    return problems

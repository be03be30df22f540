"""The contract summary due to small companies before they order (regulation (EU) 2019/2243): its facts and what may be said of it; knows no words."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from webapp.domain.canonical_json import as_json
from webapp.domain.money import Money, Total
from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.quote import Quote
from webapp.domain.stored_json import to_json
from webapp.domain.tenants.catalogue import Usage
from webapp.domain.tenants.parties import Party, party_of
from webapp.domain.tenants.tenant import Tenant

ACCEPTED, WAIVED = "accepted", "waived"
CHOICES = (ACCEPTED, WAIVED)

SECTIONS = ("speeds", "disabilities", "other")
"""What only the seller itself can say: the headings of its legal text "summary"."""

LONGEST_SECTION = 700
"""Characters: with more, the summary of one subscription would not keep to its one page."""

_HEADING = re.compile(r"##\s+(\S+)\s*")


@dataclass(frozen=True)
class Service:
    """Subscriptions that are alike."""

    name: str
    description: str
    count: int


@dataclass(frozen=True)
class SummaryCharge:
    """What an article costs. `unit` is None when another article's price includes it."""

    text: str
    period: str  # "month" | "once"
    unit: Money | None
    quantity: int

    @property
    def amount(self) -> Money | None:
        """Quantity times unit."""
        return None if self.unit is None else self.unit * self.quantity


@dataclass(frozen=True)
class Term:
    """How long subscriptions are paid for at least: months bound, or months of notice."""

    months: int
    bound: bool
    count: int


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that stands in a contract summary, whatever the day on which it is read."""

    language: str
    provider: Party  # the party to the contract; an operator, never its reseller
    reseller: Party | None
    phone: str
    email: str
    hours: str
    base_url: str
    services: tuple[Service, ...]
    moves: int  # numbers that come from another operator
    cards: int
    esims: int
    data_cards: int
    has_internet: bool
    charges: tuple[SummaryCharge, ...]
    usage: tuple[Usage, ...]
    monthly: Total
    once: Total
    minimum: Total
    vat_bp: int
    price_list: str
    agreement: str
    terms: tuple[Term, ...]
    notice_months: int
    notice_months_bound: int
    speeds: tuple[str, ...]
    disabilities: tuple[str, ...]
    other: tuple[str, ...]
    version: str  # of the seller's own sections
    general_terms: str  # their version

    @property
    def is_bound(self) -> bool:
        """Whether any subscription has a commitment."""
        return any(term.bound for term in self.terms)

    @property
    def count(self) -> int:
        """How many subscriptions it is about."""
        return sum(service.count for service in self.services)

    def fingerprint(self) -> str:
        """SHA-256 over all of it: equal facts were read by equal words."""
        return hashlib.sha256(as_json(to_json(self)).encode()).hexdigest()


def sections(source: str) -> dict[str, tuple[str, ...]]:
    """The paragraphs under each heading of a seller's text. Headings are SECTIONS; what stands before the first is dropped."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for block in re.split(r"\n\s*\n", source):
        lines = [line.strip() for line in block.strip().splitlines()]
        if lines and (heading := _HEADING.fullmatch(lines[0])):
            current = found.setdefault(heading[1], [])
            lines = lines[1:]
        if lines:
            current.append(" ".join(lines))
    return {name: tuple(paragraphs) for name, paragraphs in found.items()}


def facts_of(forms: Iterable[LineContext], quote: Quote) -> Facts:
    """What the summary of these answered lines says at this price; any number of lines fits, for what is alike is counted."""
    forms = tuple(forms)
    context = forms[0].context
    tenant, market, language = context.tenant, context.tenant.market, context.language
    version, said = said_of(tenant, language)
    sims = Counter(form.value("sim") for form in forms)
    plans = {form.plan.code: form.name(form.plan) for form in forms if form.plan}
    return Facts(
        language=language,
        provider=party_of(tenant.contract_party, market),
        reseller=party_of(tenant.legal, market) if tenant.parent else None,
        phone=show_msisdn(tenant.support.phone, market),
        email=tenant.support.email,
        hours=tenant.support.hours.get(language, ""),
        base_url=tenant.base_url,
        services=tuple(Service(*what, count) for what, count in Counter(map(_service, forms)).items()),
        moves=sum(form.value("number_source") == "port" for form in forms),
        cards=sims["icc"] + sims["ship"],
        esims=sims["esim"],
        data_cards=sum(form.cards for form in forms),
        has_internet=any(form.package for form in forms),
        charges=_charges(quote),
        usage=tuple(
            Usage(plans[use.code], use.unit, use.ten_thousandths)
            for use in (context.prices.usage if context.prices else ())
            if use.code in plans
        ),
        monthly=quote.monthly,
        once=quote.once,
        minimum=quote.minimum,
        vat_bp=quote.vat_bp,
        price_list=quote.price_list,
        agreement=quote.agreement or "",
        terms=tuple(Term(*term, count) for term, count in Counter((c.months, c.bound) for c in quote.commitments).items()),
        notice_months=tenant.notice_months,
        notice_months_bound=tenant.notice_months_bound,
        **{name: said.get(name, ()) for name in SECTIONS},
        version=version,
        general_terms=tenant.legal_text("terms", language).version,
    )  # fmt: skip


def said_of(tenant: Tenant, language: str) -> tuple[str, dict[str, tuple[str, ...]]]:
    """What a seller says in its own words: the version, and its sections; both empty where it has said nothing yet."""
    try:
        text = tenant.legal_text("summary", language)
    except KeyError:  # published before summaries were: the page then names whom to ask
        return "", {}
    return text.version, sections(text.source)


def _service(form: LineContext) -> tuple[str, str]:
    names = [form.name(article) for article in (form.plan, form.package) if article]
    description = form.plan.descriptions.get(form.context.language, "") if form.plan else ""
    return ", ".join(dict.fromkeys(names)), description


def _charges(quote: Quote) -> tuple[SummaryCharge, ...]:
    found: Counter[tuple[str, str, Money | None]] = Counter()
    for row in quote.rows:
        found[row.text, row.period, row.unit] += row.quantity
    return tuple(SummaryCharge(*article, quantity) for article, quantity in found.items())

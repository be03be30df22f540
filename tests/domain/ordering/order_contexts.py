"""The four demo tenants' counters, with plain values behind them; no database, no page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tests.builders import NOW, a_company, a_danish_company, a_draft, a_person, an_order_context
from tests.own_tenants import OWN_TENANTS
from webapp.domain.ordering.answering import write
from webapp.domain.ordering.draft import Line
from webapp.domain.ordering.line import LineContext, OrderContext
from webapp.domain.ordering.quote import Quote, quote
from webapp.tenancy.folders import load

ROOT = OWN_TENANTS
TENANTS = load(ROOT, "test", NOW).tenants
SLUGS = tuple(sorted(TENANTS))

Answers = Mapping[str, str]


def context(slug: str, *, size: str = "large", agreement: bool = True, **overrides: Any) -> OrderContext:
    """The tenant's counter; a large company with the tenant's agreement stands at it."""
    tenant = overrides.pop("tenant", TENANTS[slug])
    company = a_danish_company() if tenant.market.code == "DK" else a_company()
    company = replace(company, size=size, agreement=next(iter(tenant.agreements), None) if agreement else None)
    return an_order_context(tenant, company=company, person=a_person(company, language=tenant.language), **overrides)


def forms(at: OrderContext, *lines: Answers) -> tuple[LineContext, ...]:
    """A draft with these answers as they are stored, one form a line."""
    draft = a_draft(*(Line(n, dict(answers)) for n, answers in enumerate(lines, 1)), language=at.language)
    return tuple(at.form(draft, line) for line in draft.lines)


def form(at: OrderContext | str, answers: Answers | None = None) -> LineContext:
    """A draft of one line."""
    return forms(context(at) if isinstance(at, str) else at, answers or {})[0]


def priced(at: OrderContext, *lines: Answers) -> Quote:
    """What these lines cost."""
    return quote(forms(at, *lines))


def give(to: LineContext, **answers: str) -> LineContext:
    """The form after these answers, given one after the other as a person would; `__` stands for a point."""
    for question, raw in answers.items():
        to = to.with_line(write(to, question.replace("__", "."), raw))
    return to


# Lines that are complete, by tenant.

SWEDISH_MOBILE = {
    "kind": "mobile",
    "binding": "none",
    "call_rate": "flat",
    "number_source": "new",
    "sim": "icc",
    "icc": "89469900000000000010",
    "pbx": "standalone",
    "user_mode": "existing",
    "user": "e1",
    "topup": "no",
}
FIXED = {
    "kind": "fixed",
    "binding": "none",
    "number_source": "new",
    "area_code": "08",
    "pbx": "pbx",
    "user_mode": "existing",
    "user": "e1",
}
COMPLETE: Mapping[str, Answers] = {
    "fjallton": {**SWEDISH_MOBILE, "data": "FJ-D15"},
    "skarvox": {**SWEDISH_MOBILE, "data": "SX-D15"},
    "baeltkom": {
        "product": "BK-MOBIL",
        "data": "BK-M",
        "binding": "none",
        "number_source": "new",
        "pbx": "standalone",
        "user.first": "Bente",
        "user.last": "Østergård",
        "user.initials": "BØ",
        "user.title": "Indkøber",
        "user.email": "bente@havnen.example",
    },
    "klitfon": {
        "product": "KF-M",
        "binding": "none",
        "number_source": "new",
        "sim": "esim",
        "user_mode": "new",
        "user.first": "Bente",
        "user.last": "Østergård",
        "user.email": "bente@havnen.example",
        "pbx": "standalone",
    },
}
SWEDISH_PORT = {
    "number_source": "port",
    "port.number": "+46701740680",
    "port.operator": "Granlinjen",
    "port.owner_type": "company",
    "port.signatory": "me",
    "port.date": "2026-12-03",
    "port.binding_ack": "yes",
}
DANISH_PORT = {
    "number_source": "port",
    "port.number": "+4520000050",
    "port.operator": "Sundtel",
    "port.owner_type": "company",
    "port.signatory": "me",
    "port.mode": "asap",
    "port.binding_ack": "yes",
}
PORT: Mapping[str, Answers] = {
    "fjallton": SWEDISH_PORT,
    "skarvox": SWEDISH_PORT,
    "baeltkom": {q: v for q, v in DANISH_PORT.items() if q != "port.binding_ack"},  # told, not asked
    "klitfon": DANISH_PORT,
}

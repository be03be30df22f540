"""What is bought: the questions whose answers select a plan, a commitment and a data package; adds up no price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.domain.money import Money
from webapp.domain.ordering.questions.question import Option, Question

if TYPE_CHECKING:
    from webapp.domain.ordering.line import LineContext


def _products(form: LineContext) -> tuple[Option, ...]:
    return tuple(Option(plan.code, form.name(plan)) for plan in form.tenant.catalogue.plans)


def _kinds(form: LineContext) -> tuple[Option, ...]:
    offered = {plan.kind for plan in form.tenant.catalogue.plans}
    return tuple(Option(kind) for kind in ("mobile", "fixed", "broadband") if kind in offered)


def _bindings(form: LineContext) -> tuple[Option, ...]:
    bound = (Option("agreement"),) if form.months_offered else ()
    unbound = (Option("none"),) if form.is_listed else ()
    return (*bound, *unbound)


def _months(form: LineContext) -> tuple[Option, ...]:
    return tuple(Option(str(months)) for months in form.months_offered)


def _rates(form: LineContext) -> dict[str, str]:
    """The plan of each call rate, among those of the kind that is wanted."""
    kind = form.value("kind")
    return {plan.call_rate: plan.code for plan in form.tenant.catalogue.plans if plan.kind == kind and plan.call_rate}


def _call_rates(form: LineContext) -> tuple[Option, ...]:
    rates = _rates(form)
    return tuple(Option(rate) for rate in ("flat", "metered") if rate in rates)


def _data(form: LineContext) -> tuple[Option, ...]:
    plan = form.plan
    if plan is None:
        return ()
    packages = [form.tenant.catalogue.package(code) for code in plan.data]
    offered = [p for p in packages if not p.priced or form.price(p.code) is not None]
    return tuple(Option(p.code, form.name(p)) for p in offered)


def _data_amount(value: str, form: LineContext) -> Money | None:
    return form.price(value) if form.tenant.catalogue.package(value).priced else None


ARTICLES: tuple[Question, ...] = (
    Question(
        "product",
        "cards",
        "product.missing",
        options=_products,
        amount=lambda value, form: form.price(value),
        priced=True,
    ),
    Question("kind", "radio", "kind.missing", options=_kinds, priced=True),
    Question(
        "call_rate",
        "radio",
        "call_rate.missing",
        options=_call_rates,
        amount=lambda value, form: form.price(_rates(form)[value]),
        after=("kind",),
        priced=True,
    ),
    Question(
        "binding",
        "radio",
        "binding.missing",
        options=_bindings,
        amount=lambda value, form: form.binding_price(value),
        priced=True,
    ),
    Question(
        "months",
        "radio",
        "months.missing",
        lambda form: form.value("binding") == "agreement",
        _months,
        amount=lambda value, form: form.bound_price(int(value)),
        after=("binding",),
        priced=True,
    ),
    Question(
        "waiver_36",
        "checkbox",
        "waiver_36.missing",
        lambda form: form.value("months") == "36" and form.company.is_small,
        after=("months",),
    ),
    Question(
        "data",
        "radio",
        "data.missing",
        lambda form: bool(form.plan and form.plan.data),
        _data,
        amount=_data_amount,
        after=("kind",),
        priced=True,
    ),
)

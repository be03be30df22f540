"""Which number a line gets, as long as none is moved in; knows no stock but what the form can ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.domain import numbers
from webapp.domain.ordering.questions.question import Option, Question
from webapp.domain.ordering.questions.shared import TEL, number_from, of_line_kind, show_number
from webapp.domain.problem import Invalid, Problem

if TYPE_CHECKING:
    from webapp.domain.ordering.line import LineContext


def _sources(form: LineContext) -> tuple[Option, ...]:
    return tuple(Option(source) for source in ("new", "reserved", "specific", "port"))


def _area_codes(form: LineContext) -> tuple[Option, ...]:
    return tuple(Option(code, f"{code} {place}") for code, place in form.tenant.area_codes.items())


def _picks_reserved(form: LineContext) -> bool:
    """Where "reserved" is no choice of its own, a company with free numbers may pick one instead of a new one."""
    if form.offers("number_source", "reserved"):
        return form.value("number_source") == "reserved"
    return form.value("number_source") == "new" and bool(form.inventory.reserved_numbers(form.line_kind))


def _reserved(form: LineContext) -> tuple[Option, ...]:
    own = form.inventory.reserved_numbers(form.line_kind)
    choices = tuple(Option(n.e164, numbers.show_msisdn(n.e164, form.market)) for n in own)
    return choices if form.offers("number_source", "reserved") else (Option("auto"), *choices)


def _gone_reserved(raw: str, form: LineContext) -> Problem:
    """What is a number was free when the page was shown, and somebody else was first."""
    try:
        e164 = of_line_kind(raw, form)
    except Invalid:
        return Problem("option.unknown")
    return Problem("reserved.taken", {"n": numbers.show_msisdn(e164, form.market)})


def _read_specific(raw: str, form: LineContext) -> str:
    e164 = of_line_kind(raw, form)
    if form.elsewhere("specific_number", e164) or not form.inventory.is_free(e164, form.line_kind):
        raise Invalid("specific.taken", n=numbers.show_msisdn(e164, form.market))
    return e164


NUMBER: tuple[Question, ...] = (
    Question("number_source", "radio", "number_source.missing", options=_sources, priced=True),
    Question(
        "area_code",
        "select",
        "area_code.missing",
        lambda form: form.value("number_source") == "new" and form.line_kind == "fixed",
        _area_codes,
        after=("kind", "number_source"),
    ),
    Question(
        "reserved_number",
        "select",
        "reserved.missing",
        _picks_reserved,
        _reserved,
        after=("number_source",),
        inherit=lambda form: "" if form.offers("number_source", "reserved") else "auto",
        gone=_gone_reserved,
        own=True,
    ),
    Question(
        "specific_number",
        "tel",
        "specific.missing",
        number_from("specific"),
        read=_read_specific,
        after=("number_source",),
        show=show_number,
        looked_up=True,
        attrs=TEL,
    ),
)

"""Conditions and readings that questions of several subjects have in common; asks nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from webapp.domain import numbers
from webapp.domain.porting.ported_number import read_of_kind
from webapp.domain.problem import Problem

if TYPE_CHECKING:
    from webapp.domain.ordering.line import LineContext

TEL = {"inputmode": "tel", "autocomplete": "off"}
DIGITS = {"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}
MAIL = {"autocomplete": "off", "inputmode": "email", "spellcheck": "false"}
NAME = {"autocomplete": "off"}


def is_mobile(form: LineContext) -> bool:
    """Whether a mobile subscription is ordered."""
    return form.value("kind") == "mobile"


def number_from(source: str) -> Callable[[LineContext], bool]:
    """Whether the number comes from there."""
    return lambda form: form.value("number_source") == source


def of_line_kind(raw: str, form: LineContext) -> str:
    """A number that fits the line: mobile for a mobile subscription, fixed for a fixed one, where the plan tells."""
    return read_of_kind(raw, form.line_kind, form.market, form.tenant.test_numbers)


def show_number(value: str, form: LineContext) -> str:
    """A number as people read it; an answer that is none stays as it is."""
    return numbers.show_msisdn(value, form.market) if value.startswith("+") else value


def text(longest: int) -> Callable[[str, LineContext], str]:
    """Reads a line of free text."""
    return lambda raw, form: numbers.read_text(raw, longest=longest)


def read_email(raw: str, form: LineContext) -> str:
    """An e-mail address."""
    return numbers.read_email(raw)


def warn_email(value: str, form: LineContext) -> Problem | None:
    """A well-formed address that is likely a slip of the hand."""
    likely = numbers.likely_email(value)
    return Problem("email.typo", {"suggestion": likely}) if likely else None

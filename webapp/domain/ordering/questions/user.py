"""Who uses the line, and how it hangs in the PBX; knows no account and no right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.domain import numbers
from webapp.domain.ordering.questions.question import YES, Option, Question
from webapp.domain.ordering.questions.shared import MAIL, NAME, is_mobile, read_email, text, warn_email
from webapp.domain.problem import Invalid

if TYPE_CHECKING:
    from webapp.domain.ordering.line import LineContext


def _fixed_numbers(form: LineContext) -> tuple[Option, ...]:
    own = form.inventory.fixed_numbers()
    return tuple(Option(n.e164, _with_user(numbers.show_msisdn(n.e164, form.market), n.user)) for n in own)


def _with_user(number: str, user: str) -> str:
    return f"{number} ({user})" if user else number


def _read_user(raw: str, form: LineContext) -> str:
    if form.inventory.employee(raw) is None:
        raise Invalid("user.missing")
    return raw


def _show_user(value: str, form: LineContext) -> str:
    employee = form.inventory.employee(value)
    return employee.name if employee else ""


def _is_new_user(form: LineContext) -> bool:
    return form.value("user_mode") == "new"


def _read_initials(raw: str, form: LineContext) -> str:
    initials = numbers.read_text(raw, longest=8)
    owner = form.inventory.initials_of(initials)
    email = form.value("user.email")  # asked later: until then the name tells
    if owner and not owner.is_person(form.user_name, email or owner.email):
        raise Invalid("initials.taken", x=initials, name=owner.name)
    other = form.elsewhere("user.initials", initials)
    if other and other.casefold() != form.user_name.casefold():
        raise Invalid("initials.taken", x=initials, name=other)
    return initials


USER: tuple[Question, ...] = (
    Question(
        "pbx",
        "radio",
        "pbx.missing",
        lambda form: form.value("kind") != "broadband",
        lambda form: (Option("pbx"), Option("standalone")),
        priced=True,
    ),
    Question(
        "mex",
        "switch",
        "",
        lambda form: is_mobile(form) and form.value("pbx") == "pbx",
        after=("pbx",),
        required=False,
        priced=True,
    ),
    Question(
        "mex_fixed",
        "select",
        "mex_fixed.missing",
        lambda form: form.value("mex") == YES,
        _fixed_numbers,
        after=("mex",),
        own=True,
    ),
    Question(
        "user_mode",
        "radio",
        "user_mode.missing",
        options=lambda form: (Option("existing"), Option("new"), Option("later")),
    ),
    Question(
        "user",
        "search",
        "user.missing",
        lambda form: form.value("user_mode") == "existing",
        read=_read_user,
        after=("user_mode",),
        show=_show_user,
    ),
    Question("user.first", "text", "first.missing", _is_new_user, read=text(80), after=("user_mode",), attrs=NAME),
    Question("user.last", "text", "last.missing", _is_new_user, read=text(80), after=("user_mode",), attrs=NAME),
    Question(
        "user.initials",
        "text",
        "initials.missing",
        _is_new_user,
        read=_read_initials,
        after=("user_mode",),
        looked_up=True,
        attrs={"autocomplete": "off", "spellcheck": "false"},
    ),
    Question("user.title", "text", "title.missing", _is_new_user, read=text(80), after=("user_mode",), attrs=NAME),
    Question(
        "user.email",
        "email",
        "user.email.missing",
        _is_new_user,
        read=read_email,
        after=("user_mode",),
        warn=warn_email,
        attrs=MAIL,
    ),
    Question("user.dept", "text", "dept.missing", _is_new_user, read=text(80), after=("user_mode",), attrs=NAME),
    Question(
        "user.cost_centre",
        "text",
        "cost_centre.missing",
        _is_new_user,
        read=text(40),
        after=("user_mode",),
        attrs=NAME,
    ),
    Question(
        "user.employee_no",
        "text",
        "employee_no.missing",
        _is_new_user,
        read=text(40),
        after=("user_mode",),
        attrs=NAME,
    ),
)

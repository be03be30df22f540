"""Moving a number in: whose it is, who signs for it, when it moves; makes no paper and asks no other operator."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from webapp.domain import numbers
from webapp.domain.ordering.questions.question import Option, Question
from webapp.domain.ordering.questions.shared import (
    DIGITS,
    MAIL,
    NAME,
    TEL,
    is_mobile,
    number_from,
    of_line_kind,
    read_email,
    show_number,
    text,
    warn_email,
)
from webapp.domain.porting.ported_number import check_ends, check_main, check_number, check_within
from webapp.domain.porting.porting_day import earliest, read_moving_day
from webapp.domain.porting.series import check_series, overlap, show_series
from webapp.domain.porting.signers import read_signer_name, read_signers, write_signers
from webapp.domain.problem import Invalid, Problem

if TYPE_CHECKING:
    from webapp.domain.ordering.line import LineContext

_ported = number_from("port")


def _read_ported(raw: str, form: LineContext) -> str:
    e164 = of_line_kind(raw, form)
    if other := _moved_by(form, e164, e164):
        raise Invalid("port.number.twice", n=numbers.show_msisdn(e164, form.market), r=other)
    check_number(e164, form.inventory, form.market, form.tenant.name)
    return e164


def _moved_by(form: LineContext, first: str, last: str) -> str:
    """How the other line of this draft is called that moves one of these numbers; empty when none does."""
    moves = form.moving_elsewhere()
    return next((who for one, last_one, who in moves if overlap((one, last_one), (first, last))), "")


def _is_fixed_port(form: LineContext) -> bool:
    """Mobile numbers come one by one."""
    return _ported(form) and form.line_kind == "fixed"


def _in_series(form: LineContext) -> bool:
    return _is_fixed_port(form) and bool(form.value("port.first"))


def _read_last(raw: str, form: LineContext) -> str:
    """The last number closes the series, so what the series must be is told here."""
    first, last, number = form.value("port.first"), of_line_kind(raw, form), form.value("port.number")
    check_series(first, last, form.market)
    if number:
        check_within(number, first, last, form.market)
    if other := _moved_by(form, first, last):
        raise Invalid("port.number.twice", n=show_series(first, last, form.market), r=other)
    check_ends(first, last, form.inventory, form.market, form.tenant.name)
    return last


def _read_main(raw: str, form: LineContext) -> str:
    first, last, main = form.value("port.first"), form.value("port.last"), of_line_kind(raw, form)
    if last:
        check_main(main, first, last, form.market)
    return main


def _read_further(raw: str, form: LineContext) -> str:
    return write_signers(read_signers(raw, form.value("port.email")))


def _warn_further(value: str, form: LineContext) -> Problem | None:
    doubts = (warn_email(signer.email, form) for signer in read_signers(value))
    return next(filter(None, doubts), None)


def _donors(form: LineContext) -> tuple[Option, ...]:
    return tuple(Option(donor, donor) for donor in form.tenant.porting.donors)


def _owner_name(form: LineContext) -> str:
    return {"company": form.company.name, "employee": form.user_name}.get(form.value("port.owner_type"), "")


def _owner_address(form: LineContext) -> str:
    if form.value("port.owner_type") != "company":
        return ""
    company = form.company
    return f"{company.street}, {numbers.show_postcode(company.zip, form.market)} {company.city}"


def _owner_id(form: LineContext) -> str:
    return form.company.org_id if form.value("port.owner_type") == "company" else ""


def _signer_email(form: LineContext) -> str:
    return {"me": form.person_email, "employee": form.user_email}.get(form.value("port.signatory"), "")


def _read_port_date(raw: str, form: LineContext) -> str:
    first = earliest(form.market, form.line_kind, form.today, is_series=_in_series(form))
    return read_moving_day(raw, form.market, form.today, first).isoformat()


def _warn_bridge_day(value: str, form: LineContext) -> Problem | None:
    """A working day squeezed between days off: many are away who would have to help if something goes wrong."""
    day = date.fromisoformat(value)
    around = (date.fromordinal(day.toordinal() - 1), date.fromordinal(day.toordinal() + 1))
    squeezed = not any(form.market.is_working_day(near) for near in around)
    return Problem("port.date.bridge", {"d": day}) if squeezed else None


def _hours(form: LineContext) -> tuple[Option, ...]:
    return tuple(Option(f"{hour:02d}") for hour in form.market.porting.hours)


def _read_present_icc(raw: str, form: LineContext) -> str:
    return numbers.read_iccid(raw, (19, 20), "89")


def _has_port_date(form: LineContext) -> bool:
    """A tenant that does not ask how soon the number should move asks on which day."""
    mode = form.value("port.mode")
    return _ported(form) and (mode == "date" or (not mode and not form.asks("port.mode")))


def _is_signer_asked(form: LineContext) -> bool:
    """Whoever signs has a name: a user who is assigned later has none yet."""
    signatory = form.value("port.signatory")
    return _ported(form) and (signatory == "other" or (signatory == "employee" and form.value("user_mode") == "later"))


PORTING: tuple[Question, ...] = (
    Question(
        "port.number",
        "tel",
        "port.number.missing",
        _ported,
        read=_read_ported,
        after=("number_source",),
        show=show_number,
        looked_up=True,
        attrs=TEL,
    ),
    Question(
        "port.first",
        "tel",
        "",
        _is_fixed_port,
        read=of_line_kind,
        after=("port.number",),
        required=False,
        show=show_number,
        attrs=TEL,
        priced=True,
    ),
    Question(
        "port.last",
        "tel",
        "port.last.missing",
        _in_series,
        read=_read_last,
        after=("port.first",),
        show=show_number,
        looked_up=True,
        attrs=TEL,
    ),
    Question(
        "port.main",
        "tel",
        "",
        _in_series,
        read=_read_main,
        after=("port.last",),
        required=False,
        inherit=lambda form: form.value("port.first"),
        show=show_number,
        attrs=TEL,
    ),
    Question(
        "port.operator",
        "text",
        "port.operator.missing",
        _ported,
        _donors,
        text(80),
        ("number_source",),
        attrs=NAME,
    ),
    Question(
        "port.customer_no",
        "text",
        "",
        _ported,
        read=text(40),
        after=("number_source",),
        required=False,
        attrs={"autocomplete": "off"},
    ),
    Question(
        "port.present_icc",
        "text",
        "",
        lambda form: _ported(form) and is_mobile(form),
        read=_read_present_icc,
        after=("number_source",),
        required=False,
        attrs=DIGITS,
    ),
    Question(
        "port.owner_type",
        "radio",
        "port.owner_type.missing",
        _ported,
        lambda form: (Option("company", form.company.name), Option("employee"), Option("other")),
        after=("number_source",),
    ),
    Question(
        "port.owner_name",
        "text",
        "port.owner_name.missing",
        _ported,
        read=text(120),
        after=("number_source",),
        inherit=_owner_name,
        suggest=_owner_name,
        attrs=NAME,
    ),
    Question(
        "port.owner_id",
        "text",
        "port.owner_id.missing",
        lambda form: _ported(form) and form.value("port.owner_type") != "employee",
        read=lambda raw, form: numbers.read_company_id(raw, form.market),
        after=("number_source",),
        inherit=_owner_id,
        suggest=_owner_id,
        show=lambda value, form: numbers.show_company_id(value, form.market),
        attrs={"inputmode": "numeric", "autocomplete": "off"},
    ),
    Question(
        "port.owner_address",
        "text",
        "port.owner_address.missing",
        _ported,
        read=text(200),
        after=("number_source",),
        inherit=_owner_address,
        suggest=_owner_address,
        attrs=NAME,
    ),
    Question(
        "port.signatory",
        "radio",
        "port.signatory.missing",
        _ported,
        lambda form: (Option("me"), Option("employee"), Option("other")),
        after=("number_source",),
        # A private owner signs for their own number; who signs for a company must be said.
        inherit=lambda form: "employee" if form.value("port.owner_type") == "employee" else "",
    ),
    Question(
        "port.signer_name",
        "text",
        "port.signer_name.missing",
        _is_signer_asked,
        read=lambda raw, form: read_signer_name(raw),
        after=("number_source",),
        attrs=NAME,
    ),
    Question(
        "port.email",
        "email",
        "port.email.missing",
        _ported,
        read=read_email,
        after=("number_source",),
        inherit=_signer_email,
        warn=warn_email,
        attrs=MAIL,
    ),
    Question(
        "port.signers",
        "textarea",
        "",
        _ported,
        read=_read_further,
        after=("number_source",),
        required=False,
        warn=_warn_further,
        show=lambda value, form: value.replace("\n", "; "),
        attrs={"autocomplete": "off", "spellcheck": "false"},
    ),
    Question(
        "port.in_order",
        "checkbox",
        "",
        lambda form: _ported(form) and bool(form.value("port.signers")),
        after=("port.signers",),
        required=False,
    ),
    Question(
        "port.mode",
        "radio",
        "port.mode.missing",
        _ported,
        lambda form: (Option("asap"), Option("date"), Option("after_binding")),
        after=("number_source",),
        inherit=lambda form: "asap" if form.asks("port.mode") else "",  # unasked, the day is asked for
    ),
    Question(
        "port.date",
        "date",
        "port.date.missing",
        _has_port_date,
        read=_read_port_date,
        after=("number_source",),
        warn=_warn_bridge_day,
    ),
    Question(
        "port.hour",
        "select",
        "",
        lambda form: _has_port_date(form) and bool(form.market.porting.hours),
        _hours,
        after=("number_source",),
        required=False,
    ),
    Question(
        "port.takeover",
        "checkbox",
        "",
        lambda form: _ported(form) and form.value("port.owner_type") == "employee" and form.tenant.porting.transfer,
        after=("port.owner_type",),
        required=False,
    ),
    Question("port.binding_ack", "checkbox", "port.binding_ack.missing", _ported, after=("number_source",)),
)

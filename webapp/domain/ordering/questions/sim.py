"""The SIM of a mobile line: a card in hand, a card that is sent, or an eSIM; knows no stock but what the form can ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.domain import numbers
from webapp.domain.ordering.questions.question import Option, Question
from webapp.domain.ordering.questions.shared import DIGITS, MAIL, is_mobile, read_email, warn_email
from webapp.domain.problem import Invalid, Problem

if TYPE_CHECKING:
    from webapp.domain.ordering.line import LineContext


def _sims(form: LineContext) -> tuple[Option, ...]:
    return tuple(Option(sim) for sim in ("icc", "ship", "esim"))


def _read_icc(raw: str, form: LineContext) -> str:
    flow = form.tenant.composition
    iccid = numbers.read_iccid(raw, flow.iccid_digits, flow.iccid_prefix)
    if other := form.elsewhere("icc", iccid):
        raise Invalid("icc.twice", r=other)
    if form.inventory.is_iccid_used(iccid):
        raise Invalid("icc.used")
    return iccid


def _warn_icc(value: str, form: LineContext) -> Problem | None:
    return None if numbers.iccid_checks(value) else Problem("icc.luhn")


def _group_icc(value: str, form: LineContext) -> str:
    return " ".join(value[at : at + 4] for at in range(0, len(value), 4))


SIM: tuple[Question, ...] = (
    Question("sim", "radio", "sim.missing", is_mobile, _sims, after=("kind",), priced=True),
    Question(
        "icc",
        "text",
        "icc.missing",
        lambda form: form.value("sim") == "icc",
        read=_read_icc,
        after=("sim",),
        warn=_warn_icc,
        show=_group_icc,
        looked_up=True,
        attrs=DIGITS,
    ),
    Question(
        "eid",
        "text",
        "",
        lambda form: form.value("sim") == "esim",
        read=lambda raw, form: numbers.read_eid(raw),
        after=("sim",),
        required=False,
        attrs=DIGITS,
    ),
    Question(
        "esim_email",
        "email",
        "esim_email.missing",
        lambda form: form.value("sim") == "esim",
        read=read_email,
        after=("sim",),
        inherit=lambda form: form.user_email,
        warn=warn_email,
        attrs=MAIL,
    ),
)

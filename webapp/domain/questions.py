"""The question catalogue: when each question is asked, what may be answered, how an answer is read; knows no page and no database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from webapp.domain import numbers
from webapp.domain.money import Money
from webapp.domain.people import Address
from webapp.domain.problem import Invalid, Problem

if TYPE_CHECKING:
    from webapp.domain.flow import Form

YES = "yes"


@dataclass(frozen=True)
class Option:
    """One possible answer. Its label is `text` when it is a name, else the catalogue text `option.<question>.<value>`."""

    value: str
    text: str = ""
    amount: Money | None = None  # what it costs a month, as far as known; None: says nothing of price


@dataclass(frozen=True)
class Question:
    """One question. Its words are the texts `q.<id>` and `q.<id>.hint`; `missing` is what is said when it is not answered."""

    id: str
    control: str  # the template of its kind
    missing: str = ""
    applies: Callable[[Form], bool] = lambda form: True
    options: Callable[[Form], tuple[Option, ...]] | None = None
    read: Callable[[str, Form], str] = lambda raw, form: numbers.read_text(raw)
    after: tuple[str, ...] = ()  # questions that must be answered before
    required: bool = True
    amount: Callable[[str, Form], Money | None] = lambda value, form: None  # what an option costs a month
    inherit: Callable[[Form], str] = lambda form: ""  # stands in until somebody answers
    suggest: Callable[[Form], str] | None = None  # offered when the answer typed is another
    warn: Callable[[str, Form], Problem | None] = lambda value, form: None
    show: Callable[[str, Form], str] = lambda value, form: value
    own: bool = False  # chosen from what the company has: asked even when there is one thing or none
    priced: bool = False  # the price follows from it
    looked_up: bool = False  # checked when the field is left
    attrs: Mapping[str, str] = field(default_factory=dict)  # of its input

    @property
    def is_choice(self) -> bool:
        """Whether only its options can be answered; a text may have options as mere proposals."""
        return self.options is not None and self.control != "text"


# --- What is ordered ---------------------------------------------------------------------------------------------


def _products(form: Form) -> tuple[Option, ...]:
    return tuple(Option(plan.code, form.name(plan)) for plan in form.tenant.catalogue.plans)


def _kinds(form: Form) -> tuple[Option, ...]:
    offered = {plan.kind for plan in form.tenant.catalogue.plans}
    return tuple(Option(kind) for kind in ("mobile", "fixed", "broadband") if kind in offered)


def _bindings(form: Form) -> tuple[Option, ...]:
    bound = (Option("agreement"),) if form.months_offered else ()
    unbound = (Option("none"),) if form.is_listed else ()
    return (*bound, *unbound)


def _months(form: Form) -> tuple[Option, ...]:
    return tuple(Option(str(months)) for months in form.months_offered)


def _rates(form: Form) -> dict[str, str]:
    """The plan of each call rate, among those of the kind that is wanted."""
    kind = form.value("kind")
    return {plan.call_rate: plan.code for plan in form.tenant.catalogue.plans if plan.kind == kind and plan.call_rate}


def _call_rates(form: Form) -> tuple[Option, ...]:
    rates = _rates(form)
    return tuple(Option(rate) for rate in ("flat", "metered") if rate in rates)


def _data(form: Form) -> tuple[Option, ...]:
    plan = form.plan
    if plan is None:
        return ()
    packages = [form.tenant.catalogue.package(code) for code in plan.data]
    offered = [p for p in packages if not p.priced or form.price(p.code) is not None]
    return tuple(Option(p.code, form.name(p)) for p in offered)


def _data_amount(value: str, form: Form) -> Money | None:
    return form.price(value) if form.tenant.catalogue.package(value).priced else None


def _is_mobile(form: Form) -> bool:
    return form.value("kind") == "mobile"


def _is_limited(form: Form) -> bool:
    return form.package is not None and form.package.gb is not None


# --- Its number --------------------------------------------------------------------------------------------------


def _sources(form: Form) -> tuple[Option, ...]:
    return tuple(Option(source) for source in ("new", "reserved", "specific", "port"))


def _from(source: str) -> Callable[[Form], bool]:
    return lambda form: form.value("number_source") == source


def _area_codes(form: Form) -> tuple[Option, ...]:
    return tuple(Option(code, f"{code} {place}") for code, place in form.tenant.area_codes.items())


def _picks_reserved(form: Form) -> bool:
    """Where "reserved" is no choice of its own, a company with free numbers may pick one instead of a new one."""
    if form.offers("number_source", "reserved"):
        return form.value("number_source") == "reserved"
    return form.value("number_source") == "new" and bool(form.holding.reserved_numbers(form.line_kind))


def _reserved(form: Form) -> tuple[Option, ...]:
    own = form.holding.reserved_numbers(form.line_kind)
    choices = tuple(Option(n.e164, numbers.show_msisdn(n.e164, form.market)) for n in own)
    return choices if form.offers("number_source", "reserved") else (Option("auto"), *choices)


def _show_number(value: str, form: Form) -> str:
    return numbers.show_msisdn(value, form.market) if value.startswith("+") else value


def _of_line_kind(raw: str, form: Form) -> str:
    """A number that fits the line: mobile for a mobile subscription, fixed for a fixed one, where the plan tells."""
    wanted = form.line_kind
    try:
        e164 = numbers.read_msisdn(raw, form.market, form.tenant.test_numbers)
    except Invalid:
        raise Invalid(f"port.number.{wanted}") from None
    if numbers.number_kind(e164) not in {wanted, "either"}:
        raise Invalid(f"port.number.{wanted}")
    return e164


def _read_specific(raw: str, form: Form) -> str:
    e164 = _of_line_kind(raw, form)
    if form.elsewhere("specific_number", e164) or not form.holding.is_free(e164, form.line_kind):
        raise Invalid("specific.taken", n=numbers.show_msisdn(e164, form.market))
    return e164


def _read_ported(raw: str, form: Form) -> str:
    e164 = _of_line_kind(raw, form)
    shown = numbers.show_msisdn(e164, form.market)
    if other := form.elsewhere("port.number", e164):
        raise Invalid("port.number.twice", n=shown, r=other)
    if form.holding.is_ours(e164):
        raise Invalid("port.number.ours", n=shown, tenant=form.tenant.name)
    return e164


def _donors(form: Form) -> tuple[Option, ...]:
    return tuple(Option(donor, donor) for donor in form.tenant.porting.donors)


def _owner_name(form: Form) -> str:
    return {"company": form.company.name, "employee": form.user_name}.get(form.value("port.owner_type"), "")


def _owner_address(form: Form) -> str:
    if form.value("port.owner_type") != "company":
        return ""
    company = form.company
    return f"{company.street}, {numbers.show_postcode(company.zip, form.market)} {company.city}"


def _owner_id(form: Form) -> str:
    return form.company.org_id if form.value("port.owner_type") == "company" else ""


def _signer_email(form: Form) -> str:
    return {"me": form.person_email, "employee": form.user_email}.get(form.value("port.signatory"), "")


def earliest_port(form: Form) -> date:
    """The first working day on which this line's number can move, counted from today."""
    rules = form.market.porting
    lead = rules.lead_mobile if form.line_kind == "mobile" else rules.lead_fixed
    return form.market.after_working_days(form.today, lead)


def _read_port_date(raw: str, form: Form) -> str:
    try:
        day = numbers.read_date(raw)
    except Invalid:
        raise Invalid("port.date.shape") from None
    if day < earliest_port(form):
        raise Invalid("port.date.early", d=earliest_port(form))
    if (day - form.today).days > 365:
        raise Invalid("port.date.late")
    if not form.market.is_working_day(day):
        raise Invalid("port.date.weekend")
    return day.isoformat()


def _warn_bridge_day(value: str, form: Form) -> Problem | None:
    """A working day squeezed between days off: many are away who would have to help if something goes wrong."""
    day = date.fromisoformat(value)
    around = (date.fromordinal(day.toordinal() - 1), date.fromordinal(day.toordinal() + 1))
    squeezed = not any(form.market.is_working_day(near) for near in around)
    return Problem("port.date.bridge", {"d": day}) if squeezed else None


def _hours(form: Form) -> tuple[Option, ...]:
    return tuple(Option(f"{hour:02d}") for hour in form.market.porting.hours)


def _read_email(raw: str, form: Form) -> str:
    return numbers.read_email(raw)


def _warn_email(value: str, form: Form) -> Problem | None:
    likely = numbers.likely_email(value)
    return Problem("email.typo", {"suggestion": likely}) if likely else None


# --- Its SIM -----------------------------------------------------------------------------------------------------


def _sims(form: Form) -> tuple[Option, ...]:
    return tuple(Option(sim) for sim in ("icc", "ship", "esim"))


def _read_icc(raw: str, form: Form) -> str:
    flow = form.tenant.composition
    iccid = numbers.read_iccid(raw, flow.iccid_digits, flow.iccid_prefix)
    if form.elsewhere("icc", iccid) or form.holding.is_iccid_used(iccid):
        raise Invalid("icc.used")
    return iccid


def _warn_icc(value: str, form: Form) -> Problem | None:
    return None if numbers.iccid_checks(value) else Problem("icc.luhn")


def _group_icc(value: str, form: Form) -> str:
    return " ".join(value[at : at + 4] for at in range(0, len(value), 4))


def _read_present_icc(raw: str, form: Form) -> str:
    return numbers.read_iccid(raw, (19, 20), "89")


def _is_sent(form: Form) -> bool:
    return form.value("sim") == "ship" or form.cards > 0


def _addresses(form: Form) -> tuple[Option, ...]:
    def written(address: Address) -> str:
        return f"{address.name}, {address.street}, {numbers.show_postcode(address.zip, form.market)} {address.city}"

    saved = form.holding.delivery_addresses()
    return (*(Option(address.id, written(address)) for address in saved), Option("new"))


def _to_new_address(form: Form) -> bool:
    return _is_sent(form) and form.value("delivery") == "new"


# --- PBX, user, extras -------------------------------------------------------------------------------------------


def _fixed_numbers(form: Form) -> tuple[Option, ...]:
    own = form.holding.fixed_numbers()
    return tuple(Option(n.e164, _with_user(numbers.show_msisdn(n.e164, form.market), n.user)) for n in own)


def _with_user(number: str, user: str) -> str:
    return f"{number} ({user})" if user else number


def _read_user(raw: str, form: Form) -> str:
    if form.holding.employee(raw) is None:
        raise Invalid("user.missing")
    return raw


def _show_user(value: str, form: Form) -> str:
    employee = form.holding.employee(value)
    return employee.name if employee else ""


def _is_new_user(form: Form) -> bool:
    return form.value("user_mode") == "new"


def _read_initials(raw: str, form: Form) -> str:
    initials = numbers.read_text(raw, longest=8)
    owner = form.holding.initials_of(initials)
    if owner:
        raise Invalid("initials.taken", x=initials, name=owner.name)
    if other := form.elsewhere("user.initials", initials):
        raise Invalid("initials.taken", x=initials, name=other)
    return initials


def _read_cards(raw: str, form: Form) -> str:
    return str(numbers.read_count(raw, form.tenant.catalogue.max_cards))


def _read_start(raw: str, form: Form) -> str:
    day = numbers.read_date(raw)
    if day < form.today:
        raise Invalid("start_date.early", d=form.today)
    if (day - form.today).days > 365:
        raise Invalid("port.date.late")
    return day.isoformat()


def _text(longest: int) -> Callable[[str, Form], str]:
    return lambda raw, form: numbers.read_text(raw, longest=longest)


_TEL = {"inputmode": "tel", "autocomplete": "off", "maxlength": "40"}
_DIGITS = {"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false", "maxlength": "48"}
_MAIL = {"autocomplete": "off", "inputmode": "email", "maxlength": "254", "spellcheck": "false"}
_NAME = {"autocomplete": "off", "maxlength": "80"}

_ported = _from("port")


def _has_port_date(form: Form) -> bool:
    """A tenant that does not ask how soon the number should move asks on which day."""
    mode = form.value("port.mode")
    return _ported(form) and (mode == "date" or (not mode and not form.asks("port.mode")))


def _is_signer_asked(form: Form) -> bool:
    """Whoever signs has a name: a user who is assigned later has none yet."""
    signatory = form.value("port.signatory")
    return _ported(form) and (signatory == "other" or (signatory == "employee" and form.value("user_mode") == "later"))


CATALOGUE: tuple[Question, ...] = (
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
    Question("binding", "radio", "binding.missing", options=_bindings, priced=True),
    Question(
        "months",
        "radio",
        "months.missing",
        lambda form: form.value("binding") == "agreement",
        _months,
        amount=lambda value, form: form.cheapest(int(value)),
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
        own=True,
    ),
    Question(
        "specific_number",
        "tel",
        "specific.missing",
        _from("specific"),
        read=_read_specific,
        after=("number_source",),
        show=_show_number,
        looked_up=True,
        attrs=_TEL,
    ),
    Question(
        "port.number",
        "tel",
        "port.number.missing",
        _ported,
        read=_read_ported,
        after=("number_source",),
        show=_show_number,
        looked_up=True,
        attrs=_TEL,
    ),
    Question(
        "port.operator",
        "text",
        "port.operator.missing",
        _ported,
        _donors,
        _text(80),
        ("number_source",),
        attrs=_NAME,
    ),
    Question(
        "port.customer_no",
        "text",
        "",
        _ported,
        read=_text(40),
        after=("number_source",),
        required=False,
        attrs={"autocomplete": "off", "maxlength": "40"},
    ),
    Question(
        "port.present_icc",
        "text",
        "",
        lambda form: _ported(form) and _is_mobile(form),
        read=_read_present_icc,
        after=("number_source",),
        required=False,
        attrs=_DIGITS,
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
        read=_text(120),
        after=("number_source",),
        inherit=_owner_name,
        suggest=_owner_name,
        attrs=_NAME,
    ),
    Question(
        "port.owner_id",
        "text",
        "port.owner_id.length",
        lambda form: _ported(form) and form.value("port.owner_type") != "employee",
        read=lambda raw, form: numbers.read_company_id(raw, form.market),
        after=("number_source",),
        inherit=_owner_id,
        suggest=_owner_id,
        show=lambda value, form: numbers.show_company_id(value, form.market),
        attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "20"},
    ),
    Question(
        "port.owner_address",
        "text",
        "port.owner_address.missing",
        _ported,
        read=_text(200),
        after=("number_source",),
        inherit=_owner_address,
        suggest=_owner_address,
        attrs=_NAME | {"maxlength": "200"},
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
        read=_text(80),
        after=("number_source",),
        attrs=_NAME,
    ),
    Question(
        "port.email",
        "email",
        "port.email.missing",
        _ported,
        read=_read_email,
        after=("number_source",),
        inherit=_signer_email,
        warn=_warn_email,
        attrs=_MAIL,
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
    Question("sim", "radio", "sim.missing", _is_mobile, _sims, after=("kind",), priced=True),
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
        attrs=_DIGITS,
    ),
    Question(
        "eid",
        "text",
        "",
        lambda form: form.value("sim") == "esim",
        read=lambda raw, form: numbers.read_eid(raw),
        after=("sim",),
        required=False,
        attrs=_DIGITS,
    ),
    Question(
        "esim_email",
        "email",
        "esim_email.missing",
        lambda form: form.value("sim") == "esim",
        read=_read_email,
        after=("sim",),
        inherit=lambda form: form.user_email,
        warn=_warn_email,
        attrs=_MAIL,
    ),
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
        lambda form: _is_mobile(form) and form.value("pbx") == "pbx",
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
    Question("user.first", "text", "first.missing", _is_new_user, read=_text(80), after=("user_mode",), attrs=_NAME),
    Question("user.last", "text", "last.missing", _is_new_user, read=_text(80), after=("user_mode",), attrs=_NAME),
    Question(
        "user.initials",
        "text",
        "initials.missing",
        _is_new_user,
        read=_read_initials,
        after=("user_mode",),
        looked_up=True,
        attrs={"autocomplete": "off", "maxlength": "8", "spellcheck": "false"},
    ),
    Question("user.title", "text", "title.missing", _is_new_user, read=_text(80), after=("user_mode",), attrs=_NAME),
    Question(
        "user.email",
        "email",
        "user.email.missing",
        _is_new_user,
        read=_read_email,
        after=("user_mode",),
        warn=_warn_email,
        attrs=_MAIL,
    ),
    Question("user.dept", "text", "dept.missing", _is_new_user, read=_text(80), after=("user_mode",), attrs=_NAME),
    Question(
        "user.cost_centre",
        "text",
        "cost_centre.missing",
        _is_new_user,
        read=_text(40),
        after=("user_mode",),
        attrs=_NAME,
    ),
    Question(
        "user.employee_no",
        "text",
        "employee_no.missing",
        _is_new_user,
        read=_text(40),
        after=("user_mode",),
        attrs=_NAME,
    ),
    Question(
        "topup",
        "radio",
        "topup.missing",
        lambda form: _is_mobile(form) and _is_limited(form),
        lambda form: (Option(YES), Option("no")),
        after=("data",),
    ),
    Question(
        "data_cards",
        "stepper",
        "data_cards.missing",
        lambda form: form.package is not None and form.tenant.catalogue.max_cards > 0,
        read=_read_cards,
        after=("data",),
        inherit=lambda form: "0",
        priced=True,
    ),
    Question(
        "delivery",
        "radio",
        "delivery.missing",
        _is_sent,
        _addresses,
        after=("sim",),
        inherit=lambda form: next((address.id for address in form.holding.delivery_addresses()), "new"),
    ),
    Question("delivery.name", "text", "delivery.name.missing", _to_new_address, read=_text(80), after=("delivery",)),
    Question(
        "delivery.street",
        "text",
        "delivery.street.missing",
        _to_new_address,
        read=_text(120),
        after=("delivery",),
    ),
    Question(
        "delivery.zip",
        "text",
        "postcode",
        _to_new_address,
        read=lambda raw, form: numbers.read_postcode(raw, form.market),
        after=("delivery",),
        show=lambda value, form: numbers.show_postcode(value, form.market),
        attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": "10"},
    ),
    Question("delivery.city", "text", "delivery.city.missing", _to_new_address, read=_text(80), after=("delivery",)),
    Question(
        "start_date",
        "date",
        "",
        lambda form: form.value("number_source") != "port",
        read=_read_start,
        after=("number_source",),
        required=False,
    ),
    Question(
        "welcome",
        "checkbox",
        "",
        lambda form: form.tenant.welcome.mode == "ask" and form.value("user_mode") != "later",
        after=("user_mode",),
        required=False,
    ),
)

QUESTIONS: Mapping[str, Question] = {question.id: question for question in CATALOGUE}

GROUPS: Mapping[str, tuple[str, ...]] = {
    group: tuple(q.id for q in CATALOGUE if q.id == group or q.id.startswith(f"{group}."))
    for group in ("port", "user", "delivery")
}
"""Names that stand for several questions in a composition."""

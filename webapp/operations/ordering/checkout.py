"""From a complete draft to an order: numbers, SIM cards, users, subscriptions, audit and one job, all in the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.contract_summary import ACCEPTED, Facts
from webapp.domain.ordering.draft import Draft
from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.order import Order, OrderLine, place
from webapp.domain.ordering.quote import Quote
from webapp.domain.people import Employee
from webapp.domain.porting.ported_number import check_ends, check_number, why_number
from webapp.domain.problem import Invalid, Problem
from webapp.domain.stored_json import to_json
from webapp.domain.tenants.tenant import Tenant
from webapp.l10n import Localizer
from webapp.operations.ordering import contract_summaries, labels
from webapp.store.porting import Port
from webapp.store.subscriptions import Subscription
from webapp.store.unit_of_work import Work

CARRY_OUT = "carry_out"
_SPEAKABLE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without I, O, 0 and 1


@dataclass(frozen=True)
class Placed:
    """The order's reference; `again` when it had been placed before."""

    ref: str
    again: bool = False


class AlreadyPlaced(Exception):
    """The draft has become an order."""

    def __init__(self, ref: str) -> None:
        super().__init__(ref)
        self.ref = ref


class Unavailable(Exception):
    """Something that was free when it was chosen is not any more: line number -> question and what to say."""

    def __init__(self, problems: Mapping[int, tuple[str, Problem]]) -> None:
        super().__init__(f"{len(problems)} lines")
        self.problems = problems


def place_order(
    work: Work,
    tenant: Tenant,
    words: Localizer,
    draft: Draft,
    forms: tuple[LineContext, ...],
    quote: Quote,
    now: datetime,
    facts: Facts | None = None,
    said: str = "",
) -> Placed:
    """Writes the order and all that belongs to it; raises Unavailable or AlreadyPlaced, upon which the caller's transaction must end.

    `facts` are those of the contract summary where one is due, `said` what was said of it.
    """
    numbers, problems = {}, _initials_taken(work, forms)
    for form in forms:
        number, problem = _number(work, form, draft, now)
        numbers[form.line.n] = number
        if problem:
            problems[form.line.n] = problem
    if problems:
        raise Unavailable(problems)
    waivers = tuple(
        f"{labels.label(words, 'waiver_36')}. {labels.hint(words, 'waiver_36')}"
        for form in forms
        if form.value("waiver_36")
    )[:1]
    ref = f"{tenant.ref_prefix}-{_speakable(4)}-{_speakable(2)}"
    told = {form.line.n: labels.facts(words, form) for form in forms}
    statement = contract_summaries.statement(words, said, facts, forms[0].context.person, now) if facts else None
    kept = to_json(facts) if facts and said == ACCEPTED else None
    order = place(draft, forms, quote, told, numbers, ref, waivers, now, statement, kept)
    states = {line.n: "waiting_signature" if line.porting else "placed" for line in order.lines}
    order, is_new = work.orders.add(order, states)
    if not is_new:
        raise AlreadyPlaced(order.ref)  # numbers have been taken above: nothing of this may be kept
    _claim(work, order, tenant, now)
    work.subscriptions.add_all(
        [
            (_subscription(work, order, line, now), line.user_name, line.porting.e164 if line.porting else line.number)
            for line in order.lines
        ]
    )
    work.drafts.mark_placed(draft.id)
    work.audit.write("order.placed", order.ref, now=now, details={"lines": len(order.lines)})
    work.jobs.defer(CARRY_OUT, order.ref)
    return Placed(order.ref)


def _speakable(length: int) -> str:
    return "".join(secrets.choice(_SPEAKABLE) for _ in range(length))


def _number(
    work: Work, form: LineContext, draft: Draft, now: datetime
) -> tuple[str | None, tuple[str, Problem] | None]:
    """The number this line gets, or the question to answer again."""
    source = form.value("number_source")
    chosen = form.value("specific_number") or form.value("reserved_number")
    if source == "port":
        return None, _why_not_moved(form)
    if chosen.startswith("+"):
        if work.numbers.allocate(chosen, form.company.id, draft=draft.id, now=now):
            return chosen, None
        question = "specific_number" if form.value("specific_number") else "reserved_number"
        code = "specific.taken" if question == "specific_number" else "reserved.taken"
        return None, (question, Problem(code, {"n": show_msisdn(chosen, form.market)}))
    area = form.value("area_code")
    prefix = f"+{form.market.calling_code}{area.removeprefix('0')}" if area else ""
    fresh = work.numbers.take_new(form.line_kind, form.company.id, prefix)
    return (fresh, None) if fresh else (None, ("number_source", Problem("number.none")))


def _why_not_moved(form: LineContext) -> tuple[str, Problem] | None:
    """What has come in the way of a number, or a series, since it was answered."""
    first, last = form.value("port.first"), form.value("port.last")
    try:
        check_number(form.value("port.number"), form.inventory, form.market, form.tenant.name)
    except Invalid as invalid:
        return "port.number", invalid.problem
    try:
        if first:
            check_ends(first, last, form.inventory, form.market, form.tenant.name)
    except Invalid as invalid:
        return "port.last", invalid.problem
    return None


def _claim(work: Work, order: Order, tenant: Tenant, now: datetime) -> None:
    """SIM cards and moving numbers are for one order only; raises Unavailable where another was first."""
    problems = {}
    for line in order.lines:
        icc = line.answers.get("icc")
        if icc and not work.sims.use(icc, order.company.id):
            problems[line.n] = ("icc", Problem("icc.used"))
        if line.porting and not work.portings.add(_port(order, line, now)):
            where = work.portings.whereabouts(line.porting.e164, line.porting.e164) or "moving"
            problems[line.n] = ("port.number", why_number(where, line.porting.e164, tenant.market, tenant.name))
    if problems:
        raise Unavailable(problems)


def _port(order: Order, line: OrderLine, now: datetime) -> Port:
    port = line.porting
    assert port is not None
    return Port(
        id=secrets.token_urlsafe(12),
        company=order.company.id,
        order=order.ref,
        line=line.n,
        e164=port.e164,
        state="awaiting_signature",
        wished_date=date.fromisoformat(port.wished_date) if port.wished_date else None,
        owner={"type": port.owner_type, "name": port.owner_name, "id": port.owner_id, "address": port.owner_address},
        signer={"name": port.signer_name, "email": port.signer_email},
        changed_at=now,
        series_first=port.first or None,
        series_last=port.last or None,
    )


def _subscription(work: Work, order: Order, line: OrderLine, now: datetime) -> Subscription:
    return Subscription(
        id=secrets.token_urlsafe(12),
        company=order.company.id,
        employee=_employee(work, order.company.id, line),
        number=line.number,
        kind=line.kind,
        plan=line.plan,
        state="ordered",
        order=order.ref,
        line=line.n,
        created_at=now,
        facts={"plan_name": line.plan_name, "data": line.data, "months": line.months},
    )


def _initials_taken(work: Work, forms: tuple[LineContext, ...]) -> dict[int, tuple[str, Problem]]:
    """New users whose initials somebody else has by now. From here on nobody else adds users of the company."""
    new = [form for form in forms if form.value("user_mode") == "new"]
    if new:
        work.employees.one_at_a_time(new[0].company.id)
    problems = {}
    for form in new:
        initials = form.value("user.initials")
        owner = form.inventory.initials_of(initials) if initials else None
        if owner and not owner.is_person(form.user_name, form.user_email):
            why = Problem("initials.taken", {"x": initials, "name": owner.name})
            problems[form.line.n] = ("user.initials", why)
    return problems


def _employee(work: Work, company: str, line: OrderLine) -> str | None:
    answers = line.answers
    if answers.get("user_mode") == "existing":
        return answers["user"]
    if answers.get("user_mode") != "new":
        return None
    fields = {q.removeprefix("user."): value for q, value in answers.items() if q.startswith("user.")}
    named = (fields.get("first", ""), fields.get("last", ""), fields.get("email", ""))
    if known := work.employees.person(company, *named):
        return known.id
    return work.employees.add(Employee(id=secrets.token_urlsafe(12), **fields))

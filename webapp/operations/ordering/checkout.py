"""From a complete draft to an order: numbers, SIM cards, users, subscriptions, audit and one job, all in the caller's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

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


TAKEN = {"specific_number": "specific.taken", "reserved_number": "reserved.taken"}
"""Answers that choose a number, with what is told when somebody else has it."""


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
    numbers, not_had = _numbers(work, forms, draft, now)
    problems = {**_initials_taken(work, forms), **not_had}
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
    employees = _employees(work, order)
    work.subscriptions.add_all(
        [
            (
                _subscription(order, line, employees.get(line.n), now),
                line.user_name,
                line.porting.e164 if line.porting else line.number,
            )
            for line in order.lines
        ]
    )
    work.drafts.mark_placed(draft.id)
    work.audit.write("order.placed", order.ref, now=now, details={"lines": len(order.lines)})
    work.jobs.defer(CARRY_OUT, order.ref)
    return Placed(order.ref)


def _speakable(length: int) -> str:
    return "".join(secrets.choice(_SPEAKABLE) for _ in range(length))


def _numbers(
    work: Work, forms: tuple[LineContext, ...], draft: Draft, now: datetime
) -> tuple[dict[int, str | None], dict[int, tuple[str, Problem]]]:
    """The number each line gets, and the questions to answer again where it gets none."""
    company, numbers, problems = forms[0].company.id, dict[int, str | None](), dict[int, tuple[str, Problem]]()
    wished: dict[str, list[tuple[int, str, LineContext]]] = {}  # number -> the lines that have chosen it
    fresh: dict[tuple[str, str], list[int]] = {}  # kind and prefix -> lines
    for form in forms:
        n, chosen = form.line.n, _chosen(form)
        numbers[n] = None
        if form.value("number_source") == "port":
            if why := _why_not_moved(form):
                problems[n] = why
        elif chosen:
            wished.setdefault(chosen[1], []).append((n, chosen[0], form))
        else:
            area = form.value("area_code")
            prefix = f"+{form.market.calling_code}{area.removeprefix('0')}" if area else ""
            fresh.setdefault((form.line_kind, prefix), []).append(n)
    had = work.numbers.allocate_all(wished, company, draft=draft.id, now=now) if wished else set()
    for e164, lines in wished.items():
        for n, question, form in lines:
            if e164 in had and n == lines[0][0]:
                numbers[n] = e164
            else:
                problems[n] = (question, Problem(TAKEN[question], {"n": show_msisdn(e164, form.market)}))
    for (kind, prefix), waiting in fresh.items():
        if len(waiting) == 1:  # the statement for one waits for nobody and looks no further than it must
            one = work.numbers.take_new(kind, company, prefix)
            found = [one] if one else []
        else:
            found = work.numbers.take_some(kind, company, prefix, len(waiting))
        numbers |= dict(zip(waiting, found, strict=False))
        problems |= {n: ("number_source", Problem("number.none")) for n in waiting[len(found) :]}
    return numbers, problems


def _chosen(form: LineContext) -> tuple[str, str] | None:
    """The question that a number of the seller's or the company's was chosen by, and the number."""
    found = ((question, form.value(question)) for question in TAKEN)
    return next(((question, e164) for question, e164 in found if e164.startswith("+")), None)


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
    cards = {line.n: line.answers["icc"] for line in order.lines if line.answers.get("icc")}
    used = work.sims.use_all(list(cards.values()), order.company.id) if cards else set()
    claimed: set[str] = set()
    for n, icc in cards.items():
        if icc not in used or icc in claimed:
            problems[n] = ("icc", Problem("icc.used"))
        claimed.add(icc)
    moves = {line.n: line.porting for line in order.lines if line.porting}
    added = work.portings.add_all([port_of(order, order.line(n), now) for n in moves]) if moves else set()
    for n, move in moves.items():
        if n not in added:
            where = work.portings.whereabouts(move.e164, move.e164) or "moving"
            problems[n] = ("port.number", why_number(where, move.e164, tenant.market, tenant.name))
    if problems:
        raise Unavailable(problems)


def port_of(order: Order, line: OrderLine, now: datetime) -> Port:
    """The move of a line as it is kept: on its way, and not signed for yet."""
    port = line.porting
    assert port is not None
    return Port(
        id=secrets.token_urlsafe(12),
        company=order.company.id,
        order=order.ref,
        line=line.n,
        e164=port.e164,
        state="awaiting_signature",
        wished_date=port.wished_date,
        owner={"type": port.owner_type, "name": port.owner_name, "id": port.owner_id, "address": port.owner_address},
        signer={"name": port.signer_name, "email": port.signer_email},
        changed_at=now,
        series_first=port.first or None,
        series_last=port.last or None,
    )


def _subscription(order: Order, line: OrderLine, employee: str | None, now: datetime) -> Subscription:
    return Subscription(
        id=secrets.token_urlsafe(12),
        company=order.company.id,
        employee=employee,
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
    owners = (
        work.employees.by_initials_all(new[0].company.id, filter(None, (f.value("user.initials") for f in new)))
        if new
        else {}
    )
    problems = {}
    for form in new:
        initials = form.value("user.initials")
        owner = owners.get(initials.lower())
        if owner and not owner.is_person(form.user_name, form.user_email):
            why = Problem("initials.taken", {"x": initials, "name": owner.name})
            problems[form.line.n] = ("user.initials", why)
    return problems


def _employees(work: Work, order: Order) -> dict[int, str]:
    """Who gets each line: users the company has, and new ones, each added once however many lines name them."""
    chosen = {line.n: line.answers["user"] for line in order.lines if line.answers.get("user_mode") == "existing"}
    new = {line.n: _fields(line) for line in order.lines if line.answers.get("user_mode") == "new"}
    if not new:
        return chosen
    company = order.company.id
    known = {_who(each): each.id for each in reversed(work.employees.persons(company, map(_named, new.values())))}
    added = []
    for fields in new.values():
        employee = Employee(id=secrets.token_urlsafe(12), **fields)
        if _who(employee) not in known:
            known[_who(employee)] = employee.id
            added.append(employee)
    work.employees.add_all(added, company)
    return chosen | {n: known[_who(Employee(id="", **fields))] for n, fields in new.items()}


def _fields(line: OrderLine) -> dict[str, str]:
    fields = {q.removeprefix("user."): value for q, value in line.answers.items() if q.startswith("user.")}
    return {"first": "", "last": "", **fields}


def _named(fields: Mapping[str, str]) -> tuple[str, str, str]:
    return fields["first"], fields["last"], fields.get("email", "")


def _who(employee: Employee) -> tuple[str, str, str]:
    """By the database's rule of who is who, which is that of `Employee.is_person`."""
    return employee.first.lower(), employee.last.lower(), employee.email.lower()

"""Correcting a number's move after the order was placed: the order stays, the move and its paper change; asks no other operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from webapp.domain import numbers
from webapp.domain.folding import is_blank
from webapp.domain.market import Market
from webapp.domain.numbers import Whereabouts
from webapp.domain.ordering.order import Order, as_corrected
from webapp.domain.papers import coverage
from webapp.domain.papers.facts import PowerOfAttorney
from webapp.domain.porting import porting as rules
from webapp.domain.porting.ported_number import (
    Taken,
    check_ends,
    check_main,
    check_number,
    check_within,
    read_of_kind,
    why_number,
)
from webapp.domain.porting.porting import Porting
from webapp.domain.porting.porting_day import earliest, read_moving_day
from webapp.domain.porting.series import check_series, within
from webapp.domain.porting.signers import SignerName, read_signer_name
from webapp.domain.problem import Invalid, Problem
from webapp.domain.tenants.tenant import Tenant
from webapp.operations.papers import porting_status, production
from webapp.operations.papers.porting_status import PortingStatus
from webapp.operations.signing import signature_requests
from webapp.store.unit_of_work import Work

OWNER_TYPES = ("company", "employee", "other")


@dataclass(frozen=True)
class Correction:
    """What is to be different; None: as it is. Raw text as typed. Who signs is changed by `other_signer`."""

    number: str | None = None
    donor: str | None = None
    customer_no: str | None = None
    owner_type: str | None = None
    owner_name: str | None = None
    owner_id: str | None = None
    owner_address: str | None = None
    wished_date: str | None = None
    first: str | None = None  # of a series
    last: str | None = None
    main: str | None = None


@dataclass(frozen=True)
class Corrected:
    """What came of it: problems by question id (port.number …), else whether a new paper is to be signed."""

    problems: dict[str, Problem]
    new_paper: bool = False


def present(work: Work, order: str, n: int) -> Correction | None:
    """The move of that line as it stands now, all fields filled; None when the line moves no number or it is over."""
    found = _move(work, order, n)
    if found is None:
        return None
    _, standing, move = found
    if standing.ports[n].state not in rules.CORRECTABLE:
        return None
    values = {f.name: getattr(move, {"number": "e164"}.get(f.name, f.name)) for f in fields(Correction)}
    return Correction(**{**values, "wished_date": _written(move.wished_date)})


def correct(work: Work, tenant: Tenant, order: str, n: int, correction: Correction, now: datetime) -> Corrected:
    """Takes a correction in. Owner, number or donor: the next version of the paper, the signature before is void, links die,
    invitations go out anew. The date alone changes no paper."""
    found = _move(work, order, n, hold=True)
    if found is None or found[1].ports[n].state not in rules.CORRECTABLE:
        return Corrected({"port.number": Problem("sign.over")})
    placed, standing, move = found
    taken = _Besides(work, work.inventory(placed.company.id, draft=None, now=now), move)
    changed, problems = _read(taken, tenant, move, correction, now)
    if (
        not problems
        and _numbers_of(changed) != _numbers_of(move)
        and not work.portings.renumber(standing.ports[n].id, *_numbers_of(changed), now=now)
    ):
        where = work.portings.whereabouts(changed.e164, changed.e164) or "moving"
        problems = {"port.number": why_number(where, changed.e164, tenant.market, tenant.name)}
    again = _asked_of_nobody(work, order, standing.covers[n].paper)
    if problems or (changed == move and not again):
        return Corrected(problems)
    if changed.e164 != move.e164:
        work.subscriptions.renumber(order, n, changed.e164, move.e164)
        work.orders.renumber(order, placed.company.id, changed.e164)
    new_paper = _take_in(work, placed, standing, {n: changed}, now, again)
    what = sorted(f.name for f in fields(Porting) if getattr(changed, f.name) != getattr(move, f.name))
    details = {"line": n, "changed": what}
    work.audit.write("porting.corrected", order, now=now, details=details, company=placed.company.id)
    return Corrected({}, new_paper)


def _asked_of_nobody(work: Work, order: str, paper: str) -> frozenset[str]:
    """A paper that nobody signs any more is asked for anew, whatever is corrected; so is one of a release that asked on paper only."""
    request = work.signings.current(paper)
    if request is None:
        is_over = work.documents.latest(order, PowerOfAttorney.kind, paper) is not None
    else:
        is_over = request.state in ("declined", "withdrawn")
    return frozenset({paper} if is_over else ())


def other_signer(work: Work, signer: str, name: str, email: str, now: datetime) -> dict[str, Problem]:
    """Somebody else signs, or the same one is asked anew: the next version of the paper, which names them.

    Problems by field (name, email).
    """
    new, problems = _read_signer(name, email)
    one = work.signings.signer(signer)
    request = work.signings.get(one.request) if one else None
    if one is None or request is None:
        return {"name": Problem("sign.over")}
    placed = work.orders.get(request.order)
    assert placed is not None
    standing = porting_status.as_they_stand(work, placed, hold=True)
    if not work.signings.lock_if(request.id, "waiting", "declined", "expired", "withdrawn") or one.state == "signed":
        return {"name": Problem("sign.over")}
    if problems:
        return problems
    old = SignerName(one.name, one.email)
    lines = [n for n, cover in standing.covers.items() if cover.paper == request.number]
    now_are = {line.n: line.porting for line in standing.order.ports}
    changed = {n: rules.with_signer(move, old, new) for n in lines if (move := now_are[n])}
    _take_in(work, placed, standing, changed, now, frozenset({request.number}))
    details = {"request": request.id, "number": request.number, "signer": signer}
    work.audit.write("porting.other_signer", request.order, now=now, details=details, company=request.company)
    return {}


def _read_signer(name: str, email: str) -> tuple[SignerName, dict[str, Problem]]:
    found, problems = {"name": "", "email": ""}, dict[str, Problem]()
    for field, raw in (("name", name), ("email", email)):
        try:
            if is_blank(raw):
                raise Invalid("port.signer_name.missing" if field == "name" else "port.email.missing")
            found[field] = read_signer_name(raw) if field == "name" else numbers.read_email(raw)
        except Invalid as invalid:
            problems[field] = invalid.problem
    return SignerName(**found), problems


def _move(work: Work, order: str, n: int, *, hold: bool = False) -> tuple[Order, PortingStatus, Porting] | None:
    placed = work.orders.get(order)
    if placed is None:
        return None
    standing = porting_status.as_they_stand(work, placed, hold=hold)
    move = next((line.porting for line in standing.order.ports if line.n == n), None)
    return (placed, standing, move) if move and n in standing.ports else None


def _take_in(
    work: Work,
    placed: Order,
    standing: PortingStatus,
    changed: Mapping[int, Porting],
    now: datetime,
    again: frozenset[str] = frozenset(),
) -> bool:
    """Writes corrected moves; every paper that says something else now gets its next version. Whether there is one."""
    after = as_corrected(standing.order, changed)
    papers = [each for each in work.documents.of_order(placed.ref) if each.kind == PowerOfAttorney.kind]
    made = {paper.subject: paper.version for paper in papers}  # in the order of their versions
    covers = coverage.covers_after(standing.order, standing.covers, after, now, made, again)
    void = {cover.paper for n, cover in standing.covers.items() if covers[n] != cover}
    for paper in sorted(void):
        request = work.signings.current(paper)
        if request:
            signature_requests.replace(work, request, now)
    porting_status.write(work, standing, changed, now)
    porting_status.cover(work, standing, covers)
    for n, cover in covers.items():
        if standing.covers[n] != cover:
            work.orders.move_line(placed.ref, n, was=("ready",), to="waiting_signature", now=now)
            work.portings.change_state(
                standing.ports[n].id, was=("signed", "rejected"), to="awaiting_signature", now=now
            )
    for paper in sorted({cover.paper for n, cover in covers.items() if standing.covers[n] != cover}):
        work.jobs.defer(production.MAKE_DOCUMENT, paper)
    return bool(void)


def _read(
    taken: Taken, tenant: Tenant, move: Porting, typed: Correction, now: datetime
) -> tuple[Porting, dict[str, Problem]]:
    """The move with what was typed; or what is wrong with which question."""
    market, problems = tenant.market, dict[str, Problem]()
    changes: dict[str, Any] = {}

    def take(question: str, field: str, raw: str | None, read: Callable[[str], Any], *, needed: bool = True) -> None:
        if raw is None:
            return
        try:
            if is_blank(raw):
                if needed:
                    raise Invalid(f"{question}.missing")
                changes[field] = None if field == "wished_date" else ""
            else:
                changes[field] = read(raw)
        except Invalid as invalid:
            problems[question] = invalid.problem

    if move.first:
        for end in ("first", "last", "main"):
            take(f"port.{end}", end, getattr(typed, end), lambda raw: _of_kind(tenant, move, raw), needed=end != "main")
        if not problems:
            try:
                changes |= _series(taken, tenant, move, changes)
            except Invalid as invalid:
                problems["port.main" if invalid.problem.code == "port.main.outside" else "port.last"] = invalid.problem
    series = changes.get("first", move.first), changes.get("last", move.last)
    number = move.e164 if typed.number is None and move.first else typed.number
    take("port.number", "e164", number, lambda raw: _number(taken, tenant, move, series, raw))
    kept = typed.owner_type not in OWNER_TYPES
    private = (move.owner_type if kept else typed.owner_type) == "employee"
    if not kept:
        changes["owner_type"] = str(typed.owner_type)
    take("port.operator", "donor", typed.donor, lambda raw: numbers.read_text(raw, longest=80))
    take(
        "port.customer_no",
        "customer_no",
        typed.customer_no,
        lambda raw: numbers.read_text(raw, longest=40),
        needed=False,
    )
    take("port.owner_name", "owner_name", typed.owner_name, lambda raw: numbers.read_text(raw, longest=120))
    if private:  # has no number of a company, and what was typed before the choice is nobody's
        changes["owner_id"] = ""
    else:
        owner_id = move.owner_id if typed.owner_id is None and not kept else typed.owner_id
        take("port.owner_id", "owner_id", owner_id, lambda raw: numbers.read_company_id(raw, market))
    take(
        "port.owner_address", "owner_address", typed.owner_address, lambda raw: numbers.read_text(raw, longest=200),
        needed=bool(move.owner_address),
    )  # fmt: skip
    if typed.wished_date is not None and typed.wished_date.strip() != _written(move.wished_date):
        take(
            "port.date",
            "wished_date",
            typed.wished_date,
            lambda raw: _day(market, move, raw, now),
            needed=move.mode == "date",
        )
    if changes.get("wished_date"):
        changes["mode"] = "date"
    takeover = move.takeover and private  # only a private owner leaves the number to the company
    return replace(move, **changes, takeover=takeover), problems


def _numbers_of(move: Porting) -> tuple[str, str, str]:
    return move.e164, move.first, move.last


def _of_kind(tenant: Tenant, move: Porting, raw: str) -> str:
    with suppress(Invalid):  # as it stands, whatever its kind: a plan may have taken one that is not asked for any more
        if numbers.read_msisdn(raw, tenant.market, tenant.test_numbers) == move.e164:
            return move.e164
    return read_of_kind(raw, move.kind, tenant.market, tenant.test_numbers)


def _series(taken: Taken, tenant: Tenant, move: Porting, changes: Mapping[str, str]) -> dict[str, str]:
    """The series as typed; a main number that is none of it is the first again. Raises Invalid."""
    ends = {"first": move.first, "last": move.last, **changes}
    first, last = ends["first"], ends["last"]
    check_series(first, last, tenant.market)
    if changes.get("main") and changes["main"] != move.main:
        check_main(changes["main"], first, last, tenant.market)
    if not within(ends.get("main") or move.main or first, first, last):
        ends["main"] = first
    if (first, last) != (move.first, move.last):
        check_ends(first, last, taken, tenant.market, tenant.name)
    return ends


def _number(taken: Taken, tenant: Tenant, move: Porting, series: tuple[str, str], raw: str) -> str:
    e164 = _of_kind(tenant, move, raw)
    if move.first:
        check_within(e164, *series, tenant.market)
    if e164 != move.e164:
        check_number(e164, taken, tenant.market, tenant.name)
    return e164


@dataclass(frozen=True)
class _Besides:
    """What is taken, but for what this very move asks for. Whether another asks for it is told by Portings.renumber."""

    work: Work
    inventory: Taken
    move: Porting

    def whereabouts(self, first: str, last: str) -> Whereabouts:
        if first != last or (self.move.first and within(first, self.move.first, self.move.last)):
            return self.work.numbers.whereabouts(first, last)
        return self.inventory.whereabouts(first, last)


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(market: Market, move: Porting, raw: str, now: datetime) -> date:
    today = market.today(now)
    return read_moving_day(raw, market, today, earliest(market, move.kind, today, is_series=bool(move.first)))

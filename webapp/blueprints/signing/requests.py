"""Who signs, for those who wait for it: links resent, addresses corrected, somebody else chosen, the move's details mended; signs nothing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, flash, g, request

from webapp.domain.numbers import is_sole_trader, show_company_id, show_msisdn
from webapp.domain.problem import Problem
from webapp.operations import porting
from webapp.operations.ordering import labels
from webapp.operations.porting import Correction
from webapp.operations.signing import signature_requests
from webapp.operations.signing.signature_status import SignatureStatus
from webapp.operations.signing.signature_status import cases as cases_of
from webapp.web.access import may
from webapp.web.htmx import by_htmx, page, see_other, unchanged
from webapp.web.layout_context import services, work
from webapp.web.request_guard import too_old
from webapp.web.signing import signature_view

bp = Blueprint("signing", __name__)

FIELDS = {
    "port.number": "number",
    "port.first": "first",
    "port.last": "last",
    "port.main": "main",
    "port.operator": "donor",
    "port.customer_no": "customer_no",
    "port.owner_type": "owner_type",
    "port.owner_name": "owner_name",
    "port.owner_id": "owner_id",
    "port.owner_address": "owner_address",
    "port.date": "wished_date",
}
"""The form's fields and what they correct."""


def doors(base: str, see: str, act: str) -> None:
    """The same pages for a company and for the seller's staff, under `base`; `see` and `act` are the groups that may."""
    line, name = f"{base}/orders/<ref>/lines/<int:n>", "staff_" if base else ""

    def signing(ref: str, n: int) -> Response:
        """How far the signature is, and what can be done about it."""
        return _page(base, ref, n)

    def resend(ref: str, n: int) -> Response:
        """A new link to the same address; the one before stops working."""
        with work() as unit:
            case = _case(unit, ref, n)
            done = signature_requests.resend(unit, _signer(case), g.now)
        _say(g.words.gettext("A new link is on its way. The one before has stopped working"), done)
        return see_other(f"{base}/orders/{ref}/lines/{n}/signing")

    def address(ref: str, n: int) -> Response:
        """The signer's address corrected, and a new link sent there."""
        with work() as unit:
            case, email = _case(unit, ref, n), request.form.get("email", "")
            signer = _signer(case)
            one = next(each.signer for each in case.signers if each.signer.id == signer)
            if one.state == "not_me":  # that paper was answered; the right person gets one of their own
                problem = next(iter(porting.other_signer(unit, signer, one.name, email, g.now).values()), None)
            else:
                problem = signature_requests.correct_address(unit, signer, email, g.now)
        if problem:
            return _page(base, ref, n, wrong={f"email-{signer}": problem})
        _say(g.words.gettext("The address is corrected, and a new link is on its way"))
        return see_other(f"{base}/orders/{ref}/lines/{n}/signing")

    def signer(ref: str, n: int) -> Response:
        """Somebody else to sign, on a paper of their own."""
        form = request.form
        with work() as unit:
            who = _signer(_case(unit, ref, n))
            problems = porting.other_signer(unit, who, form.get("name", ""), form.get("email", ""), g.now)
        if problems:
            return _page(base, ref, n, wrong={f"other-{field}-{who}": why for field, why in problems.items()})
        _say(g.words.gettext("A new power of attorney is created and sent to whoever is to sign it"))
        return see_other(f"{base}/orders/{ref}/lines/{n}/signing")

    def withdraw(ref: str, n: int) -> Response:
        """The request taken back; its links stop working."""
        with work() as unit:
            case = _case(unit, ref, n)
            done = signature_requests.withdraw(unit, case.request.id, g.now)
        _say(g.words.gettext("The request is taken back. The links have stopped working"), done)
        return see_other(f"{base}/orders/{ref}/lines/{n}/signing")

    def port(ref: str, n: int) -> Response:
        """The details of the move, to be corrected."""
        return _port_page(base, ref, n)

    def correct(ref: str, n: int) -> Response:
        """The corrected details; what stands on the power of attorney makes a new one."""
        typed = {own: request.form[field] for field, own in FIELDS.items() if field in request.form}
        with work() as unit:
            if porting.present(unit, ref, n) is None:
                abort(404)
            corrected = porting.correct(unit, g.tenant, ref, n, Correction(**typed), g.now)
        if corrected.problems:
            return _port_page(base, ref, n, wrong=corrected.problems)
        _say(
            g.words.gettext("A new power of attorney is created and sent to whoever is to sign it")
            if corrected.new_paper
            else g.words.gettext("The details are saved. The power of attorney remains valid as it is")
        )
        return see_other(f"{base}/orders/{ref}/lines/{n}/signing")

    def tell(endpoint: str, path: str, view: Any, group: str, again: Any = None) -> None:
        marked = may(group)(view)
        bp.add_url_rule(
            f"{line}{path}",
            f"{name}{endpoint}",
            too_old(again)(marked) if again else marked,
            methods=["POST"] if again else ["GET"],
        )

    tell("signing", "/signing", signing, see)
    for verb, view in (("resend", resend), ("address", address), ("signer", signer), ("withdraw", withdraw)):
        tell(verb, f"/signing/{verb}", view, act, signing)
    tell("port", "/port", port, act)
    tell("correct", "/port", correct, act, port)


doors("", "customer", "buyer")
doors("/admin", "staff", "staff")


@bp.get("/orders/<ref>/lines/<int:n>/signing/now")
@may("customer")
def sign_now(ref: str, n: int) -> Response:
    """For whoever is to sign with their own account's address: the way that their mailed link leads."""
    with work() as unit:
        found = [case for case in cases_of(unit, ref) if case.is_current and n in case.lines]
        signers = [each.signer for case in found for each in case.signers]
        link = signature_requests.own_link(unit, signers, g.person.email, services().secret, g.now)
        if not found and unit.orders.get(ref) is None:
            abort(404)
    if link:
        return see_other(f"/sign/{link}")
    flash(
        g.words.gettext("There is nothing to sign yet, or not any more. A new power of attorney takes a moment to make")
    )
    return see_other(f"/orders/{ref}/receipt")


def _case(unit: Any, ref: str, n: int) -> SignatureStatus:
    """The power of attorney that covers this line of an order in sight."""
    found = next((case for case in cases_of(unit, ref) if case.is_current and n in case.lines), None)
    return found or abort(404)


def _signer(case: SignatureStatus) -> str:
    """The signer the form is about; one of this very paper."""
    asked = request.form.get("signer", "")
    return asked if any(asked == each.signer.id for each in case.signers) else abort(404)


def _say(text: str, done: bool = True) -> None:
    if done:
        flash(text, "success")
    else:
        flash(g.words.gettext("Nothing was changed: the power of attorney had already been signed or ended"), "warning")


def _page(base: str, ref: str, n: int, wrong: dict[str, Problem] | None = None) -> Response:
    with work() as unit:
        found = [case for case in cases_of(unit, ref) if n in case.lines]
    if not found:
        abort(404)
    cases = [signature_view.shown(case) for case in found]
    now = next((case for case, each in zip(cases, found, strict=True) if each.is_current), cases[0])
    if now.state == "replaced" and by_htmx() and request.method == "GET":
        return unchanged()  # the page asks until the new version is made
    errors = {field: labels.problem(g.words, why) for field, why in (wrong or {}).items()}
    return page(
        "signing/signing.html",
        422 if errors else 200,
        case=now,
        may_sign_now=not base and now.waits_for(g.person.email),
        earlier=[case for case in cases if case is not now],
        base=base,
        ref=ref,
        n=n,
        wrong=errors,
        typed=request.form if errors else {},
        errors=[{"id": field, "text": text} for field, text in errors.items()],
        may_act=g.person.is_staff or g.person.may_order,
        legal_approved=g.tenant.porting.legal_approved or not g.person.is_staff,
    )


def _owner_id(digits: str) -> str:
    """As it is written; that of a sole trader is kept whole, for it would be read back masked."""
    market = g.tenant.market
    return digits if is_sole_trader(digits, market) else show_company_id(digits, market)


def _port_page(base: str, ref: str, n: int, wrong: dict[str, Problem] | None = None) -> Response:
    with work() as unit:
        present = porting.present(unit, ref, n)
        placed = unit.orders.get(ref)
    if present is None or placed is None:
        abort(404)
    values = {field: asdict(present)[own] or "" for field, own in FIELDS.items()}
    for question in ("port.number", "port.first", "port.last", "port.main"):
        if values[question]:
            values[question] = show_msisdn(values[question], g.tenant.market)
    if values["port.owner_id"]:
        values["port.owner_id"] = _owner_id(values["port.owner_id"])
    if values["port.date"]:
        values["port.date"] = g.words.day_short(date.fromisoformat(values["port.date"]))
    errors = {field: labels.problem(g.words, why) for field, why in (wrong or {}).items()}
    return page(
        "porting/correction.html",
        422 if errors else 200,
        values={**values, **{field: request.form[field] for field in FIELDS if field in request.form}},
        owner_types={
            kind: placed.company.name if kind == "company" else g.words.say(f"option.port.owner_type.{kind}")
            for kind in porting.OWNER_TYPES
        },
        donors=g.tenant.porting.donors,
        base=base,
        ref=ref,
        n=n,
        wrong=errors,
        errors=[{"id": field.replace(".", "-"), "text": text} for field, text in errors.items()],
    )

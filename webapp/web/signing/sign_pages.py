"""The pages of signing, filled: each from a visit and what went wrong; decides nothing and reads no form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g

from webapp.domain.problem import Problem
from webapp.domain.signing.rules import Consent
from webapp.operations.signing.signing_access import SignerView
from webapp.web import language
from webapp.web.htmx import page
from webapp.web.signing import sign_view


def new_link(errors: list[dict[str, str]], email: str = "", dead: bool = False) -> Response:
    """The form for a new link; also the page of every dead one."""
    status = 410 if dead else 422 if errors else 200
    return page("signing/new_link.html", status, errors=errors, email=email, dead=dead, back_to="/sign")


def document(visit: SignerView, form: Consent | None = None, problems: Mapping[str, Problem] | None = None) -> Response:
    """Who asks and why, the paper, and the form; with what was said and what is wrong with it."""
    own = language.words_in(visit.paper.language, visit.seller)
    form = form or visit.said
    boxes = sign_view.boxes(visit, own, form)
    told = {field: g.words.say(problem.code, **problem.params) for field, problem in (problems or {}).items()}
    first = next((box.code for box in boxes if not box.ticked), "")
    if "declarations" in told and first not in ("owner", "entitled"):
        told["declarations"] = g.words.gettext("Confirm the points that are marked, too")
    goals = {"declarations": f"declare-{first}", "sha256": "paper-title"}
    order = ("sha256", "name", "capacity", "declarations", "method")
    errors = [{"id": goals.get(field, field), "text": told[field]} for field in order if field in told]
    return page(
        "signing/document.html",
        422 if errors else 200,
        errors=errors,
        told=told,
        visit=visit,
        w=g.words,
        name=form.name if form else visit.signer.name,
        article=sign_view.article(visit.paper, visit.seller, own),
        boxes=boxes,
        capacities=sign_view.capacities(visit, g.words, form),
        methods=sign_view.methods(visit, g.tenant, g.words, form),
        numbers=sign_view.numbers(visit.paper),
        listed=sign_view.LISTED,
        until=g.tenant.market.today(visit.request.expires_at),
        failed="" if problems else _said(visit.problem),
    )


def code(visit: SignerView, problem: Problem | None = None) -> Response:
    """Asks for the code, as long as it can be tried."""
    tries = sign_view.tries_left(visit)
    return page(
        "signing/code.html",
        422 if problem else 200,
        errors=_error("code", problem) if tries else _error("again", problem or Problem("sign.code.over")),
        visit=visit,
        w=g.words,
        where=sign_view.code_went_to(visit),
        tries=tries,
    )


def eid(visit: SignerView, problem: Problem | None = None) -> Response:
    """The way to the eID."""
    return page(
        "signing/eid.html",
        422 if problem else 200,
        errors=_error("", problem),
        visit=visit,
        name=sign_view.eid_name(g.tenant, g.words),
        url=sign_view.eid_url(visit),
    )


def refused(visit: SignerView, problem: Problem) -> Response:
    """An eID that said no leaves the choice of another way."""
    return eid(visit, problem) if visit.stage == "eid" else document(visit, None, {"method": problem})


def back(fields: Mapping[str, str]) -> Response:
    """Back from the eID: a form, for coming here signs nothing."""
    code, state, error = (fields.get(name, "")[:2000] for name in ("code", "state", "error"))
    return page("signing/back.html", code=code, state=state, error=error)


def scan(visit: SignerView, problem: Problem | None = None, status: int = 422) -> Response:
    """How to sign on paper, and the form for the scan."""
    return page(
        "signing/scan.html",
        status if problem else 200,
        errors=_error("scan", problem or visit.problem),
        visit=visit,
        w=g.words,
        until=g.tenant.market.today(visit.request.expires_at),
    )


def decline(visit: SignerView, not_me: bool, reason: str = "", problem: Problem | None = None) -> Response:
    """Saying no: will not, or is not the one who was meant."""
    return page(
        "signing/decline.html",
        422 if problem else 200,
        errors=_error("reason", problem),
        visit=visit,
        not_me=not_me,
        reason=reason[:2000],
    )


def standing(visit: SignerView) -> dict[str, Any]:
    """What the waiting page shows."""
    return sign_view.standing(visit, g.words, g.now, failed=_said(visit.problem))


def _said(problem: Problem | None) -> str:
    return g.words.say(problem.code, **problem.params) if problem else ""


def _error(field: str, problem: Problem | None) -> list[dict[str, str]]:
    return [{"id": field, "text": _said(problem)}] if problem else []

"""Help, the tenant's legal texts, and how the service is; needs no sign-in and changes nothing."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, current_app, g

from webapp.domain.signing.rules import LINK_LIFE
from webapp.domain.texts import msg
from webapp.operations.platform import readiness
from webapp.web.access import impersonal, may
from webapp.web.htmx import page
from webapp.web.layout_context import services
from webapp.web.markdown import prose, title_of
from webapp.web.plain_page import RETRY_SECONDS
from webapp.web.signing.sign_view import eid_name

bp = Blueprint("help", __name__)

LEGAL = ("terms", "privacy", "cookies", "accessibility")
WAYS = {
    "code_mail": msg("a code by e-mail"),
    "code_sms": msg("a code by SMS to the number that is moved"),
    "paper": msg("on paper, which you photograph and send in"),
}
AHEAD = {"mobile": "lead_mobile", "fixed": "lead_fixed", "series": "lead_series"}


@bp.get("/help")
@may("anyone")
def contents() -> Response:
    """Whom to ask, and what is explained here."""
    return page("platform/help.html")


@bp.get("/help/porting")
@may("anyone")
def porting() -> Response:
    """How a number is moved, with the first days on which it could be."""
    market = g.tenant.market
    today, rules = market.today(g.now), market.porting
    days = {kind: market.after_working_days(today, getattr(rules, name)) for kind, name in AHEAD.items()}
    sells_fixed = any(plan.kind == "fixed" for plan in g.tenant.catalogue.plans)
    return page(
        "platform/porting.html",
        rules=rules,
        first=days if sells_fixed else {"mobile": days["mobile"]},
        terms=g.tenant.porting,
        seller=g.tenant.name,
        link_days=LINK_LIFE.days,
        ways=[_way(method) for method in g.tenant.signing.methods],
    )


def _way(method: str) -> str:
    return eid_name(g.tenant, g.words) if method == "eid" else g.words.gettext(WAYS[method])


@bp.get("/legal/<name>")
@may("anyone")
def legal(name: str) -> Response:
    """A lawyer's text with its version."""
    try:
        text = g.tenant.legal_text(name, g.language) if name in LEGAL else abort(404)
    except KeyError:
        abort(404)
    return page("platform/legal.html", legal_title=title_of(text.source), body=prose(text.source), text=text)


@bp.get("/status")
@may("anyone")
@impersonal
def status() -> Response:
    """How the service is, as plain text: readable when all else fails."""
    found = readiness.findings(services().store, Path(current_app.config["SKYLT_SETTINGS"].assets_dir))
    down = {finding.split(":")[0] for finding in found}
    say = g.words.gettext
    works, disturbed = say(msg("works")), say(msg("has a disturbance"))
    ordering, papers = say(msg("Ordering")), say(msg("Documents and mail"))
    lines = [
        f"{g.tenant.name}, {g.words.moment(g.now)}",
        f"{ordering}: {disturbed if down & {'database', 'migrations'} else works}",
        f"{papers}: {disturbed if found else works}",
        g.tenant.support.email,
    ]
    answer = Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    if "database" in down:
        answer.status_code, answer.headers["Retry-After"] = 503, str(RETRY_SECONDS)
    return answer

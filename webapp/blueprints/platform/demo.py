"""The demo's own pages on plain localhost: choose an operator, read the mail and the text messages that were sent; they exist in demo mode only."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, current_app, g, jsonify, render_template, request

from webapp.domain.market import LANGUAGES, MARKETS
from webapp.domain.tenants.tenant import Tenant
from webapp.domain.tenants.theme import derive
from webapp.operations.platform.demo_seed import PASSWORD
from webapp.web.access import may
from webapp.web.htmx import see_other
from webapp.web.language import words_in
from webapp.web.layout_context import services
from webapp.web.safe_redirects import safe_path
from webapp.web.tenant_resolution import TENANT_COOKIE

bp = Blueprint("demo", __name__, url_prefix="/demo")

COLOUR = "#24505A"


@bp.before_request
def words() -> None:
    """No operator chooses a language here: the browser does."""
    g.language = request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
    g.words = words_in(g.language)


@bp.get("")
@may("anyone")
def choose() -> Response:
    """The operators there are, with their sign on the door."""
    target = safe_path(request.args.get("next")) or "/"
    return _page(
        "platform/demo/choose.html",
        tenants=[_card(each) for each in services().tenants],
        next=target,
        password=PASSWORD,
    )


@bp.post("")
@may("anyone")
def chosen() -> Response:
    """From now on plain localhost is this operator's."""
    return _serve(request.form.get("tenant", ""), request.form.get("next"))


@bp.get("/open/<slug>")
@may("anyone")
def follow(slug: str) -> Response:
    """A mailed link on plain localhost: this operator's, for browsers that resolve no *.localhost."""
    return _serve(slug, request.args.get("next"))


@bp.get("/mail")
@may("anyone")
def mail() -> Response:
    """What was sent, the latest first."""
    mails = [{**each, "links": [_link(url) for url in each["links"]]} for each in _shown("mail_dir")]
    return _page("platform/demo/mail.html", mails=mails)


@bp.get("/mail.json")
@may("anyone")
def mail_json() -> Response:
    """The same for programs, the oldest first."""
    return jsonify(_sent("mail_dir"))


@bp.get("/sms")
@may("anyone")
def sms() -> Response:
    """The text messages that were sent, the latest first."""
    return _page("platform/demo/sms.html", messages=_shown("sms_dir"))


@bp.get("/sms.json")
@may("anyone")
def sms_json() -> Response:
    """The same for programs, the oldest first: `{to, from, text, sent_at}`."""
    return jsonify(_sent("sms_dir"))


@bp.get("/theme.css")
@may("anyone")
def theme() -> Response:
    """The demo's own colours."""
    return Response(derive(COLOUR, "soft").css(), mimetype="text/css")


def _page(template: str, **context: Any) -> Response:
    return Response(render_template(template, **context))


def _serve(slug: str, target: str | None) -> Response:
    if services().tenants.by_slug(slug) is None:
        abort(404)
    answer = see_other(safe_path(target) or "/")
    answer.set_cookie(TENANT_COOKIE, slug, httponly=True, samesite="Lax", path="/")
    return answer


def _card(tenant: Tenant) -> dict[str, str]:
    """A logo rides in the page: its file lies on the operator's own host."""
    logo = base64.b64encode(tenant.brand.logo).decode()
    host = tenant.hosts[0]
    return {
        "slug": tenant.slug,
        "name": tenant.name,
        "logo": f"data:image/svg+xml;base64,{logo}",
        "url": tenant.base_url,
        "host": host,
        "legal": tenant.contract_party.name,
        "parent": tenant.parent or "",
        "market": tenant.market.code,
    }


def _sent(where: str) -> list[dict[str, Any]]:
    folder: Path | None = getattr(current_app.config["SKYLT_SETTINGS"], where)
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))] if folder else []


def _shown(where: str) -> list[dict[str, Any]]:
    """The latest first, each with the moment it was sent in words."""
    home = next(market for market in MARKETS.values() if market.language == g.language)

    def moment(sent_at: str) -> str:
        return str(g.words.moment(datetime.fromisoformat(sent_at).astimezone(home.zone)))

    return [{**each, "sent": moment(each["sent_at"])} for each in reversed(_sent(where))]


def _link(url: str) -> dict[str, str]:
    """A mailed link, and where it leads on plain localhost; empty when it is no operator's."""
    parts = urlsplit(url)
    tenant = services().tenants.by_host(parts.hostname or "")
    if tenant is None:
        return {"url": url, "local": "", "open": ""}
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return {
        "url": url,
        "local": f"http://{request.host}{path}",
        "open": f"/demo/open/{tenant.slug}?{urlencode({'next': path})}",
    }

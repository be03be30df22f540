"""The check of a printed code: anybody who holds a paper may ask what it is and whether it is the newest; tells nothing personal."""

from __future__ import annotations

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import TooManyRequests

from webapp.operations import paperwork
from webapp.web.access import may
from webapp.web.hypermedia import page, to
from webapp.web.portal import portal

bp = Blueprint("verify", __name__)


@bp.get("/verify")
@may("anyone")
def form() -> Response:
    """Asks for the code; a typed one leads to its own address."""
    typed = request.args.get("code", "")[:60]
    if not typed.strip():
        return page("verify/form.html", typed="", errors=[])
    code = paperwork.read_code(typed)
    return to(f"/verify/{code}") if code else _again(typed)


@bp.get("/verify/<code>")
@may("anyone")
def verify(code: str) -> Response:
    """What the paper with this code is."""
    read = paperwork.read_code(code[:60])
    if not read:
        return _again(code[:60])
    try:
        found = paperwork.verify(portal().store, g.tenant.slug, read, request.remote_addr or "", g.now)
    except paperwork.TooOften as often:
        raise TooManyRequests(retry_after=often.seconds) from None
    if found is None:
        return page("verify/unknown.html", 404, code=read)
    return page("verify/found.html", found=found, code=read)


def _again(typed: str) -> Response:
    text = g.words.gettext("Write the 12 letters and digits of the code")
    return page("verify/form.html", 422, typed=typed, errors=[{"id": "code", "text": text}])

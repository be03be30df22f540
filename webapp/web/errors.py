"""What is shown when something cannot be done: a branded page that says what happened and what to do; logs codes, no personal data."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, current_app, g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from webapp import logs
from webapp.operations.ordering.checkout import AlreadyPlaced
from webapp.operations.ordering.drafts import LineRemoved, NotHere
from webapp.operations.papers.document_verification import CannotCheck, Damaged
from webapp.operations.platform.readiness import is_away
from webapp.web.htmx import by_htmx, page, see_other
from webapp.web.language import bind
from webapp.web.plain_page import BROKEN, CLOSED, RETRY_SECONDS, bare
from webapp.web.safe_redirects import nearest_page

PAGES = frozenset({400, 403, 404, 410, 413, 422, 429, 500, 503})
log = logging.getLogger("webapp")


def init_app(app: Flask) -> None:
    """One handler for every refusal, one for what nobody expected."""
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(NotHere, lambda _: _page(404))
    app.register_error_handler(AlreadyPlaced, lambda placed: see_other(f"/orders/{placed.ref}?already=1"))
    app.register_error_handler(LineRemoved, _line_removed)
    app.register_error_handler(Damaged, lambda _: _page(409))
    app.register_error_handler(CannotCheck, lambda _: _closed())
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _failed)


def _line_removed(gone: LineRemoved) -> Response:
    """Somebody has taken the user out meanwhile; what was answered is stored nowhere until they are put back."""
    here = f"/drafts/{gone.draft}"
    answer = page(
        "ordering/removed.html",
        409,
        told=g.words.say("line.removed", name=gone.user or g.words.say("line.unnamed", n=str(gone.n))),
        lost=request.method == "POST",
        restore_url=f"{here}/lines/{gone.n}/restore",
        line_url=f"{here}/lines/{gone.n}",
        list_url=here,
    )
    if by_htmx():
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#main", "outerHTML"
    return answer


def _stale_form(error: CSRFError) -> Response:
    """Not a matter of rights: the page had been open too long, or the form came from nowhere."""
    return _page(400, answered=403)


def _refused(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400 and error.response is not None:
        return error.response  # type: ignore[return-value]
    if status == 405 and request.method == "GET":  # the address of a form that came back, opened anew
        return see_other(nearest_page(request.path))
    answer = _page(status if status in PAGES else (400 if status < 500 else 500), most=_most() if status == 413 else 0)
    answer.status_code = status
    if status == 503:
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    for name in ("Allow", "Retry-After"):
        if value := dict(error.get_headers()).get(name):
            answer.headers[name] = value
    return answer


def _most() -> int:
    """Megabytes that a file may have here; 0 where none is asked for."""
    view = current_app.view_functions.get(request.endpoint or "")
    return int(getattr(view, "takes", 0)) >> 20


def _closed() -> Response:
    """For a moment: whoever comes back soon will be served. The page asks the database nothing."""
    try:
        answer = _page(503)
    except Exception:  # a page that shows an error must not become one: then without the tenant's face
        log.exception("the page that says so failed")
        answer = Response(bare(CLOSED), 503)
    answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer


def _failed(error: Exception) -> Response:
    if is_away(error):
        log.warning("the database is out of reach: %s", logs.told(error))
        return _closed()
    log.exception("request failed")  # the line bears the code that the page tells
    try:
        return _page(500, reference=logs.current())
    except Exception:  # a page that shows an error must not become one: then without the tenant's face
        log.exception("the page that says so failed")
        return Response(bare(BROKEN), 500)


def _page(status: int, answered: int | None = None, **context: Any) -> Response:
    """The page of a status; `answered` when the answer itself bears another."""
    bind()
    if g.get("tenant") is None:
        return Response(render_template("errors/unknown_host.html"), 404 if status < 500 else status)
    return page(f"errors/{status}.html", answered or status, **context)

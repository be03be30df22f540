"""Answers for browsers with and without htmx: whole page, `#main` alone, or filled regions; knows headers, no page's content."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, current_app, g, redirect, render_template
from htmx_flask import Htmx, make_response, request
from markupsafe import Markup

from webapp.domain.bidi import isolated_html
from webapp.web.safe_redirects import safe_path

_PARTIAL = "HX-Request"


def init_app(app: Flask) -> None:
    """Lets every request know whether htmx sent it, and every answer say that this matters."""
    Htmx(app)
    app.after_request(_vary)
    app.after_request(_isolate)
    app.jinja_env.filters["dom_id"] = _dom_id


def _dom_id(question: Any) -> str:
    """Under which id a question, or a mapping like one, stands in the page."""
    name: str = question["id"] if isinstance(question, dict) else question.id
    return name.replace(".", "-")


def _vary(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.vary.add(_PARTIAL)
    return response


def _isolate(response: Response) -> Response:
    """Names from right to left keep to themselves, on every page and in every piece of one."""
    if response.mimetype == "text/html" and not response.is_streamed:
        html = response.get_data(as_text=True)
        if (isolated := isolated_html(html)) != html:
            response.set_data(isolated)
    return response


def by_htmx() -> bool:
    """Whether a part of a page was asked for. A history restore wants the whole page."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def page(template: str, status: int = 200, focus: str = "", **context: Any) -> Response:
    """The page: whole, or for htmx its title and `#main`, with focus moved to `focus` and errors kept out of history."""
    if not by_htmx():
        return make_response(render_template(template, **context), status)
    html = render_template(template, partial=True, **context)
    faulty = status >= 400
    return make_response(
        html,
        status,
        push_url=False if faulty else request.full_path.rstrip("?"),
        trigger_after_settle={"portal:focus": focus or ("#errsum" if status == 422 else "#main h1")},
    )


def regions(filled: Mapping[str, str | Markup], status: int = 200) -> Response:
    """Fills regions by id, each inside its own node, which stays: the control in use is never among them."""
    parts = (f'<div id="{name}" hx-swap-oob="innerHTML:#{name}">{html}</div>' for name, html in filled.items())
    return make_response("".join(parts), status)


def fragment(html: str | Markup, status: int = 200, focus: str = "") -> Response:
    """One piece for the element that asked, with focus moved to `focus` where the control in use goes with it."""
    return make_response(html, status, trigger_after_settle={"portal:focus": focus} if focus else None)


def macro(name: str, *arguments: Any, **named: Any) -> Markup:
    """A part of the house (templates/ui.html) on its own."""
    return getattr(current_app.jinja_env.globals["ui"], name)(*arguments, **named)


def see_other(path: str) -> Response:
    """See other: a path of ours. htmx follows it by itself and swaps what comes."""
    return make_response(redirect(safe_path(path) or "/", code=303))


def redirect_page(path: str) -> Response:
    """A whole navigation, also for htmx (sign-in, another frame)."""
    target = safe_path(path) or "/"
    if by_htmx():
        return make_response("", 401, redirect=target)
    return make_response(redirect(target, code=303))


def unchanged() -> Response:
    """Nothing new to a poll: what is shown stays."""
    return make_response("", 204)


def stop_polling(html: str | Markup) -> Response:
    """The last answer to a poll: htmx stops at status 286."""
    return make_response(html, 286)


def language() -> str:
    """The language of this answer."""
    return str(g.language)

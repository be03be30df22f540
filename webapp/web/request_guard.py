"""What a browser sends: from a page of ours, of a form's size, with its own token; a form that is too old is shown again. Knows no question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, flash, g, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from webapp.web.headers import is_private

View = TypeVar("View", bound=Callable[..., Any])

MOST_FIELDS = 400
_DRAINED = 64 * 1024 * 1024
"""So much of what is too large is read and thrown away: a browser that still sends when the connection closes shows no page."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def too_old(again: Callable[..., Response]) -> Callable[[View], View]:
    """Marks a view with what answers when its form's token holds no longer: the page with all that was typed, nothing stored."""

    def mark(view: View) -> View:
        view.again = again  # type: ignore[attr-defined]
        return view

    return mark


def takes_file(most: int, too_large: Callable[..., Response] | None = None) -> Callable[[View], View]:
    """Marks a view whose form brings a file: so many bytes it may send, where other forms stay small; and what answers to more."""

    def mark(view: View) -> View:
        view.takes, view.too_large = most, too_large  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    """Looks at every request before its view does."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # asked below, where the answer can be a page
    csrf = CSRFProtect(app)

    @app.before_request
    def look() -> Response | None:
        if request.endpoint is None:
            return None
        if "\0" in request.path:
            abort(404)
        if any("\0" in text for pair in request.args.items(multi=True) for text in pair):
            abort(400)
        if request.method in _SAFE:
            return None
        if _from_elsewhere():
            abort(403)
        view: Any = current_app.view_functions[request.endpoint]
        if takes := getattr(view, "takes", 0):
            request.max_content_length = takes
            if (request.content_length or 0) > takes:
                _drain()
                if view.too_large is None:
                    abort(413)
                told: Response = view.too_large(**(request.view_args or {}))
                return told
        if _is_too_much():
            abort(413)
        if not app.config["WTF_CSRF_ENABLED"]:
            return None
        try:
            csrf.protect()
        except CSRFError:
            again = getattr(view, "again", None)
            if again is None:
                raise
            flash(g.words.say("csrf.expired"), "warning")
            answer: Response = again(**(request.view_args or {}))
            answer.status_code = 409 if answer.status_code == 200 else answer.status_code
            return answer
        return None


def _is_too_much() -> bool:
    """Fields, or text in them, beyond any form of ours. Werkzeug counts parts of multipart forms only."""
    fields = list(request.form.items(multi=True))
    most: int = current_app.config["MAX_FORM_MEMORY_SIZE"]
    return len(fields) > MOST_FIELDS or sum(len(name) + len(value) for name, value in fields) > most


def _drain() -> None:
    left = min(request.content_length or 0, _DRAINED)
    while left > 0 and (read := request.environ["wsgi.input"].read(min(left, 65536))):
        left -= len(read)


def _from_elsewhere() -> bool:
    """Whether the browser says that another site's page sent this. Not every browser says anything; the token decides then."""
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site not in {"same-origin", "none"}  # pages that send no referrer have the origin "null" everywhere
    origin = request.headers.get("Origin")
    if origin == "null" and is_private():
        return False
    return origin is not None and urlsplit(origin).netloc.lower() != request.host.lower()

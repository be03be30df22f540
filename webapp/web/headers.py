"""Security headers on every answer, the same for all; knows no page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

View = TypeVar("View", bound=Callable[..., Any])

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"
)
_LASTING = ("assets", "theme", "logo")


def private(view: View) -> View:
    """Marks a view whose address is a secret, or follows one: it must not travel on to other sites, nor be found."""
    view.private = True  # type: ignore[attr-defined]
    return view


def is_private() -> bool:
    """Whether the view that this request is for is so marked. Its pages' forms come from the origin "null"."""
    return getattr(current_app.view_functions.get(request.endpoint or ""), "private", False)


class _PrivateSessions(SecureCookieSessionInterface):
    """What anybody may keep, a proxy between us and many people, too, is the same for all: it sets no cookie and follows none."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing, with such an answer."""
        if response.cache_control.public:
            response.headers.remove("Set-Cookie")
            response.vary.discard("Cookie")
        else:
            super().save_session(app, session, response)


def _plain_http(wsgi: Callable[..., Any]) -> Callable[..., Any]:
    """Nothing here speaks another protocol, and a server may overhear the wish for one (RFC 9110 §7.8): the page answers as always."""

    def answer(environ: dict[str, Any], start: Any) -> Any:
        environ.pop("HTTP_UPGRADE", None)
        return wsgi(environ, start)

    return answer


def init_app(app: Flask, secure: bool) -> None:
    """Strict by default; only hashed files may be kept by browsers."""
    app.session_interface = _PrivateSessions()
    app.wsgi_app = _plain_http(app.wsgi_app)  # type: ignore[method-assign]

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CSP)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        if is_private():
            headers["X-Robots-Tag"] = "noindex, nofollow"
        headers["Referrer-Policy"] = "no-referrer" if is_private() else "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), interest-cohort=()"
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        lasting = request.path.split("/", 2)[1] in _LASTING and response.status_code == 200
        headers.setdefault("Cache-Control", "public, max-age=31536000, immutable" if lasting else "private, no-store")
        return response

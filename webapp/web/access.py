"""Who may: every route names one of a few groups, and everybody else is shown the way; knows no page and no password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from flask import Flask, Response, abort, current_app, g, request
from flask_login import LoginManager, UserMixin, current_user

from webapp.domain.people import Person
from webapp.web.htmx import by_htmx, page, redirect_page
from webapp.web.language import bind
from webapp.web.layout_context import services
from webapp.web.safe_redirects import safe_path
from webapp.web.sessions import COOKIE, hash_of

View = TypeVar("View", bound=Callable[..., Any])

GROUPS = ("anyone", "customer", "buyer", "staff")
"""anyone: signed in or not; customer: people of a company; buyer: those of them who may order; staff: of the seller."""


def may(group: str) -> Callable[[View], View]:
    """Marks a view with the group that may use it. A view without a mark is refused to everybody."""
    if group not in GROUPS:
        raise ValueError(group)

    def mark(view: View) -> View:
        view.group = group  # type: ignore[attr-defined]
        return view

    return mark


def impersonal(view: View) -> View:
    """Marks a view that is the same for everybody: who asks is not looked up, so it answers also while nobody can be."""
    view.impersonal = True  # type: ignore[attr-defined]
    return view


def group_of(app: Flask, endpoint: str) -> str | None:
    """The group a route is for; None when its view was not marked."""
    return getattr(app.view_functions.get(endpoint), "group", None)


class SignedIn(UserMixin):
    """A person as Flask-Login wants one, and the session they are in."""

    def __init__(self, person: Person, session: str) -> None:
        self.person, self.id, self.session = person, person.id, session


def init_app(app: Flask) -> None:
    """Sets g.person, and lets a request reach its view only if its group may."""
    # Its own context processor would ask for the person again while a page says that nobody can be asked.
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)
    manager.request_loader(_load)

    @app.before_request
    def guard() -> Response | None:
        if g.tenant is None:
            g.person = None
            return None
        g.person = None
        view = app.view_functions.get(request.endpoint or "")
        if not getattr(view, "impersonal", False) and current_user.is_authenticated:
            g.person = current_user.person
        if request.endpoint is None:
            return None
        bind()  # a refusal has words, too
        return _refusal(group_of(app, request.endpoint), g.person)


def _load(_request: Any) -> SignedIn | None:
    token = request.cookies.get(COOKIE(current_app))
    found = services().person_by_session(g.tenant, hash_of(token), g.now) if token and g.tenant else None
    return SignedIn(*found) if found else None


def _refusal(group: str | None, person: Person | None) -> Response | None:
    """None when the person may; else the answer: sign in, ask those who may, or nothing here."""
    if group is None:
        abort(403)
    if group == "anyone":
        return None
    if person is None:
        ended = "&ended=1" if request.cookies.get(COOKIE(current_app)) or request.method != "GET" else ""
        return redirect_page(f"/login?next={quote(_here(), safe='/')}{ended}")
    if group == "staff":
        return None if person.is_staff else abort(404)
    if person.is_staff:
        abort(404)
    if group == "buyer" and not person.may_order:
        return page("errors/may_not_order.html", 403, who=services().who_may_order(g.tenant, person))
    return None


def _here() -> str:
    """The page to come back to: for a form or a part of a page, the page that it stands on."""
    if request.method == "GET" and not by_htmx():
        return request.full_path.rstrip("?")
    there = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    if there.netloc == request.host and (page := safe_path(there.path + (f"?{there.query}" if there.query else ""))):
        return page
    return _form_page()


def _form_page() -> str:
    """For a browser that does not say where it comes from: the page at the form's own address, or the nearest above it."""
    pages = {rule.rule for rule in current_app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    rule, path = str(request.url_rule), request.path
    while rule:
        if rule in pages:
            return path
        rule, path = rule.rpartition("/")[0], path.rpartition("/")[0]
    return "/"

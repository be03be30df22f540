"""Signing in and out, a lost password, the language, and a person's own settings; the rules are in operations.people.sign_in."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NoReturn

from flask import Blueprint, Response, current_app, flash, g, request, session
from flask_login import current_user
from werkzeug.exceptions import HTTPException, NotFound, ServiceUnavailable, TooManyRequests

from webapp.domain.people import Person
from webapp.domain.problem import Invalid
from webapp.domain.texts import msg
from webapp.operations.people import passwords
from webapp.operations.people import sign_in as signing_in
from webapp.web import language, sessions
from webapp.web.access import group_of, may
from webapp.web.headers import private
from webapp.web.htmx import page, see_other
from webapp.web.layout_context import first_page, services, work
from webapp.web.request_guard import too_old
from webapp.web.safe_redirects import nearest_page, safe_path

bp = Blueprint("accounts", __name__)

YEAR = 365 * 24 * 3600
WORDS = {
    "email.missing": msg("Enter your e-mail address"),
    "password.missing": msg("Enter your password"),
    "sign_in.wrong": msg("The e-mail address and the password do not belong together. Check both"),
    "sign_in.closed": msg("Your account is closed. Ask your company's account owner or our support"),
    "password.short": msg("Choose a password of at least %(least)s characters"),
    "text.long": msg("Enter at most %(most)s characters"),
    "password.again": msg("The two passwords differ. Write the same password twice"),
}


@bp.get("/")
@may("anyone")
def start() -> Response:
    """What this is, for those who have not signed in; the others' own first page."""
    return see_other(first_page(g.person)) if g.person else page("people/start.html")


@bp.get("/login")
@may("anyone")
def login() -> Response:
    """The sign-in form."""
    target = safe_path(request.args.get("next")) or ""
    if g.person:
        return see_other(_way(g.person, target))
    return _form("login", [], next=target, ended="ended" in request.args, email="")


def _sign_in_again() -> Response:
    """The sign-in form with the address, after it had become too old to be taken."""
    target = safe_path(request.form.get("next")) or ""
    return _form("login", [], next=target, ended=False, email=request.form.get("email", "")[:254])


@bp.post("/login")
@too_old(_sign_in_again)
@may("anyone")
def sign_in() -> Response:
    """Opens a session with a new token, and leads back to where the person wanted to go."""
    email, password = request.form.get("email", "").strip(), request.form.get("password", "")
    target = safe_path(request.form.get("next")) or ""
    errors = _missing(email=email, password=password)
    if not errors:
        try:
            person, token = services().door(g.tenant, g.now).sign_in(email, password, request.remote_addr or "")
        except signing_in.WrongPassword:
            errors = [_error("email", "sign_in.wrong")]
        except signing_in.Deactivated:
            errors = [_error("email", "sign_in.closed")]
        except (signing_in.TooOften, passwords.Crowded) as refused:
            _wait(refused)
        else:
            _leave()
            return sessions.set_cookie(current_app, see_other(_way(person, target)), token)
    return _form("login", errors, next=target, ended=False, email=email)


@bp.post("/logout")
@may("anyone")
def logout() -> Response:
    """Ends the session and has the browser forget its pages."""
    _leave()
    flash(g.words.gettext(msg("You have signed out")), "success")
    return sessions.drop_cookie(current_app, see_other("/"))


@bp.get("/reset")
@may("anyone")
def lost_password() -> Response:
    """Asks for the address to which a link can be sent."""
    return _form("reset", [], email=request.args.get("email", "")[:254], sent=False)


@bp.post("/reset")
@may("anyone")
def send_reset() -> Response:
    """The same answer whether or not somebody has this address."""
    email = request.form.get("email", "").strip()
    if errors := _missing(email=email):
        return _form("reset", errors, email=email, sent=False)
    try:
        services().door(g.tenant, g.now).ask_reset(email, request.remote_addr or "")
    except signing_in.TooOften as refused:
        _wait(refused)
    return see_other("/reset/sent")


@bp.get("/reset/sent")
@may("anyone")
def reset_sent() -> Response:
    """What happens next."""
    return _form("reset", [], email="", sent=True)


@bp.errorhandler(signing_in.Deactivated)
def closed(_: signing_in.Deactivated) -> Response:
    """A new password would open nothing."""
    return page("people/closed.html", 410)


@bp.get("/reset/<token>")
@may("anyone")
@private
def new_password(token: str) -> Response:
    """The form behind the mailed link. Looking at it uses nothing up: mail scanners look, too."""
    if not services().door(g.tenant, g.now).may_reset(token):
        return page("people/reset_over.html", 410)
    return _form("new_password", [])


@bp.post("/reset/<token>")
@may("anyone")
@private
def set_password(token: str) -> Response:
    """Sets the password and signs the person out everywhere."""
    password, again = request.form.get("password", ""), request.form.get("password_again")
    try:
        if again is not None and again != password:
            raise Invalid("password.again")
        done = services().door(g.tenant, g.now).reset(token, password)
    except Invalid as invalid:
        field = "password_again" if invalid.problem.code == "password.again" else "password"
        return _form("new_password", [_error(field, invalid.problem.code, **invalid.problem.params)])
    except passwords.Crowded as refused:
        _wait(refused)
    if not done:
        return page("people/reset_over.html", 410)
    session.clear()
    flash(g.words.gettext(msg("Your password has been changed. Sign in with the new one")), "success")
    return sessions.drop_cookie(current_app, see_other("/login"))


@bp.post("/language")
@may("anyone")
def choose_language() -> Response:
    """Keeps the language for the person and for this browser."""
    wish = request.form.get("language", "")
    answer = see_other(nearest_page(request.form.get("next", "")))
    if wish in g.tenant.languages:
        if g.person:
            with work() as unit:
                signing_in.choose_language(unit, g.person, wish)
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        answer.set_cookie(language.COOKIE, wish, YEAR, httponly=True, secure=secure, samesite="Lax", path="/")
    return answer


@bp.get("/account")
@may("anyone")
def account() -> Response:
    """Who I am here, my language, and where I am signed in."""
    if g.person is None:
        return see_other("/login?next=/account")
    with work() as unit:
        devices = signing_in.devices(unit, g.person, current_user.session, g.now)
    shown = [
        {"id": each.id, "is_this": each.is_this, "begun": _when(each.created_at), "used": _when(each.last_seen)}
        for each in devices
    ]
    return page("people/account.html", devices=shown, role=g.person.role)


@bp.post("/account/sessions/<id>/revocation")
@may("anyone")
def end_session(id: str) -> Response:
    """Signs me out somewhere else: one place, or ("others") everywhere but here."""
    if g.person is None:
        return see_other("/login?next=/account")
    with work() as unit:
        if id == "others":
            signing_in.sign_out_others(unit, g.person, current_user.session, g.now)
        elif not signing_in.sign_out_device(unit, g.person, id, g.now):
            raise NotFound
    flash(g.words.gettext(msg("You have been signed out there")), "success")
    return see_other("/account")


def _form(name: str, errors: list[dict[str, str]], **context: Any) -> Response:
    told = {error["id"]: error["text"] for error in errors}
    return page(f"people/{name}.html", 422 if errors else 200, errors=errors, told=told, **context)


def _when(moment: datetime) -> str:
    shown: str = g.words.moment_short(moment)
    return shown


def _way(person: Person, target: str) -> str:
    """The page that was wanted, if it is one for such a person."""
    if not target:
        return first_page(person)
    try:
        endpoint, _ = current_app.url_map.bind("").match(target.split("?")[0], method="GET")
    except HTTPException:
        return first_page(person)
    fits = {"customer": not person.is_staff, "buyer": not person.is_staff, "staff": person.is_staff}
    is_door = endpoint in {"accounts.login", "accounts.start"}
    return target if fits.get(group_of(current_app, endpoint) or "", True) and not is_door else first_page(person)


def _leave() -> None:
    """Ends the session this browser has, if any, and forgets what its forms were signed with."""
    if token := request.cookies.get(sessions.COOKIE(current_app)):
        services().door(g.tenant, g.now).sign_out(token)
    session.clear()


def _missing(**fields: str) -> list[dict[str, str]]:
    return [_error(name, f"{name}.missing") for name, value in fields.items() if not value]


def _error(field: str, code: str, **params: object) -> dict[str, str]:
    return {"id": field, "text": g.words.gettext(WORDS[code]) % params}


def _wait(refused: signing_in.TooOften | passwords.Crowded) -> NoReturn:
    if isinstance(refused, signing_in.TooOften):
        raise TooManyRequests(retry_after=refused.seconds)
    raise ServiceUnavailable(retry_after=5)

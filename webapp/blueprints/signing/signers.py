"""Signing without an account: a mailed link, the paper, a proof, done; the rules are in operations.signing.signature. No GET here signs or uses up anything."""

from __future__ import annotations

import math
import secrets

from flask import Blueprint, Response, current_app, flash, g, request, session
from flask import render_template as render

from webapp.domain.numbers import read_email
from webapp.domain.problem import Invalid, Problem
from webapp.domain.signing.rules import LARGEST_SCAN, Consent, Visitor
from webapp.operations.ordering import labels
from webapp.operations.people.sign_in import TooOften
from webapp.operations.signing.signature import Signing
from webapp.operations.signing.signing_access import Gone, SignerView
from webapp.web import language
from webapp.web.access import may
from webapp.web.headers import private
from webapp.web.htmx import by_htmx, fragment, page, redirect_page, see_other, stop_polling, unchanged
from webapp.web.layout_context import services
from webapp.web.ordering import order_view
from webapp.web.request_guard import takes_file, too_old
from webapp.web.signing import sign_pages, sign_view

bp = Blueprint("sign", __name__)

BROWSER_BINDING = "sign-seat"
"""The cookie that tells one device from another: a code holds only where it was asked for."""
_FORM = 64 * 1024  # what a form needs besides its file
_TOO_LARGE = Problem("sign.scan.large", {"n": LARGEST_SCAN // 1024**2})


# --- Coming in, and dead links -------------------------------------------------------------------------------------


@bp.get("/sign")
@may("anyone")
@private
def ask() -> Response:
    """Asks for the address to which a new link can be sent."""
    return sign_pages.new_link([])


@bp.post("/sign")
@too_old(lambda: sign_pages.new_link([], email=request.form.get("email", "")[:254]))
@may("anyone")
@private
def new_link() -> Response:
    """The same answer whether or not a paper waits for this address."""
    email = request.form.get("email", "").strip()
    try:
        email = read_email(email)
    except Invalid as invalid:
        told = labels.problem(g.words, invalid.problem)
        text = told if email else g.words.gettext("Enter your e-mail address")
        return sign_pages.new_link([{"id": "email", "text": text}], email=email)
    _signing().new_link(email, _address())
    return see_other("/sign/sent")


@bp.get("/sign/sent")
@may("anyone")
@private
def sent() -> Response:
    """What happens next."""
    return page("signing/sent.html")


@bp.get("/sign/<token>")
@may("anyone")
@private
def arrive(token: str) -> Response:
    """The mailed link. Its secret leaves the address at once, for a cookie."""
    signer = _signing().open_link(token, _address())
    if signer is None:
        raise Gone
    answer = see_other(f"/sign/{signer}/document")
    _keep(answer, _cookie(signer), token)
    if not request.cookies.get(_prefixed(BROWSER_BINDING)):
        _keep(answer, _prefixed(BROWSER_BINDING), secrets.token_urlsafe(32))
    return answer


@bp.errorhandler(Gone)
def gone(_: Gone) -> Response:
    """Every dead link: unknown, used, expired, withdrawn, another paper's. A part of a page makes way for the whole one."""
    if by_htmx():
        return redirect_page(f"/sign/{(request.view_args or {}).get('id', '')}/document")
    return sign_pages.new_link([], dead=True)


@bp.errorhandler(TooOften)
def too_often(refused: TooOften) -> Response:
    """The page of whoever tries too much."""
    answer = page("signing/too_often.html", 429, minutes=max(1, math.ceil(refused.seconds / 60)))
    answer.headers["Retry-After"] = str(refused.seconds)
    return answer


# --- The paper -----------------------------------------------------------------------------------------------------


@bp.get("/sign/<id>/document")
@may("anyone")
@private
def document(id: str) -> Response:
    """Who asks and why, the paper, and what is to be confirmed."""
    seen = _visitor() if request.method == "GET" else None
    visit = _visit(id, seen=seen)
    return see_other(_path(visit)) if visit.stage in ("waiting", "done") else sign_pages.document(visit)


@bp.post("/sign/<id>/document")
@too_old(lambda id: sign_pages.document(_visit(id), _consent_form()))
@may("anyone")
@private
def consent(id: str) -> Response:
    """Name, capacity, every declaration and a method: then the proof."""
    visit, form = _visit(id), _consent_form()
    if visit.stage in ("waiting", "done"):
        return see_other(_path(visit))
    problems = _signing().consent(visit, _link(id), form, _browser_binding(), _visitor())
    if problems:
        return sign_pages.document(visit, form, problems)
    return see_other(_path(_visit(id)))


@bp.get("/sign/<id>/paper.pdf")
@may("anyone")
@private
def paper(id: str) -> Response:
    """The very bytes that are to be signed; once it is sealed, the signed paper."""
    found = _signing().copy(id, _link(id), services().seals)
    if found is None:
        raise Gone
    return order_view.pdf(found[1], found[0].facts["file"])


# --- The proof -----------------------------------------------------------------------------------------------------


@bp.get("/sign/<id>/code")
@may("anyone")
@private
def code(id: str) -> Response:
    """Asks for the code that was sent."""
    visit = _visit(id)
    return sign_pages.code(visit) if visit.stage == "code" else see_other(_path(visit))


@bp.post("/sign/<id>/code")
@too_old(lambda id: _code_page(id))
@may("anyone")
@private
def give_code(id: str) -> Response:
    """Signs, if the code is right."""
    visit = _visit(id)
    if visit.stage != "code":
        _say_code_is_over(visit)
        return see_other(_path(visit))
    typed = request.form.get("code", "")[:40]
    problem = _signing().give_code(visit, _link(id), typed, _browser_binding(), _visitor())
    return _code_page(id, problem) if problem else see_other(f"/sign/{id}/done")


@bp.post("/sign/<id>/code/again")
@too_old(lambda id: _code_page(id))
@may("anyone")
@private
def another_code(id: str) -> Response:
    """A new code; the one before holds no longer."""
    visit = _visit(id)
    if visit.stage != "code":
        _say_code_is_over(visit)
        return see_other(_path(visit))
    problem = _signing().another_code(visit, _link(id), _browser_binding())
    if problem:
        return _code_page(id, problem)
    flash(g.words.gettext("A new code is on its way. The old one has stopped working"), "success")
    return see_other(f"/sign/{id}/code")


@bp.get("/sign/<id>/eid")
@may("anyone")
@private
def eid(id: str) -> Response:
    """The way to the eID broker, which sends the browser back to /sign/eid."""
    visit = _visit(id)
    if visit.stage != "eid":
        return see_other(_path(visit))
    session["sign.eid"] = id
    return sign_pages.eid(visit)


@bp.get("/sign/eid")
@may("anyone")
@private
def back() -> Response:
    """Where the broker sends the browser: a form, for a GET signs nothing."""
    return sign_pages.back(request.args)


@bp.post("/sign/eid")
@too_old(lambda: sign_pages.back(request.form))
@may("anyone")
@private
def came_back() -> Response:
    """Signs, if the eID says yes: a job asks it, and the page waits."""
    id = str(session.get("sign.eid", ""))
    visit = _visit(id)
    if visit.stage == "eid":
        given = {name: request.form.get(name, "")[:2000] for name in ("code", "state", "error")}
        problem = _signing().eid_came_back(visit, _link(id), _browser_binding(), _visitor(), **given)
        if problem:
            return sign_pages.refused(_visit(id), problem)
    return see_other(_path(_visit(id)))


@bp.get("/sign/<id>/scan")
@may("anyone")
@private
def scan(id: str) -> Response:
    """How to sign on paper, and where to send what was signed."""
    visit = _visit(id)
    return sign_pages.scan(visit) if visit.stage == "scan" else see_other(_path(visit))


@bp.post("/sign/<id>/scan")
@takes_file(LARGEST_SCAN + _FORM, lambda id: sign_pages.scan(_visit(id), _TOO_LARGE, 413))
@too_old(lambda id: sign_pages.scan(_visit(id)))
@may("anyone")
@private
def upload(id: str) -> Response:
    """Takes the scan in, for a job to look at."""
    visit = _visit(id)
    if visit.stage != "scan":
        return see_other(_path(visit))
    file = request.files.get("scan")
    content = file.read() if file else b""
    if not content:
        return sign_pages.scan(visit, Problem("sign.scan.missing"))
    if len(content) > LARGEST_SCAN:
        return sign_pages.scan(visit, _TOO_LARGE, 413)
    name = (file.filename or "") if file else ""
    problem = _signing().upload_scan(visit, _link(id), content, name[:200], _browser_binding(), _visitor())
    return sign_pages.scan(visit, problem) if problem else see_other(f"/sign/{id}/done")


# --- The end -------------------------------------------------------------------------------------------------------


@bp.get("/sign/<id>/done")
@may("anyone")
@private
def done(id: str) -> Response:
    """That it is signed or being looked at, what happens next, and the copy as soon as there is one."""
    visit = _visit(id)
    return (
        page("signing/done.html", **sign_pages.standing(visit))
        if visit.stage in ("waiting", "done")
        else see_other(_path(visit))
    )


@bp.get("/sign/<id>/state")
@may("anyone")
@private
def state(id: str) -> Response:
    """How far it is, asked for every two seconds by the page that waits."""
    visit = _visit(id)
    if not by_htmx():
        return see_other(_path(visit))
    if visit.stage == "eid":
        url, name = sign_view.eid_url(visit), sign_view.eid_name(g.tenant, g.words)
        return stop_polling(render("signing/eid_way.html", visit=visit, url=url, name=name)) if url else unchanged()
    shown = sign_pages.standing(visit)
    if not shown["settled"] and request.args.get("had") == shown["state"]:
        return unchanged()
    html = render("signing/state.html", spoken=True, **shown)
    return stop_polling(html) if shown["settled"] else fragment(html)


@bp.get("/sign/<id>/decline")
@may("anyone")
@private
def saying_no(id: str) -> Response:
    """Will not sign, or (?not_me) is not the one who was meant."""
    visit = _visit(id)
    not_me = "not_me" in request.args
    return see_other(_path(visit)) if visit.is_signed else sign_pages.decline(visit, not_me)


@bp.post("/sign/<id>/decline")
@too_old(lambda id: sign_pages.decline(_visit(id), "not_me" in request.form, request.form.get("reason", "")))
@may("anyone")
@private
def decline(id: str) -> Response:
    """Tells the company that asked; the link leads nowhere from now on."""
    visit = _visit(id)
    if visit.is_signed:
        return see_other(_path(visit))
    if "not_me" in request.form:
        _signing().not_me(visit, _link(id))
        return see_other("/sign/not-me")
    reason = request.form.get("reason", "")
    problem = _signing().decline(visit, _link(id), reason)
    return sign_pages.decline(visit, False, reason, problem) if problem else see_other("/sign/declined")


@bp.get("/sign/declined")
@may("anyone")
@private
def declined() -> Response:
    """That the answer has been taken in. It names nobody: anyone may open it."""
    return page("signing/over.html", not_me=False)


@bp.get("/sign/not-me")
@may("anyone")
@private
def not_me() -> Response:
    """The same for somebody whom the mail should not have reached."""
    return page("signing/over.html", not_me=True)


# --- Who is here ---------------------------------------------------------------------------------------------------


def _signing() -> Signing:
    return services().signing(g.tenant, g.now)


def _visit(id: str, seen: Visitor | None = None) -> SignerView:
    """What this browser's link opens. The page comes in the paper's language unless the reader has chosen another."""
    link = _link(id)
    visit = _signing().visit(id, link, browser_binding=_browser_binding(), seen=seen) if link else None
    if visit is None:
        raise Gone
    language.prefer(visit.paper.language)
    return visit


def _code_page(id: str, problem: Problem | None = None) -> Response:
    """The page for the code as it is now: what was asked for a moment ago may have been overtaken by another request."""
    visit = _visit(id)
    if visit.stage == "code":
        return sign_pages.code(visit, problem)
    _say_code_is_over(visit)
    return see_other(_path(visit))


def _say_code_is_over(visit: SignerView) -> None:
    """A code that was typed is not thrown away without a word."""
    if visit.stage != "document":
        return
    elsewhere = g.words.gettext(
        "Another code has been asked for on another device or in another browser, so yours has stopped working."
        " Nothing has been signed here. Go on there, or confirm below to get a new code here"
    )
    flash(elsewhere if visit.is_elsewhere else g.words.say("sign.code.old"), "warning")


def _path(visit: SignerView) -> str:
    return sign_view.where(visit)


def _link(id: str) -> str:
    return request.cookies.get(_cookie(id), "")


def _browser_binding() -> str:
    return request.cookies.get(_prefixed(BROWSER_BINDING), "")


def _cookie(signer: str) -> str:
    """One for each paper, so that a person with two can have both open."""
    return _prefixed(f"sign-{signer}")


def _prefixed(name: str) -> str:
    return f"__Secure-{name}" if current_app.config["SESSION_COOKIE_SECURE"] else name


def _keep(answer: Response, name: str, value: str) -> None:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(name, value, httponly=True, secure=secure, samesite="Lax", path="/sign")


def _address() -> str:
    return request.remote_addr or ""


def _visitor() -> Visitor:
    return Visitor(_address(), request.user_agent.string[:200])


def _consent_form() -> Consent:
    form = request.form
    return Consent(
        form.get("name", "")[:1000],
        form.get("capacity", "")[:40],
        frozenset(each[:40] for each in form.getlist("declare")[:20]),
        form.get("method", "")[:40],
        form.get("sha256", "")[:64],
    )

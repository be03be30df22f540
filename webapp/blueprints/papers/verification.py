"""The check of a paper by its printed code or its file: anybody who holds one may ask what it is and whether it is the newest; tells nothing personal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import TooManyRequests

from webapp.operations.papers import document_verification, production
from webapp.operations.people.sign_in import TooOften
from webapp.web.access import may
from webapp.web.htmx import page, see_other
from webapp.web.layout_context import services
from webapp.web.request_guard import takes_file, too_old

if TYPE_CHECKING:
    from webapp.documents.check import Verdict

bp = Blueprint("verify", __name__)

AROUND = 64 * 1024  # what a form adds to its file


@bp.get("/verify")
@may("anyone")
def form() -> Response:
    """Asks for the code or the file; a typed code leads to its own address."""
    typed = request.args.get("code", "")[:60]
    if not typed.strip():
        return _ask()
    code = production.read_code(typed)
    return see_other(f"/verify/{code}") if code else _again(typed)


@bp.get("/verify/<code>")
@may("anyone")
def verify(code: str) -> Response:
    """What the paper with this code is."""
    read = production.read_code(code[:60])
    if not read:
        return _again(code[:60])
    try:
        found = document_verification.by_code(services().store, g.tenant.slug, read, request.remote_addr or "", g.now)
    except TooOften as often:
        raise TooManyRequests(retry_after=often.seconds) from None
    if found is None:
        return page("papers/verify_unknown.html", 404, code=read)
    return _found(found, by_file=False)


@bp.post("/verify")
@may("anyone")
@takes_file(document_verification.LARGEST + AROUND)
@too_old(lambda: _ask(409))
def verify_file() -> Response:
    """What the sent file is; it is not kept. The answer is a page of its own: nothing has changed that a redirect could show."""
    sent = request.files.get("file")
    content = sent.read(document_verification.LARGEST + 1) if sent else b""
    if not content:
        text = g.words.gettext("Choose the file to check")
        return _ask(422, errors=[{"id": "file", "text": text}])
    here = services()
    try:
        found = document_verification.by_bytes(
            here.store, here.seals, g.tenant.slug, content, request.remote_addr or "", g.now
        )
    except TooOften as often:
        raise TooManyRequests(retry_after=often.seconds) from None
    if found.outcome == "ours" and found.paper:
        return _found(found.paper, by_file=True, verdict=found.verdict)
    return page("papers/verify_file.html", found=found)


def _found(paper: document_verification.Verified, *, by_file: bool, verdict: Verdict | None = None) -> Response:
    title = g.words.gettext(production.TITLES[paper.kind])
    return page("papers/verify_found.html", found=paper, title=title, by_file=by_file, verdict=verdict)


def _again(typed: str) -> Response:
    text = g.words.gettext("Enter the 12 letters and digits of the code")
    return _ask(422, typed, [{"id": "code", "text": text}])


def _ask(status: int = 200, typed: str = "", errors: list[dict[str, str]] | None = None) -> Response:
    return page("papers/verify.html", status, typed=typed, errors=errors or [])

"""Drafts in the browser: begin one, see its users, add, copy, remove, throw away; knows no question and no price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from flask import Blueprint, Response, abort, flash, g, request

from webapp.domain.ordering.draft import MOST_LINES
from webapp.domain.ordering.questions.catalogue import QUESTIONS
from webapp.domain.problem import Invalid, Problem
from webapp.operations.ordering import labels
from webapp.web.access import may
from webapp.web.htmx import page, see_other
from webapp.web.layout_context import ordering
from webapp.web.ordering import order_price, order_review
from webapp.web.ordering.order_form import asked, messages, url_of_line
from webapp.web.request_guard import too_old
from webapp.web.safe_redirects import nearest_page

bp = Blueprint("drafts", __name__)


@bp.get("/orders/new")
@may("buyer")
def new() -> Response:
    """What can be ordered."""
    return _start_page({}, {})


@bp.post("/orders/new")
@too_old(lambda: _start_page(_first_answers(), {}, status=409))
@may("buyer")
def start() -> Response:
    """A draft with its first answers."""
    answers = _first_answers()
    try:
        missing = {q: Problem(QUESTIONS[q].missing) for q in g.tenant.composition.start if not answers.get(q)}
        if not missing:
            return see_other(f"/drafts/{ordering().start(answers)}/lines/1")
    except Invalid as invalid:
        missing = dict.fromkeys(answers, invalid.problem)
    return _start_page(answers, missing)


def _first_answers() -> dict[str, str]:
    wanted = g.tenant.composition.start or ("kind",)
    return {question: request.form[question] for question in wanted if question in request.form}


def _start_page(typed: Mapping[str, str], problems: Mapping[str, Problem], status: int = 200) -> Response:
    form = ordering().blank(typed)
    # There is no draft yet for an answer to be saved in.
    questions = [replace(asked(g.words, form, q, typed, problems), live="") for q in g.tenant.composition.start]
    kinds = [
        {"value": option.value, "label": g.words.say(f"button.order_{option.value}")}
        for option in form.options("kind")
        if "kind" in g.tenant.composition.asked
    ] or [{"value": "", "label": g.words.say("button.new_order")}]
    errors = messages(g.words, problems)
    return page("ordering/start.html", 422 if errors else status, questions=questions, kinds=kinds, errors=errors)


@bp.get("/drafts/<draft>")
@may("buyer")
def listing(draft: str) -> Response:
    """The users added so far."""
    review = ordering().review(draft, order_review.look_of(request.args))
    gone = [
        {
            "n": each.n,
            "name": labels.called(g.words, each.name, each.n),
            "url": f"{url_of_line(draft, each.n)}/restore",
        }
        for each in review.removed
    ]
    just_now = next((each for each in gone if str(each["n"]) == request.args.get("removed")), None)
    complete = [each for each in review.outlines if each.is_complete]
    last = complete[-1] if complete else None
    return page(
        "ordering/draft.html",
        count=len(review.outlines),
        bar=order_review.lines_bar(g.words, review, f"/drafts/{draft}"),
        cards=[order_review.card(g.words, form, review.quote) for form in review.forms],
        removed=gone,
        removed_now=just_now,
        copy={"n": last.n, "name": labels.called(g.words, last.name, last.n)} if last else None,
        holds=order_review.holds(g.words, g.tenant.market, review.held),
        hold_url=f"/drafts/{draft}/hold",
        most=MOST_LINES,
        price=order_price.price(g.words, review.forms, review.quote, review.draft.rev),
        lines_url=f"/drafts/{draft}/lines",
        review_url=f"/drafts/{draft}/review",
        discard_url=f"/drafts/{draft}/discard",
    )


@bp.post("/drafts/<draft>/lines")
@may("buyer")
def add_line(draft: str) -> Response:
    """One user more, if wanted like another."""
    like = request.form.get("like", "")
    n = ordering().add_line(draft, int(like) if like.isascii() and like.isdigit() and len(like) < 6 else None)
    if n is None:
        return _full(draft)
    return see_other(f"/drafts/{draft}/lines/{n}")


def _full(draft: str) -> Response:
    """The list, with the reason why there is no further user."""
    flash(g.words.say("lines.full", n=MOST_LINES), "warning")
    return see_other(f"/drafts/{draft}")


@bp.post("/drafts/<draft>/lines/<int:n>/remove")
@may("buyer")
def remove_line(draft: str, n: int) -> Response:
    """A user taken out, with a way to take it back."""
    ordering().remove_line(draft, n)
    return see_other(f"/drafts/{draft}?removed={n}")


@bp.post("/drafts/<draft>/lines/<int:n>/restore")
@may("buyer")
def restore_line(draft: str, n: int) -> Response:
    """A user put back."""
    if not ordering().remove_line(draft, n, removed=False):
        return _full(draft)
    return see_other(nearest_page(request.form.get("next") or f"/drafts/{draft}"))


@bp.post("/drafts/<draft>/discard")
@may("buyer")
def discard(draft: str) -> Response:
    """The draft thrown away, with a way to take it back."""
    if not ordering().discard(draft):
        abort(404)
    return see_other(f"/home?discarded={draft}")


@bp.post("/drafts/<draft>/restore")
@may("buyer")
def restore(draft: str) -> Response:
    """The draft taken back."""
    if not ordering().restore(draft):
        abort(404)
    return see_other(f"/drafts/{draft}")


@bp.post("/drafts/<draft>/hold")
@may("buyer")
def hold(draft: str) -> Response:
    """The held numbers kept for another while; back to the page that showed them."""
    ordering().prolong(draft)
    return see_other(nearest_page(request.form.get("next") or f"/drafts/{draft}/review"))

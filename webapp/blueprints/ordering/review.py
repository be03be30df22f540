"""The order read through and approved: what it holds, what it costs, what stands in the way; places nothing itself."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from flask import Blueprint, Response, g, request

from webapp.domain.numbers import read_text
from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.order import porting_of
from webapp.domain.papers.coverage import on_one_paper
from webapp.domain.porting.porting import Porting
from webapp.domain.porting.series import show_moving
from webapp.domain.problem import Invalid, Problem
from webapp.operations.ordering import contract_summaries, labels
from webapp.operations.ordering.drafts import Review, Submission
from webapp.operations.ordering.review_fingerprint import Differences
from webapp.web.access import may
from webapp.web.htmx import by_htmx, fragment, macro, page, see_other
from webapp.web.layout_context import ordering
from webapp.web.ordering import order_price, order_review
from webapp.web.ordering.order_form import Message, line_url, url_of_line
from webapp.web.request_guard import too_old

bp = Blueprint("review", __name__)

_TO_CORRECT = ("%(num)s answer needs to be corrected", "%(num)s answers need to be corrected")
TOLD = 20
"""Of what stands in the way so much is told one by one."""
NUMBERS = 6
"""Of a power of attorney so many numbers are named."""


@bp.get("/drafts/<draft>/review")
@may("buyer")
def review(draft: str) -> Response:
    """The order read back; without a user there is nothing to read."""
    found = ordering().review(draft, order_review.look_of(request.args))
    return _review_page(found) if found.outlines else see_other(f"/drafts/{draft}")


def _again(draft: str) -> Response:
    """The review as it was filled in, after its form had become too old to be taken."""
    return _review_page(ordering().review(draft), status=409)


@bp.post("/drafts/<draft>/reference")
@too_old(_again)
@may("buyer")
def refer(draft: str) -> Response:
    """The reference kept as it is typed, also for whoever leaves the review: to change the order, or until later."""
    reference, problem = _reference()
    if problem is None:
        ordering().set_reference(draft, reference)
    if by_htmx():
        return fragment(macro("message", labels.problem(g.words, problem) if problem else ""))
    if problem:
        return _review_page(ordering().review(draft), reference_problem=problem)
    return see_other("/home" if request.form.get("then") == "later" else _edit_url(ordering().review(draft)))


def _reference() -> tuple[str, Problem | None]:
    try:
        typed = request.form.get("ref", "").strip()
        return (read_text(typed, longest=60) if typed else ""), None
    except Invalid as invalid:
        return "", invalid.problem


@bp.post("/drafts/<draft>/submission")
@too_old(_again)
@may("buyer")
def submission(draft: str) -> Response:
    """The press of the button: an order, or the review with what stands in the way."""
    reference, problem = _reference()
    if problem:
        return _review_page(ordering().review(draft), reference_problem=problem)
    said, of = request.form.get("summary", ""), request.form.get("summary_seen", "")
    done = ordering().submit(draft, request.form.get("seen", ""), bool(request.form.get("terms")), reference, said, of)
    if done.placed:
        mark = "?already=1" if done.placed.again else ""
        return see_other(f"/orders/{done.placed.ref}/receipt{mark}")
    assert done.review is not None
    return _review_page(done.review, done) if done.review.outlines else see_other(f"/drafts/{draft}")


def _review_page(
    found: Review, done: Submission | None = None, reference_problem: Problem | None = None, status: int = 200
) -> Response:
    words, draft = g.words, found.draft
    names = {each.n: labels.called(words, each.name, each.n) for each in found.outlines}
    errors = _obstacles(found, done) if done else []
    if reference_problem:
        errors.append(Message("ref", labels.problem(words, reference_problem)))
    differs = done.differs if done else None
    changes = differs.prices if differs and differs.prices else found.moved
    rows = order_price.differences(words, changes, {**(differs.names or {}), **names} if differs else names)
    # What was accepted is accepted no longer when it is another text.
    accepted = request.form.get("terms") and not (differs and (differs.language or differs.terms))
    terms = g.tenant.legal_text("terms", g.language)
    return page(
        "ordering/review.html",
        422 if errors else status,
        errors=_first(errors, found),
        error_title=words.ngettext(*_TO_CORRECT, len(errors)) % {"num": words.number(len(errors))},
        notices=_review_notices(found, done),
        changes=rows,
        change_rows=[[r["who"], r["what"], r["period"], r["before"], r["after"]] for r in rows],
        answer_rows=order_review.differences(words, differs.answers) if differs else [],
        count=len(found.outlines),
        bar=order_review.lines_bar(words, found, f"/drafts/{draft.id}/review"),
        cards=[_review_card(found, form) for form in found.forms],
        holds=order_review.holds(words, g.tenant.market, found.held),
        hold_url=f"/drafts/{draft.id}/hold",
        price=order_price.price(words, found.forms, found.quote, draft.rev),
        papers=_papers(found),
        seen=found.seen,
        reference=request.form.get("ref", draft.reference),
        reference_error=labels.problem(words, reference_problem) if reference_problem else "",
        terms="yes" if accepted else "",
        terms_error=words.say("terms.missing") if done and done.terms_missing else "",
        terms_version=terms.version,
        **_summary(found, done),
        submission_url=f"/drafts/{draft.id}/submission",
        reference_url=f"/drafts/{draft.id}/reference",
        edit_url=_edit_url(found),
    )


def _summary(found: Review, done: Submission | None) -> dict[str, Any]:
    """The contract summary and what may be said of it; an answer to another summary is not kept."""
    if found.summary is None:
        return {"facts": None}
    words, given = g.words, request.form.get("summary", "")
    given = "" if done and done.summary_differs else given
    return {
        "facts": found.summary,
        "w": words,
        "market": g.tenant.market,
        "level": 3,
        "summary_seen": found.summary_seen,
        "summary_url": f"/drafts/{found.draft.id}/summary",
        "summary_options": [
            {"value": value, "label": label, "hint": means, "selected": given == value}
            for value, label, means in contract_summaries.choices(words)
        ],
        "summary_error": _summary_problem(done),
    }


def _summary_problem(done: Submission | None) -> str:
    if done and done.summary_differs:
        return str(g.words.gettext("The contract summary has changed. Read it again and answer"))
    if done and done.summary_missing:
        return str(g.words.gettext("Say whether you accept the contract summary or waive it"))
    return ""


def _edit_url(found: Review) -> str:
    """A form of one page with one user opens filled in; else the list."""
    only = found.forms[0] if len(found.outlines) == 1 and found.forms else None
    if only and g.tenant.composition.layout == "columns":
        return line_url(only)
    return f"/drafts/{found.draft.id}"


def _review_card(found: Review, form: LineContext) -> dict[str, Any]:
    card = order_review.card(g.words, form, found.quote)
    return {**card, "groups": order_review.review_groups(g.words, form, found.quote, request.args.get("changed", ""))}


def _review_notices(found: Review, done: Submission | None) -> list[str]:
    words = g.words
    notices = []
    if (
        not (done and done.differs is not None) and found.moved and found.quote
    ):  # what differs stands in the error summary
        since = g.tenant.prices_on(g.tenant.market.today(g.now))
        notices.append(words.say("price.changed", date=since.valid_from if since else ""))
    if found.quote is None:
        notices.append(words.say("price.none"))
    told = {} if done else found.expired  # of what was submitted the error summary tells
    return notices + [labels.problem(words, why) for why in [*told.values()][:TOLD]]


def _differing(differs: Differences) -> list[str]:
    """In words, that it is not what was shown."""
    words = g.words
    if differs.is_only_price:
        return [words.say("price.differs")]
    told = [words.say("order.differs")] if differs.answers or not (differs.language or differs.terms) else []
    if differs.unseen:
        named = words.listed(differs.unseen[:TOLD])
        more = len(differs.unseen) - TOLD
        told.append(
            words.say("lines.differ", names=named)
            if more <= 0
            else words.say("lines.differ_more", names=named, n=words.number(more))
        )
    if differs.language:
        told.append(words.say("language.differs"))
    if differs.terms:
        version = g.tenant.legal_text("terms", g.language).version
        told.append(words.say("terms.differ", before=differs.terms, after=version))
    return told


def _obstacles(found: Review, done: Submission) -> list[Message]:
    """What stands in the way of the order, each with a way to it."""
    words = g.words
    here = {form.line.n for form in found.forms}

    def at(n: int, text: str, question: str = "") -> Message:
        """A line on another page is led to by its address."""
        own = f"q-{n}-{question.replace('.', '-')}" if question else f"line-{n}"
        return Message(own, text, "" if n in here else f"{url_of_line(found.draft.id, n)}?return=review")

    errors = [at(each.n, order_review.incomplete(words, each)) for each in found.incomplete if each.missing]
    errors += [at(n, labels.problem(words, why)) for n, why in found.expired.items()]
    errors += [at(n, labels.problem(words, why), q) for n, (q, why) in dict(done.unavailable or {}).items()]
    if done.differs is not None:
        errors += [
            Message("price" if done.differs.is_only_price else "changes", text) for text in _differing(done.differs)
        ]
    if problem := _summary_problem(done):
        errors.append(Message("summary", problem))
    if done.terms_missing:
        errors.append(Message("terms", words.say("terms.missing")))
    return errors


def _first(errors: list[Message], found: Review) -> list[Message]:
    """So many as can be read, and how many more there are."""
    more = len(errors) - TOLD
    if more <= 0:
        return errors
    url = f"/drafts/{found.draft.id}/review?lacking=1" if found.incomplete else ""
    return [*errors[:TOLD], Message("lines", g.words.gettext("and %(num)s more") % {"num": g.words.number(more)}, url)]


def _papers(found: Review) -> list[tuple[str, str]]:
    """Which documents will be made and who must sign what."""
    words = g.words
    papers = [(words.gettext("Order confirmation"), words.gettext("To you, when the order has been received"))]
    here = {form.line.n for form in found.forms}
    moves: dict[Hashable, list[Porting]] = {}
    for form in found.forms:
        if form.value("number_source") == "port" and form.value("port.number"):
            move = porting_of(form)
            moves.setdefault(on_one_paper(move), []).append(move)
    others = sum(line.n not in here and line.moves for line in found.outlines)
    for together in moves.values():
        numbers = ", ".join(show_moving(move, g.tenant.market) for move in together[:NUMBERS])
        if len(together) > NUMBERS:
            numbers += " " + words.gettext("and %(num)s more") % {"num": words.number(len(together) - NUMBERS)}
        signers = words.listed(signer.name for signer in together[0].all_signers if signer.name)
        title = words.gettext("Power of attorney for %(number)s") % {"number": numbers}
        papers.append((title, words.gettext("Signed by %(name)s") % {"name": signers}))
    if others:
        title = words.ngettext(
            "Powers of attorney for %(num)s more number", "Powers of attorney for %(num)s more numbers", others
        )
        papers.append(
            (title % {"num": words.number(others)}, words.gettext("Signed by whoever is named beside each number"))
        )
    if found.summary:
        papers.append((words.gettext("Contract summary"), words.gettext("To you, unless you waive it")))
    return papers

"""One user's page of the order form: shown, answered, changed answer by answer, looked up; holds no rule of what may be answered."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, abort, flash, g, request
from flask import render_template as render
from markupsafe import Markup

from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.journey import Journey
from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.questions.catalogue import QUESTIONS
from webapp.domain.ordering.quote import Quote
from webapp.domain.ordering.url_words import START
from webapp.domain.problem import Problem
from webapp.domain.tenants.tenant import Step
from webapp.operations.ordering import labels
from webapp.operations.ordering.drafts import ChangedAnswer, DraftView, Filled, Tab
from webapp.store.reading import company_reads
from webapp.web.access import may
from webapp.web.fragment_cache import HERE, FragmentCache, drawn
from webapp.web.htmx import by_htmx, fragment, macro, page, regions, see_other
from webapp.web.layout_context import ordering, work
from webapp.web.ordering import order_price
from webapp.web.ordering.order_form import (
    QuestionView,
    ShownOption,
    asked,
    blocks,
    find_step,
    known_user,
    line_url,
    messages,
    start_step,
    step_line,
    step_url,
)
from webapp.web.request_guard import too_old

bp = Blueprint("lines", __name__)

_TAB = re.compile(r"[a-z0-9]", re.ASCII)


@bp.get("/drafts/<draft>/lines/<int:n>")
@bp.get("/drafts/<draft>/lines/<int:n>/<step_id>")
@may("buyer")
def line(draft: str, n: int, step_id: str | None = None) -> Response:
    """A page of the form; without a step, or with one that has to wait, the first that lacks an answer."""
    visit = ordering().visit(draft, n)
    step = _reachable(visit, step_id)
    if step is None:
        return see_other(_next_open(visit))
    return _line_page(visit, step)


def _again(draft: str, n: int, step_id: str | None = None, question: str = "") -> Response:
    """The page as it was filled in, after its form had become too old to be taken."""
    visit = ordering().visit(draft, n)
    changed = question or request.form.get("changed", "")
    step = _step_of(visit.form, changed) if changed in visit.form.composition.asked else _reachable(visit, step_id)
    if step is None:
        return see_other(_next_open(visit))
    would = ordering().preview(draft, n, step, _typed(step), _shown())
    wrong = {q: why for q, why in would.answered.problems.items() if request.form.get(q, "").strip()}
    return _line_page(would.visit, step, status=409, typed=request.form, problems=wrong, retarget=by_htmx())


@bp.post("/drafts/<draft>/lines/<int:n>")
@bp.post("/drafts/<draft>/lines/<int:n>/<step_id>")
@too_old(_again)
@may("buyer")
def answer(draft: str, n: int, step_id: str | None = None) -> Response:
    """A submitted page: onwards when it is done, else the page again with what is wrong."""
    visit = ordering().visit(draft, n)
    step = _reachable(visit, step_id)
    if step is None:
        if _shown():
            flash(g.words.say("draft.page_gone"), "warning")
        return see_other(_next_open(visit))
    filled = ordering().answer(draft, n, step, _typed(step), _shown(), _tab())
    if filled.conflict:
        return _line_page(filled.visit, step, status=409, notices=[_conflict(filled.conflict)])
    if filled.gone:
        return _line_page(filled.visit, step, status=409, notices=[_gone(filled.gone)])
    if "later" in request.form:
        return _later(filled, step)
    if _is_searching():
        return _line_page(filled.visit, step, searching=True)
    if _is_halfway():
        return _halfway(filled, step)
    return see_other(_onwards(filled, step)) if filled.answered.is_fine else _not_done(filled, step)


def _later(filled: Filled, step: Step) -> Response:
    """The start page, once whatever could not be saved has been told."""
    wrong = _typed_wrong(filled)
    if not wrong:
        return see_other("/home")
    if set(wrong) - set(request.form.getlist("told")):
        return _line_page(filled.visit, step, status=422, typed=request.form, problems=wrong)
    named = ", ".join(labels.short_label(g.words, question) for question in wrong)
    flash(g.words.say("draft.not_saved", question=named), "warning")
    return see_other("/home")


def _typed_wrong(filled: Filled) -> dict[str, Problem]:
    """What was typed and could not be taken; what has not been answered yet is nothing to complain about."""
    return {q: why for q, why in filled.answered.problems.items() if request.form.get(q, "").strip()}


def _is_searching() -> bool:
    """Whether users are searched without script: by the button, or by Enter with other words than were searched last."""
    sought = request.form.get("sought")
    by_enter = "enter" in request.form and sought is not None and request.form.get("q", "").strip() not in {"", sought}
    return bool(request.form.get("search")) or by_enter


def _is_halfway() -> bool:
    """Whether a button was pressed that only wants the page brought up to date."""
    return "update" in request.form or any(name.startswith("use.") for name in request.form)


def _halfway(filled: Filled, step: Step) -> Response:
    """The page again: what was typed wrong is told, what has not been answered yet is not."""
    wrong = _typed_wrong(filled)
    if wrong:
        return _line_page(filled.visit, step, status=422, typed=request.form, problems=wrong)
    returning = "?return=review" if request.form.get("return") == "review" else ""
    return see_other(f"{step_url(filled.visit.form, step)}{returning}")


@bp.post("/drafts/<draft>/lines/<int:n>/change")
@too_old(_again)
@may("buyer")
def change(draft: str, n: int) -> Response:
    """One answer, stored as it is given; fills what depends on it and never the control in use."""
    question = request.form.get("changed", "")
    if question not in g.tenant.composition.asked:
        abort(404)
    changed = ordering().change(draft, n, question, request.form.get(question, ""), _tab())
    step = _step_of(changed.after.form, question)
    if not by_htmx():
        return see_other(step_url(changed.after.form, step))
    if changed.conflict or changed.by_another:
        notice = _conflict(changed.conflict) if changed.conflict else _gone((question,))
        return _line_page(changed.after, step, status=409, notices=[notice], retarget=True)
    return regions(_filled_regions(changed, question, step))


@bp.post("/drafts/<draft>/lines/<int:n>/check/<question>")
@too_old(_again)
@may("buyer")
def check(draft: str, n: int, question: str) -> Response:
    """A looked-up answer: what is wrong or doubtful about it, or that we keep it. A right one is stored."""
    if question not in g.tenant.composition.asked:
        abort(404)
    raw = request.form.get(question, "")
    changed = ordering().change(draft, n, question, raw, _tab())
    if not by_htmx():
        return see_other(step_url(changed.after.form, _step_of(changed.after.form, question)))
    return fragment(_check_message(changed, question, raw))


def _check_message(changed: ChangedAnswer, question: str, raw: str) -> Any:
    form = changed.after.form
    if changed.conflict:
        return macro("message", _conflict(changed.conflict)["text"])
    if changed.by_another:
        return macro("message", _gone((question,))["text"])
    if changed.problem and raw.strip():
        return macro("message", labels.problem(g.words, changed.problem))
    value = form.value(question)
    if not value:
        return ""
    if doubt := QUESTIONS[question].warn(value, form):
        return macro("message", labels.problem(g.words, doubt), "warning")
    if question == "specific_number" and (until := ordering().held_until(form.draft.id, value)):
        shown = {"n": show_msisdn(value, form.market), "time": g.words.time(until)}
        return macro("message", g.words.say("specific.hold", **shown), "success")
    return ""


@dataclass(frozen=True)
class _Shown:
    """How a page stood: what the next answer's regions are found by."""

    questions: Mapping[str, QuestionView]
    resets: tuple[str, ...]
    quote: Quote | None


_shown_before: FragmentCache[_Shown] = FragmentCache(256)


def _page_of(visit: DraftView, step: Step) -> tuple[object, ...]:
    """Which page, in which state. A draft's revision says which answers it had; who reads it, in which words, says the rest."""
    return g.words, g.person.id, visit.draft.id, visit.draft.rev, visit.form.line.n, step.id


def _shows(visit: DraftView, step: Step) -> _Shown:
    questions = {each: asked(g.words, visit.form, each, step=step) for each in step.ask}
    return _Shown(questions, tuple(notice["text"] for notice in _reset_notices(visit.form, step)), visit.quote)


def _showed(visit: DraftView, step: Step) -> _Shown:
    """How the page stood before an answer, as it was shown when this process has shown it.

    What is remembered may be older than the clock, prices, or what the company has, never than the answers, which `rev`
    tells. So at worst a region that is as it was is filled once more; the answer stored is looked at by nobody here.
    """
    return _shown_before.get(_page_of(visit, step)) or _shows(visit, step)


def _filled_regions(changed: ChangedAnswer, question: str, step: Step) -> dict[str, Any]:
    words, after = g.words, changed.after
    before, now = _showed(changed.before, step), _shows(after, step)
    _shown_before.put(_page_of(after, step), now)
    regions: dict[str, Any] = {}
    news = []
    for each, new in now.questions.items():
        old = before.questions[each]
        if each != question and old != new:
            regions[f"slot-{new.dom_id}"] = _slot(new, line_url(after.form))
            if new.visible and not old.visible:
                news.append(words.say("live.asked", label=new.label))
            if new.error and not old.error:
                news.append(new.error)
    if now.resets != before.resets:
        regions["resets"] = "".join(macro("notice", "warning", text) for text in now.resets)
        news += now.resets
    regions["price"] = _price(after, before.quote)
    if step.id != START and g.tenant.composition.layout == "steps" and step in after.journey.steps:
        regions["stepline"] = _step_line(after, step)
    if changed.problem is None and not changed.gone:
        regions["saved"] = words.say("saved.at", time=words.time(g.now))
        known = known_user(words, after.form, question)
        regions[f"err-{question.replace('.', '-')}"] = macro("message", known, "warning") if known else ""
    spoken = [*news, order_price.spoken_total(words, before.quote, after.quote)]
    if any(spoken):
        regions["live"] = ". ".join(filter(None, spoken))
    return regions


def _slot(question: QuestionView, here: str) -> str:
    if not question.visible:
        return ""
    html = drawn(g.words, "slot", question, lambda: render("ordering/_slot.html", q=question))
    return html.replace(HERE, here)


def _step_line(visit: DraftView, step: Step) -> Markup:
    shown = step_line(g.words, visit.form, visit.journey, step)
    html = drawn(g.words, "step_line", shown, lambda: macro("step_line", *shown))
    return html.replace(HERE, line_url(visit.form))


# The page


def _line_page(
    visit: DraftView,
    step: Step,
    *,
    status: int = 200,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, Problem] | None = None,
    warnings: Mapping[str, Problem] | None = None,
    notices: list[dict[str, Any]] | None = None,
    retarget: bool = False,
    searching: bool = False,
) -> Response:
    words, form, journey = g.words, visit.form, visit.journey
    if problems or warnings:
        questions = {q: asked(words, form, q, typed, problems, warnings, step) for q in step.ask}
    else:
        shown = _shows(visit, step)
        questions = dict(shown.questions)
        _shown_before.put(_page_of(visit, step), shown)
    if "user" in questions and (searching or (problems and request.form.get("q", "").strip())):
        questions["user"] = _searched(questions["user"])
    is_columns = step.id != START and (
        g.tenant.composition.layout == "columns" or any(block.area != "main" for block in step.blocks)
    )
    in_steps = g.tenant.composition.layout == "steps" and step.id != START
    returning = request.values.get("return") == "review"
    back = _back(visit, step, returning)
    answer = page(
        "ordering/step.html",
        status,
        title=_title(step),
        is_columns=is_columns,
        line=_step_line(visit, step) if in_steps else "",
        blocks=blocks(words, step, questions),
        slots={q: _slot(question, line_url(form)) for q, question in questions.items()},
        focus=_focus(problems, warnings),
        errors=messages(g.words, problems or {}),
        notices=notices or [],
        resets=_reset_notices(form, step),
        action=step_url(form, step),
        rev=visit.draft.rev,
        tab=secrets.token_hex(6),
        told=sorted(problems or {}),
        returning=returning,
        continue_label=_continue_label(journey, step, returning),
        back=back,
        back_label=words.gettext("To the order") if returning else words.gettext("Back"),
        price=_price(visit),
        product=form.name(form.plan) if form.plan and is_columns and g.tenant.composition.start else None,
        product_url=f"{line_url(form)}/{START}",
    )
    if retarget:
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#main", "outerHTML"
    return answer


def _title(step: Step) -> str:
    if step.id == START or g.tenant.composition.layout == "columns":
        return g.words.say("button.new_order")
    return step.titles.get(g.language) or g.words.say("button.new_order")


def _back(visit: DraftView, step: Step, returning: bool) -> str:
    form = visit.form
    if returning:
        return f"/drafts/{visit.draft.id}/review"
    before = visit.journey.before(step) if step in visit.journey.steps else None
    if before:
        return step_url(form, before)
    return f"/drafts/{visit.draft.id}" if visit.draft.count > 1 else "/subscriptions"


def _continue_label(journey: Journey, step: Step, returning: bool) -> str:
    if returning:
        return str(g.words.say("button.to_line"))
    if step.id == START:
        return str(g.words.say("button.continue"))
    if g.tenant.composition.layout == "columns":
        return str(g.words.say("button.to_review"))
    return str(g.words.say("button.continue" if journey.after(step) else "button.line_done"))


def _price(visit: DraftView, before: Quote | None = None) -> Markup:
    shown = order_price.price(g.words, [visit.form], visit.quote, 0, before)
    html = drawn(g.words, "price", shown, lambda: macro("price_content", shown._replace(rev=HERE)))
    return html.replace(HERE, str(visit.draft.rev))


def _reset_notices(form: LineContext, step: Step) -> list[dict[str, Any]]:
    """Answers of other pages that are no longer possible."""
    return [
        {
            "is_warning": True,
            "text": f"{labels.label(g.words, question)}: {labels.problem(g.words, why)}",
        }
        for question, why in form.line.resets.items()
        if question not in step.ask and form.visible(question)
    ]


def _conflict(questions: tuple[str, ...]) -> dict[str, Any]:
    named = ", ".join(labels.short_label(g.words, question) for question in questions)
    return {"is_warning": True, "text": g.words.say("draft.conflict", question=named)}


def _gone(questions: tuple[str, ...]) -> dict[str, Any]:
    named = ", ".join(labels.short_label(g.words, question) for question in questions)
    return {"is_warning": True, "text": g.words.say("draft.gone", question=named)}


def _focus(problems: Mapping[str, Problem] | None, warnings: Mapping[str, Problem] | None) -> str:
    """Where attention goes: the summary of errors, else the first doubtful answer, else the heading."""
    if problems:
        return "#errsum"
    return f"#{next(iter(warnings)).replace('.', '-')}" if warnings else "#main h1"


def _searched(question: QuestionView) -> QuestionView:
    """The search without script: the people found, to choose among."""
    query = request.form.get("q", "")[:80]
    with work() as open_work:
        found = company_reads.employees(open_work, g.words.language, q=query).rows
    hits = tuple(ShownOption(each.id, each.name, each.email, "", each.id == question.value) for each in found)
    return replace(question, options=hits, query=query)


def _not_done(filled: Filled, step: Step) -> Response:
    answered = filled.answered
    if answered.problems or answered.warnings:
        doubtful = [{"is_warning": True, "text": g.words.say("warn.continue")}]
        return _line_page(
            filled.visit,
            step,
            status=422,
            typed=request.form,
            problems=answered.problems,
            warnings=answered.warnings,
            notices=None if answered.problems else doubtful,
        )
    # Questions that have only now come up are asked, not complained about.
    named = ", ".join(labels.label(g.words, q) for q in answered.newly_asked)
    notices = [{"is_warning": False, "text": g.words.say("live.asked", label=named)}] if named else []
    return _line_page(filled.visit, step, notices=notices)


# Finding the way


def _typed(step: Step) -> dict[str, str]:
    """What was sent for this page; a button that offers an answer stands for having typed it."""
    typed = {q: request.form[q] for q in step.ask if q in request.form}
    for question in step.ask:
        if used := request.form.get(f"use.{question}"):
            typed[question] = used
    return typed


def _shown() -> frozenset[str] | None:
    """The questions the page had when it was sent; each slot that shows one says so."""
    return frozenset(request.form.getlist("shown")) or None


def _tab() -> Tab:
    """Which tab writes. Without script every loaded page is a tab of its own."""
    seq, rev = request.form.get("seq", ""), request.form.get("rev", "")
    return Tab(
        "".join(_TAB.findall(request.form.get("tab", "")))[:40],
        int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 9 else 0,
        int(rev) if rev.isascii() and rev.isdigit() and len(rev) < 9 else None,
    )


def _reachable(visit: DraftView, step_id: str | None) -> Step | None:
    """The step if it can be shown now."""
    form = visit.form
    missing_start = set(form.missing) & set(form.composition.start)
    step = find_step(form, step_id)
    if step is None:
        if step_id is not None:
            abort(404)
        return None
    if step.id == START:
        return step
    return step if not missing_start and visit.journey.may_visit(step) else None


def _next_open(visit: DraftView) -> str:
    form, journey = visit.form, visit.journey
    if set(form.missing) & set(form.composition.start):
        return step_url(form, start_step(form))
    return step_url(form, journey.unanswered or journey.steps[-1])


def _step_of(form: LineContext, question: str) -> Step:
    return next((s for s in form.composition.steps if question in s.ask), start_step(form))


def _changed_here(filled: Filled) -> set[str]:
    """The answers that are others than when the page was opened; most have been stored as they were given."""
    opened = request.form.get("rev", "")
    since = int(opened) if opened.isascii() and opened.isdigit() and len(opened) < 10 else filled.visit.draft.rev
    return {*filled.answered.written, *(q for q, last in filled.visit.form.line.touched.items() if last.rev > since)}


def _onwards(filled: Filled, step: Step) -> str:
    """Where Continue leads: the review one came from, the next step, the first that lacks an answer, or the list."""
    visit, form, journey = filled.visit, filled.visit.form, filled.visit.journey
    returning = request.form.get("return") == "review"
    if returning and form.missing:
        return f"{_next_open(visit)}?return=review"
    if returning:
        changed = next((q for q in step.ask if q in _changed_here(filled)), "")
        mark = f"?changed={form.line.n}-{changed.replace('.', '-')}" if changed else ""
        return f"/drafts/{visit.draft.id}/review{mark}"
    if step.id == START:
        return _next_open(visit)
    if (after := journey.after(step)) and journey.may_visit(after):
        return step_url(form, after)
    if form.missing:
        return _next_open(visit)
    is_columns = g.tenant.composition.layout == "columns"
    return f"/drafts/{visit.draft.id}/review" if is_columns else f"/drafts/{visit.draft.id}"

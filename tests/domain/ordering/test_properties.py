"""What holds for every draft at every tenant, whoever answers what in which order; drawn by hypothesis."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import a_draft
from tests.domain.ordering.order_contexts import COMPLETE, PORT, SLUGS, context
from tests.domain.ordering.test_order import placed
from webapp.domain.ordering.answering import answer_step, copied, drop_impossible, read, revalidate, write
from webapp.domain.ordering.draft import Line
from webapp.domain.ordering.journey import journey
from webapp.domain.ordering.line import DERIVED, LineContext
from webapp.domain.ordering.questions.catalogue import QUESTIONS
from webapp.domain.ordering.quote import quote
from webapp.domain.problem import Invalid
from webapp.domain.texts import TEXTS

TYPED = (
    "", " ", "yes", "no", "0", "1", "3", "4", "new", "auto", "a1", "e1", "e2", "08",
    "+46701740680", "070-174 06 81", "08-465 004 90", "+46701740605", "+46701740660", "+46846500410",
    "20 00 00 50", "+4520000010", "+4520000001", "+4520000120",
    "8946990000000000016", "8946990000000000017", "8945990000000000018", "89046999000000000000000000000154",
    "2026-12-03", "2026-12-24", "2027-05-07", "25.11.2026", "2020-01-01",
    "a@b.example", "å@b", "Granlinjen", "Märta", "BØ", "5599990016", "99000007", "114 18", "8000",
    "=?utf-8?q?x?=", "A\r\nB", "\u202e", "٣", "x" * 500,
)  # fmt: skip
SLUG = st.sampled_from(SLUGS)
BUYER = st.tuples(SLUG, st.sampled_from(["small", "large"]), st.booleans())


@cache
def _desk(slug: str, size: str, agreement: bool):  # type: ignore[no-untyped-def]
    return context(slug, size=size, agreement=agreement)


@st.composite
def walks(draw: st.DrawFn) -> LineContext:
    """A line after a walk: begun empty or complete, next to another line, then answered here and there."""
    slug, size, agreement = draw(BUYER)
    at = _desk(slug, size, agreement)
    begun = draw(st.sampled_from([{}, COMPLETE[slug], {**COMPLETE[slug], **PORT[slug]}]))
    other = Line(2, {**COMPLETE[slug], **PORT[slug]})
    draft = a_draft(Line(1, dict(begun)), other, language=at.language)
    form = at.form(draft, draft.lines[0])
    for _ in range(draw(st.integers(0, 12))):
        question, raw = draw(changes(form))
        form = _after(form, question, raw)
    return form


def changes(form: LineContext) -> st.SearchStrategy[tuple[str, str]]:
    """An answer to a question on the page, more often than not one of its options."""

    def raws(question: str) -> st.SearchStrategy[tuple[str, str]]:
        options = tuple(option.value for option in form.options(question))
        return st.tuples(st.just(question), st.sampled_from((*options * 6, *TYPED)))

    return st.sampled_from(form.visible_questions).flatmap(raws)


def _after(form: LineContext, question: str, raw: str) -> LineContext:
    try:
        return form.with_line(write(form, question, raw))
    except Invalid as refused:
        assert refused.problem.code in TEXTS
        return form


def _can_be_placed(form: LineContext) -> LineContext:
    """The same line alone in its draft."""
    return form.context.form(replace(form.draft, lines=(form.line,)), form.line)


@given(walks())
def test_what_counts_is_shown_or_fixed_or_follows(form: LineContext) -> None:
    """No parked value is an answer, is priced, or blocks."""
    counted = form.answers()
    for question in counted:
        spec = QUESTIONS[question]
        assert form.asks(question) or question in form.composition.fixed or question in DERIVED
        assert form.applies(question)
        if spec.is_choice and question not in form.composition.fixed and question not in DERIVED:
            assert counted[question] in {option.value for option in form.options(question)}
    parked = {q for q in form.line.answers if not form.applies(q)}
    assert not parked & set(counted) and not parked & set(form.missing)
    without = form.with_line(
        replace(form.line, answers={q: v for q, v in form.line.answers.items() if q not in parked})
    )
    assert without.answers() == counted and quote([without]) == quote([form])


@given(walks())
def test_complete_means_everything_visible_is_answered_and_priced(form: LineContext) -> None:
    unanswered = [q for q in form.visible_questions if form.is_required(q) and not form.value(q)]
    assert list(form.missing) == unanswered
    walk = journey(form)
    assert (walk.unanswered is None) == (not set(form.missing) - set(form.composition.start))
    if form.is_complete:
        assert not unanswered and form.plan is not None
        order = placed(_can_be_placed(form))
        assert order.lines[0].answers == form.answers() and order.quote.monthly.net.minor > 0
        assert order.lines[0].months <= 24 or not form.company.is_small or form.value("waiver_36") == "yes"
        assert not order.ports or order.ports[0].porting.signer_name  # type: ignore[union-attr]


@given(walks())
def test_settling_settles(form: LineContext) -> None:
    once = drop_impossible(form, form.line).line
    assert drop_impossible(form.with_line(once), once).line is once
    assert once == form.line, "a written line is settled already"


@given(walks(), st.data())
def test_forth_and_back_restores(form: LineContext, data: st.DataObject) -> None:
    """A choice made and unmade leaves every answer as it was, except what was reset and said so."""
    question, raw = data.draw(changes(form))
    was = form.line.answers.get(question, "")
    there = _after(form, question, raw)
    back = _after(there, question, was)
    if back.line.answers.get(question, "") != was or question in form.line.resets:
        return  # what was there before is no longer possible
    lost = set(back.line.resets) - set(form.line.resets)
    assert {q: v for q, v in form.answers().items() if q not in lost and not _follows(q, lost)} == {
        q: v for q, v in back.answers().items() if q not in lost and not _follows(q, lost)
    }


def _follows(question: str, lost: set[str]) -> bool:
    """Whether the answer depends on one that was taken away."""
    downstream = {"kind": {"call_rate"}, "data": {"topup", "data_cards", "delivery"}, "months": {"waiver_36"}}
    groups = {q for each in lost for q in downstream.get(each, ())} | ({"delivery"} if "data_cards" in lost else set())
    return question in groups or question.split(".")[0] in groups


@given(walks(), st.data())
def test_the_order_of_independent_answers_does_not_matter(form: LineContext, data: st.DataObject) -> None:
    one, two = data.draw(changes(form)), data.draw(changes(form))
    if one[0] == two[0]:
        return
    try:
        first = form.with_line(write(form, *one))
        forward = first.with_line(write(first, *two))
        second = form.with_line(write(form, *two))
        backward = second.with_line(write(second, *one))
    except Invalid:
        return  # one decides whether the other is possible
    if set(forward.line.resets) | set(backward.line.resets):
        return
    if all(line.visible(q) for line in (first, second) for q in (one[0], two[0])):
        assert forward.answers() == backward.answers()
        assert quote([forward]).fingerprint() == quote([backward]).fingerprint()


@given(walks(), st.dictionaries(st.sampled_from([*QUESTIONS, "price", "unit"]), st.sampled_from(TYPED), max_size=6))
def test_a_page_sent_by_anybody_is_taken_or_refused(form: LineContext, raw: dict[str, str]) -> None:
    """Whatever comes in is refused with words, or is an answer to a question that was asked."""
    step = form.composition.steps[len(raw) % len(form.composition.steps)]
    answered = answer_step(form, step.ask, raw, None)
    assert {why.code for why in (*answered.problems.values(), *answered.warnings.values())} <= set(TEXTS)
    written = {q for q, v in answered.line.answers.items() if form.line.answers.get(q) != v}
    assert written <= answered.written <= set(step.ask)
    after = form.with_line(answered.line)
    if answered.is_fine:
        assert not set(after.missing) & set(step.ask)
    assert not {"price", "unit"} & set(answered.line.answers)


@given(walks())
def test_reading_back_never_fails(form: LineContext) -> None:
    for question in form.composition.asked:
        shown = form.show(question)
        assert bool(shown) == bool(form.value(question)) or question == "user"
        form.options(question)
    assert {why.code for why in revalidate(form).values()} <= set(TEXTS)
    more = copied(form, 9)
    assert not {"icc", "port.number", "specific_number", "reserved_number", "user", "waiver_36"} & set(more.answers)
    walk = journey(form)
    assert all(walk.may_visit(step) for step in walk.steps[: len(walk.steps) if walk.unanswered is None else 1])


@given(walks())
def test_a_canonical_answer_reads_as_itself(form: LineContext) -> None:
    """What is stored can be sent again unchanged, as a page that is opened and saved does."""
    for question in form.visible_questions:
        given_before = form.line.answers.get(question, "")
        if given_before and given_before == form.value(question) and question not in revalidate(form):
            assert read(form, question, given_before) == given_before
            assert write(form, question, given_before) is form.line


@settings(max_examples=25)
@given(SLUG, st.permutations(range(60)))
def test_a_complete_line_is_complete_in_whatever_order_it_was_stored(slug: str, order: list[int]) -> None:
    answers = list({**COMPLETE[slug], **PORT[slug]}.items())
    shuffled = dict(answers[n] for n in order if n < len(answers))
    at = _desk(slug, "large", True)
    draft = a_draft(Line(1, shuffled))
    plain = a_draft(Line(1, dict(answers)))
    assert at.form(draft, draft.lines[0]).answers() == at.form(plain, plain.lines[0]).answers()
    assert at.form(draft, draft.lines[0]).is_complete

"""What giving an answer does to a line: read, written, checked, others taken away that it makes impossible; shows nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from webapp.domain.folding import is_blank
from webapp.domain.ordering.draft import Line
from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.questions.catalogue import QUESTIONS
from webapp.domain.ordering.questions.question import YES
from webapp.domain.problem import Invalid, Problem


@dataclass(frozen=True)
class Answered:
    """What came of answering: the line after it, what is wrong, what is doubtful, and what is asked now that was not before."""

    line: Line
    problems: Mapping[str, Problem] = field(default_factory=dict)
    warnings: Mapping[str, Problem] = field(default_factory=dict)
    newly_asked: tuple[str, ...] = ()
    resets: tuple[str, ...] = ()
    written: frozenset[str] = frozenset()

    @property
    def is_fine(self) -> bool:
        """Whether the step is done."""
        return not (self.problems or self.warnings or self.newly_asked or self.resets)


def read(form: LineContext, question: str, raw: str) -> str:
    """The canonical answer in what was typed or chosen, empty for none; raises Invalid."""
    spec = QUESTIONS[question]
    if spec.control in {"checkbox", "switch"}:
        return YES if raw.strip() else ""
    if not raw.strip() or (not spec.is_choice and is_blank(raw)):
        return ""
    if spec.is_choice:
        if raw not in {option.value for option in form._possible(question)}:
            gone = spec.gone(raw, form)
            raise Invalid(gone.code, **gone.params)
        return raw
    return spec.read(raw, form)


def write(form: LineContext, question: str, raw: str) -> Line:
    """The line with one answer changed, and answers that are no longer possible reset; raises Invalid."""
    return written(form, question, raw).line


def written(form: LineContext, question: str, raw: str) -> LineContext:
    """The same as a form, which knows what follows from it; the very form when nothing has changed."""
    value, given = read(form, question, raw), form.line.answers.get(question, "")
    was_reset = question in form.line.resets
    if value and not given and value == QUESTIONS[question].inherit(form):
        # Shown as inherited and sent back as it was: it goes on following its source.
        return (
            drop_impossible(form, form.line.answered({question: value}).answered({question: ""})) if was_reset else form
        )
    if value == given and not was_reset:
        return form
    if not value and was_reset and not form.is_required(question):
        return drop_impossible(form, form.line.left_open(question))
    return drop_impossible(form, form.line.answered({question: value}))


def refused(form: LineContext, question: str, raw: str, why: Problem) -> Line:
    """The line after an answer that could not be taken: what stood there before was meant to be replaced, so it counts no more.

    Of choices the one before stands: only what is on the page can be chosen, so nothing else was meant.
    """
    if not raw.strip() or QUESTIONS[question].is_choice:
        return form.line
    return form.line.reset(question, why)


def drop_impossible(form: LineContext, line: Line) -> LineContext:
    """Takes away every answer that the others have made impossible, remembering why."""
    current = form.with_line(line)
    for question in form.composition.asked:
        if (value := current.line.answers.get(question)) and (why := _why_impossible(current, question, value)):
            current = current.with_line(current.line.reset(question, why))
    return current


def _why_impossible(form: LineContext, question: str, value: str) -> Problem | None:
    """Why a given answer cannot stand; None when it can, or when it is parked."""
    if not form.applies(question):
        return None
    if QUESTIONS[question].is_choice:
        possible = {option.value for option in form._possible(question)}
        return _why_reset(form, question, value) if possible and value not in possible else None
    if question == "specific_number" and not form.fits_kind(value):
        return Problem("reset.number")
    if question == "data_cards" and int(value) > form.tenant.catalogue.max_cards:
        return Problem("data_cards.max", {"n": form.tenant.catalogue.max_cards})
    return None


def _why_reset(form: LineContext, question: str, value: str) -> Problem:
    if question == "data" and form.plan is not None:
        packages = {package.code: package for package in form.tenant.catalogue.data}
        if value in packages:
            return Problem("data.reset", {"data": form.name(packages[value]), "product": form.name(form.plan)})
    return Problem("reset.answer")


def revalidate(form: LineContext) -> dict[str, Problem]:
    """Given answers that could not be given any more: a day that has come too near, a card or number used meanwhile.

    Asks what each answer was asked when it was given, so it costs a look into stock or two; for the moment of ordering.
    """
    problems = {}
    for question in form.visible_questions:
        given = form.line.answers.get(question, "")
        if given and given == form.value(question) and not QUESTIONS[question].is_choice:
            try:
                read(form, question, given)
            except Invalid as invalid:
                problems[question] = invalid.problem
    return problems


def answer_step(
    form: LineContext, questions: tuple[str, ...], raw: Mapping[str, str], shown: frozenset[str] | None
) -> Answered:
    """Reads a whole submitted page, question by question in order, so that each sees the answers before it.

    `shown` are the questions the page had when it was sent (None: all that are visible now). A question that has
    come up since and was not sent is asked, not complained about.
    """
    line, problems, warnings, newly, written = form.line, {}, {}, [], set()
    for question in questions:
        current = form.with_line(line)
        if not current.visible(question):
            continue
        if question not in raw and shown is not None and question not in shown:
            if not current.value(question):
                newly.append(question)
            continue
        before = line
        try:
            line = write(current, question, raw.get(question, ""))
        except Invalid as invalid:
            problems[question] = invalid.problem
            line = refused(current, question, raw.get(question, ""), invalid.problem)
            if question in before.answers and question not in line.answers:
                written.add(question)
            continue
        if line.answers.get(question) != before.answers.get(question):
            written.add(question)
        after = current if line is before else form.with_line(line)
        value = after.value(question)
        if not value:
            if after.is_required(question):
                problems[question] = line.resets.get(question) or Problem(QUESTIONS[question].missing)
        elif doubt := QUESTIONS[question].warn(value, after):
            if f"{question}:{value}" in line.confirmed:
                continue
            warnings[question] = doubt
            line = replace(line, confirmed=line.confirmed | {f"{question}:{value}"})
    before_resets = set(form.line.resets)
    resets = tuple(q for q in line.resets if q not in before_resets and q not in problems)
    return Answered(line, problems, warnings, tuple(newly), resets, frozenset(written))


COPIED = (
    "product",
    "kind",
    "binding",
    "months",
    "call_rate",
    "data",
    "pbx",
    "sim",
    "topup",
    "data_cards",
    "port.operator",
    "port.signers",
    "port.in_order",
)
"""What a further line takes over from the one before; never a number, a card or whoever gets it."""


def copied(form: LineContext, n: int) -> Line:
    """A new line `n` like this one: product, commitment, data, PBX, delivery, losing operator and who else signs."""
    wanted = (*COPIED, *(q for q in QUESTIONS if q.split(".")[0] == "delivery"))
    return Line(n, {q: v for q, v in form.line.answers.items() if q in wanted})

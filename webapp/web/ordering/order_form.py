"""The order form as pages show it: questions with their words, the blocks of a page, the step line. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from webapp.domain.ordering.journey import Journey
from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.questions.catalogue import QUESTIONS
from webapp.domain.ordering.questions.question import YES, Question
from webapp.domain.ordering.quote import surcharges
from webapp.domain.ordering.url_words import START
from webapp.domain.problem import Problem
from webapp.domain.tenants.tenant import Block, Step
from webapp.l10n import Localizer
from webapp.operations.ordering import labels
from webapp.web.fragment_cache import HERE
from webapp.web.ordering.order_price import besides_price, cards_hint, option_prices

_TICKS = {"checkbox", "switch"}


@dataclass(frozen=True)
class ShownOption:
    """An answer to choose."""

    value: str
    label: str
    hint: str = ""
    price: str = ""
    selected: bool = False
    disabled: bool = False


@dataclass(frozen=True)
class Suggestion:
    """An answer offered beside the one that was typed."""

    value: str
    label: str


@dataclass(frozen=True)
class QuestionView:
    """A question as its template (questions/<control>.html) wants it; comparable, so that what changed is known."""

    id: str
    control: str
    visible: bool = False
    follows: bool = False
    titled: bool = False  # a heading above says the same already
    label: str = ""
    hint: str = ""
    price: str = ""  # of a tick
    value: str = ""
    options: tuple[ShownOption, ...] = ()
    error: str = ""
    warning: str = ""
    optional: bool = False
    attrs: Mapping[str, str] = field(default_factory=dict, compare=False)  # the tenant's, whatever was answered
    live: str = ""
    change_url: str = ""
    check_url: str = ""
    search_url: str = ""
    query: str = ""
    suggestion: Suggestion | None = None
    note: str = ""
    format: str = "ymd"
    min: str = ""

    @property
    def dom_id(self) -> str:
        """Its id in the page."""
        return self.id.replace(".", "-")


@dataclass(frozen=True)
class Message:
    """An entry of the error summary: the control it leads to, or the address of another page, and the words that stand there."""

    id: str
    text: str
    url: str = ""


def messages(words: Localizer, problems: Mapping[str, Problem]) -> list[Message]:
    """The error summary: every problem in the words that stand at its question."""
    return [Message(_target(q), labels.problem(words, why)) for q, why in problems.items()]


def _target(question: str) -> str:
    """The control of a question that can have the focus: of a search the field, for there may be nothing found to choose."""
    dom_id = question.replace(".", "-")
    return f"{dom_id}-q" if question in QUESTIONS and QUESTIONS[question].control == "search" else dom_id


def url_of_line(draft: str, n: int) -> str:
    """The address of a line's form."""
    return f"/drafts/{draft}/lines/{n}"


def line_url(form: LineContext) -> str:
    """Where a line lives."""
    return f"/drafts/{form.draft.id}/lines/{form.line.n}"


def step_url(form: LineContext, step: Step) -> str:
    """Where a step of a line lives. A form of one page has no step in its address."""
    if form.composition.layout == "columns" and step.id != START:
        return line_url(form)
    return f"{line_url(form)}/{step.id}"


def start_step(form: LineContext) -> Step:
    """The questions that come before the form."""
    return Step(START, {}, (Block("main", form.composition.start),))


def find_step(form: LineContext, step_id: str | None) -> Step | None:
    """The step of that name; without a name the only page of a form of columns."""
    if step_id == START and form.composition.start:
        return start_step(form)
    if step_id is None:
        return form.composition.steps[0] if form.composition.layout == "columns" else None
    return next((step for step in form.composition.steps if step.id == step_id), None)


# Questions


def asked(
    words: Localizer,
    form: LineContext,
    question: str,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, Problem] | None = None,
    warnings: Mapping[str, Problem] | None = None,
    step: Step | None = None,
) -> QuestionView:
    """The question as it stands; what was typed and could not be taken is shown again with what is wrong."""
    spec = QUESTIONS[question]
    near = next((block.ask for block in step.blocks if question in block.ask), ()) if step else ()
    follows = bool(set(spec.after) & set(near)) and question.split(".")[0] != "user"
    if not form.visible(question):
        return QuestionView(question, spec.control, follows=follows)
    typed, problems, warnings = typed or {}, problems or {}, warnings or {}
    value = typed.get(question) if typed.get(question) is not None and question in problems else None
    problem = problems.get(question) or form.line.resets.get(question)
    warning = warnings.get(question)
    current = form.value(question) if value is None else value
    return QuestionView(
        id=question,
        control=spec.control,
        visible=True,
        follows=follows,
        titled=step is not None and labels.label(words, question) in _headings(words, step),
        label=labels.label(words, question),
        hint=". ".join(filter(None, (labels.hint(words, question), _costs(words, form, question)))),
        price=besides_price(words, form, surcharges(form, question, YES)) if spec.control in _TICKS else "",
        value=_written(words, form, spec, current) if value is None else current,
        options=_options(words, form, spec, current),
        error=labels.problem(words, problem) if problem else _none_to_choose(words, form, question),
        warning=labels.problem(words, warning) if warning else "",
        optional=not form.is_required(question) and spec.control not in _TICKS,
        attrs=_attrs(form, spec),
        live="check" if spec.looked_up else "change",
        change_url=HERE + "/change",
        check_url=HERE + f"/check/{question}",
        search_url="/company/users/search",
        suggestion=_suggestion(form, spec),
        note=_note(words, form, question),
        format=words.style.date_order,
        min=form.today.isoformat() if spec.control == "date" else "",
    )


def _costs(words: Localizer, form: LineContext, question: str) -> str:
    return cards_hint(words, form) if question == "data_cards" else ""


def _note(words: Localizer, form: LineContext, question: str) -> str:
    """What is told beside a question without anything being wrong."""
    if question == "port.number" and "port.binding_ack" not in form.composition.asked:
        return words.say("port.binding.info")
    return known_user(words, form, question)


def known_user(words: Localizer, form: LineContext, question: str) -> str:
    """At the last answer that says who a new user is: that they are a user already, and so will not become another."""
    last = "user.email" if form.asks("user.email") else "user.last"
    return words.say("user.known", name=form.known_user) if question == last and form.known_user else ""


def _headings(words: Localizer, step: Step) -> set[str]:
    """What stands above the questions of a page."""
    return {titles.get(words.language, "") for titles in (step.titles, *(block.titles for block in step.blocks))}


def _none_to_choose(words: Localizer, form: LineContext, question: str) -> str:
    empty = {"reserved_number": "reserved.none", "mex_fixed": "mex_fixed.none"}.get(question)
    return words.say(empty) if empty and not form.options(question) else ""


def _written(words: Localizer, form: LineContext, spec: Question, value: str) -> str:
    """A stored answer as one would type it."""
    if not value or (spec.options is not None and spec.control != "text"):
        return value
    if spec.control == "date":
        shown = form.show(spec.id)
        return words.day_short(shown.day) if shown.day else value
    written = spec.show(value, form) if spec.control in {"tel", "text"} else value
    return value if "*" in written else written  # what is masked for reading is typed as it is


def _attrs(form: LineContext, spec: Question) -> dict[str, str]:
    attrs = dict(spec.attrs)
    if spec.control == "stepper":
        attrs["max"] = str(form.tenant.catalogue.max_cards)
        attrs["min"] = "0"
    if spec.id in {"icc", "eid", "port.present_icc"}:
        attrs["data-group"] = "4"
    return attrs


def _options(words: Localizer, form: LineContext, spec: Question, current: str) -> tuple[ShownOption, ...]:
    if spec.control == "search":
        # Only the chosen one; the rest comes by searching.
        name = spec.show(current, form) if current else ""
        return (ShownOption(current, name, selected=True),) if name else ()
    nothing = ShownOption("", words.say("answer.none"), selected=not current)
    may_skip = spec.control == "select" and not form.is_required(spec.id) and not spec.inherit(form)
    offered = form.options(spec.id)
    return (nothing,) * may_skip + tuple(
        ShownOption(
            option.value,
            labels.option_label(words, spec.id, option),
            labels.option_hint(words, spec.id, option),
            price,
            option.value == current,
        )
        for option, price in zip(offered, option_prices(words, form, spec.id, offered), strict=True)
    )


def _suggestion(form: LineContext, spec: Question) -> Suggestion | None:
    """What the other answers point to, when somebody has typed something else."""
    if spec.suggest is None or not form.line.answers.get(spec.id):
        return None
    offered = spec.suggest(form)
    if not offered or offered == form.value(spec.id):
        return None
    return Suggestion(offered, spec.show(offered, form))


@dataclass(frozen=True)
class ShownBlock:
    """A block of a page: runs of questions, each run either standing alone or following an answer."""

    area: str
    title: str
    runs: tuple[tuple[bool, tuple[QuestionView, ...]], ...]


def blocks(words: Localizer, step: Step, questions: Mapping[str, QuestionView]) -> tuple[ShownBlock, ...]:
    """The step's blocks with their questions in runs."""
    return tuple(
        ShownBlock(block.area, block.titles.get(words.language, ""), _runs(questions[q] for q in block.ask))
        for block in step.blocks
    )


def _runs(questions: Iterable[QuestionView]) -> tuple[tuple[bool, tuple[QuestionView, ...]], ...]:
    runs: list[tuple[bool, list[QuestionView]]] = []
    for question in questions:
        if not runs or runs[-1][0] != question.follows:
            runs.append((question.follows, []))
        runs[-1][1].append(question)
    return tuple((follows, tuple(group)) for follows, group in runs)


# Where we are


class ShownStep(NamedTuple):
    """A step as the step line has it."""

    label: str
    url: str
    state: str  # done | current | ahead


class StepLine(NamedTuple):
    """What the step line says: place, count when it is known, whose line it is, the other steps."""

    number: int
    total: int | None
    about: str | None
    steps: tuple[ShownStep, ...]


def step_line(words: Localizer, form: LineContext, journey: Journey, step: Step) -> StepLine:
    """Where we are on the walk; a step that can be visited is a link."""
    return StepLine(
        journey.place(step),
        len(journey.steps) if journey.is_countable else None,
        labels.line_name(words, form) if form.draft.count > 1 or form.user_name else None,
        tuple(_shown_step(words, form, journey, each, each is step or each == step) for each in journey.steps),
    )


def _shown_step(words: Localizer, form: LineContext, journey: Journey, step: Step, is_current: bool) -> ShownStep:
    may_visit = journey.may_visit(step)
    return ShownStep(
        step.titles.get(words.language, step.id),
        HERE + step_url(form, step).removeprefix(line_url(form)) if may_visit else "",
        "current" if is_current else "done" if may_visit else "ahead",
    )

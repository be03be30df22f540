"""Questions and answers in the reader's words, the same on page, review, order and paper; decides nothing."""

from __future__ import annotations

from datetime import time

from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.order import Fact
from webapp.domain.ordering.questions.catalogue import QUESTIONS
from webapp.domain.ordering.questions.question import Option
from webapp.domain.problem import Problem
from webapp.domain.texts import TEXTS
from webapp.l10n import Localizer


def label(words: Localizer, question: str) -> str:
    """What the question is called."""
    return words.say(f"q.{question}")


def short_label(words: Localizer, question: str) -> str:
    """What the question is called when its answer is read back."""
    key = f"r.{question}"
    return words.say(key) if key in TEXTS else label(words, question)


def hint(words: Localizer, question: str) -> str:
    """The one sentence of help under it, if it has one."""
    key = f"q.{question}.hint"
    return words.say(key) if key in TEXTS else ""


def option_label(words: Localizer, question: str, option: Option) -> str:
    """How an answer reads."""
    return option.text or chosen(words, question, option.value)


def chosen(words: Localizer, question: str, value: str) -> str:
    """How an answer reads that is no name."""
    if question == "months":
        return words.say("option.months", n=value)
    if question == "port.hour":
        return words.time(time(int(value)))
    key = f"option.{question}.{value}"
    return words.say(key if key in TEXTS else f"option.{value}")


def option_hint(words: Localizer, question: str, option: Option) -> str:
    """The consequence of an answer, told before it is chosen."""
    key = f"option.{question}.{option.value}.hint"
    return words.say(key) if key in TEXTS else ""


def answer(words: Localizer, form: LineContext, question: str) -> str:
    """The answer that counts, as it is read back; empty when there is none."""
    shown = form.show(question)
    if question == "port.signatory" and (name := form.signer_name):
        return name
    if shown.day:
        return words.day(shown.day)
    if shown.option:
        return chosen(words, question, shown.option)
    return shown.text


def facts(words: Localizer, form: LineContext) -> tuple[Fact, ...]:
    """The answers on this line in the order they were asked; what may be left open, and was, is left out as on the review."""
    given = (q for q in form.visible_questions if is_ticked(q) or form.value(q))
    return tuple(Fact(q, short_label(words, q), read_back(words, form, q)) for q in given)


def is_ticked(question: str) -> bool:
    """Whether leaving it as it is is an answer, too: no."""
    return QUESTIONS[question].control in {"checkbox", "switch"}


def read_back(words: Localizer, form: LineContext, question: str) -> str:
    """The answer, or in words that there is none."""
    unticked = "answer.no" if is_ticked(question) else "answer.none"
    return answer(words, form, question) or words.say(unticked)


def problem(words: Localizer, found: Problem) -> str:
    """What is wrong and what to do."""
    return words.say(found.code, **found.params)


def line_name(words: Localizer, form: LineContext) -> str:
    """What a line is called: its user, or its number in the draft until there is one."""
    return called(words, form.user_name, form.line.n)


def called(words: Localizer, name: str, n: int) -> str:
    """The same of a line that is not at hand."""
    return name or words.say("line.unnamed", n=str(n))

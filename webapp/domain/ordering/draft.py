"""The loose thing: an order in the making, one line an employee, answers as they were understood; knows neither prices nor pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from webapp.domain.problem import Problem

LIFE = timedelta(days=30)
MOST_LINES = 1000
MOST_REMOVED = 100
"""Lines that were taken out and can be put back; a draft in which lines come and go does not grow for ever."""

Answers = Mapping[str, str]
"""Canonical answers by question id; a checkbox holds "yes"."""


@dataclass(frozen=True)
class AnswerVersion:
    """Who wrote an answer last: which browser tab, its how-manieth change, and the draft's revision after it."""

    tab: str
    seq: int
    rev: int


@dataclass(frozen=True)
class Line:
    """What one employee gets. `n` names it within the draft and is never used again.

    `resets` says which answers were taken away because they are no longer possible, and in which words.
    `confirmed` holds warnings the customer has seen and passed ("icc:8946…").
    """

    n: int
    answers: Answers = field(default_factory=dict)
    resets: Mapping[str, Problem] = field(default_factory=dict)
    touched: Mapping[str, AnswerVersion] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    removed: bool = False
    action: str = "add"
    subject: str | None = None  # the subscription that is acted on; none when one is added

    def answered(self, answers: Answers) -> Line:
        """With these answers written; an empty one is taken away. What is answered anew is no longer reset."""
        kept = {**self.answers, **answers}
        return replace(
            self,
            answers={question: value for question, value in kept.items() if value},
            resets={question: why for question, why in self.resets.items() if not answers.get(question)},
        )

    def reset(self, question: str, why: Problem) -> Line:
        """Without an answer that is no longer possible, remembering why."""
        answers = {key: value for key, value in self.answers.items() if key != question}
        return replace(self, answers=answers, resets={**self.resets, question: why})

    def left_open(self, question: str) -> Line:
        """Without an answer, and nobody misses it."""
        resets = {key: why for key, why in self.resets.items() if key != question}
        return replace(self, answers={q: v for q, v in self.answers.items() if q != question}, resets=resets)

    def touch(self, questions: frozenset[str] | set[str], by: AnswerVersion) -> Line:
        """Remembering who wrote these answers."""
        return replace(self, touched={**self.touched, **dict.fromkeys(questions, by)})


@dataclass(frozen=True)
class Draft:
    """A company's order before it is placed. `rev` grows with every stored change."""

    id: str
    company: str
    language: str
    tenant_revision: str
    created_by: str
    touched_by: str
    touched_at: datetime
    rev: int = 1
    lines: tuple[Line, ...] = ()
    reference: str = ""
    state: str = "open"  # open | placed | discarded
    price_seen: str = ""  # the price list that was valid when the draft was last shown

    @property
    def kept(self) -> tuple[Line, ...]:
        """The lines that have not been removed, in the order they were added."""
        return tuple(line for line in self.lines if not line.removed)

    @property
    def expires_at(self) -> datetime:
        """When it is thrown away unless somebody touches it."""
        return self.touched_at + LIFE

    def line(self, n: int) -> Line | None:
        """The line of that number, removed or not."""
        return next((line for line in self.lines if line.n == n), None)

    def with_line(self, line: Line) -> Draft:
        """The same number replaces, a new one is added at the end. Of those taken out the latest added can be put back."""
        if self.line(line.n) is None:
            return replace(self, lines=(*self.lines, line))
        lines = tuple(line if old.n == line.n else old for old in self.lines)
        removed = [each.n for each in lines if each.removed and each.n != line.n]  # what has just been taken out stays
        gone = removed[: max(0, len(removed) + line.removed - MOST_REMOVED)]
        return replace(self, lines=tuple(each for each in lines if each.n not in gone))

    @property
    def next_n(self) -> int:
        """A number no line of this draft has had."""
        return max((line.n for line in self.lines), default=0) + 1


def lines_to_json(lines: tuple[Line, ...]) -> list[dict[str, Any]]:
    """Lines as JSON; `lines_from_json` reads them back equal."""
    return [
        {
            "n": line.n,
            "answers": dict(line.answers),
            "resets": {q: [why.code, _params_to_json(why.params)] for q, why in line.resets.items()},
            "touched": {q: [touch.tab, touch.seq, touch.rev] for q, touch in line.touched.items()},
            "confirmed": sorted(line.confirmed),
            "removed": line.removed,
            "action": line.action,
            "subject": line.subject,
        }
        for line in lines
    ]


def lines_from_json(rows: list[dict[str, Any]]) -> tuple[Line, ...]:
    """The lines that `lines_to_json` wrote."""
    return tuple(
        Line(
            n=row["n"],
            answers=row["answers"],
            resets={q: Problem(code, _params_from_json(params)) for q, (code, params) in row["resets"].items()},
            touched={q: AnswerVersion(*touch) for q, touch in row["touched"].items()},
            confirmed=frozenset(row["confirmed"]),
            removed=row["removed"],
            action=row["action"],
            subject=row["subject"],
        )
        for row in rows
    )


def _params_to_json(params: Mapping[str, object]) -> dict[str, object]:
    """A day in what is told ("choose a day from …") is kept as one, so that each reader's language writes it."""
    return {name: {"day": value.isoformat()} if isinstance(value, date) else value for name, value in params.items()}


def _params_from_json(params: Mapping[str, Any]) -> dict[str, object]:
    return {
        name: date.fromisoformat(value["day"]) if isinstance(value, dict) else value for name, value in params.items()
    }

"""The loose thing: an order in the making, one line an employee, answers as they were understood; knows neither prices nor pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from webapp.domain.problem import Problem

LIFE = timedelta(days=30)
MOST_LINES = 1000
MOST_REMOVED = 100
"""Lines that were taken out and can be put back, the latest added first; a draft in which lines come and go does not grow for ever."""

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
class Sums:
    """What lines come to that are not at hand: how many they are, and what the price of the whole order needs of them.

    Amounts are in minor units, without VAT: by the month, at the start, and the least that is paid in all.
    """

    count: int = 0
    incomplete: int = 0  # lines that cannot be ordered yet
    monthly: int = 0
    once: int = 0
    minimum: int = 0
    months: int = 0  # the longest time any of them is paid for
    parcels: int = 0  # cards that are sent
    bound: int = 0  # lines with a commitment
    agreed: int = 0  # priced by the framework agreement
    awaiting: int = 0  # bound, and not said yet for how long
    planned: int = 0  # whose plan is chosen
    dataless: int = 0  # whose data package is still to be chosen
    stale: int = 0  # whose outline is out of date, so that they are counted as they were


NOTHING = Sums()
"""No line is left over."""


class OtherLines(Protocol):
    """Asked who of the lines that are not at hand has what a line wants, too."""

    def who(self, claim: str) -> str:
        """How the first kept line with that claim (`LineContext.claims`) is called; empty when none has it."""

    def moving(self) -> Iterable[tuple[str, str, str]]:
        """The first and the last number (E.164) that each of them moves in, and how it is called."""


class NoOthers:
    """All lines are at hand."""

    def who(self, claim: str) -> str:
        """Nobody."""
        return ""

    def moving(self) -> Iterable[tuple[str, str, str]]:
        """Nothing."""
        return ()


@dataclass(frozen=True)
class Rest:
    """The lines of a draft that are not at hand, as far as others must know of them."""

    sums: Sums = NOTHING
    last_n: int = 0  # the highest number any of them has, those taken out included
    others: OtherLines = field(default=NoOthers(), compare=False)


@dataclass(frozen=True)
class Draft:
    """A company's order before it is placed. `rev` grows with every stored change.

    `lines` are those at hand. A draft can have a thousand, so whoever answers on one reads that one, and `rest` says what the
    others come to; whoever wants all reads all, and nothing is left over.
    """

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
    rest: Rest = Rest()

    @property
    def count(self) -> int:
        """How many lines the order would have."""
        return len(self.kept) + self.rest.sums.count

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
        """The same number replaces, a new one is added at the end."""
        if self.line(line.n) is None:
            return replace(self, lines=(*self.lines, line))
        return replace(self, lines=tuple(line if old.n == line.n else old for old in self.lines))

    @property
    def next_n(self) -> int:
        """A number no line of this draft has had: those taken out last are kept, so the highest is."""
        return max((self.rest.last_n, *(line.n for line in self.lines))) + 1


def line_to_json(line: Line) -> dict[str, Any]:
    """A line as JSON; `line_from_json` reads it back equal."""
    return {
        "n": line.n,
        "answers": dict(line.answers),
        "resets": {q: [why.code, _params_to_json(why.params)] for q, why in line.resets.items()},
        "touched": {q: [touch.tab, touch.seq, touch.rev] for q, touch in line.touched.items()},
        "confirmed": sorted(line.confirmed),
        "removed": line.removed,
        "action": line.action,
        "subject": line.subject,
    }


def line_from_json(row: Mapping[str, Any]) -> Line:
    """The line that `line_to_json` wrote."""
    return Line(
        n=row["n"],
        answers=row["answers"],
        resets={q: Problem(code, _params_from_json(params)) for q, (code, params) in row["resets"].items()},
        touched={q: AnswerVersion(*touch) for q, touch in row["touched"].items()},
        confirmed=frozenset(row["confirmed"]),
        removed=row["removed"],
        action=row["action"],
        subject=row["subject"],
    )


def _params_to_json(params: Mapping[str, object]) -> dict[str, object]:
    """A day in what is told ("choose a day from …") is kept as one, so that each reader's language writes it."""
    return {name: {"day": value.isoformat()} if isinstance(value, date) else value for name, value in params.items()}


def _params_from_json(params: Mapping[str, Any]) -> dict[str, object]:
    return {
        name: date.fromisoformat(value["day"]) if isinstance(value, dict) else value for name, value in params.items()
    }

"""What a question is, and one possible answer of it; knows no question in particular."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from webapp.domain import numbers
from webapp.domain.money import Money
from webapp.domain.problem import Problem

if TYPE_CHECKING:
    from webapp.domain.ordering.line import LineContext

YES = "yes"


@dataclass(frozen=True)
class Option:
    """One possible answer. Its label is `text` when it is a name, else the catalogue text `option.<question>.<value>`."""

    value: str
    text: str = ""
    amount: Money | None = None  # what it costs a month, as far as known; None: says nothing of price


@dataclass(frozen=True)
class Question:
    """One question. Its words are the texts `q.<id>` and `q.<id>.hint`; `missing` is what is said when it is not answered."""

    id: str
    control: str  # the template of its kind
    missing: str = ""
    applies: Callable[[LineContext], bool] = lambda form: True
    options: Callable[[LineContext], tuple[Option, ...]] | None = None
    read: Callable[[str, LineContext], str] = lambda raw, form: numbers.read_text(raw)
    after: tuple[str, ...] = ()  # questions that must be answered before
    required: bool = True
    amount: Callable[[str, LineContext], Money | None] = lambda value, form: None  # what an option costs a month
    inherit: Callable[[LineContext], str] = lambda form: ""  # stands in until somebody answers
    suggest: Callable[[LineContext], str] | None = None  # offered when the answer typed is another
    warn: Callable[[str, LineContext], Problem | None] = lambda value, form: None
    gone: Callable[[str, LineContext], Problem] = lambda raw, form: Problem("option.unknown")  # said of no option of it
    show: Callable[[str, LineContext], str] = lambda value, form: value
    own: bool = False  # chosen from what the company has: asked even when there is one thing or none
    priced: bool = False  # the price follows from it
    looked_up: bool = False  # checked when the field is left
    attrs: Mapping[str, str] = field(default_factory=dict)  # of its input

    @cached_property
    def is_choice(self) -> bool:
        """Whether only its options can be answered; a text may have options as mere proposals."""
        return self.options is not None and self.control != "text"

"""The walk through one line of an order: which steps it has, which comes next; knows no question by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from webapp.domain.ordering.line import LineContext
from webapp.domain.tenants.tenant import Step


@dataclass(frozen=True)
class Journey:
    """The walk through one line: the steps that have a question, and the first that lacks an answer."""

    steps: tuple[Step, ...]
    unanswered: Step | None  # None: the line is complete
    is_countable: bool  # whether the number of steps is known yet

    @cached_property
    def _places(self) -> dict[str, int]:
        return {step.id: number for number, step in enumerate(self.steps, 1)}

    def place(self, step: Step) -> int:
        """The step's number for people, from 1."""
        return self._places[step.id]

    def may_visit(self, step: Step) -> bool:
        """Steps after the first unanswered one must wait, except when nothing is unanswered."""
        place = self._places.get(step.id)
        return place is not None and (self.unanswered is None or place <= self.place(self.unanswered))

    def before(self, step: Step) -> Step | None:
        """The step the back link leads to."""
        return self.steps[self.place(step) - 2] if self.place(step) > 1 else None

    def after(self, step: Step) -> Step | None:
        """The step that Continue leads to; None after the last."""
        return self.steps[self.place(step)] if self.place(step) < len(self.steps) else None


def journey(form: LineContext) -> Journey:
    """The walk through this line. Steps without a visible question are skipped and not counted."""
    shown = set(form.visible_questions)
    steps = tuple(step for step in form.composition.steps if not shown.isdisjoint(step.ask))
    missing = set(form.missing)
    unanswered = next((step for step in steps if missing.intersection(step.ask)), None)
    return Journey(steps, unanswered, bool(form.value("kind")))

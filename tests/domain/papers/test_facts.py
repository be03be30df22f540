"""A power of attorney as JSON: its frozen facts make the very same paper again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, a_ported_line, a_porting, a_tenant, an_order
from webapp.domain.papers.facts import (
    EvidenceEvent,
    Move,
    PowerOfAttorney,
    Signature,
    capacity_in_words,
    declarations,
    method_in_words,
)
from webapp.domain.papers.for_order import papers_for, with_data
from webapp.domain.stored_json import from_json, to_json
from webapp.domain.tenants.parties import Party

st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))


@given(st.builds(PowerOfAttorney))
def test_any_paper_comes_back_as_it_was(paper: PowerOfAttorney) -> None:
    assert from_json(PowerOfAttorney, json.loads(json.dumps(to_json(paper)))) == paper


@given(st.builds(Party), st.lists(st.builds(Move), max_size=3), st.lists(st.builds(Signature), max_size=2))
def test_so_do_its_parts(party: Party, moves: list[Move], signatures: list[Signature]) -> None:
    """Those that drawing a whole paper seldom reaches: a reseller, series, signatures."""
    paper = replace(authority(), reseller=party, moves=tuple(moves), signatures=tuple(signatures))
    assert from_json(PowerOfAttorney, json.loads(json.dumps(to_json(paper)))) == paper
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
        events=(EvidenceEvent(NOW, "signed", "Åsa"),), shown_sha256="0" * 64, evidence="{}",
    )  # fmt: skip
    assert with_data(signed).data == paper.data and with_data(paper) == paper
    assert with_data(replace(paper, terminate=not paper.terminate)).data != paper.data


class Echo:
    """Says the key and what it was filled with."""

    def say(self, key: str, **params: object) -> str:
        return " ".join([key, *(f"{name}={value}" for name, value in sorted(params.items()))])


USUAL = ["owner", "entitled", "correct", "charges", "only_numbers", "active"]


@pytest.mark.parametrize(
    ("facts", "more"),
    [
        ({"compensated": False, "transfer": False}, []),
        ({"compensated": True, "transfer": False}, ["compensation"]),
        ({"compensated": False, "transfer": True}, ["transfer"]),
        ({"compensated": True, "transfer": True}, ["compensation", "transfer"]),
    ],
)
def test_a_signer_declares_what_the_paper_says_and_all_of_it(facts: dict[str, bool], more: list[str]) -> None:
    paper = replace(authority(), **facts)  # type: ignore[arg-type]
    declared = declarations(paper, Echo())
    assert [code for code, _ in declared] == USUAL + more
    customer = f"authority.party id={paper.customer.org_id} name={paper.customer.name}"
    for code, sentence in declared:
        assert sentence == f"authority.{code} customer={customer} donor={paper.donor}"


def test_a_paper_without_donor_or_company_number_says_so_in_words() -> None:
    paper = authority()
    bare = replace(
        paper,
        moves=tuple(replace(move, donor="") for move in paper.moves),
        customer=replace(paper.customer, org_id=""),
    )
    assert declarations(bare, Echo())[0][1] == f"authority.owner customer={paper.customer.name} donor=authority.donor"


def test_an_owner_of_a_firm_is_told_from_the_owner_of_a_number() -> None:
    firm = replace(authority(), giver_is_company=True)
    assert capacity_in_words(firm, "owner", Echo()) == "capacity.owner.company"
    assert capacity_in_words(firm, "signatory", Echo()) == "capacity.signatory"
    assert capacity_in_words(replace(firm, giver_is_company=False), "owner", Echo()) == "capacity.owner"


def test_how_somebody_signed_is_said_with_number_and_provider() -> None:
    given = Signature(
        1, "Åsa", "a@b.example", "owner", "eid", NOW, "192.0.2.0/24", provider="BankID", phone_masked="+46•680"
    )
    assert method_in_words(given, Echo()) == "method.eid phone=+46•680 provider=BankID"

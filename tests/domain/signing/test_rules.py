"""The pure rules of signing: what a form must say, who may sign as what, how codes and scans are read, and papers that keep their numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, a_ported_line, a_porting, a_tenant, an_order
from webapp.domain.market import DENMARK, SWEDEN, Market
from webapp.domain.ordering.order import Order, as_corrected
from webapp.domain.papers import coverage
from webapp.domain.papers.coverage import Covered, first_covers
from webapp.domain.papers.facts import PowerOfAttorney, capacities
from webapp.domain.papers.for_order import papers_for
from webapp.domain.porting import porting
from webapp.domain.porting.signers import SignerName
from webapp.domain.signing import rules
from webapp.domain.signing.rules import Consent
from webapp.operations.people.sign_in import network_of


def a_paper(market: Market = SWEDEN, **facts: object) -> PowerOfAttorney:
    tenant = a_tenant(market)
    paper = papers_for(an_order(a_ported_line(porting=a_porting(**facts)), tenant=tenant), tenant, lambda n: "KOD")[1]
    assert isinstance(paper, PowerOfAttorney)
    return paper


@given(st.text(max_size=300))
def test_any_name_is_read_or_refused_and_read_again_the_same(typed: str) -> None:
    def read(name: str) -> rules.Checked:
        form = Consent(name, "owner", frozenset({"owner"}), "code_mail", "h")
        return rules.read_consent(
            form, capacities=("owner",), declarations=["owner"], methods=("code_mail",), sha256="h"
        )

    found = read(typed)
    if found.consent is None:
        assert found.problems.keys() == {"name"}
    else:
        assert read(found.consent.name).consent == found.consent
        assert not {"\x00", "\u202e", "\n"} & set(found.consent.name)


def test_declarations_may_come_as_anything_that_is_run_through_once() -> None:
    form = Consent("Åsa", "owner", frozenset({"a", "b", "more"}), "paper", "h")
    read = rules.read_consent(
        form, capacities=("owner",), declarations=iter(("a", "b")), methods=("paper",), sha256="h"
    )
    assert read.consent and read.consent.declarations == {"a", "b"}


GOOD = Consent("  Åsa Ek ", "owner", frozenset({"a", "b", "more"}), "paper", "h")


def held_against_the_paper(form: Consent) -> rules.Checked:
    return rules.read_consent(
        form, capacities=("signatory", "owner"), declarations=("a", "b"), methods=("code_mail", "paper"), sha256="h"
    )


def test_a_consent_that_is_right_is_kept_in_canonical_form() -> None:
    read = held_against_the_paper(GOOD)
    assert read == rules.Checked(Consent("Åsa Ek", "owner", frozenset({"a", "b"}), "paper", "h"), {})


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        ({"name": " "}, "name", "sign.name.missing"),
        ({"name": "12 ,"}, "name", "sign.name.missing"),
        ({"name": "Åsa" * 99}, "name", "text.long"),
        ({"capacity": ""}, "capacity", "sign.capacity.missing"),
        ({"capacity": "king"}, "capacity", "sign.capacity.missing"),
        ({"declarations": frozenset({"a", "more"})}, "declarations", "sign.confirm.missing"),
        ({"method": ""}, "method", "sign.method.missing"),
        ({"method": "code_sms"}, "method", "sign.method.missing"),
        ({"sha256": "g"}, "sha256", "sign.document.changed"),
    ],
)
def test_each_thing_that_is_wrong_is_told_at_its_field(wrong: dict[str, Any], field: str, code: str) -> None:
    read = held_against_the_paper(replace(GOOD, **wrong))
    assert read.consent is None and list(read.problems) == [field]
    assert (read.problems[field].code, None in read.problems[field].params.values()) == (code, False)


def test_all_that_is_wrong_is_told_at_once() -> None:
    read = held_against_the_paper(Consent("", "", frozenset(), "", ""))
    assert list(read.problems) == ["name", "capacity", "declarations", "method", "sha256"]


@pytest.mark.parametrize(
    ("market", "owner_type", "first"),
    [
        (SWEDEN, "company", "signatory"),
        (SWEDEN, "employee", "owner"),
        (DENMARK, "company", "signatory"),
        (DENMARK, "employee", "owner"),
    ],
)
def test_in_which_capacity_one_may_sign(market: Market, owner_type: str, first: str) -> None:
    private = {"owner_id": "", "owner_name": "Per Person"} if owner_type == "employee" else {}
    found = capacities(a_paper(market, owner_type=owner_type, **private), market)
    assert found[0] == first
    assert ("mobile_manager" in found) == (market is DENMARK and owner_type == "company")
    assert ("owner" in found) == (owner_type == "employee")
    # The donor has to see whether one signature is enough: alone and jointly are two answers.
    assert ("joint" in found) == ("signatory" in found) == (owner_type == "company")


def test_a_sole_trader_signs_as_the_owner() -> None:
    paper = a_paper(SWEDEN, owner_type="other", owner_name="Pers Rör", owner_id="8001019876")
    assert paper.giver_is_company and capacities(paper, SWEDEN) == ("owner", "attorney")


def test_a_code_by_text_message_needs_a_mobile_number_that_moves() -> None:
    offered = ("code_sms", "code_mail", "paper")
    assert rules.methods(offered, a_paper()) == offered
    assert rules.methods(offered, a_paper(kind="fixed", e164="+46846500490")) == ("code_mail", "paper")
    assert rules.methods(("code_sms",), a_paper(kind="fixed", e164="+46846500490")) == ("code_mail",)


@given(st.text(max_size=20))
def test_a_code_is_six_ascii_digits_or_nothing(typed: str) -> None:
    read = rules.read_code(typed)
    assert read == "" or (len(read) == 6 and read.isascii() and read.isdigit() and rules.read_code(read) == read)


@pytest.mark.parametrize(
    ("typed", "read"),
    [("123456", "123456"), (" 123 456 ", "123456"), ("123-456", "123456"), ("١٢٣٤٥٦", ""), ("12345", "")],
)
def test_codes_as_people_type_them(typed: str, read: str) -> None:
    assert rules.read_code(typed) == read


@pytest.mark.parametrize(
    ("address", "kept", "counted"),
    [
        ("192.0.2.77", "192.0.2.0/24", "192.0.2.77"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48", "2001:db8:1:2::/64"),
        ("nowhere", "", "unknown"),
    ],
)
def test_of_an_address_the_network_is_kept(address: str, kept: str, counted: str) -> None:
    assert (rules.network(address), network_of(address)) == (kept, counted)


def test_a_number_is_masked_but_for_its_ends() -> None:
    assert rules.masked("+46701740680") == "+46••••••680"
    assert rules.masked("+46") == ""


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7", "pdf"),
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"GIF89a", ""),
        (b"PK\x03\x04", ""),
    ],
)
def test_a_scan_is_what_its_first_bytes_say(content: bytes, kind: str) -> None:
    assert rules.kind_of_scan(content) == kind


def test_reminders_fall_due_on_their_days() -> None:
    due = [rules.reminders_due(NOW, NOW + timedelta(days=day)) for day in (0, 1, 2, 4, 5, 8, 9, 30)]
    assert due == [0, 0, 1, 1, 2, 2, 3, 3]


# --- Papers after a correction -------------------------------------------------------------------------------------

_LATER = NOW + timedelta(days=1)
_OWNERS = st.sampled_from(["A", "B", "C"])


def _order(owners: list[str]) -> Order:
    return an_order(
        *(a_ported_line(n, porting=a_porting(owner_name=o, e164=f"+4670174068{n}")) for n, o in enumerate(owners, 1))
    )


@given(st.lists(_OWNERS, min_size=1, max_size=6), st.lists(st.tuples(st.integers(1, 6), _OWNERS), max_size=6))
def test_papers_keep_numbers_and_versions_only_ever_grow(owners: list[str], corrections: list[tuple[int, str]]) -> None:
    order = _order(owners)
    covers: dict[int, Covered] = first_covers(order)
    highest = {cover.paper: cover.version for cover in covers.values()}
    signed: dict[tuple[str, int], frozenset[tuple[int, str]]] = {}
    for n, owner in [(0, ""), *corrections]:
        before = order
        if n:
            if n > len(owners):
                continue
            move = order.line(n).porting
            assert move
            order = as_corrected(order, {n: replace(move, owner_name=owner)})
            covers = coverage.covers_after(before, covers, order, _LATER, highest)
        papers: dict[tuple[str, int], set[tuple[int, str]]] = {}
        for line in order.ports:
            assert line.porting
            cover = covers[line.n]
            papers.setdefault((cover.paper, cover.version), set()).add((line.n, line.porting.owner_name))
        assert len({paper for paper, _ in papers}) == len(papers), "of a paper one version is asked for"
        for (paper, version), content in papers.items():
            assert len({name for _, name in content}) == 1
            assert version >= highest.get(paper, 0)
            highest[paper] = version
            # What one version says, it says for ever.
            assert signed.setdefault((paper, version), frozenset(content)) == content


def _corrected(order: Order, **owners: str) -> Order:
    """The order after the owner of lines (l1, l2 …) was corrected."""
    moves = {n: order.line(n).porting for n in (int(line[1:]) for line in owners)}
    return as_corrected(order, {n: replace(move, owner_name=owners[f"l{n}"]) for n, move in moves.items() if move})


def _covers(before: Order, after: Order, **more: Any) -> dict[int, tuple[str, int]]:
    found = coverage.covers_after(before, first_covers(before), after, _LATER, **more)
    was = first_covers(before)
    assert all(cover == was[n] or cover.at == _LATER for n, cover in found.items())
    return {n: (cover.paper.rpartition("-")[2], cover.version) for n, cover in sorted(found.items())}


def test_a_paper_whose_lines_say_the_same_stays_as_it_is() -> None:
    order = _order(["A", "B", "A"])
    assert _covers(order, order) == {1: ("2", 1), 2: ("3", 1), 3: ("2", 1)}


def test_what_is_corrected_gets_the_next_version_of_its_paper_and_the_others_keep_theirs() -> None:
    order = _order(["A", "B", "A"])
    assert _covers(order, _corrected(order, l2="C")) == {1: ("2", 1), 2: ("3", 2), 3: ("2", 1)}
    assert _covers(order, order, again=frozenset({f"{order.ref}-3"})) == {1: ("2", 1), 2: ("3", 2), 3: ("2", 1)}


def test_a_version_that_was_drawn_is_never_given_again() -> None:
    order = _order(["A", "B"])
    made = {f"{order.ref}-2": 4, f"{order.ref}-7": 1}
    assert _covers(order, _corrected(order, l1="C"), made=made) == {1: ("2", 5), 2: ("3", 1)}
    assert _covers(order, _corrected(order, l2="C"), made=made) == {1: ("2", 1), 2: ("3", 2)}


def test_a_line_that_leaves_its_paper_gets_a_new_one_with_a_number_never_used() -> None:
    order = _order(["A", "A", "B"])
    assert _covers(order, _corrected(order, l2="C")) == {1: ("2", 2), 2: ("4", 1), 3: ("3", 1)}
    made = {f"{order.ref}-{n}": 1 for n in (2, 3, 8)}
    assert _covers(order, _corrected(order, l2="C"), made=made) == {1: ("2", 2), 2: ("9", 1), 3: ("3", 1)}


def test_a_line_that_joins_a_paper_makes_its_next_version() -> None:
    order = _order(["A", "B", "C"])
    assert _covers(order, _corrected(order, l2="A")) == {1: ("2", 2), 2: ("2", 2), 3: ("4", 1)}


def test_a_corrected_order_keeps_all_that_was_not_corrected() -> None:
    order = _order(["A", "B"])
    after = _corrected(order, l2="C")
    assert (after.line(1), replace(after, lines=()), len(after.lines)) == (order.line(1), replace(order, lines=()), 2)
    second, move = after.line(2).porting, order.line(2).porting
    assert second and move and second == replace(move, owner_name="C")


@pytest.mark.parametrize(("at", "then"), [(0, ["Nya", "Bo"]), (1, ["Åsa", "Nya"])])
def test_a_signer_is_replaced_in_place_whatever_the_case_it_is_written_in(at: int, then: list[str]) -> None:
    bo = SignerName("Bo", "bo@granit.example")
    move = a_porting(signer_name="Åsa", signer_email="asa@granit.example", signers=(bo,))
    old = SignerName(move.all_signers[at].name.upper(), move.all_signers[at].email.upper())
    new = porting.with_signer(move, old, SignerName("Nya", "nya@granit.example"))
    assert [signer.name for signer in new.all_signers] == then
    assert new.all_signers[at].email == "nya@granit.example" and new.all_signers[1 - at] == move.all_signers[1 - at]
    stranger = SignerName("Bo", "annan@granit.example")
    assert porting.with_signer(move, stranger, bo) == move


def test_only_what_is_signed_counts() -> None:
    move = a_porting()
    same = porting.is_signed_of(move)
    for changes in (
        {"wished_date": date(2027, 1, 7)},
        {"signer_email": "x@y.example"},
        {"customer_no": "1"},
        {"mode": "asap"},
        {"wished_hour": "8"},
        {"present_icc": "8946990000000000001"},
    ):
        assert porting.is_signed_of(replace(move, **changes)) == same
    for changes in (
        {"owner_name": "X"},
        {"e164": "+46701740699"},
        {"donor": "X"},
        {"signer_name": "X"},
        {"takeover": True},
    ):
        assert porting.is_signed_of(replace(move, **changes)) != same

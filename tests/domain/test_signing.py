"""The pure rules of signing: what a form must say, who may sign as what, how codes and scans are read, and papers that keep their numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, a_ported_line, a_porting, a_tenant, an_order
from webapp.domain import porting, signing
from webapp.domain.market import DENMARK, SWEDEN, Market
from webapp.domain.order import Order
from webapp.domain.paper import PowerOfAttorney, capacities
from webapp.domain.papers import first_covers, papers_for
from webapp.domain.porting import Covered
from webapp.domain.signing import Consent
from webapp.operations.people import network_of


def a_paper(market: Market = SWEDEN, **facts: object) -> PowerOfAttorney:
    tenant = a_tenant(market)
    paper = papers_for(an_order(a_ported_line(porting=a_porting(**facts)), tenant=tenant), tenant, lambda n: "KOD")[1]
    assert isinstance(paper, PowerOfAttorney)
    return paper


@given(st.text(max_size=300))
def test_any_name_is_read_or_refused_and_read_again_the_same(typed: str) -> None:
    def read(name: str) -> signing.Checked:
        form = Consent(name, "owner", frozenset({"owner"}), "code_mail", "h")
        return signing.read_consent(
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
    read = signing.read_consent(
        form, capacities=("owner",), declarations=iter(("a", "b")), methods=("paper",), sha256="h"
    )
    assert read.consent and read.consent.declarations == {"a", "b"}


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


def test_a_sole_trader_signs_as_the_owner() -> None:
    paper = a_paper(SWEDEN, owner_type="other", owner_name="Pers Rör", owner_id="8001019876")
    assert paper.giver_is_company and capacities(paper, SWEDEN) == ("owner", "attorney")


def test_a_code_by_text_message_needs_a_mobile_number_that_moves() -> None:
    offered = ("code_sms", "code_mail", "paper")
    assert signing.methods(offered, a_paper()) == offered
    assert signing.methods(offered, a_paper(kind="fixed", e164="+46846500490")) == ("code_mail", "paper")
    assert signing.methods(("code_sms",), a_paper(kind="fixed", e164="+46846500490")) == ("code_mail",)


@given(st.text(max_size=20))
def test_a_code_is_six_ascii_digits_or_nothing(typed: str) -> None:
    read = signing.read_code(typed)
    assert read == "" or (len(read) == 6 and read.isascii() and read.isdigit() and signing.read_code(read) == read)


@pytest.mark.parametrize(
    ("typed", "read"),
    [("123456", "123456"), (" 123 456 ", "123456"), ("123-456", "123456"), ("١٢٣٤٥٦", ""), ("12345", "")],
)
def test_codes_as_people_type_them(typed: str, read: str) -> None:
    assert signing.read_code(typed) == read


@pytest.mark.parametrize(
    ("address", "kept", "counted"),
    [
        ("192.0.2.77", "192.0.2.0/24", "192.0.2.77"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48", "2001:db8:1:2::/64"),
        ("nowhere", "", "unknown"),
    ],
)
def test_of_an_address_the_network_is_kept(address: str, kept: str, counted: str) -> None:
    assert (signing.network(address), network_of(address)) == (kept, counted)


def test_a_number_is_masked_but_for_its_ends() -> None:
    assert signing.masked("+46701740680") == "+46••••••680"
    assert signing.masked("+46") == ""


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
    assert signing.kind_of_scan(content) == kind


def test_reminders_fall_due_on_their_days() -> None:
    due = [signing.reminders_due(NOW, NOW + timedelta(days=day)) for day in (0, 1, 2, 4, 5, 8, 9, 30)]
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
            order = porting.as_corrected(order, {n: replace(move, owner_name=owner)})
            covers = porting.covers_after(before, covers, order, _LATER, highest)
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


def test_only_what_is_signed_counts() -> None:
    move = a_porting()
    same = porting.is_signed_of(move)
    for changes in (
        {"wished_date": "2027-01-07"},
        {"signer_email": "x@y.example"},
        {"customer_no": "1"},
        {"mode": "asap"},
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

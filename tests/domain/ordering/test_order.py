"""From a draft to an order there is one way, and it refuses what is incomplete; orders, drafts and quotes read back equal."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW, a_line, a_ported_line, a_quote, an_order
from tests.domain.ordering.order_contexts import COMPLETE, FIXED, PORT, SLUGS, Answers, context, form, forms, give
from webapp.domain.money import Money
from webapp.domain.ordering.draft import LIFE, AnswerVersion, Draft, Line, line_from_json, line_to_json
from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.order import Fact, Incomplete, Order, place
from webapp.domain.ordering.quote import Commitment, Quote, Row, quote
from webapp.domain.porting.porting import Porting
from webapp.domain.problem import Problem
from webapp.domain.stored_json import from_json, to_json


def placed(*of: LineContext, draft: Draft | None = None, seen: Quote | None = None) -> Order:
    facts = {f.line.n: (Fact("kind", "Mobilt eller fast?", "Mobilt"),) for f in of}
    numbers = {f.line.n: None for f in of}
    return place(draft or of[0].draft, of, seen or quote(of), facts, numbers, "FJ-7K4Q-2M", ("Vi avstår.",), NOW)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_single_missing_answer_refuses_the_order(slug: str) -> None:
    # guard: place() asks whether the forms are complete
    whole = form(slug, {**COMPLETE[slug], **PORT[slug]})
    assert placed(whole).lines[0].porting
    for question in whole.line.answers:
        without = form(slug, {q: v for q, v in whole.line.answers.items() if q != question})
        if without.is_complete:
            assert not whole.is_required(question) or without.value(question), question
            continue
        with pytest.raises(Incomplete) as refused:
            placed(without)
        assert refused.value.missing == {1: without.missing}


def test_one_incomplete_line_refuses_the_whole_order() -> None:
    two = forms(context("fjallton"), COMPLETE["fjallton"], {"kind": "mobile"})
    with pytest.raises(Incomplete) as refused:
        placed(*two)
    assert set(refused.value.missing) == {2}


def test_nothing_is_no_order() -> None:
    only = form("fjallton", COMPLETE["fjallton"])
    with pytest.raises(Incomplete):
        place(only.draft, (), quote([only]), {}, {}, "FJ", (), NOW)


def test_an_order_has_the_drafts_lines_and_their_quote() -> None:
    # guard: neither a line left out nor another quote can be placed
    one, two = forms(context("fjallton"), COMPLETE["fjallton"], {**COMPLETE["fjallton"], "icc": "8946990000000000032"})
    with pytest.raises(ValueError, match="draft's lines"):
        placed(one)
    with pytest.raises(ValueError, match="draft's lines"):
        placed(one, two, seen=quote([one]))
    removed = replace(one.draft, lines=(one.line, replace(two.line, removed=True)))
    assert placed(one, draft=removed).lines[0].n == 1


def test_an_order_freezes_its_world() -> None:
    """An order freezes its world."""
    at = context("skarvox", size="small")
    bound = {**COMPLETE["skarvox"], "binding": "agreement", "months": "36", "waiver_36": "yes"}
    opened = form(at, bound)
    order = placed(opened)
    terms = at.tenant.legal_text("terms", order.language)
    assert order.provenance.tenant_revision == at.tenant.revision
    assert order.provenance.price_list == "skarvox/2026-01-01" == order.quote.price_list
    assert order.provenance.agreement == "skarvox/SX-RAM/2026-01-01"
    assert (order.provenance.terms_version, order.provenance.terms_sha256) == (terms.version, terms.sha256)
    assert order.provenance.waivers == ("Vi avstår.",)
    assert (order.ordered_by, order.ordered_by_role, order.placed_at) == (at.person.name, "owner", NOW)
    assert order.lines[0].months == 36 and order.lines[0].answers["waiver_36"] == "yes"
    with pytest.raises(FrozenInstanceError):
        order.ref = "FJ-0000-00"  # type: ignore[misc]
    opened.line.answers["data"] = "SX-DU"  # type: ignore[index]
    assert order.lines[0].answers["data"] == "SX-D15", "the order holds its own copy"


def test_what_is_parked_is_not_ordered() -> None:
    """What is parked is neither priced nor ordered."""
    # guard: acceptance 4: MEX is absent after choosing independent
    answers = {
        **COMPLETE["fjallton"], **PORT["fjallton"], "number_source": "new", "mex": "yes", "mex_fixed": "+46846500420",
        "user.first": "Parkerad", "start_date": "2026-12-10",
    }  # fmt: skip
    line = placed(form("fjallton", answers)).lines[0]
    assert line.porting is None and line.number_source == "new"
    assert not {q for q in line.answers if q.startswith(("port.", "mex", "user."))}
    assert line.answers["start_date"] == "2026-12-10"


def test_inherited_and_fixed_answers_are_ordered_too() -> None:
    line = placed(form("baeltkom", {**COMPLETE["baeltkom"], **PORT["baeltkom"]})).lines[0]
    assert line.kind == "mobile" and line.answers["call_rate"] == "flat"
    assert (line.answers["sim"], line.answers["user_mode"], line.answers["delivery"]) == ("ship", "new", "a1")
    assert line.answers["port.owner_name"] == "Havnens Handel A/S" and line.answers["data_cards"] == "0"


@pytest.mark.parametrize(
    ("slug", "change", "expected"),
    [
        ("fjallton", {}, {"mode": "date", "wished_date": date(2026, 12, 3), "signer_name": "Gösta Malmström"}),
        ("fjallton", {"port.hour": "10"}, {"wished_hour": "10"}),
        ("fjallton", {"port.owner_type": "employee", "port.signatory": "employee", "port.takeover": "yes",
                      "port.owner_address": "Hemgatan 1, 114 18 Stockholm"}, {
            "owner_name": "Märta Ångström", "owner_id": "", "signer_name": "Märta Ångström",
            "signer_email": "marta@granit.example", "takeover": True,
        }),
        ("fjallton", {"port.signatory": "other", "port.signer_name": "Åke Ö", "port.email": "ake@granit.example"},
         {"signer_name": "Åke Ö", "signer_email": "ake@granit.example", "owner_name": "Granit & Gran AB"}),
        ("fjallton", {"port.signatory": "employee", "user_mode": "later", "port.signer_name": "Åke Ö",
                      "port.email": "ake@granit.example"}, {"signer_name": "Åke Ö"}),
        ("baeltkom", {}, {"mode": "asap", "wished_date": None, "owner_id": "99000007", "owner_type": "company"}),
        ("baeltkom", {"port.mode": "date", "port.date": "2026-12-03"}, {"mode": "date", "wished_date": date(2026, 12, 3)}),
        ("klitfon", {"port.mode": "after_binding"}, {"mode": "after_binding", "wished_date": None, "takeover": False}),
    ],
)  # fmt: skip
def test_the_four_roles_of_a_move(slug: str, change: Answers, expected: dict[str, object]) -> None:
    order = placed(form(slug, {**COMPLETE[slug], **PORT[slug], **change}))
    porting = order.ports[0].porting
    assert isinstance(porting, Porting)
    for name, value in expected.items():
        assert getattr(porting, name) == value, name
    assert porting.e164 == PORT[slug]["port.number"] and porting.donor == PORT[slug]["port.operator"]


def test_a_fixed_number_moves_as_a_fixed_one() -> None:
    moving = {**FIXED, **PORT["fjallton"], "port.number": "+46846500490", "port.date": "2026-12-07"}
    order = placed(form("fjallton", moving))
    assert order.lines[0].porting and order.lines[0].porting.kind == "fixed"
    assert {row.code: row.amount for row in order.quote.rows}["FJ-PORT-F"] == Money(195_00, "SEK")


# --- To JSON and back --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", SLUGS)
def test_a_placed_order_reads_back_equal(slug: str) -> None:
    two = forms(context(slug), COMPLETE[slug], {**COMPLETE[slug], **PORT[slug], "icc": "8946990000000000032"})
    order = placed(*two)
    assert from_json(Order, json.loads(json.dumps(to_json(order)))) == order


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ANSWERS = st.dictionaries(st.sampled_from(["kind", "data", "icc", "user.first", "port.number"]), TEXT, max_size=5)
PROBLEMS = st.builds(Problem, TEXT, st.dictionaries(TEXT, st.one_of(TEXT, st.integers(0, 99)), max_size=2))
LINES = st.builds(
    Line,
    n=st.integers(1, 1000),
    answers=ANSWERS,
    resets=st.dictionaries(st.sampled_from(["data", "months"]), PROBLEMS, max_size=2),
    touched=st.dictionaries(
        st.sampled_from(["data", "icc"]),
        st.builds(AnswerVersion, TEXT, st.integers(0, 99), st.integers(0, 99)),
        max_size=2,
    ),
    confirmed=st.frozensets(TEXT, max_size=3),
    removed=st.booleans(),
    action=st.sampled_from(["add", "cancel"]),
    subject=st.one_of(st.none(), TEXT),
)
AMOUNT = st.one_of(st.none(), st.builds(Money, st.integers(0, 10**9), st.just("DKK")))
ROWS = st.builds(Row, st.integers(0, 5), TEXT, TEXT, st.sampled_from(["month", "once"]), st.integers(1, 9), AMOUNT)
QUOTES = st.builds(
    Quote,
    rows=st.lists(ROWS, max_size=6).map(tuple),
    commitments=st.just(tuple(Commitment(n, 12, True) for n in range(1, 6))),
    price_list=TEXT,
    agreement=st.one_of(st.none(), TEXT),
    currency=st.just("DKK"),
    vat_bp=st.just(2500),
)


@given(st.lists(LINES, max_size=3).map(tuple))
def test_lines_read_back_equal(lines: tuple[Line, ...]) -> None:
    assert tuple(line_from_json(json.loads(json.dumps(line_to_json(line)))) for line in lines) == lines


@given(QUOTES)
def test_quotes_read_back_equal_and_add_up(made: Quote) -> None:
    again = Quote.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made and again.fingerprint() == made.fingerprint()
    by_line = sum(made.of("month", n).net.minor for n in range(6))
    assert made.monthly.net.minor == by_line, "the lines' net sums are the order's"
    assert made.monthly.gross == made.monthly.net + made.monthly.vat


@given(ANSWERS, TEXT, TEXT, QUOTES, st.booleans())
def test_orders_read_back_equal(answers: dict[str, str], ref: str, words: str, made: Quote, is_ported: bool) -> None:
    line = (
        a_ported_line(1, answers=answers, facts=(Fact("kind", words, ref),)) if is_ported else a_line(answers=answers)
    )
    order = an_order(line, ref=ref, reference=words, quote=made)
    assert from_json(Order, json.loads(json.dumps(to_json(order)))) == order


# --- Drafts ------------------------------------------------------------------------------------------------------


def test_a_lines_number_is_never_used_again() -> None:
    draft = form("fjallton").draft
    draft = draft.with_line(Line(2)).with_line(replace(Line(2), removed=True))
    assert [line.n for line in draft.kept] == [1] and draft.next_n == 3
    assert draft.line(2) and not draft.line(3)
    assert [line.n for line in draft.with_line(Line(1, {"kind": "fixed"})).lines] == [1, 2], "replaced where it stood"


def test_a_draft_lives_thirty_days_from_its_last_touch() -> None:
    draft = form("fjallton").draft
    assert draft.expires_at - draft.touched_at == LIFE and LIFE.days == 30


def test_an_answer_taken_away_leaves_its_reason_until_it_is_answered() -> None:
    line = Line(1, {"data": "FJ-D5"}).reset("data", Problem("reset.answer"))
    assert line.answers == {} and line.resets
    assert not line.answered({"data": "FJ-D1"}).resets
    assert line.answered({"data": ""}).resets, "an empty answer is none"


def test_builders_agree_with_each_other() -> None:
    order = an_order(a_line(1), a_ported_line(2))
    assert order.line(2).porting and order.ports == (order.line(2),)
    assert a_quote(order.lines) == order.quote
    with pytest.raises(KeyError):
        order.line(3)
    assert give(form("fjallton"), kind="mobile").line.answers == {"kind": "mobile"}

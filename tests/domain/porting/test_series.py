"""Number series that move, and those who sign besides the first: what is asked, how it reads, what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.builders import a_porting, an_inventory
from tests.domain.ordering.order_contexts import COMPLETE, FIXED, PORT, Answers, context, form, forms, give
from tests.domain.ordering.test_order import placed
from webapp.domain.market import DENMARK, SWEDEN, Market
from webapp.domain.money import Money
from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.answering import answer_step, copied, read, revalidate
from webapp.domain.papers.facts import Series
from webapp.domain.papers.for_order import papers_for
from webapp.domain.porting.series import check_series, count_of, show_moving, show_series, within
from webapp.domain.porting.signers import SignerName, read_signer_name, read_signers, write_signers
from webapp.domain.problem import Invalid

MOVING = {**FIXED, **PORT["fjallton"], "port.number": "+46846500492", "port.date": "2026-12-09"}
SERIES = {**MOVING, "port.first": "+46846500490", "port.last": "+46846500499"}
TWO = "Bo Ek, bo@granit.example\nÅsa Öberg <asa@granit.example>"


def test_a_series_is_asked_for_on_fixed_lines_only() -> None:
    assert {"port.first"} == {q for q in form("fjallton", MOVING).visible_questions if q in SERIES_QUESTIONS}
    assert {q for q in form("fjallton", SERIES).visible_questions if q in SERIES_QUESTIONS} == SERIES_QUESTIONS
    mobile = form("fjallton", {**COMPLETE["fjallton"], **PORT["fjallton"], "port.first": "+46846500490"})
    assert not SERIES_QUESTIONS & set(mobile.visible_questions)
    assert form("fjallton", MOVING).is_complete and form("fjallton", SERIES).is_complete


@pytest.mark.parametrize(("answers", "code", "amount"), [(MOVING, "FJ-PORT-F", 195_00), (SERIES, "FJ-PORT-S", 995_00)])
def test_a_series_costs_what_a_series_costs(answers: Answers, code: str, amount: int) -> None:
    """It was charged as a single number before series could be asked for, and after."""
    moves = {row.code: row.amount for row in placed(form("fjallton", answers)).quote.rows if "PORT" in row.code}
    assert moves == {code: Money(amount, "SEK")}


SERIES_QUESTIONS = {"port.first", "port.last", "port.main"}


def test_both_ends_or_none() -> None:
    half = form("fjallton", {**MOVING, "port.first": "+46846500490"})
    assert half.missing == ("port.last",)
    assert form("fjallton", {**MOVING, "port.last": "+46846500499"}).value("port.last") == ""


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("08-465 004 90", "08-465 004 9", "port.series.area"),
        ("08-465 004 99", "08-465 004 90", "port.series.order"),
        ("08-465 004 90", "08-465 004 98", "port.series.size"),
        ("08-465 004 90", "031-390 06 00", "port.series.area"),
        ("08-465 004 80", "08-465 004 89", "port.series.outside"),
        ("08-465 004 90", "070-174 06 80", "port.number.fixed"),
        ("08-465 004 90", "08-465 004 99", ""),
        ("08-465 004 00", "08-465 004 99", ""),
        ("08-465 000 00", "08-465 009 99", ""),
    ],
)
def test_what_a_series_has_to_be(first: str, last: str, code: str) -> None:
    begun = give(form("fjallton", MOVING), port__first=first)
    if code:
        with pytest.raises(Invalid, match=code):
            read(begun, "port.last", last)
    else:
        assert give(begun, port__last=last).is_complete


@pytest.mark.parametrize(
    ("first", "last", "market", "code"),
    [
        ("+4533112200", "+4533112299", DENMARK, ""),
        ("+4533112200", "+4533112250", DENMARK, "port.series.size"),
        ("+46846500490", "+46846500499", SWEDEN, ""),
        ("+46846500490", "+468465004999", SWEDEN, "port.series.area"),
    ],
)
def test_sizes_are_those_of_the_market(first: str, last: str, market: object, code: str) -> None:
    if code:
        with pytest.raises(Invalid, match=code):
            check_series(first, last, market)  # type: ignore[arg-type]
    else:
        check_series(first, last, market)  # type: ignore[arg-type]


def test_the_main_number_is_one_of_them_and_the_first_unless_told() -> None:
    series = form("fjallton", SERIES)
    assert series.value("port.main") == "+46846500490"
    assert give(series, port__main="08-465 004 95").value("port.main") == "+46846500495"
    with pytest.raises(Invalid, match=r"port\.main\.outside"):
        read(series, "port.main", "08-465 005 00")


def test_no_other_line_moves_one_of_its_numbers() -> None:
    first, second = forms(context("fjallton"), SERIES, {**MOVING, "port.number": "+46846500499"})
    with pytest.raises(Invalid, match=r"port\.number\.twice"):
        read(second, "port.number", "08-465 004 99")
    with pytest.raises(Invalid, match=r"port\.number\.twice"):
        read(first, "port.last", "08-465 004 99")
    apart = forms(context("fjallton"), SERIES, {**MOVING, "port.number": "+46846500500"})[1]
    assert read(apart, "port.number", "08-465 005 00") == "+46846500500"
    parked = forms(context("fjallton"), {**SERIES, "number_source": "new"}, MOVING)[1]
    assert read(parked, "port.number", "08-465 004 99"), "a parked answer takes nothing away"


def test_a_series_with_a_number_that_is_ours_does_not_move() -> None:
    at = context("fjallton", inventory=an_inventory(SWEDEN, ours=frozenset({"+46846500497"})))
    with pytest.raises(Invalid, match=r"port\.series\.ours"):
        read(form(at, SERIES), "port.last", "08-465 004 99")


def test_a_number_put_elsewhere_since_is_seen_when_ordering() -> None:
    moved = form("fjallton", {**SERIES, "port.number": "+46846500480"})
    assert revalidate(moved)["port.last"].code == "port.series.outside"


def test_a_series_moves_at_its_own_pace() -> None:
    assert read(form("fjallton", MOVING), "port.date", "2026-12-07")
    with pytest.raises(Invalid, match=r"port\.date\.early"):
        read(form("fjallton", SERIES), "port.date", "2026-12-07")


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("+46846500490", "+46846500499", "08-465 004 90–99"),
        ("+46846500400", "+46846500499", "08-465 004 00–99"),
        ("+46846500000", "+46846500999", "08-465 000 00–009 99"),
    ],
)
def test_how_a_series_is_written(first: str, last: str, shown: str) -> None:
    assert show_series(first, last, SWEDEN) == shown


def test_the_paper_names_the_series_and_its_main_number() -> None:
    at = form("fjallton", {**SERIES, "port.main": "+46846500495"})
    order = placed(at)
    move = papers_for(order, at.tenant, lambda number: "KOD")[1].moves[0]  # type: ignore[attr-defined]
    assert (move.number, move.e164) == ("08-465 004 90–99", "+46846500492")
    assert move.series == Series("+46846500490", "+46846500499", "+46846500495", "08-465 004 95")


# --- Those who sign besides the first ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        (TWO, ("Bo Ek bo@granit.example", "Åsa Öberg asa@granit.example")),
        ("Bo Ek; bo@granit.example\r\n\r\n  Eva Ek  ,  eva@granit.example ",
         ("Bo Ek bo@granit.example", "Eva Ek eva@granit.example")),
        ("Ek, Bo, bo@granit.example", ("Ek, Bo bo@granit.example",)),
        ("Bo Ek, <bo@granit.example>", ("Bo Ek bo@granit.example",)),
        ("Bo Ek <bo@a.example>; Eva Al <eva@a.example>", ("Bo Ek bo@a.example", "Eva Al eva@a.example")),
        ("Bo Ek, bo@a.example; Eva Al, eva@a.example,", ("Bo Ek bo@a.example", "Eva Al eva@a.example")),
        ("Bo Ek bo@a.example Eva Al <eva@a.example>", ("Bo Ek bo@a.example", "Eva Al eva@a.example")),
        ('"Ek, Bo" <bo@a.example>, \u201dEva Al\u201d <eva@a.example>', ("Ek, Bo bo@a.example", "Eva Al eva@a.example")),
        ("'Bo Ek'\t<mailto:bo@a.example>", ("Bo Ek bo@a.example",)),
        ('Bo "Bosse" Ek, bo=x@blåbär.example', ('Bo "Bosse" Ek bo=x@xn--blbr-noae.example',)),
        ("Bo Ek <bo@a.example> och Eva Al <eva@a.example>", ("Bo Ek bo@a.example", "Eva Al eva@a.example")),
        ("Bo Ek bo@a.example & Eva Al eva@a.example", ("Bo Ek bo@a.example", "Eva Al eva@a.example")),
        ("Bo Ek bo@a.example / Eva Al eva@a.example | Ulf Al ulf@a.example",
         ("Bo Ek bo@a.example", "Eva Al eva@a.example", "Ulf Al ulf@a.example")),
        ("1. Bo Ek, bo@a.example\n2) Eva Al, eva@a.example.", ("Bo Ek bo@a.example", "Eva Al eva@a.example")),
        ("\u2022 Bo Ek: bo@a.example\n- Eva Al \u2013 eva@a.example", ("Bo Ek bo@a.example", "Eva Al eva@a.example")),
        ("Bo Ek (bo@a.example), Eva Al [eva@a.example]", ("Bo Ek bo@a.example", "Eva Al eva@a.example")),
        ("Bo Ek, vd, bo@a.example", ("Bo Ek, vd bo@a.example",)),
        ("", ()),
    ],
)  # fmt: skip
def test_a_person_a_line(typed: str, read_as: tuple[str, ...]) -> None:
    found = read_signers(typed)
    assert tuple(f"{each.name} {each.email}" for each in found) == read_as
    assert read_signers(write_signers(found)) == found


@pytest.mark.parametrize(
    ("typed", "code", "params"),
    [
        ("Bo Ek, bo@granit.example\nbo", "port.signers.line", {"n": 2}),
        ("\n\nbo@granit.example", "port.signers.line", {"n": 3}),
        (", bo@granit.example", "port.signers.line", {"n": 1}),
        ("Bo\u202e Ek, bo@granit.example", "text.control", {"at": 3, "sign": "U+202E RIGHT-TO-LEFT OVERRIDE"}),
        ("Bo Ek, bo@granit", "port.signers.line", {"n": 1}),
        ("Bo Ek <bo@a.example>; <eva@a.example>", "port.signers.line", {"n": 1}),
        ("Bo Ek <bo@a.example> Eva", "port.signers.line", {"n": 1}),
        ("bo@a.example, Bo Ek", "port.signers.line", {"n": 1}),
        ("Bo <Ek, bo@a.example", "port.signers.line", {"n": 1}),
        ("Bo Ek, <bo@a.example", "port.signers.line", {"n": 1}),
        ("Bo Ek och Eva Al, bo@a.example", "port.signers.line", {"n": 1}),
        ("Eva Al, eva@a.example\nBo Ek, Åsa Öberg, bo@a.example", "port.signers.line", {"n": 2}),
        ("Bo Ek <bo@a.example>, vd; Eva Al <eva@a.example>", "port.signers.line", {"n": 1}),
        ("Bo Ek <bo@a.example>; Bosse <BO@a.example>", "port.signers.twice", {"n": 1, "email": "BO@a.example"}),
        ("Bo Ek, bo@granit.example\nBosse, BO@granit.example", "port.signers.twice",
         {"n": 2, "email": "BO@granit.example"}),
        ("Gösta, gosta@granit.example", "port.signers.twice", {"n": 1, "email": "gosta@granit.example"}),
        ("\n".join(f"P {chr(65 + n)}, p{n}@granit.example" for n in range(6)), "port.signers.many", {"most": 5}),
    ],
)  # fmt: skip
def test_a_line_that_does_not_read_is_named(typed: str, code: str, params: dict[str, object]) -> None:
    with pytest.raises(Invalid) as refused:
        read_signers(typed, "gosta@granit.example")
    assert (refused.value.problem.code, dict(refused.value.problem.params)) == (code, params)


@pytest.mark.parametrize("typed", ["Bo Ek <bo@a.example>; Eva Al", "bo@a.example", "Bo >Ek"])
def test_no_address_stands_in_the_name_of_a_signer(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_signer_name(typed)
    assert refused.value.problem.code == "name.address"
    asked = form("fjallton", {**COMPLETE["fjallton"], **PORT["fjallton"], "port.signatory": "other"})
    answered = answer_step(asked, ("port.signer_name",), {"port.signer_name": typed}, None)
    assert answered.problems["port.signer_name"].code == "name.address"


@pytest.mark.parametrize(
    "typed", ["Bo Ek och Eva Al", "Bo Ek & Eva Al", "Bo Ek; Eva Al", "Bo Ek / Eva Al", "Bo Ek og Eva Al"]
)
def test_one_name_stands_for_one_signer(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_signer_name(typed)
    assert refused.value.problem.code == "name.several"
    assert read_signer_name("Ek-Al, Bo Ochs") == "Ek-Al, Bo Ochs"


@pytest.mark.parametrize("slug", ["fjallton", "skarvox", "baeltkom"])
def test_further_signers_are_ordered_and_share_the_paper(slug: str) -> None:
    answers: Answers = {**COMPLETE[slug], **PORT[slug]}
    asked = form(slug, answers)
    assert "port.signers" in asked.visible_questions and "port.in_order" not in asked.visible_questions
    answered = answer_step(
        asked, ("port.signers", "port.in_order"), {"port.signers": TWO, "port.in_order": "yes"}, None
    )
    assert answered.is_fine
    at = asked.with_line(answered.line)
    porting = placed(at).ports[0].porting
    assert porting and porting.in_order
    further = (SignerName("Bo Ek", "bo@granit.example"), SignerName("Åsa Öberg", "asa@granit.example"))
    assert porting.all_signers[1:] == porting.signers == further
    assert at.show("port.signers").text == "Bo Ek, bo@granit.example; Åsa Öberg, asa@granit.example"
    assert copied(at, 2).answers["port.signers"] == at.line.answers["port.signers"]


def test_a_slip_in_an_address_is_asked_about() -> None:
    asked = form("fjallton", {**COMPLETE["fjallton"], **PORT["fjallton"]})
    answered = answer_step(asked, ("port.signers",), {"port.signers": "Bo Ek, bo@gmial.com"}, None)
    assert answered.warnings["port.signers"].code == "email.typo"


@pytest.mark.parametrize(
    ("first", "last", "market", "shown"),
    [
        ("+46846500490", "+46846500499", SWEDEN, "08-465 004 90–99"),
        ("+46846500400", "+46846500499", SWEDEN, "08-465 004 00–99"),
        ("+46846500000", "+46846509999", SWEDEN, "08-465 000 00–099 99"),
        ("+4533112200", "+4533112299", DENMARK, "33 11 22 00–99"),
        ("+4533112000", "+4533112999", DENMARK, "33 11 20 00–29 99"),
        ("+46846500490", "+46846500490", SWEDEN, "08-465 004 90–08-465 004 90"),
        ("+46846500490", "+468465004999", SWEDEN, None),
    ],
)
def test_a_series_is_shown_from_the_group_in_which_it_differs(
    first: str, last: str, market: Market, shown: str | None
) -> None:
    assert show_series(first, last, market) == (shown or f"{show_msisdn(first, market)}–{show_msisdn(last, market)}")


def test_a_refused_series_is_told_its_size_and_those_there_are() -> None:
    with pytest.raises(Invalid) as refused:
        check_series("+4533112200", "+4533112250", DENMARK)
    sizes = refused.value.problem.params["sizes"]
    assert refused.value.problem.params["n"] == 51
    assert all(str(size)[:1] in str(sizes) for size in DENMARK.porting.series) and "None" not in str(sizes)
    for wrong, code in (
        (("+46846500490", "+46313906000"), "port.series.area"),
        (("+46846500499", "+46846500490"), "port.series.order"),
    ):
        with pytest.raises(Invalid) as refused:
            check_series(*wrong, SWEDEN)
        assert refused.value.problem.code == code


def test_as_many_numbers_move_as_a_series_has() -> None:
    move = a_porting(e164="+46846500490")
    assert count_of(move) == 1
    assert count_of(replace(move, first="+46846500490", last="+46846500499")) == 10
    assert show_moving(move, SWEDEN) == "08-465 004 90"
    assert show_moving(replace(move, first="+46846500490", last="+46846500499"), SWEDEN) == "08-465 004 90–99"


def test_a_number_is_within_a_series_at_both_ends_and_nowhere_else() -> None:
    ends = ("+46846500490", "+46846500499")
    assert within(ends[0], *ends) and within(ends[1], *ends) and within("+46846500495", *ends)
    assert not within("+46846500489", *ends) and not within("+46846500500", *ends) and not within("+4684650049", *ends)

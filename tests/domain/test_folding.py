"""Typographic signs are one for all readers of input, and what shows nothing is nothing; in names it is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain import folding, numbers
from webapp.domain.dates import read_date
from webapp.domain.market import DENMARK, SWEDEN
from webapp.domain.porting.signers import read_signers
from webapp.domain.problem import Invalid
from webapp.domain.signing import rules

READERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "swedish number": ("070-174 06 05", lambda text: numbers.read_msisdn(text, SWEDEN)),
    "danish number": ("+45 20-12-34-56", lambda text: numbers.read_msisdn(text, DENMARK)),
    "sim card": ("8946 9900-0000 0000 016", lambda text: numbers.read_iccid(text, (19, 20), "89")),
    "eid": ("8904 6999-0000 0000 0000 0000 0000 0154", numbers.read_eid),
    "swedish company": ("559999-0016", lambda text: numbers.read_company_id(text, SWEDEN)),
    "danish company": ("DK-99 00 00 07", lambda text: numbers.read_company_id(text, DENMARK)),
    "swedish postcode": ("SE-114 18", lambda text: numbers.read_postcode(text, SWEDEN)),
    "danish postcode": ("DK-8000", lambda text: numbers.read_postcode(text, DENMARK)),
    "email": ("a-b@c-d.se", numbers.read_email),
    "date": ("2026-12-28", lambda text: read_date(text, SWEDEN)),
    "danish date": ("28 - 12 - 2026", lambda text: read_date(text, DENMARK)),
    "count": ("3", lambda text: numbers.read_count(text, 9)),
    "code": ("123-456", rules.read_code),
}
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d-"
SPACES = " \t\u00a0\u2007\u2009\u202f\u3000"
UNSEEN = ["", *"\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202d\u202e\u2060\u2066\u2069\ufeff\u00ad\u061c"]


@given(st.sampled_from(sorted(READERS)), st.sampled_from(DASHES), st.sampled_from(SPACES), st.data())
def test_every_reader_takes_every_dash_space_and_unseen_sign(
    name: str, dash: str, space: str, data: st.DataObject
) -> None:
    # guard: folding.folded, the one function for all of them
    plain, read = READERS[name]
    pasted = "".join(
        data.draw(st.sampled_from(UNSEEN)) + {"-": dash, " ": space}.get(sign, sign) for sign in plain
    )  # fmt: skip
    assert read(f"{space}{pasted}\u202c{space}") == read(plain)


@pytest.mark.parametrize("typed", ["Maja  Lind", "Maja \u00a0\t Lind", " Maja\u202f \u2009Lind "])
def test_the_same_name_is_one_however_wide_its_gaps_are(typed: str) -> None:
    # guard: two of them would be two employees
    assert numbers.read_text(typed) == "Maja Lind"


@pytest.mark.parametrize("label", ["tel:", "Tel: ", "TEL.", "tfn ", "Tlf.: ", "mobil: ", "callto:", "\u200etel:\u00a0"])
def test_a_number_is_taken_from_a_link_or_a_signature(label: str) -> None:
    assert numbers.read_msisdn(f"{label}+46-70-174-06-05", SWEDEN) == "+46701740605"
    assert numbers.read_msisdn(f"{label}20 12 34 56", DENMARK) == "+4520123456"
    assert numbers.read_email("mailto:a@b.se") == "a@b.se"


@pytest.mark.parametrize("sign", [*"\u2800\u3164\u200d\u0301\u115f\uffa0\u034f", "\u200d\u0301", "\u3000\u2800 "])
def test_a_name_of_what_shows_nothing_is_no_name(sign: str) -> None:
    # guard: folding.is_blank
    with pytest.raises(Invalid) as refused:
        numbers.read_text(sign)
    assert refused.value.problem.code == "text.missing"
    assert read_signers(f"{sign}\n") == (), "a line that shows nothing names nobody"


@pytest.mark.parametrize(
    ("typed", "at", "named"),
    [
        ("An\u200bna", 3, "U+200B ZERO WIDTH SPACE"),
        ("Bo\u202eEk", 3, "U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("A\x00B", 2, "U+0000"),
        ("Bo\u3164", 3, "U+3164 HANGUL FILLER"),
        ("Bo\u2800Ek", 3, "U+2800 BRAILLE PATTERN BLANK"),
        ("Bo\u200dEk", 3, "U+200D ZERO WIDTH JOINER"),
    ],
)
def test_a_sign_in_a_name_that_cannot_be_seen_is_named_with_its_place(typed: str, at: int, named: str) -> None:
    with pytest.raises(Invalid) as refused:
        numbers.read_text(typed)
    assert refused.value.problem.params == {"at": at, "sign": named}


@pytest.mark.parametrize("name", ["محمد رضا\u200cنژاد", "Anne–Marie O’Hara", "☺\u200d☻ Ek", "❤\ufe0f", "I"])
def test_names_keep_their_dashes_and_the_joiners_of_their_script(name: str) -> None:
    assert numbers.read_text(name) == name


def test_every_space_in_a_name_is_a_plain_one() -> None:
    assert numbers.read_text("\tAnna\u00a0Maria\u2009Ek\u202f") == "Anna Maria Ek"


@given(st.text(max_size=40))
def test_folding_is_settled_and_hides_nothing(text: str) -> None:
    once = folding.folded(text)
    assert folding.folded(once) == once
    assert folding.is_blank(text) == folding.is_blank(once) or not folding.unseen(once)
    try:
        shown = numbers.read_text(text)
    except Invalid:
        return
    assert not folding.is_blank(shown) and not folding.unseen(shown)

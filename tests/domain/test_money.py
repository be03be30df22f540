"""Whole minor units, VAT once on the net sum and half up, amounts as price files write them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.money import Money, read_amount, read_usage, summed, with_vat
from webapp.domain.problem import Invalid


def sek(minor: int) -> Money:
    return Money(minor, "SEK")


def test_vat_is_taken_once_on_the_sum_and_rounded_half_up() -> None:
    # guard: 3 × 37,30 has 27,975 VAT: 27,98 on the sum, 27,99 row by row, 27,97 when halves are cut
    total = with_vat(summed([sek(3730)] * 3, "SEK"), 2500)
    assert (total.net, total.vat, total.gross) == (sek(11190), sek(2798), sek(13988))
    by_row = summed([with_vat(sek(3730), 2500).vat] * 3, "SEK")
    assert by_row == sek(2799), "which is why it is not done so"


@given(st.integers(0, 10**12), st.sampled_from([0, 600, 1200, 2500]))
def test_vat_is_the_nearest_minor_unit_and_never_less_than_half(net: int, rate: int) -> None:
    exact = Fraction(net * rate, 10_000)
    off = with_vat(sek(net), rate).vat.minor - exact
    assert Fraction(-1, 2) < off <= Fraction(1, 2)


def test_currencies_do_not_mix() -> None:
    """Currencies do not mix."""
    with pytest.raises(ValueError, match="SEK and DKK"):
        sek(1) + Money(1, "DKK")
    with pytest.raises(ValueError, match="SEK and DKK"):
        sek(1) - Money(1, "DKK")
    with pytest.raises(ValueError, match="SEK and DKK"):
        assert sek(1) < Money(2, "DKK")


def test_sums() -> None:
    assert summed([], "DKK") == Money(0, "DKK") and not summed([], "DKK")
    assert sek(5) - sek(7) == sek(-2) and sek(3) * 4 == sek(12) and sek(1) < sek(2)


@given(st.integers(0, 99_999_999_999), st.sampled_from(",."))
def test_amounts_read_back(minor: int, point: str) -> None:
    assert read_amount(f"{minor // 100}{point}{minor % 100:02d}") == minor


def test_usage_prices_keep_four_decimals() -> None:
    assert read_usage("0,5900") == 5900 and read_usage("12.0001") == 120001


@pytest.mark.parametrize(
    "text", ["", "1", "1,2", "1,234", "-1,00", "1 000,00", "1,00 kr", "1e2", "４9,00", "NaN", ",50"]
)
def test_no_amounts(text: str) -> None:
    with pytest.raises(Invalid):
        read_amount(text)
    with pytest.raises(Invalid):
        read_usage(text)

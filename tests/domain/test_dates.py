"""A day is taken as people write it, on a keypad of digits, with two figures of the year or with the month's name."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.dates import read_date
from webapp.domain.market import DENMARK, MARKETS, SWEDEN, Market
from webapp.domain.problem import Invalid

BOTH = list(MARKETS.values())
DAY = date(2026, 12, 28)


@pytest.mark.parametrize("market", BOTH, ids=lambda market: market.code)
@pytest.mark.parametrize(
    "typed",
    [
        "2026-12-28", "20261228", "28.12.2026", "28/12 2026", " 28-12-2026 ", "28122026", "28.12.26", "28/12/26",
        "28. 12. 26", "28/12-26", "28 12 26", "28 december 2026", "28. december 2026", "den 28 dec 2026", "28 DEC. 26",
        "måndag 28 december 2026", "mandag den 28. december 2026", "d. 28. dec. 2026", "28:e december 2026",
        "2026\u201112\u201128", "28\u00a0december\u202f2026", "\u200e28.12.2026", "28 \u2013 12 \u2013 2026",
        "28-dec-2026", "2026\t12\t28",
    ],
)  # fmt: skip
def test_a_day_is_taken_as_people_write_it(typed: str, market: Market) -> None:
    assert read_date(typed, market) == DAY


@pytest.mark.parametrize(
    ("typed", "market", "day"),
    [
        ("26-12-28", SWEDEN, DAY),
        ("261228", SWEDEN, DAY),
        ("28-12-26", DENMARK, DAY),
        ("281226", DENMARK, DAY),
        ("1 maj 2027", SWEDEN, date(2027, 5, 1)),
        ("2 mars 2027", SWEDEN, date(2027, 3, 2)),
        ("2. marts 2027", DENMARK, date(2027, 3, 2)),
        ("1. januar 2027", DENMARK, date(2027, 1, 1)),
        ("5/1 2027", DENMARK, date(2027, 1, 5)),
        ("2027-1-5", SWEDEN, date(2027, 1, 5)),
        ("20112026", SWEDEN, date(2026, 11, 20)),
    ],
)
def test_a_day_without_century_is_read_in_the_order_of_the_country(typed: str, market: Market, day: date) -> None:
    assert read_date(typed, market) == day


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        *(
            (typed, "date.shape")
            for typed in ("21/11", "２０２６-11-21", "2026-11-21T00:00", "", "28 d 2026", "28 foo 2026")
        ),
        *(
            (typed, "date.unknown")
            for typed in ("2026-02-30", "30.02.2027", "20261131", "2026-13-01", "0000-01-01", "31 april 2027")
        ),
    ],
)
def test_what_is_no_day_is_refused(typed: str, said: str) -> None:
    for market in BOTH:
        with pytest.raises(Invalid) as refused:
            read_date(typed, market)
        assert refused.value.problem.code == said


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(BOTH))
def test_every_day_written_in_any_shape_is_that_day(day: date, market: Market) -> None:
    short = "%d-%m-%y" if market.day_first else "%y-%m-%d"
    for shape in ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%d%m%Y", "%d.%m.%y", "%d/%m %y", short, short.replace("-", "")):
        assert read_date(day.strftime(shape), market) == day, shape


@given(
    st.text(st.sampled_from("0123456789-/. décmarsjunidagu\u2011\u202f\u200b:,"), max_size=24), st.sampled_from(BOTH)
)
def test_whatever_is_typed_is_a_day_or_refused(text: str, market: Market) -> None:
    try:
        day = read_date(text, market)
    except Invalid:
        return
    assert read_date(day.isoformat(), market) == day

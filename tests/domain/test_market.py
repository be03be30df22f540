"""Days on which numbers move, in both countries: the computed list of the domain facts, and arithmetic that always holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.market import DENMARK, MARKETS, SWEDEN, Market
from webapp.domain.porting.porting_day import Deadline, Wish, deadline, earliest

CLOSED = {
    ("SE", 2026): "1/1 6/1 3/4 6/4 1/5 14/5 19/6 24/12 25/12 31/12",
    ("SE", 2027): "1/1 6/1 26/3 29/3 6/5 25/6 24/12 31/12",
    ("DK", 2026): "1/1 2/4 3/4 6/4 14/5 25/5 5/6 24/12 25/12 31/12",
    ("DK", 2027): "1/1 25/3 26/3 29/3 6/5 17/5 24/12 31/12",
}

MARKET = st.sampled_from([SWEDEN, DENMARK])
DAY = st.dates(date(2024, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(("code", "year"), CLOSED)
def test_days_without_moves(code: str, year: int) -> None:
    """Weekdays only: a holiday on a Saturday closes nothing more."""
    market, day, found = MARKETS[code], date(year, 1, 1), []
    while day.year == year:
        if day.weekday() < 5 and not market.is_working_day(day):
            found.append(f"{day.day}/{day.month}")
        day += timedelta(days=1)
    assert found == CLOSED[code, year].split()


def test_an_order_before_christmas() -> None:
    assert SWEDEN.after_working_days(date(2026, 12, 17), 5) == date(2026, 12, 28)
    assert DENMARK.after_working_days(date(2026, 12, 23), 1) == date(2026, 12, 28)


def test_the_countries_differ_by_their_own_days() -> None:
    first_of_may, maundy_thursday, bededag = date(2026, 5, 1), date(2026, 4, 2), date(2026, 5, 1)
    assert DENMARK.is_working_day(first_of_may) and not SWEDEN.is_working_day(first_of_may)
    assert SWEDEN.is_working_day(maundy_thursday) and not DENMARK.is_working_day(maundy_thursday)
    assert DENMARK.is_working_day(bededag), "no holiday since 2024"


@given(MARKET, DAY, st.integers(0, 40))
def test_so_many_working_days_lie_between(market: Market, start: date, days: int) -> None:
    end = market.after_working_days(start, days)
    between = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    assert sum(map(market.is_working_day, between)) == days
    assert days == 0 or market.is_working_day(end)


@given(MARKET, DAY, st.integers(1, 40))
def test_forth_and_back(market: Market, start: date, days: int) -> None:
    end = market.after_working_days(start, days)
    back = market.before_working_days(end, days)
    assert back <= start and market.after_working_days(back, days) == end
    if market.is_working_day(start):
        assert back == start


@given(MARKET, DAY, st.integers(1, 20), st.integers(1, 20))
def test_days_add_up(market: Market, start: date, one: int, more: int) -> None:
    by_parts = market.after_working_days(market.after_working_days(start, one), more)
    assert by_parts == market.after_working_days(start, one + more)


def test_the_local_day_is_not_the_utc_day() -> None:
    # guard: today() in the market's own zone
    assert SWEDEN.today(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == date(2027, 1, 1)
    assert DENMARK.today(datetime(2026, 6, 30, 21, 59, tzinfo=UTC)) == date(2026, 6, 30)
    assert DENMARK.today(datetime(2026, 6, 30, 22, 0, tzinfo=UTC)) == date(2026, 7, 1)


def test_a_local_day_ends_by_its_own_clock_also_when_that_is_moved() -> None:
    assert SWEDEN.end_of(date(2026, 12, 31)) == datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)
    for day in (date(2027, 3, 27), date(2027, 3, 28), date(2027, 10, 30), date(2027, 10, 31)):
        end = DENMARK.end_of(day)
        assert DENMARK.today(end) == day and DENMARK.today(end + timedelta(seconds=1)) == day + timedelta(days=1)


def test_a_tenant_may_set_its_own_lead_time() -> None:
    patient = DENMARK.with_porting(lead_mobile=3)
    assert patient.porting.lead_mobile == 3 and DENMARK.porting.lead_mobile == 1
    assert patient.is_working_day(date(2026, 5, 1))


@pytest.mark.parametrize(
    ("kind", "is_series", "by"),
    [("mobile", False, date(2026, 12, 4)), ("fixed", False, date(2026, 11, 27)), ("fixed", True, date(2026, 11, 25))],
)
def test_whoever_signs_on_the_last_day_is_in_time(kind: str, is_series: bool, by: date) -> None:
    wish, link_ends = Wish(kind, is_series, date(2026, 12, 11)), date(2026, 12, 8)
    found = deadline(SWEDEN, [wish, Wish("mobile", False, date(2026, 12, 18))], by, link_ends)
    assert found == Deadline(by, wish.day, is_past=False)
    assert earliest(SWEDEN, kind, by, is_series=is_series) == wish.day
    late = deadline(SWEDEN, [wish], by + timedelta(days=1), link_ends)
    assert late and late.is_past


def test_a_link_that_ends_first_and_a_move_without_a_day_have_no_deadline_of_their_own() -> None:
    today = date(2026, 11, 24)
    assert deadline(SWEDEN, [Wish("mobile", False, date(2026, 12, 11))], today, date(2026, 12, 4)) is None
    assert deadline(SWEDEN, [], today, date(2026, 12, 8)) is None

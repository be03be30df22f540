"""Money, days and texts as Swedish and Danish readers write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from webapp.domain.money import Money
from webapp.domain.texts import TEXTS
from webapp.l10n import Localizer

SV, DA = (Localizer(language, zone=ZoneInfo("Europe/Stockholm")) for language in ("sv", "da"))
NOON = datetime(2026, 7, 1, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "sv", "da"),
    [
        (123450, "SEK", "1 234,50 kr", "1.234,50 SEK"),
        (123450, "DKK", "1 234,50 DKK", "1.234,50 kr."),
        (0, "SEK", "0,00 kr", "0,00 SEK"),
        (-5, "SEK", "-0,05 kr", "-0,05 SEK"),
        (1234567800, "DKK", "12 345 678,00 DKK", "12.345.678,00 kr."),
    ],
)
def test_money(minor: int, currency: str, sv: str, da: str) -> None:
    amount = Money(minor, currency)
    assert SV.money(amount) == sv.replace(" ", "\u00a0")
    assert DA.money(amount) == da.replace(" ", "\u00a0")


def test_whole_amounts_may_leave_out_their_decimals() -> None:
    assert SV.money(Money(4900, "SEK"), whole=True) == "49\u00a0kr"
    assert SV.money(Money(4950, "SEK"), whole=True) == "49,50\u00a0kr"


def test_usage_prices_keep_the_decimals_they_have() -> None:
    assert SV.usage(5900, "SEK") == "0,59\u00a0kr" and DA.usage(6025, "DKK") == "0,6025\u00a0kr."
    assert DA.usage(10000, "DKK") == "1,00\u00a0kr."


def test_days_and_times() -> None:
    assert (SV.day(date(2026, 11, 1)), DA.day(date(2026, 11, 1))) == ("1 november 2026", "1. november 2026")
    assert (SV.day_short(date(2026, 11, 1)), DA.day_short(date(2026, 11, 1))) == ("2026-11-01", "01.11.2026")
    assert (SV.time(NOON), DA.time(time(8))) == ("14:05", "08.00")
    assert SV.moment_with_zone(NOON) == "1 juli 2026 kl. 14:05 CEST"
    assert DA.moment_with_zone(NOON) == "1. juli 2026 kl. 14.05 CEST"


def test_the_day_of_a_moment_is_the_one_that_its_reader_has() -> None:
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    assert (SV.day(late), DA.day(late)) == ("1 december 2026", "1. december 2026")
    assert (SV.day_short(late), DA.day_short(late)) == ("2026-12-01", "01.12.2026")


def test_shares_and_numbers() -> None:
    assert SV.percent(2500) == "25\u00a0%" and DA.percent(1250) == "12,5\u00a0%"
    assert (SV.number(12345), DA.number(12345), SV.number(999)) == ("12\u00a0345", "12.345", "999")


def test_several_are_named_as_a_sentence_names_them() -> None:
    names = ("Eva Ek", "Bo Lind", "Åsa Öberg")
    assert SV.listed(names) == "Eva Ek, Bo Lind och Åsa Öberg" and DA.listed(names[1:]) == "Bo Lind og Åsa Öberg"
    assert SV.listed(names[:1]) == "Eva Ek" and SV.listed(()) == ""


def test_a_text_is_filled_as_its_reader_writes() -> None:
    words = Localizer("da", {"port.date.early": "Fra %(d)s, %(m)s"})
    told = words.say("port.date.early", d=date(2026, 12, 1), m=Money(100, "DKK"))
    assert told == "Fra 1. december 2026, 1,00\u00a0kr."
    assert Localizer("da", {"button.place": ""}).say("button.place") == Localizer("da").say("button.place")
    with pytest.raises(KeyError):
        words.say("no.such.text")


def test_every_text_can_be_said() -> None:
    for words in (SV, DA, Localizer("en")):
        assert all(words.say(key) for key in TEXTS)
    assert Localizer("en").say("button.place") == TEXTS["button.place"]


def test_a_day_with_its_time_is_written_as_a_table_of_the_language_has_it() -> None:
    assert SV.moment_short(NOON) == "2026-07-01 14:05" and DA.moment_short(NOON) == "01.07.2026 kl. 14.05"
    assert SV.moment(NOON) == "1 juli 2026 kl. 14:05"
    assert SV.in_sentence("Måndag–fredag 8–17") == "måndag–fredag 8–17"

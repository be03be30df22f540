"""Words, money, days and times as a reader of one language writes them; knows no request and no page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.lists import format_list
from babel.support import Translations

from webapp.domain.money import Money
from webapp.domain.ordering.statutory_texts import SUMMARY
from webapp.domain.texts import TEXTS
from webapp.places import CATALOGUES

NBSP = "\u00a0"


@dataclass(frozen=True)
class Style:
    """How a language writes what Babel's own patterns leave open. `{d}` day, `{m}` month name, `{y}` year."""

    currency: str  # the currency its readers call by a short name
    short_name: str
    day_long: str
    day_short: str
    date_order: str  # how a day is typed: "ymd" or "dmy"
    time: str  # strftime; on its own, as in a table
    moment: str  # a day and a time together, in running text
    moment_short: str  # the same in a table


STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "sv": Style("SEK", "kr", "{d} {m} {y}", "%Y-%m-%d", "ymd", "%H:%M", "{day} kl. {time}", "{day} {time}"),
        "da": Style("DKK", "kr.", "{d}. {m} {y}", "%d.%m.%Y", "dmy", "%H.%M", "{day} kl. {time}", "{day} kl. {time}"),
        "en": Style("", "", "{d} {m} {y}", "%Y-%m-%d", "ymd", "%H:%M", "{day} {time}", "{day} {time}"),
    }
)


@lru_cache(maxsize=16)
def _catalogue(language: str, folder: Path) -> NullTranslations:
    """The compiled catalogue of a language; English itself, and a catalogue that is not compiled, say the msgid."""
    return Translations.load(folder, [language])


def in_sentence(phrase: str) -> str:
    """A phrase that is written to stand alone ("Måndag–fredag 8–17"), as it stands within a sentence."""
    return phrase[:1].lower() + phrase[1:]


class Localizer:
    """One reader's language. `overrides` are a tenant's own wordings by key; `zone` is where its clocks stand.

    `market` picks texts that differ by country whatever the language ("port.number.mobile@DK").
    """

    def __init__(
        self,
        language: str,
        overrides: Mapping[str, str] = MappingProxyType({}),
        zone: ZoneInfo | None = None,
        market: str = "",
    ) -> None:
        self.market = market
        self.language = language
        self.overrides = overrides
        self.zone = zone
        self.style = STYLES.get(language, STYLES["en"])
        self._months, self._group, self._decimal = _names_and_signs(language)
        catalogue = _catalogue(language, CATALOGUES)
        self.prescribed = SUMMARY.get(language, SUMMARY["sv"])
        self.gettext = catalogue.gettext
        self.ngettext = catalogue.ngettext

    def say(self, key: str, **params: object) -> str:
        """The text of that key, in the tenant's wording where it has one; KeyError when no such text exists."""
        text = self.overrides.get(key) or self.gettext(TEXTS.get(f"{key}@{self.market}") or TEXTS[key])
        return text % {name: self.show(value) for name, value in params.items()} if params else text

    def show(self, value: object) -> str:
        """A value as it stands in a sentence: amounts, days and times as the language writes them."""
        if isinstance(value, Money):
            return self.money(value)
        if isinstance(value, datetime):
            return self.moment(value)
        if isinstance(value, date):
            return self.day(value)
        if isinstance(value, time):
            return self.time(value)
        return str(value)

    def in_sentence(self, phrase: str) -> str:
        """A phrase that is written to stand alone, as it stands within a sentence: for templates of papers."""
        return in_sentence(phrase)

    def listed(self, items: Iterable[str], style: Literal["standard", "or"] = "standard") -> str:
        """Several as a sentence names them: "Eva Ek, Bo Lind och Åsa Öberg", or one of them: "Eva Ek eller Bo Lind"."""
        return format_list(tuple(items), style, self.language)

    def money(self, amount: Money, whole: bool = False) -> str:
        """Such as "1 234,50 kr" or "1.234,50 kr."; `whole` leaves out decimals that are nought."""
        units, cents = divmod(abs(amount.minor), 100)
        sign = "-" if amount.minor < 0 else ""
        decimals = "" if whole and not cents else f"{self._decimal}{cents:02d}"
        return f"{sign}{self.number(units)}{decimals}{NBSP}{self._currency(amount.currency)}"

    def usage(self, ten_thousandths: int, currency: str) -> str:
        """A usage price with the decimals it has, two at least: "0,59 kr"."""
        units, rest = divmod(ten_thousandths, 10_000)
        decimals = f"{rest:04d}".rstrip("0").ljust(2, "0")
        return f"{self.number(units)}{self._decimal}{decimals}{NBSP}{self._currency(currency)}"

    def _currency(self, code: str) -> str:
        return self.style.short_name if code == self.style.currency else code

    def number(self, value: int) -> str:
        """A whole number with its thousands set apart."""
        return str(value) if -1000 < value < 1000 else f"{value:,}".replace(",", self._group)

    def percent(self, basis_points: int) -> str:
        """Such as "25 %" of 2500 basis points."""
        whole, rest = divmod(basis_points, 100)
        decimals = self._decimal + f"{rest:02d}".rstrip("0") if rest else ""
        return f"{whole}{decimals}{NBSP}%"

    def day(self, day: date) -> str:
        """A day in running text: "21 november 2026", "21. november 2026"; of an aware moment the day that it is in `zone`."""
        local = self._local(day) if isinstance(day, datetime) else day
        return self.style.day_long.format(d=local.day, m=self._months[local.month - 1], y=local.year)

    def day_short(self, day: date) -> str:
        """A day in a table: "2026-11-21", "21.11.2026"; of an aware moment as above."""
        local = self._local(day) if isinstance(day, datetime) else day
        return local.strftime(self.style.day_short)

    def time(self, moment: time | datetime) -> str:
        """Such as "14:05", "14.05"; an aware moment is shown by the clocks of `zone`."""
        shown = self._local(moment) if isinstance(moment, datetime) else moment
        return shown.strftime(self.style.time)

    def moment(self, moment: datetime) -> str:
        """Day and time: "21 november 2026 kl. 14:05", "21. november 2026 kl. 14.05"."""
        local = self._local(moment)
        return self.style.moment.format(day=self.day(local), time=self.time(local))

    def moment_short(self, moment: datetime) -> str:
        """Day and time in a table: "2026-11-21 14:05", "21.11.2026 kl. 14.05" (else its groups of digits run together)."""
        local = self._local(moment)
        return self.style.moment_short.format(day=self.day_short(local), time=self.time(local))

    def moment_with_zone(self, moment: datetime) -> str:
        """Day, time and zone, for papers that must stand alone: "21 november 2026 kl. 14:05 CET"."""
        return f"{self.moment(moment)} {self._local(moment).tzname() or ''}".rstrip()

    def instant(self, moment: datetime) -> str:
        """A moment to the second in a table: "2026-11-21 14:05:09 CET", "21.11.2026 kl. 14.05.09 CET"."""
        local = self._local(moment)
        seconds = local.strftime(f"{self.style.time}{self.style.time[2]}%S")
        shown = self.style.moment_short.format(day=self.day_short(local), time=seconds)
        return f"{shown} {local.tzname() or ''}".rstrip()

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone) if self.zone and moment.tzinfo else moment


@lru_cache(maxsize=16)
def _names_and_signs(language: str) -> tuple[tuple[str, ...], str, str]:
    """Names of months, the sign between thousands, the decimal sign."""
    locale = Locale.parse(language)
    symbols = locale.number_symbols.get("latn", locale.number_symbols)
    months = tuple(locale.months["format"]["wide"][month] for month in range(1, 13))
    return months, str(symbols["group"]), str(symbols["decimal"])

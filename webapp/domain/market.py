"""What differs between Sweden and Denmark, as two values; nowhere else may a country be asked for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class PortingRules:
    """Lead times in working days and the hours at which numbers move. Defaults: domain facts, section 1; a tenant may set its own."""

    lead_mobile: int
    lead_fixed: int
    lead_series: int
    hours: tuple[int, ...]  # whole local hours to choose among; empty: the operators decide
    cutoff_days: int  # working days before the move until which it can be stopped
    valid_days: int = 90  # how long a power of attorney holds from the day it is made
    compensated: bool = False  # whether the law gives a right to compensation for a delayed move
    series: tuple[int, ...] = (10, 100, 1000)  # how many numbers a series has that moves as one


@dataclass(frozen=True)
class Market:
    """A country as the portal needs it."""

    code: str  # ISO 3166
    language: str
    currency: str
    vat_bp: int  # basis points
    timezone: str
    calling_code: str
    company_id: str  # "orgnr" | "cvr"
    day_first: bool  # how a date without its century is written: 28.12.26, else 26-12-28
    postcode: str  # regular expression of its digits
    iccid_country: str
    holiday_categories: tuple[str, ...]
    porting: PortingRules = field(hash=False)
    open_days: tuple[
        tuple[int, int], ...
    ] = ()  # month and day of customary holidays on which numbers move all the same
    capacities_company: tuple[str, ...] = ()  # in which somebody may sign for a company, most usual first
    capacities_private: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The local time zone."""
        return ZoneInfo(self.timezone)

    def today(self, now: datetime) -> date:
        """The local day of an aware moment."""
        return now.astimezone(self.zone).date()

    def end_of(self, day: date) -> datetime:
        """The last second of a local day."""
        return datetime.combine(day, time(23, 59, 59), self.zone).astimezone(UTC)

    def is_working_day(self, day: date) -> bool:
        """Monday to Friday, no public holiday and none of the eves on which operators move no numbers."""
        if day.weekday() >= 5:
            return False
        closed = day in _closed(self.code, self.holiday_categories, day.year)
        return not closed or (day.month, day.day) in self.open_days

    def after_working_days(self, start: date, days: int) -> date:
        """The working day that comes `days` working days after `start` (start itself is not counted)."""
        day = start
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_working_day(day)
        return day

    def before_working_days(self, end: date, days: int) -> date:
        """The working day that lies `days` working days before `end`."""
        day = end
        while days > 0:
            day -= timedelta(days=1)
            days -= self.is_working_day(day)
        return day

    def with_porting(self, **changes: object) -> Market:
        """The same market with a tenant's own porting rules."""
        return replace(self, porting=replace(self.porting, **changes))  # type: ignore[arg-type]


@lru_cache(maxsize=64)
def _closed(country: str, categories: tuple[str, ...], year: int) -> frozenset[date]:
    """Days without number moves, as the `holidays` package knows them; Sundays that it lists do no harm."""
    import holidays  # not at start: it takes a while

    return frozenset(holidays.country_holidays(country, years=year, categories=categories))


SWEDEN = Market(
    code="SE",
    language="sv",
    currency="SEK",
    vat_bp=2500,
    timezone="Europe/Stockholm",
    calling_code="46",
    company_id="orgnr",
    day_first=False,
    postcode="[1-9][0-9]{4}",
    iccid_country="8946",
    holiday_categories=("public", "de_facto"),
    porting=PortingRules(lead_mobile=5, lead_fixed=10, lead_series=12, hours=tuple(range(8, 17)), cutoff_days=2),
    capacities_company=("signatory", "joint", "attorney"),
    capacities_private=("owner", "attorney"),
)

DENMARK = Market(
    code="DK",
    language="da",
    currency="DKK",
    vat_bp=2500,
    timezone="Europe/Copenhagen",
    calling_code="45",
    company_id="cvr",
    day_first=True,
    postcode="0[89][0-9]{2}|[1-9][0-9]{3}",
    iccid_country="8945",
    holiday_categories=("public", "optional"),
    porting=PortingRules(lead_mobile=1, lead_fixed=5, lead_series=10, hours=(), cutoff_days=1, compensated=True),
    open_days=((5, 1),),
    capacities_company=("signatory", "joint", "procuration", "attorney", "mobile_manager"),
    capacities_private=("owner", "attorney"),
)

MARKETS = {market.code: market for market in (SWEDEN, DENMARK)}

LANGUAGES = tuple(market.language for market in MARKETS.values())
"""What a portal can speak; each has its catalogue in translations/."""

"""Lists narrowed by what stands in their address: days, words, where the rest is; and the answer to who narrows them. Knows no row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask import Response, g, request
from flask import render_template as render

from webapp.domain.dates import read_date
from webapp.domain.folding import folded
from webapp.domain.market import Market
from webapp.domain.problem import Invalid
from webapp.web.htmx import by_htmx, fragment, macro, page


def answer(template: str, results: str, **shown: Any) -> Response:
    """The page, or for the filter form alone what stands inside #results, and how much that is."""
    if by_htmx() and request.headers.get("HX-Target") == "results":
        return fragment(render(results, spoken=True, **shown) + _wrong_days(shown["asked"]))
    return page(template, **shown)


def _wrong_days(asked: Any) -> str:
    """What is wrong with a day, told at its field, which stands outside of the results; a field put right is cleared."""
    wrong = (asked if hasattr(asked, "wrong") else asked.days).wrong
    told = {name: macro("message", g.words.say(wrong[name])) if name in wrong else "" for name in ("from", "to")}
    return "".join(f'<div hx-swap-oob="innerHTML:#err-{name}">{html}</div>' for name, html in told.items())


def words(asked: Mapping[str, str], name: str, most: int = 100) -> str:
    """What was typed, without what nobody can have meant."""
    return "".join(sign for sign in folded(asked.get(name, "")[:most]) if sign.isprintable()).strip()


@dataclass(frozen=True)
class Days:
    """From a local day to and including another, as typed and as moments. `wrong` has, for each field that could not be read, the key of what to say."""

    first: str
    last: str
    since: datetime | None
    until: datetime | None
    wrong: Mapping[str, str]


def days(asked: Mapping[str, str], market: Market) -> Days:
    """Of the fields `from` and `to`; days are whole local days, the last one counts."""
    wrong: dict[str, str] = {}
    moments: dict[str, datetime] = {}
    for name, more in (("from", 0), ("to", 1)):
        if typed := asked.get(name, "").strip():
            try:
                day = read_date(typed, market) + timedelta(days=more)
                moments[name] = datetime.combine(day, time(), market.zone)
            except Invalid as invalid:
                wrong[name] = invalid.problem.code
            except OverflowError:  # the day after 9999-12-31
                wrong[name] = "date.unknown"
    first, last = (asked.get(name, "").strip()[:20] for name in ("from", "to"))
    return Days(first, last, moments.get("from"), moments.get("to"), wrong)


EVERY = "all"


@dataclass(frozen=True)
class PaperFilters:
    """What a list of papers is narrowed to. `kind` all: of every kind."""

    kind: str
    usual_kind: str
    state: str
    company: str
    q: str
    cursor: str
    days: Days

    @property
    def are_set(self) -> bool:
        """Whether any narrows the list from what it shows by itself."""
        return bool(self.query())

    def read(self) -> dict[str, Any]:
        """As store.reading.Asked takes them."""
        return {
            "kind": "" if self.kind == EVERY else self.kind,
            "standing": self.state,
            "since": self.days.since,
            "until": self.days.until,
            "company": self.company,
            "q": self.q,
        }

    def query(self, **changes: str) -> dict[str, str]:
        """The address's fields."""
        kind = "" if self.kind == self.usual_kind else self.kind
        own = {
            "kind": kind, "status": self.state, "company": self.company, "q": self.q, "from": self.days.first,
            "to": self.days.last,
        }  # fmt: skip
        return {name: value for name, value in (own | changes).items() if value}


def paper_filters(
    asked: Mapping[str, str], market: Market, kinds: Mapping[str, str], states: Mapping[str, str]
) -> PaperFilters:
    """The filters of an address; without a kind the first of `kinds`."""
    usual = next(iter(kinds))
    kind, state = asked.get("kind", ""), asked.get("status", "")
    return PaperFilters(
        kind=kind if kind in kinds or kind == EVERY else usual,
        usual_kind=usual,
        state=state if state in states else "",
        company=words(asked, "company", 40),
        q=words(asked, "q"),
        cursor=asked.get("cursor", "")[:200],
        days=days(asked, market),
    )


@dataclass(frozen=True)
class TrailFilters:
    """What the audit trail is narrowed to."""

    area: str
    actor: str
    subject: str
    cursor: str
    days: Days

    @property
    def are_set(self) -> bool:
        """Whether any narrows the list."""
        return bool(self.query())

    def read(self) -> dict[str, Any]:
        """As store.reading.audit_reads takes them."""
        days = {"since": self.days.since, "until": self.days.until}
        return {"area": self.area, "actor": self.actor, "subject": self.subject, "cursor": self.cursor, **days}

    def query(self, **changes: str) -> dict[str, str]:
        """The address's fields."""
        own = {
            "what": self.area, "who": self.actor, "about": self.subject, "from": self.days.first, "to": self.days.last
        }  # fmt: skip
        return {name: value for name, value in (own | changes).items() if value}


def trail_filters(asked: Mapping[str, str], market: Market, areas: Mapping[str, str]) -> TrailFilters:
    """The filters of an address."""
    area = asked.get("what", "")
    return TrailFilters(
        area=area if area in areas else "",
        actor=words(asked, "who"),
        subject=words(asked, "about"),
        cursor=asked.get("cursor", "")[:200],
        days=days(asked, market),
    )

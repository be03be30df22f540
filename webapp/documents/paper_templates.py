"""Fills the templates of papers: markup and stylesheet as text; knows nothing of PDF."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from webapp.documents.attachments import Attached
from webapp.domain.bidi import isolated_html
from webapp.domain.numbers import show_company_id, show_msisdn
from webapp.domain.papers.facts import (
    Paper,
    PowerOfAttorney,
    capacities,
    capacity_in_words,
    declarations,
    method_in_words,
)
from webapp.domain.tenants import theme
from webapp.domain.tenants.catalogue import list_day
from webapp.domain.tenants.parties import Party
from webapp.domain.tenants.tenant import Tenant
from webapp.domain.texts import msg
from webapp.l10n import Localizer

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
READABLE = 4.5  # WCAG 1.4.3: a brand colour below it makes no heading

EVENTS: Mapping[str, str] = {
    "sent": msg("Link sent"),
    "reminded": msg("Reminder sent"),
    "bounced": msg("E-mail came back"),
    "address_corrected": msg("Address corrected"),
    "fetched": msg("The page was fetched"),
    "opened": msg("Opened"),
    "consented": msg("Statements confirmed"),
    "code_sent": msg("Code asked for"),
    "code_failed": msg("The code could not be sent"),
    "code_wrong": msg("Wrong code given"),
    "code_confirmed": msg("Code confirmed"),
    "eid_failed": msg("The identity could not be confirmed"),
    "eid_confirmed": msg("Identity confirmed with eID"),
    "scan_received": msg("Scanned paper received"),
    "scan_refused": msg("The uploaded paper could not be read"),
    "scan_accepted": msg("The uploaded paper could be read"),
    "signed": msg("Signed"),
}
"""What can happen to a paper before it is signed, as its evidence page tells it; of all else the attached evidence tells."""


def markup(paper: Paper, tenant: Tenant, words: Localizer, logo: str, attached: tuple[Attached, ...] = ()) -> str:
    """The HTML of a paper; `logo` is the address its logo is served under, `attached` what it says rides inside."""
    template = _environment(words.language).get_template(f"papers/pdf/{paper.kind}.html")
    legal = tenant.legal
    html = template.render(
        paper=paper,
        tenant=tenant,
        market=tenant.market,
        w=words,
        logo=logo,
        attached=attached,
        **(_of_authority(paper, tenant, words) if isinstance(paper, PowerOfAttorney) else {}),
        made=paper.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        phone=show_msisdn(tenant.support.phone, tenant.market),
        letterhead=Party(
            legal.name,
            ", ".join(legal.lines),
            show_company_id("".join(filter(str.isdigit, legal.org_id)), tenant.market),
        ),
    )
    return isolated_html(html)


def _of_authority(paper: PowerOfAttorney, tenant: Tenant, words: Localizer) -> dict[str, Any]:
    """What only a power of attorney says."""
    return {
        "declared": declarations(paper, words),
        "given": {signature.n: signature for signature in paper.signatures},
        "capacities": [capacity_in_words(paper, each, words) for each in capacities(paper, tenant.market)],
        "capacity": lambda code: capacity_in_words(paper, code, words),
        "method": lambda signature: method_in_words(signature, words),
        "happened": [(event, words.gettext(EVENTS[event.what])) for event in paper.events if event.what in EVENTS],
    }


def stylesheet(colour: str, words: Localizer, faces: tuple[tuple[int, str], ...]) -> str:
    """The CSS of a brand in one language. Nothing a customer writes comes in here."""
    page_of = words.gettext("page %(page)s of %(pages)s")
    before, between, after = (_css_string(part) for part in _split(page_of, "%(page)s", "%(pages)s"))
    shades = theme.derive(colour).light
    return (
        _environment(words.language)
        .get_template("papers/pdf/paper.css")
        .render(
            faces=[{"weight": weight, "url": url} for weight, url in faces],
            page_of=(before, between, after),
            heading=colour if theme.contrast(colour, theme.WHITE) >= READABLE else theme.INK,
            edge=shades["brand-edge"],
            ink=theme.INK,
            muted=theme.LIGHT["muted"],
            hairline=theme.LIGHT["hairline"],
        )
    )


@lru_cache(maxsize=8)
def _environment(language: str) -> Environment:
    words = Localizer(language)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(("html",)),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["list_day"] = list_day
    environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    return environment


def _split(text: str, first: str, second: str) -> tuple[str, str, str]:
    before, rest = text.split(first)
    between, after = rest.split(second)
    return before, between, after


def _css_string(text: str) -> str:
    """A catalogue's words inside a CSS string."""
    return "".join(char if char.isalnum() or char == " " else f"\\{ord(char):x} " for char in text)

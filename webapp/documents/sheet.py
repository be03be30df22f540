"""Fills the templates of papers: markup and stylesheet as text; knows nothing of PDF."""

from __future__ import annotations

from datetime import UTC
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from webapp.domain import theme
from webapp.domain.numbers import show_company_id, show_msisdn
from webapp.domain.paper import Paper, Party
from webapp.domain.tenant import Tenant
from webapp.l10n import Words

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
READABLE = 4.5  # WCAG 1.4.3: a brand colour below it makes no heading


def markup(paper: Paper, tenant: Tenant, words: Words, logo: str) -> str:
    """The HTML of a paper; `logo` is the address its logo is served under."""
    template = _environment(words.language).get_template(f"documents/{paper.kind}.html")
    legal = tenant.legal
    return template.render(
        paper=paper,
        tenant=tenant,
        market=tenant.market,
        w=words,
        logo=logo,
        made=paper.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        phone=show_msisdn(tenant.support.phone, tenant.market),
        letterhead=Party(
            legal.name,
            ", ".join(legal.lines),
            show_company_id("".join(filter(str.isdigit, legal.org_id)), tenant.market),
        ),
    )


def stylesheet(colour: str, words: Words, faces: tuple[tuple[int, str], ...]) -> str:
    """The CSS of a brand in one language. Nothing a customer writes comes in here."""
    page_of = words.gettext("page %(page)s of %(pages)s")
    before, between, after = (_css_string(part) for part in _split(page_of, "%(page)s", "%(pages)s"))
    shades = theme.derive(colour).light
    return (
        _environment(words.language)
        .get_template("documents/paper.css")
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
    words = Words(language)
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
    environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    return environment


def _split(text: str, first: str, second: str) -> tuple[str, str, str]:
    before, rest = text.split(first)
    between, after = rest.split(second)
    return before, between, after


def _css_string(text: str) -> str:
    """A catalogue's words inside a CSS string."""
    return "".join(char if char.isalnum() or char == " " else f"\\{ord(char):x} " for char in text)

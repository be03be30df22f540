"""A page in all languages at once that needs no tenant, no template and no database: for when there is nothing else to show."""

from __future__ import annotations

from html import escape

from webapp.domain.texts import msg
from webapp.l10n import Localizer

RETRY_SECONDS = 10
"""After so long whoever found the portal closed may ask again: it opens within that time of the database's return."""

LANGUAGES = ("sv", "da")
CLOSED = (msg("The service is closed for a moment"), msg("Try again in a few minutes."))
BROKEN = (msg("Something went wrong on our side"), msg("Try again in a moment."))


def bare(texts: tuple[str, str]) -> str:
    """What happened and what to do."""
    said = [(language, [escape(Localizer(language).gettext(text)) for text in texts]) for language in LANGUAGES]
    parts = (f'<section lang="{code}"><h1>{what}</h1><p>{todo}</p></section>' for code, (what, todo) in said)
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    title = " · ".join(what for _, (what, _) in said)
    return f'<!doctype html><html lang="{LANGUAGES[0]}"><head>{head}<title>{title}</title></head><body><main>{"".join(parts)}</main></body></html>'

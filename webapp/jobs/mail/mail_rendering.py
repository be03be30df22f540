"""Writes mails: one template a kind, set twice, as HTML in the tenant's colours and as plain text; sends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from webapp.domain.bidi import isolated_html, isolated_text
from webapp.domain.numbers import show_msisdn
from webapp.domain.tenants import theme
from webapp.l10n import Localizer
from webapp.operations.outbox import Letter

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"


@dataclass(frozen=True)
class Written:
    """A mail in words."""

    subject: str
    text: str
    html: str


def write(letter: Letter) -> Written:
    """The mail, in the letter's language. Both bodies come from the same sentences, so they cannot differ."""
    tenant = letter.tenant
    words = Localizer(letter.language, tenant.own_words(letter.language), tenant.market.zone, tenant.market.code)
    shades = theme.derive(tenant.brand.colour, tenant.brand.corners).light
    hours = tenant.support.hours
    context = {
        **letter.facts,
        "_": _filled(words),
        "ngettext": words.ngettext,
        "w": words,
        "tenant": tenant,
        "phone": show_msisdn(tenant.support.phone, tenant.market),
        "hours": hours.get(letter.language) or next(iter(hours.values()), ""),
        "sign_in": tenant.welcome.sign_in.get(letter.language) or next(iter(tenant.welcome.sign_in.values()), ""),
        "shades": shades,
        "language": letter.language,
        "url": lambda path: f"{tenant.base_url}{path}",
    }
    template = f"mail/{letter.template or letter.kind}.jinja"
    text = _environment("txt").get_template(template)
    subject = " ".join("".join(text.blocks["subject"](text.new_context(context))).split())
    return Written(
        subject,
        isolated_text(_tidy(text.render(context))),
        isolated_html(_environment("html").get_template(template).render({**context, "subject": subject})),
    )


def _filled(words: Localizer) -> Any:
    def fill(message: str, **values: object) -> str:
        text = words.gettext(message)
        return text % {name: words.show(value) for name, value in values.items()} if values else text

    return fill


def _tidy(text: str) -> str:
    """At most one empty line, none at the ends."""
    lines: list[str] = []
    for line in (each.strip() for each in text.splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).strip() + "\n"


@lru_cache(maxsize=2)
def _environment(kind: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=kind == "html",  # noqa: S701 - the twin is no markup
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["frame"] = f"mail/frame.{kind}"
    environment.globals["parts"] = f"mail/parts.{kind}"
    return environment

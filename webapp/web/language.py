"""Which language this answer is in, and its words for templates; bound once a request, for a look-up a string is dear."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time as clock_time
from typing import Any, TypeVar

from flask import Flask, g, request
from flask_babel import Babel, get_locale
from markupsafe import Markup, escape

from webapp.domain.numbers import show_msisdn
from webapp.domain.porting.series import show_moving
from webapp.domain.tenants.catalogue import list_day
from webapp.domain.tenants.tenant import Tenant
from webapp.l10n import Localizer
from webapp.places import CATALOGUES
from webapp.web.tenant_resolution import HOSTLESS

Made = TypeVar("Made")

COOKIE = "language"
FALLBACK = "sv"
_WHOLE = re.compile(
    r"\b\d{4}-\d\d-\d\d\b|\b[A-Z]{2,3}-[0-9A-Z]{4}-[0-9A-Z]{2}\b|(?<![\w-])\+?\d[\d\xa0 -]{6,16}\d(?![\w-])"
    r"|\b[Ee]-(?:post|mail)\w*"
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CONTACT = re.compile(r"\b(?:kontakta oss|kontakt os|contact us)\b", re.IGNORECASE)  # in each language there is


def init_app(app: Flask) -> None:
    """Flask-Babel chooses the locale of the request; its words are bound to `g.words` before any view runs."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(CATALOGUES)
    app.config["BABEL_DEFAULT_LOCALE"] = FALLBACK
    Babel(app, locale_selector=chosen)

    @app.before_request
    def begin() -> None:
        if request.endpoint not in HOSTLESS:  # which say nothing in anybody's language
            bind()

    app.jinja_env.filters["whole"] = whole
    app.jinja_env.filters["contact"] = contact
    app.jinja_env.filters["list_day"] = list_day  # papers that are shown on a page, too, name a price list by its day
    app.jinja_env.globals.update({name: _bound(name) for name in ("gettext", "ngettext", "say", "money", "percent")})
    app.jinja_env.globals.update(
        _=_bound("gettext"),
        date=_bound("day"),
        short_date=_bound("day_short"),
        time=_bound("time"),
        moment=_bound("moment"),
        listed=_bound("listed"),
        hour=lambda hour: g.words.time(clock_time(int(hour))),
        number=lambda e164: show_msisdn(e164, g.tenant.market),
        moving=lambda port: show_moving(port, g.tenant.market),
    )

    @app.context_processor
    def languages() -> dict[str, Any]:
        return {
            "language": g.get("language", FALLBACK),
            "date_order": g.words.style.date_order if "words" in g else "",
            "languages": g.tenant.languages if g.get("tenant") else (),
        }


def whole(text: Any) -> Any:
    """Text in which dates, references, telephone numbers and "e-mail" stay on their line; a browser would break them at a hyphen.

    An address that no line can hold is broken beside its @ and its dots, as people would.
    """
    if not isinstance(text, str) or isinstance(text, Markup):
        return text
    kept = _WHOLE.sub(r'<span class="nowrap">\g<0></span>', str(escape(text)))
    return Markup(_ADDRESS.sub(_may_break, kept))  # noqa: S704 - escaped just above


def _may_break(address: re.Match[str]) -> str:
    return address[0].replace("@", "@<wbr>").replace(".", "<wbr>.")


def contact(text: Any) -> Markup:
    """Text in which "contact us" leads to the page that says how; whole as above."""
    return Markup(_CONTACT.sub(r'<a href="/help#contact">\g<0></a>', str(escape(whole(text)))))  # noqa: S704 - escaped just here


def bind() -> None:
    """Binds the language of this request, also for one that is refused before its turn has come."""
    if "words" not in g:
        g.language = get_locale().language
        g.words = words_in(g.language)


def prefer(language: str) -> None:
    """A page about a thing that has a language comes in it, unless this browser's reader has chosen another here."""
    if request.cookies.get(COOKIE) not in g.tenant.languages and language in g.tenant.languages:
        g.language, g.words = language, words_in(language)


def _bound(name: str) -> Any:
    """A template global that is the current request's word for it."""

    def late(*arguments: Any, **named: Any) -> Any:
        return getattr(g.words, name)(*arguments, **named)

    def filled(*arguments: Any, **named: Any) -> Any:
        return _filled(getattr(g.words, name)(*arguments), arguments, named)

    return filled if name in {"gettext", "ngettext"} else late


def _filled(text: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> str:
    values = {"num": _count(arguments[-1]), **named} if len(arguments) == 3 else named
    return text % values if values else text


def _count(num: Any) -> Any:
    """A count as it is written; small ones, which are nearly all, as they are."""
    return g.words.number(num) if isinstance(num, int) and num > 999 else num


def words_in(language: str, of: Tenant | None = None) -> Localizer:
    """The words of a language as this tenant (or another revision of it) wants them."""
    tenant = of or g.get("tenant")
    return _words(tenant, language) if tenant else Localizer(language)


def once_a_revision(make: Callable[[Tenant, str], Made]) -> Callable[[Tenant, str], Made]:
    """For what every page needs of a tenant in a language: made once and kept until the tenant publishes anew."""
    kept: dict[tuple[str, str], tuple[Tenant, Made]] = {}

    def known(tenant: Tenant, language: str) -> Made:
        found = kept.get((tenant.slug, language))
        if found is None or found[0] is not tenant:
            found = kept[tenant.slug, language] = (tenant, make(tenant, language))
        return found[1]

    return known


@once_a_revision
def _words(tenant: Tenant, language: str) -> Localizer:
    return Localizer(language, tenant.own_words(language), tenant.market.zone, tenant.market.code)


def chosen() -> str:
    """The language of this request: the person's, else the cookie's, else the browser's, among the tenant's own."""
    tenant, person = g.get("tenant"), g.get("person")
    if tenant is None:
        return FALLBACK
    for wish in (person.language if person else None, request.cookies.get(COOKIE)):
        if wish in tenant.languages:
            return str(wish)
    return request.accept_languages.best_match(tenant.languages) or str(tenant.language)

"""What this process remembers of what it has shown, so as not to derive or draw the same again; refuses to know what any of it means.

Nothing here is true because it is remembered: HTML is found by all the values it was drawn from, and how a page looked only
serves to tell what has changed on it. Another process, or this one begun anew, remembers nothing and works it out.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from flask import Flask, g
from markupsafe import Markup

from webapp.l10n import Localizer

Thing = TypeVar("Thing")

HERE = Markup("<here>")
"""Stands in kept HTML for the address of the line it is shown at. Whatever anybody types is escaped, so no text can be mistaken for it."""

LONGEST = 16_000


class FragmentCache(Generic[Thing]):
    """The newest so many things: a full generation becomes the old one, and the old one before it is forgotten.

    It needs no lock: what two threads put there at once is alike, and what one of them loses is worked out again.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._young: dict[Hashable, Thing] = {}
        self._old: dict[Hashable, Thing] = {}

    def get(self, key: Hashable) -> Thing | None:
        """What is remembered by that key; it is young again."""
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.put(key, found)
        return found

    def put(self, key: Hashable, thing: Thing) -> None:
        """To be remembered."""
        if len(self._young) >= self._most // 2:
            self._old, self._young = self._young, {}
        self._young[key] = thing


_drawn: FragmentCache[Markup] = FragmentCache(1024)


def drawn(words: Localizer, what: str, values: Hashable, draw: Callable[[], str]) -> Markup:
    """The HTML that `draw` makes of these values in these words. What is long is not kept: somebody may have typed it.

    The words are a tenant's of one revision: when it publishes there are new ones, and what was drawn before is not found
    any more. So all that `draw` uses must follow from the tenant's revision, the language and the values.
    """
    key = (words, what, values)
    html = _drawn.get(key)
    if html is None:
        html = Markup(draw())  # noqa: S704  a template's own, which has escaped what it was given
        if len(html) <= LONGEST:
            _drawn.put(key, html)
    return html


def init_app(app: Flask) -> None:
    """Lets templates keep what stands on every page: `{% call kept("menu", nav) %}…{% endcall %}`."""

    def kept(what: str, *values: Hashable, caller: Callable[[], str]) -> str:
        return drawn(g.words, what, values, caller) if g.get("tenant") else caller()

    app.jinja_env.globals["kept"] = kept

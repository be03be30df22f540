"""HTML kept by all the values it was drawn from, so that the same is not drawn again; refuses to know sessions, people's rights and addresses."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from flask import Flask, g
from markupsafe import Markup

from webapp.l10n import Words

HERE = Markup("<here>")
"""Stands in kept HTML for the address of the line it is shown at. Whatever anybody types is escaped, so no text can be mistaken for it."""

MOST = 1024
LONGEST = 16_000


class Memory:
    """The newest so many pieces: a full generation becomes the old one, and the old one before it is forgotten.

    It needs no lock: two threads that draw the same thing draw it alike, and what one of them loses is drawn again.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._young: dict[Hashable, Markup] = {}
        self._old: dict[Hashable, Markup] = {}

    def get(self, key: Hashable, draw: Callable[[], str]) -> Markup:
        """What is kept by that key, else drawn now. What is long is not kept: somebody may have typed it."""
        found = self._young.get(key)
        if found is not None:
            return found
        html = self._old.get(key)
        if html is None:
            html = Markup(draw())  # noqa: S704  a template's own, which has escaped what it was given
        if len(html) <= LONGEST:
            if len(self._young) >= self._most // 2:
                self._old, self._young = self._young, {}
            self._young[key] = html
        return html


_memory = Memory()


def drawn(words: Words, what: str, values: Hashable, draw: Callable[[], str]) -> Markup:
    """The HTML that `draw` makes of these values in these words.

    The words are a tenant's of one revision: when it publishes there are new ones, and what was drawn before is not found
    any more. So all that `draw` uses must follow from the tenant's revision, the language and the values.
    """
    return _memory.get((words, what, values), draw)


def init_app(app: Flask) -> None:
    """Lets templates keep what stands on every page: `{% call kept("menu", nav) %}…{% endcall %}`."""

    def kept(what: str, *values: Hashable, caller: Callable[[], str]) -> str:
        return drawn(g.words, what, values, caller) if g.get("tenant") else caller()

    app.jinja_env.globals["kept"] = kept

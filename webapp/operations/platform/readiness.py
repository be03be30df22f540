"""Whether this process could serve and print papers now; changes nothing."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from webapp.store import health
from webapp.store.platform.outage import is_away as is_away
from webapp.store.unit_of_work import Store

_PLACES = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("~/.local/share/fonts"))


def findings(store: Store, assets: Path) -> list[str]:
    """What stands in the way, a line each; empty when nothing does."""
    return [*health.findings(store), *_fonts(assets)]


@cache
def _fonts(assets: Path) -> tuple[str, ...]:
    """Papers are set in our own font, and need one of the system for signs that it lacks."""
    own = any(assets.glob("font_*/files/*.ttf"))
    system = sys.platform != "linux" or any(_has_font(folder.expanduser()) for folder in _PLACES)
    missing = {"fonts: our own font was not fetched; see ./run": own, "fonts: the system has none": system}
    return tuple(text for text, there in missing.items() if not there)


def _has_font(folder: Path) -> bool:
    return any(path.suffix.lower() in {".ttf", ".otf", ".ttc"} for path in folder.rglob("*"))

"""Names that read from right to left, set apart so that what stands beside them keeps its order; knows no page and no name.

Without it the number after an Arabic name stands with its groups reversed. It works on what is written out, in one place for each
kind of output, so that no template can forget it.
"""

from __future__ import annotations

import re

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_RUN = re.compile(rf"[{_RTL}](?:[{_RTL}\s.'’\-\u200c\u200d]*[{_RTL}])?")
_TAG = re.compile(r"""(<!--.*?-->|<(?:[^<>"']|"[^"]*"|'[^']*')*>)""", re.DOTALL)
_NAME = re.compile(r"<(/?)([a-zA-Z]+)")
_PLAIN = {"title", "option"}  # hold text and no elements
_VERBATIM = {"textarea", "script", "style"}
FIRST_STRONG, POP = "\u2068", "\u2069"


def isolated_text(text: str) -> str:
    """Plain text with each run from right to left between the signs that isolate it (UAX #9)."""
    return _RUN.sub(rf"{FIRST_STRONG}\g<0>{POP}", text)


def isolated_html(html: str) -> str:
    """HTML with each such run in a `bdi`; attributes, and what is sent back as it was typed, stay as they are."""
    if not _RUN.search(html):
        return html
    parts, within = _TAG.split(html), ""
    for at, part in enumerate(parts):
        if at % 2:
            if (found := _NAME.match(part)) and found[2].lower() in _PLAIN | _VERBATIM:
                within = "" if found[1] else found[2].lower()
        elif within in _PLAIN:
            parts[at] = isolated_text(part)
        elif not within:
            parts[at] = _RUN.sub(r"<bdi>\g<0></bdi>", part)
    return "".join(parts)

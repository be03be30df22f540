"""STYLE.md quotes the code as it is: each excerpt that names its file stands in that file."""

from __future__ import annotations

import re

import pytest

from webapp.settings import ROOT

pytestmark = pytest.mark.check

QUOTED = re.compile(r"^(?:#|after) (?:as it is|after|is)?[ :]*\(?`?(webapp/[\w/]+\.\w+)")


def excerpts() -> list[tuple[str, str]]:
    """Each quoted piece of code, with the file that its heading names; `...` leaves lines out."""
    found = []
    for block in re.findall(r"^```\w*\n(.*?)^```", (ROOT / "STYLE.md").read_text("utf-8"), re.MULTILINE | re.DOTALL):
        for piece in re.split(r"\n\n+(?=# )", block):
            heading, _, code = piece.partition("\n")
            if named := QUOTED.match(heading):
                found += [(named[1], part) for part in re.split(r"^ *\.\.\.\n", code, flags=re.MULTILINE)]
    return found


def squeezed(text: str) -> str:
    """Without indentation, line ends and what an excerpt remarks at the end of a line."""
    return re.sub(r"\s+", "", re.sub(r"(?<=\S)  # .*", "", text))


@pytest.mark.parametrize(("file", "code"), excerpts(), ids=lambda value: value[:40])
def test_what_is_quoted_stands_there(file: str, code: str) -> None:
    assert code.strip(), "an excerpt quotes something"
    assert squeezed(code) in squeezed((ROOT / file).read_text("utf-8")), f"{file} no longer says\n{code}"


def test_excerpts_are_found() -> None:
    assert len(excerpts()) >= 6

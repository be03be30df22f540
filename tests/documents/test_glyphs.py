"""The table of what papers can print is that of the fonts they are printed with."""

from __future__ import annotations

import sys
import unicodedata
from pathlib import Path

from fontTools.ttLib import TTFont

from webapp.documents.pdf_renderer import FACES, FONT_FOLDER
from webapp.domain.glyphs import unprintable
from webapp.settings import ROOT


def test_the_table_of_letters_is_that_of_the_fonts() -> None:
    own = [ROOT / ".assets" / FONT_FOLDER / name for name in FACES.values()]
    fallback = next(Path("/usr/share/fonts").rglob("DejaVuSans.ttf"))
    in_all = set.intersection(*(set(TTFont(path).getBestCmap()) for path in own)) | set(TTFont(fallback).getBestCmap())
    signs = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code))[0] in "LMNPS"]
    shapes = {chr(code) for code in range(0xFE00, 0xFE10)}
    wrong = [sign for sign in signs if sign not in shapes and bool(unprintable(sign)) == (ord(sign) in in_all)]
    assert not wrong, wrong[:20]

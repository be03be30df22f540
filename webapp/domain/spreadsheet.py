"""Rows as a CSV file that spreadsheets open as what it says: every cell a text, none a formula; knows no subject."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from webapp.domain.bidi import isolated_text

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "＝", "＋", "－", "＠")
"""What makes a spreadsheet calculate, also in the full width of East Asian keyboards."""


def cell(value: object) -> str:
    """A value as a text that no spreadsheet calculates: one that could be a formula begins with an apostrophe."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


def write(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """`;` between cells, all in quotes, names that read from right to left set apart, UTF-8 with its mark: as Swedish and Danish spreadsheets open a file without asking."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in (headings, *rows):
        writer.writerow([isolated_text(cell(value)) for value in row])
    return out.getvalue().encode("utf-8-sig")

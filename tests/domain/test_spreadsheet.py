"""What is written for a spreadsheet is read back as the texts it was, and nothing in it is ever calculated."""

from __future__ import annotations

import csv
import io

import pytest

from webapp.domain.spreadsheet import cell, write

HOSTILE = [
    "=1+1", "+46701740680", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "＝1+1", "＋1", "－1", "＠x", "|cmd",
    "=HYPERLINK(\"http://evil.example\";\"x\")", "=cmd|' /C calc'!A0",
]  # fmt: skip
HARMLESS = ["", "Åsa Öberg", "070-174 06 80", "a=b", 'Märta; "Maja"', "två\nrader", "2026-11-24 10:00", "'", "0123"]


def read(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_could_be_a_formula_is_a_text(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert read(write(["h"], [[text]])) == [["h"], [f"'{text}"]]


@pytest.mark.parametrize("text", HARMLESS)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert read(write(["h"], [[text, 1]]))[1] == [text, "1"]


def test_every_cell_is_in_quotes() -> None:
    assert write(["a", "b"], [[1, "x"]]) == b'\xef\xbb\xbf"a";"b"\r\n"1";"x"\r\n'

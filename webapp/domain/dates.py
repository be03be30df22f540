"""A day as people write it, in figures or with the month's name, in Swedish and Danish; knows no calendar of working days."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from webapp.domain.folding import folded
from webapp.domain.market import Market
from webapp.domain.problem import Invalid

_GAP = r"[-/. ]+"
_YEAR_FIRST = re.compile(rf"([0-9]{{4}}){_GAP}([0-9]{{1,2}}){_GAP}([0-9]{{1,2}})\.?", re.ASCII)
_DAY_FIRST = re.compile(rf"([0-9]{{1,2}}){_GAP}([0-9]{{1,2}}){_GAP}([0-9]{{4}})\.?", re.ASCII)
_WITHOUT_CENTURY = re.compile(rf"([0-9]{{1,2}})({_GAP})([0-9]{{1,2}})({_GAP})([0-9]{{2}})\.?", re.ASCII)
_FIGURES = re.compile(r"[0-9]{6}|[0-9]{8}", re.ASCII)
_NAMED = re.compile(
    r"(?:[^\W\d]+dag,?\s+)?(?:den\s+|d\.\s*)?([0-9]{1,2})(?:\.|:[ae])?[- ]*([^\W\d]{3,9})\.?,?[- ]*([0-9]{4}|[0-9]{2})"
)
_MONTHS = (
    ("januari", "januar", "january"), ("februari", "februar", "february"), ("mars", "marts", "march"), ("april",),
    ("maj", "may"), ("juni", "june"), ("juli", "july"), ("augusti", "august"), ("september",),
    ("oktober", "october"), ("november",), ("december",),
)  # fmt: skip
CENTURY = 2000
"""That of a year in two figures: nothing that is asked for here lies long ago or far off."""


def read_date(text: str, market: Market) -> date:
    """A day written 2026-11-21, 20261121, 21112026, 21.11.2026, 21/11 2026, 21.11.26, 21 november 2026 or "den 21. nov. 26".

    Two figures on each place and dashes between, or nothing, are in the order of the country.
    """
    possible = list(_read(folded(text).casefold(), market))
    if not possible:
        raise Invalid("date.shape")
    for year, month, day in possible:
        try:
            return date(year, month, day)
        except ValueError:
            continue
    raise Invalid("date.unknown")


def _read(text: str, market: Market) -> Iterator[tuple[int, int, int]]:
    """Year, month and day as the text may mean them, the likelier first."""
    if found := _YEAR_FIRST.fullmatch(text):
        yield int(found[1]), int(found[2]), int(found[3])
    if found := _DAY_FIRST.fullmatch(text):
        yield int(found[3]), int(found[2]), int(found[1])
    if found := _WITHOUT_CENTURY.fullmatch(text):
        by_country = found[2] == found[4] == "-" and len(found[1]) == 2 and not market.day_first
        first, month, last = int(found[1]), int(found[3]), int(found[5])
        yield (CENTURY + first, month, last) if by_country else (CENTURY + last, month, first)
    if _FIGURES.fullmatch(text):
        pairs = [int(text[at : at + 2]) for at in range(0, len(text), 2)]
        if len(text) == 6:
            first, last = (pairs[2], pairs[0]) if market.day_first else (pairs[0], pairs[2])
            yield CENTURY + first, pairs[1], last
        else:
            yield int(text[:4]), pairs[2], pairs[3]
            yield int(text[4:]), pairs[1], pairs[0]  # typed on keys that have no sign to set between
    if (found := _NAMED.fullmatch(text)) and (month := _month(found[2])):
        yield int(found[3]) + CENTURY * (len(found[3]) == 2), month, int(found[1])


def _month(word: str) -> int:
    """Its number; 0 for what begins no month's name in three letters or more."""
    return next((n for n, names in enumerate(_MONTHS, 1) if any(name.startswith(word) for name in names)), 0)

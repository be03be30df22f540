"""The order of names in a reader's language: case ignored, letters where its alphabet has them; knows no table."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, collate, func, literal_column

from webapp.domain.market import LANGUAGES


def in_alphabet(column: Any, language: str) -> ColumnElement[str]:
    """The column as it is sorted and compared for readers of that language; of the first one for any other."""
    known = language if language in LANGUAGES else LANGUAGES[0]
    # Written out, not a value: the plan finds the index of the language by it.
    return collate(func.alphabet_key(column, literal_column(f"'{known}'")), "C")

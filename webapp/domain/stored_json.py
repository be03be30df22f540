"""Values of the domain as JSON and back, from the fields their dataclasses have; knows no value in particular.

What is kept is read for ever: a field that is added later has a default, and one that is gone is passed over. Text is the same in
any process for the same value, for papers print its digest. Each kind and version of what is kept has a file in tests/domain/stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, PlainSerializer, TypeAdapter

Kept = TypeVar("Kept")

Instant = Annotated[datetime, PlainSerializer(datetime.isoformat, return_type=str, when_used="json")]
"""A moment that is kept: "2026-11-21T13:05:00+00:00", as it stands in papers that were signed; pydantic would write "Z"."""

DayOrEmpty = Annotated[
    date | None,
    BeforeValidator(lambda kept: kept or None),
    PlainSerializer(lambda day: day.isoformat() if day else "", return_type=str, when_used="json"),
]
"""A day that may lack, and is kept as an empty text then."""


def to_json(value: Any) -> dict[str, Any]:
    """The value as plain JSON values; `from_json` reads it back equal."""
    data: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")  # type: ignore[arg-type]  # as below
    return data


def from_json(kind: type[Kept], data: Mapping[str, Any]) -> Kept:
    """The value of that kind that `to_json` wrote, in this release or an earlier one. ValueError when it is none."""
    value: Kept = _adapter(kind).validate_python(data)  # type: ignore[arg-type]  # a class is hashable
    return value


@cache
def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """Made when it is first asked for: some take 40 ms, and few processes want all."""
    return TypeAdapter(kind)

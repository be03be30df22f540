"""Holds a file against its model and tells every difference as a finding; knows nothing of how files fit together."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from webapp.tenancy.finding import Notes, nearest
from webapp.tenancy.finding_texts import WORDS
from webapp.tenancy.models import CODE
from webapp.tenancy.source import Folder, Path_, Toml

M = TypeVar("M", bound=BaseModel)

_WANTED = {
    "string_type": "a text in quotation marks",
    "int_type": "a whole number without quotation marks",
    "bool_type": "true or false",
    "list_type": "a list in square brackets",
    "dict_type": "a table",
    "model_type": "a table",
}
_RANGES = {"greater_than_equal": "at least {ge}", "less_than_equal": "at most {le}", "too_short": "at least {min_length} of them",
           "too_long": "at most {max_length} of them", "string_too_long": "at most {max_length} characters"}  # fmt: skip


def read_model(folder: Folder, name: str, model: type[M]) -> tuple[M, Toml] | None:
    """The file as a value; None when anything in it is wrong."""
    toml = folder.toml(name)
    if toml is None:
        return None
    try:
        return model.model_validate(toml.data), toml
    except ValidationError as wrong:
        for error in wrong.errors(include_url=False):
            _tell(folder.notes, toml, model, error)
        return None


def _tell(notes: Notes, toml: Toml, model: type[BaseModel], error: Any) -> None:
    kind, value = error["type"], error["input"]
    path: Path_ = tuple(part for part in error["loc"] if part != "[key]")
    context = error.get("ctx", {})
    place = toml.at(*path)
    if kind == "extra_forbidden":
        name = str(path[-1])
        notes.add("key.unknown", place, nearest(name, _fields(model, path[:-1])), name=name)
    elif kind == "missing":
        notes.add("key.missing", toml.at(*path), name=path[-1])
    elif kind == "literal_error":
        choices = [choice.strip("'\" ") for choice in context["expected"].replace(" or ", ", ").split(",")]
        notes.add("value.choice", place, nearest(str(value), choices), value=value, choices=", ".join(choices))
    elif kind in _RANGES:
        notes.add("value.range", place, value=_short(value), wanted=_RANGES[kind].format(**context))
    elif kind in WORDS:
        extra = {"catalogue.code": {"pattern": CODE}}.get(kind, {})
        notes.add(kind, place, **{"value": _short(value), **context, **extra})
    else:
        notes.add("value.type", place, value=_short(value), wanted=_WANTED.get(kind, error["msg"].lower()))


def _short(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    written = str(value) if isinstance(value, str) else repr(value)
    return written if len(written) <= 60 else written[:57] + "…"


def _fields(model: type[BaseModel], path: Path_) -> Collection[str]:
    """The keys known at that place of the model."""
    here: Any = model
    for part in path:
        if isinstance(part, int):
            continue
        fields = getattr(here, "model_fields", {})
        here = _model_in(fields[part].annotation) if part in fields else here
    return list(getattr(here, "model_fields", {}))


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in getattr(annotation, "__args__", ()) if (found := _model_in(arg))), None)

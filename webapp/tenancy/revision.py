"""A tenant as JSON and back, equal: what is published is kept for as long as drafts and orders name it; knows no database."""

from __future__ import annotations

import base64
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from webapp.domain.market import MARKETS
from webapp.domain.tenants.tenant import Tenant


class Unreadable(ValueError):
    """What is kept was not written by this release or an earlier one."""


def tenant_to_json(tenant: Tenant) -> dict[str, Any]:
    """The tenant as plain JSON values."""
    content: dict[str, Any] = _encode(tenant)
    return content


def tenant_from_json(content: Mapping[str, Any]) -> Tenant:
    """The tenant that `to_json` wrote, passing over what only an earlier release told. Unreadable when something lacks."""
    try:
        tenant: Tenant = _decode(Tenant, {**content, "market": _grown(content["market"])})
    except (KeyError, TypeError, ValueError) as lacking:
        raise Unreadable(f"a revision is not a tenant: {lacking!r}") from lacking
    return tenant


def _grown(market: Mapping[str, Any]) -> dict[str, Any]:
    """A market as an earlier release wrote it, with what is told of countries since."""
    today = _encode(MARKETS[market["code"]])
    return {**today, **market, "porting": {**today["porting"], **market["porting"]}}


def _encode(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        if all(isinstance(key, str) for key in value):
            return {key: _encode(inner) for key, inner in value.items()}
        return [[_encode(key), _encode(inner)] for key, inner in value.items()]
    if isinstance(value, frozenset):
        return [_encode(inner) for inner in sorted(value)]
    if isinstance(value, tuple):
        return [_encode(inner) for inner in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, date):
        return value.isoformat()
    return value


def _decode(kind: Any, value: Any) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return None if value is None else _decode(next(arg for arg in args if arg is not type(None)), value)
    if isinstance(kind, type) and is_dataclass(kind):
        known = _hints(kind)
        return kind(**{name: _decode(known[name], inner) for name, inner in value.items() if name in known})
    if origin is not None and issubclass(origin, Mapping):
        pairs = value.items() if isinstance(value, Mapping) else value
        return {_decode(args[0], key): _decode(args[1], inner) for key, inner in pairs}
    if origin is tuple:
        inner = args[:1] * len(value) if args[-1] is Ellipsis else args
        return tuple(_decode(each, part) for each, part in zip(inner, value, strict=True))
    if origin is frozenset:
        return frozenset(_decode(args[0], part) for part in value)
    if kind is bytes:
        return base64.b64decode(value)
    if kind is date:
        return date.fromisoformat(value)
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)

"""Paging by key: the next page begins after the last row's key, so it costs the same however far one has come."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from sqlalchemy import Select

from webapp.store.unit_of_work import Work

PAGE = 25


def some(work: Work, found: Select[*tuple[Any, ...]], limit: int) -> tuple[list[Any], bool]:
    """At most `limit` rows, and whether there are more."""
    rows = list(work.session.execute(found.limit(limit + 1)))
    return rows[:limit], len(rows) > limit


def cursor(*key: str) -> str:
    """The way to the rows after this key."""
    return base64.urlsafe_b64encode("\0".join(key).encode()).decode().rstrip("=")


def read_cursor(text: str, *readers: Callable[[str], Any]) -> tuple[Any, ...] | None:
    """The key in a cursor; None for none and for one that was tampered with, which begins anew."""
    try:
        parts = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("\0")
        return tuple(read(part) for read, part in zip(readers, parts, strict=True)) if text else None
    except (ValueError, binascii.Error):
        return None

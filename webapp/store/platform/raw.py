"""The one way past the ORM guard, for the few statements it cannot express; each names its tenant itself, and the database's policies still hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Result
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from webapp.store.platform import driver
from webapp.store.platform.scope import ScopedSession

_NAME = re.compile(r"(?<![:\w]):([a-z]\w*)")  # a value's name; not a cast, nor the time in a text


def raw(session: ScopedSession, sql: str, values: Mapping[str, Any]) -> Result[Any]:
    """Run SQL text in the session's transaction. `:tenant` and `:company` are filled from its scope."""
    return Session.connection(session).exec_driver_sql(_as_the_driver_reads_it(sql), _bound(session, values))


def raw_row(session: ScopedSession, sql: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row of such a statement, for one that every answer given waits for."""
    return driver.first_row(Session.connection(session), _as_the_driver_reads_it(sql), _bound(session, values))


def raw_rows(session: ScopedSession, sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of such a statement, for one that finds a thousand."""
    return driver.rows(Session.connection(session), _as_the_driver_reads_it(sql), _bound(session, values))


def raw_change(session: ScopedSession, sql: str, values: Mapping[str, Any]) -> bool:
    """Whether such a statement, a conditional UPDATE, changed its one row."""
    return driver.count(Session.connection(session), _as_the_driver_reads_it(sql), _bound(session, values)) == 1


def _bound(session: ScopedSession, values: Mapping[str, Any]) -> dict[str, Any]:
    return {**values, "tenant": session.scope.tenant, "company": session.scope.company}


@lru_cache(maxsize=256)
def _as_the_driver_reads_it(sql: str) -> str:
    return _NAME.sub(r"%(\1)s", sql.replace("%", "%%"))


def changed(result: Result[Any]) -> bool:
    """Whether a conditional UPDATE changed its one row."""
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def driver_connection(session: ScopedSession) -> Any:
    """The psycopg connection that carries the session's transaction, for the queue to defer on."""
    return Session.connection(session).connection.driver_connection

"""The one way past the ORM guard, for the few statements it cannot express; each names its tenant itself, and the database's policies still hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import Result, TextClause, text
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from webapp.store.scope import ScopedSession


def raw(session: ScopedSession, sql: str, values: Mapping[str, Any]) -> Result[Any]:
    """Run SQL text in the session's transaction. `:tenant` and `:company` are filled from its scope."""
    scope = session.scope
    bound = {**values, "tenant": scope.tenant, "company": scope.company}
    return Session.connection(session).execute(_read(sql), bound)


@lru_cache(maxsize=256)
def _read(sql: str) -> TextClause:
    return text(sql)


def changed(result: Result[Any]) -> bool:
    """Whether a conditional UPDATE changed its one row."""
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def driver_connection(session: ScopedSession) -> Any:
    """The psycopg connection that carries the session's transaction, for the queue to defer on."""
    return Session.connection(session).connection.driver_connection

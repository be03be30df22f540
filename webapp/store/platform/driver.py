"""psycopg itself, under SQLAlchemy, for what every request asks; a lost connection is told as SQLAlchemy tells it."""

from __future__ import annotations

import select
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from psycopg import OperationalError
from psycopg.sql import Literal
from sqlalchemy import Connection, Engine, event, exc

Values = Sequence[Any] | Mapping[str, Any]


def watch(engine: Engine) -> None:
    """Has the pool hand out no connection that the database has ended meanwhile, without asking it each time.

    Between two transactions the database has nothing to say: what can be read then is its farewell.
    """

    @event.listens_for(engine, "checkout")
    def look(connection: Any, record: Any, proxy: Any) -> None:
        if connection.closed or _has_something_to_say(connection.fileno()):
            raise exc.InvalidatePoolError  # the others that wait in the pool are as dead


def _has_something_to_say(descriptor: int) -> bool:
    asked = select.poll()  # select() itself takes no descriptor above 1023
    asked.register(descriptor, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(asked.poll(0))


def several(connection: Connection, sql: str, values: Sequence[str]) -> None:
    """More than one statement in one round trip; what they answer is not looked at."""
    with _psycopg(connection) as driver:
        driver.execute(_written_out(sql, values), prepare=False)


@lru_cache(maxsize=4096)
def _written_out(sql: str, values: Sequence[str]) -> bytes:
    """With its values in it: only a text without parameters may hold more than one statement."""
    return (sql % tuple(Literal(value).as_string() for value in values)).encode()


def count(connection: Connection, sql: str, values: Values) -> int:
    """How many rows a statement has changed."""
    with _psycopg(connection) as driver:
        changed: int = driver.execute(sql, values).rowcount
        return changed


def rows(connection: Connection, sql: str, values: Values) -> list[tuple[Any, ...]]:
    """All rows, spared the same."""
    with _psycopg(connection) as driver:
        return list(driver.execute(sql, values).fetchall())


def first_row(connection: Connection, sql: str, values: Values) -> tuple[Any, ...] | None:
    """The first row, spared what SQLAlchemy makes of a result."""
    with _psycopg(connection) as driver:
        row: tuple[Any, ...] | None = driver.execute(sql, values).fetchone()
        return row


@contextmanager
def _psycopg(connection: Connection) -> Iterator[Any]:
    driver: Any = connection.connection.driver_connection
    try:
        yield driver
    except OperationalError as problem:
        if driver.closed:  # the others that wait in the pool are as dead
            connection.invalidate(problem)
            connection.engine.dispose()
        raise exc.OperationalError(None, None, problem) from problem

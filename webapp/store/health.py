"""Whether the database and the worker behind it are there; knows nobody's rows."""

from __future__ import annotations

from functools import cache

from sqlalchemy.exc import SQLAlchemyError

from webapp.store.platform import schema
from webapp.store.unit_of_work import Store

_head = cache(schema.head)


def findings(store: Store) -> list[str]:
    """What stands against serving, a line each; empty when nothing does."""
    try:
        with store.engine.connect() as connection:
            at = connection.exec_driver_sql("select version_num from alembic_version").scalar()
            alive = connection.exec_driver_sql(
                "select exists (select from procrastinate_workers where last_heartbeat > now() - interval '60 s')"
            ).scalar()
    except SQLAlchemyError as problem:
        return [f"database: {type(problem).__name__}"]
    found = [] if at == _head() else [f"migrations: the database is at {at}, the code at {_head()}"]
    return found if alive else [*found, "worker: no heartbeat for a minute"]

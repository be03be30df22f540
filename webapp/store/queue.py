"""The job queue's two ends: the connector through which an operation defers, and the worker's; knows no job kind."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url

if TYPE_CHECKING:  # loaded with the first job: a web process answers before it defers
    import procrastinate


@cache
def deferring() -> procrastinate.App:
    """Never opened: every job is deferred on the connection of the transaction it belongs to."""
    import procrastinate

    return procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def conninfo(database_url: str | URL) -> str:
    """The SQLAlchemy address as libpq writes it."""
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)


def worker_app(database_url: str) -> procrastinate.App:
    """The application a worker process opens (`async with app.open_async()`) and gives its tasks."""
    import procrastinate

    return procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=conninfo(database_url)))

"""The job queue's two ends: the connector through which an operation defers, and the worker's; knows no job kind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import URL, make_url

from webapp.store.platform.outage import PATIENCE, is_away

if TYPE_CHECKING:  # loaded with the first job: a web process answers before it defers
    import procrastinate

Answer = TypeVar("Answer")

POOL_SECONDS = 3.0  # a worker that waits longer for a connection has lost the database


@cache
def deferring() -> procrastinate.App:
    """Never opened: every job is deferred on the connection of the transaction it belongs to."""
    import procrastinate

    return procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def conninfo(database_url: str | URL) -> str:
    """The SQLAlchemy address as libpq writes it."""
    return make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)


def worker_app(database_url: str) -> tuple[procrastinate.App, asyncio.Event]:
    """The application a worker process opens (`async with app.open_async()`) and gives its tasks, and what is set when it has lost the
    database: how a job ended may then be unknown, and only a worker that signs on anew leaves that job to be run again."""
    import procrastinate

    lost = asyncio.Event()

    class Connector(procrastinate.PsycopgConnector):
        async def execute_query_async(self, query: Any, **arguments: Any) -> None:
            return await _watched(super().execute_query_async(query, **arguments), lost)

        async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
            return await _watched(super().execute_query_one_async(query, **arguments), lost)

        async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
            return await _watched(super().execute_query_all_async(query, **arguments), lost)

    connector = Connector(conninfo=conninfo(database_url), timeout=POOL_SECONDS, kwargs=dict(PATIENCE))
    return procrastinate.App(connector=connector), lost


async def _watched(query: Awaitable[Answer], lost: asyncio.Event) -> Answer:
    try:
        return await query
    except Exception as problem:
        if is_away(problem):
            lost.set()
        raise


@dataclass(frozen=True)
class Orphan:
    """A job whose worker died while it ran. `kills` is how many workers have died so with it, this one counted."""

    job: int
    kind: str
    kills: int


# A run ends by success, failure or another try, each an attempt; whoever has a failed job run again adds one without a
# run. What was begun beyond that was killed: it costs the job no attempt.
_ORPHANS = """
    select j.id, j.task_name, (select count(*) from procrastinate_events e
                               where e.job_id = j.id and e.type in ('started', 'failed')) - j.attempts as kills
    from procrastinate_jobs j left join procrastinate_workers w on w.id = j.worker_id
    where j.status = 'doing' and (w.id is null or w.last_heartbeat < now() - make_interval(secs => %(seconds)s))
    order by j.id"""

# Two workers may look at once, and the job may be another's by now; a periodic one may wait again already.
_END_ORPHAN = """
    update procrastinate_jobs j set abort_requested = false, scheduled_at = now(), status = case
        when %(give_up)s then 'failed'
        when exists (select from procrastinate_jobs o where o.status = 'todo' and o.queueing_lock = j.queueing_lock) then 'aborted'
        else 'todo' end::procrastinate_job_status
    where j.id = %(job)s and j.status = 'doing' and not exists (
        select from procrastinate_workers w
        where w.id = j.worker_id and w.last_heartbeat >= now() - make_interval(secs => %(seconds)s))"""


async def orphans(app: procrastinate.App, silent_seconds: int) -> list[Orphan]:
    """The jobs of workers that show no sign of life."""
    rows = await app.connector.execute_query_all_async(_ORPHANS, seconds=silent_seconds)
    return [Orphan(row["id"], row["task_name"], row["kills"]) for row in rows]


async def end_orphan(app: procrastinate.App, orphan: Orphan, silent_seconds: int, *, give_up: bool) -> None:
    """It runs again, with as many attempts as it had, or it has failed."""
    await app.connector.execute_query_async(_END_ORPHAN, job=orphan.job, seconds=silent_seconds, give_up=give_up)


async def forget_workers(app: procrastinate.App, workers: Sequence[int]) -> None:
    """These are known to be gone: nobody need wait until they have been silent for long."""
    await app.connector.execute_query_async("delete from procrastinate_workers where id = any(%(ids)s)", ids=[*workers])

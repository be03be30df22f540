"""What is done by the clock: numbers held too long, expired drafts, the audit trail's chain, dead workers' jobs; a tenant at a time."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

import procrastinate
from procrastinate.exceptions import ProcrastinateException

from webapp.jobs.worker_context import WorkerContext
from webapp.operations.desk import staff
from webapp.store.audit_chain import BATCH, extend_chain
from webapp.store.platform import queue

EVERY_SECONDS = 10  # look for the jobs of dead workers
DEAD_SECONDS = 30  # a worker tells that it is alive every ten
MOST_KILLS = 10  # a job that has taken so many workers with it is put away
KEEP_HOURS = 7 * 24

log = logging.getLogger("webapp.jobs")


def release_numbers(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Gives back what drafts have held past its time."""
    staff.release_numbers(worker_context.store, tenant, now)


def expire_drafts(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Throws away drafts nobody has touched for thirty days, with all personal data in them."""
    staff.expire_drafts(worker_context.store, tenant, now)


def chain_audit(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Chains what the audit trail has grown by, so that nobody can change it unseen."""
    while extend_chain(worker_context.store, tenant, worker_context.secret) >= BATCH:
        pass


def for_each_tenant(worker_context: WorkerContext, kind: str) -> None:
    """One job a tenant: a periodic job has none itself."""
    for tenant in worker_context.store.tenants():
        staff.defer(worker_context.store, tenant, kind)


async def take_over(app: procrastinate.App) -> None:
    """Has the jobs of workers that show no sign of life run again."""
    for orphan in await queue.orphans(app, DEAD_SECONDS):
        deadly = orphan.kills >= MOST_KILLS
        await queue.end_orphan(app, orphan, DEAD_SECONDS, give_up=deadly)
        told = "put away: its workers die" if deadly else "taken over from a dead worker"
        log.log(logging.ERROR if deadly else logging.WARNING, "job %s (%s) %s", orphan.job, orphan.kind, told)


async def keep_taking_over(app: procrastinate.App) -> None:
    """For ever. A database that is away for a moment is no reason to stop."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await take_over(app)
        except ProcrastinateException:
            log.exception("looking for the jobs of dead workers")

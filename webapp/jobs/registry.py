"""The kinds of job there are, each with its handler and how it is tried again; knows no rule of the trade."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import procrastinate
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from webapp import clock
from webapp.documents.keys import CannotSeal
from webapp.gateways.errors import Permanent, Temporary
from webapp.jobs import maintenance
from webapp.jobs.mail import mailing
from webapp.jobs.ordering import contract_summaries, orders
from webapp.jobs.papers import exports as export_jobs
from webapp.jobs.papers import sealing
from webapp.jobs.signing import signatures
from webapp.jobs.worker_context import WorkerContext
from webapp.operations.outbox import KINDS as MAILS
from webapp.operations.outbox import Pending
from webapp.operations.papers import exports
from webapp.operations.signing.signing_mails import KINDS as SIGN_MAILS
from webapp.store.platform.outage import is_away

Handler = Callable[[WorkerContext, str, str, datetime], None]

# An outside system that is away for three days is waited for; a mistake of ours is not made more than five times.
WAITS = (5, 15, 30, 60, 120, 300, 900, 1800)
LONGEST_WAIT, WAIT_FOR_KEY = 3600, 600
MOST_WAITING, MOST_FAILING = 80, 5
WAITED_FOR = (Temporary, Pending)
NOT_TRIED_AGAIN = (Permanent, CannotSeal)  # until somebody has mended what is wrong

log = logging.getLogger("webapp.jobs")


class Patience(BaseRetryStrategy):
    """How long to wait before the next try, and when to stop: then the job has failed, and staff see it."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        waits = isinstance(exception, WAITED_FOR) or is_away(exception)
        most = MOST_WAITING if waits else MOST_FAILING
        awaits_key = (
            isinstance(exception, CannotSeal) and exception.waits
        )  # staff are told; when it comes, papers go on
        if not awaits_key and (isinstance(exception, NOT_TRIED_AGAIN) or job.attempts >= most):
            return None
        wait = WAITS[job.attempts] if job.attempts < len(WAITS) else LONGEST_WAIT
        if awaits_key:
            wait = min(wait, WAIT_FOR_KEY)
        return RetryDecision(retry_at=clock.in_database(clock.now() + timedelta(seconds=wait)))


@dataclass(frozen=True)
class Periodic:
    """A kind that comes by the clock, for every tenant."""

    kind: str
    cron: str


def _mail(kind: str) -> Handler:
    def send(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
        mailing.send_mail(worker_context, tenant, kind, id, now)

    return send


HANDLERS: Mapping[str, Handler] = {
    "carry_out": orders.fan_out_order,
    "make_document": orders.make_document,
    "make_summary": contract_summaries.make_summary,
    **{f"mail_{kind}": _mail(kind) for kind in (*MAILS, *SIGN_MAILS)},
    "mail_sign_invite": signatures.mail_link,
    "mail_sign_reminder": signatures.mail_reminder,
    "mail_sign_code": signatures.mail_code,
    "sms_sign_code": signatures.text_code,
    "prepare_eid": signatures.prepare_eid,
    "exchange_eid": signatures.exchange_eid,
    "check_scan": signatures.check_scan,
    "seal_document": signatures.seal_document,
    "remind_signers": signatures.remind,
    "expire_signings": signatures.expire,
    "release_numbers": maintenance.release_numbers,
    "expire_drafts": maintenance.expire_drafts,
    "chain_audit": maintenance.chain_audit,
    "check_papers": sealing.check_papers,
    exports.MAKE: export_jobs.make_export,
    "expire_exports": export_jobs.expire_exports,
}
PERIODIC = (
    # An overdue number can be had by others at once: this only tidies up.
    Periodic("release_numbers", "*/5 * * * *"),
    Periodic("chain_audit", "2-59/5 * * * *"),
    Periodic("expire_drafts", "17 * * * *"),
    Periodic("expire_signings", "7 * * * *"),
    Periodic("remind_signers", "11 * * * *"),
    Periodic("check_papers", "23 2 * * *"),
    Periodic("expire_exports", "47 * * * *"),
)


def register(app: procrastinate.App, worker_context: WorkerContext) -> None:
    """Tells a worker what it can do."""
    for kind, handler in HANDLERS.items():
        app.task(name=kind, retry=Patience(), pass_context=True)(partial(_run, worker_context, kind, handler))
    for periodic in PERIODIC:
        task = app.task(name=f"every_{periodic.kind}", queueing_lock=f"every_{periodic.kind}")(
            partial(_each, worker_context, periodic.kind)
        )
        app.periodic(cron=periodic.cron)(task)

    @app.periodic(cron="41 3 * * *")
    @app.task(name="forget_old_jobs", queueing_lock="forget_old_jobs")
    async def forget_old_jobs(timestamp: int) -> None:
        await app.job_manager.delete_old_jobs(nb_hours=maintenance.KEEP_HOURS)


def _run(
    worker_context: WorkerContext, kind: str, handler: Handler, context: JobContext, *, tenant: str, id: str
) -> None:
    try:
        is_last_try = context.job.attempts >= MOST_WAITING
        handler(replace(worker_context, is_last_try=is_last_try), tenant, id, clock.now())
    except Exception as problem:
        # The problem's own text may quote personal data and stays at debug level; ids and the place say enough.
        place = traceback.extract_tb(problem.__traceback__)[-1]
        name = type(problem).__name__
        log.warning("%s of %s %s: %s at %s:%s", kind, tenant, id, name, place.filename, place.lineno)
        log.debug("why", exc_info=True)
        raise


def _each(worker_context: WorkerContext, kind: str, timestamp: int) -> None:
    maintenance.for_each_tenant(worker_context, kind)

"""The worker process: takes jobs from the queue and hands them to their handlers; it decides nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys

from procrastinate.worker import Worker

from webapp import logs
from webapp.gateways.eid import Brokers
from webapp.gateways.mail import Server
from webapp.gateways.sms import SmsServer
from webapp.jobs import maintenance, registry
from webapp.jobs.papers.render_process import RenderProcess, SealTools
from webapp.jobs.worker_context import WorkerContext
from webapp.operations.papers.document_verification import Seals
from webapp.settings import Settings, SettingsError
from webapp.store.platform import queue
from webapp.store.platform.outage import is_away
from webapp.store.unit_of_work import Store

GRACE_SECONDS = 10.0
AGAIN_SECONDS = 1.0  # between two looks for a database that is away

log = logging.getLogger("webapp.jobs")


def main() -> int:
    """The exit code."""
    logs.set_up()
    try:
        settings = Settings.from_env()
    except SettingsError as problem:
        print(problem, file=sys.stderr)
        return 2
    asyncio.run(work(settings))
    return 0


def make_context(settings: Settings) -> WorkerContext:
    """What the handlers work with, by these settings."""
    server = Server(
        settings.smtp_host, settings.smtp_port, settings.smtp_user, settings.smtp_password, settings.smtp_starttls
    )
    store = Store(settings.database_url, pool_size=settings.job_threads + 1)
    tools = SealTools(settings.keys, settings.seal_password, settings.timestamp_url)
    drawer = RenderProcess(settings.assets_dir, tools)
    seals = Seals(settings.keys, settings.seal_password)
    return WorkerContext(
        store,
        settings.secret,
        drawer.draw,
        server,
        drawer.seal,
        seals,
        SmsServer(settings.sms_url, settings.sms_token),
        Brokers(settings.eid_secrets, settings.eid_standin),
        drawer.why_not,
    )


async def work(settings: Settings, *, wait: bool = True) -> None:
    """Until SIGTERM or SIGINT; running jobs get a moment, what they leave is taken up by the next worker.

    A database that goes away is waited for: nobody has to start this process again. Without `wait` until no job is left
    that is due.
    """
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):  # before anything that takes its time
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    worker_context = make_context(settings)
    before: list[int] = []  # under which numbers this process has worked until the database left it
    try:
        while not stopped.is_set():
            try:
                await _work_while_connected(worker_context, settings, stopped, before, wait)
            except Exception as problem:
                if not (wait and is_away(problem)):
                    raise
                log.warning("the database is out of reach: waiting for it (%s)", logs.told(problem))
            if not wait:
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), AGAIN_SECONDS)
    finally:
        worker_context.store.close()


async def _work_while_connected(
    worker_context: WorkerContext, settings: Settings, stopped: asyncio.Event, before: list[int], wait: bool
) -> None:
    """One worker of the queue, until it is stopped, has nothing left to do, or has lost the database."""
    worker_context.store.check()  # fails at once where the queue's pool would try for half a minute
    app, lost = queue.worker_app(settings.database_url)
    registry.register(app, worker_context)
    worker = Worker(
        app,
        concurrency=settings.job_threads,
        wait=wait,
        shutdown_graceful_timeout=GRACE_SECONDS,
        install_signal_handlers=False,
    )
    async with app.open_async():
        await queue.forget_workers(app, before)
        before.clear()
        await maintenance.take_over(app)
        side = [asyncio.create_task(maintenance.keep_taking_over(app))]
        side += [asyncio.create_task(_stop(worker, when)) for when in (stopped, lost)]
        try:
            await worker.run()
        finally:
            if worker.worker_id is not None:  # it could not sign off, and none of its jobs runs any more
                before.append(worker.worker_id)
            for task in side:
                task.cancel()
            await asyncio.gather(*side, return_exceptions=True)


async def _stop(worker: Worker, when: asyncio.Event) -> None:
    await when.wait()
    worker.stop()


if __name__ == "__main__":
    sys.exit(main())

"""The worker process: takes jobs from the queue and hands them to their handlers; it decides nothing."""

from __future__ import annotations

import asyncio
import contextlib
import sys

from webapp import logs
from webapp.gateways.eid import Brokers
from webapp.gateways.mail import Server
from webapp.gateways.sms import SmsServer
from webapp.jobs import kinds, upkeep
from webapp.jobs.drawing import Drawer, SealTools
from webapp.jobs.workshop import Workshop
from webapp.operations.inspection import Seals
from webapp.settings import Settings, SettingsError
from webapp.store import queue
from webapp.store.work import Store

GRACE_SECONDS = 10.0


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


def workshop(settings: Settings) -> Workshop:
    """What the handlers work with, by these settings."""
    server = Server(
        settings.smtp_host, settings.smtp_port, settings.smtp_user, settings.smtp_password, settings.smtp_starttls
    )
    store = Store(settings.database_url, pool_size=settings.job_threads + 1)
    tools = SealTools(settings.keys, settings.seal_password, settings.timestamp_url)
    drawer = Drawer(settings.assets_dir, tools)
    seals = Seals(settings.keys, settings.seal_password)
    return Workshop(
        store,
        settings.secret,
        drawer.draw,
        server,
        drawer.seal,
        seals,
        SmsServer(settings.sms_url, settings.sms_token),
        Brokers(settings.eid_secrets, settings.eid_standin),
        drawer.can_open,
    )


async def work(settings: Settings, *, wait: bool = True) -> None:
    """Until SIGTERM or SIGINT; running jobs get a moment, what they leave is taken up by the next worker.

    Without `wait` until no job is left that is due.
    """
    shop = workshop(settings)
    shop.store.check()
    app = queue.worker_app(settings.database_url)
    kinds.register(app, shop)
    async with app.open_async():
        await upkeep.take_over(app)
        taking_over = asyncio.create_task(upkeep.keep_taking_over(app))
        try:
            await app.run_worker_async(
                concurrency=settings.job_threads, shutdown_graceful_timeout=GRACE_SECONDS, wait=wait
            )
        finally:
            taking_over.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await taking_over
            shop.store.close()


if __name__ == "__main__":
    sys.exit(main())

"""The worker process: takes jobs from the queue and hands them to their handlers; it decides nothing."""

from __future__ import annotations

import asyncio
import sys

from webapp.settings import Settings, SettingsError
from webapp.store import queue

GRACE_SECONDS = 10.0


def main() -> int:
    try:
        settings = Settings.from_env()
    except SettingsError as problem:
        print(problem, file=sys.stderr)
        return 2
    asyncio.run(work(settings))
    return 0


async def work(settings: Settings) -> None:
    """Until SIGTERM or SIGINT; running jobs get a moment, what they leave is taken up by the next worker."""
    app = queue.worker_app(settings.database_url)
    async with app.open_async():
        await app.run_worker_async(
            concurrency=settings.job_threads,
            shutdown_graceful_timeout=GRACE_SECONDS,
        )


if __name__ == "__main__":
    sys.exit(main())

"""How the web is served in production and in the demo: the command, and the application as that command wants it."""

from __future__ import annotations

import gc
import sys
from typing import TYPE_CHECKING

from webapp.settings import Settings

if TYPE_CHECKING:
    from flask import Flask


def web_command(settings: Settings) -> list[str]:
    """Gunicorn with threads: a request never waits on an outside system, so a few suffice."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "webapp.server:application()",
        f"--bind={settings.host}:{settings.port}",
        "--worker-class=gthread",
        f"--workers={settings.web_workers}",
        f"--threads={settings.web_threads}",
        "--graceful-timeout=10",
        "--timeout=60",
        "--max-requests=20000",
        "--max-requests-jitter=2000",
        "--log-level=warning",
        "--worker-tmp-dir=/dev/shm" if sys.platform == "linux" else "--worker-tmp-dir=/tmp",
        "--no-control-socket",
    ]


def application(settings: Settings | None = None) -> Flask:
    """The web application of a process that does nothing else. What is made at start stays: the collector is to leave it alone.

    Without settings they come from the environment.
    """
    gc.disable()
    from webapp.app import create_app

    app = create_app(settings)
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)  # a request makes some thousand objects and leaves none in a circle
    gc.enable()
    return app

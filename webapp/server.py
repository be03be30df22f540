"""Which command serves the web in production and in the demo; it starts nothing by itself."""

from __future__ import annotations

import sys

from webapp.settings import Settings


def web_command(settings: Settings) -> list[str]:
    """Gunicorn with threads: a request never waits on an outside system, so a few suffice."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "webapp.app:create_app()",
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

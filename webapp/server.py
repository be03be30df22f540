"""How the web is served in production and in the demo: the command, and the application as that command wants it."""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections.abc import Iterable, Mapping
from threading import Lock
from typing import TYPE_CHECKING

from webapp import logs
from webapp.operations.platform.readiness import is_away
from webapp.settings import Settings
from webapp.web.plain_page import CLOSED, RETRY_SECONDS, bare

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from flask import Flask

EVERY_SECONDS = 1.0
log = logging.getLogger("webapp")


def web_command(settings: Settings) -> list[str]:
    """Gunicorn with threads: a request never waits on an outside system, so a few suffice."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        "webapp.server:application()",
        f"--bind={settings.host}:{settings.port}",
        "--worker-class=webapp.listening.Worker",
        "--worker-connections=500",  # of which most wait; a process may have about a thousand files open
        # What a proxy says of the caller is read by the application, as SKYLT_PROXY_HOPS tells; no header names a path or a user.
        "--forwarded-allow-ips=",
        "--forwarder-headers=",
        "--http-parser=python",
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


def without_path(environment: Mapping[str, str]) -> dict[str, str]:
    """What a server process inherits: no variable by which gunicorn would serve the application below a path."""
    return {name: value for name, value in environment.items() if name != "SCRIPT_NAME"}


def application(settings: Settings | None = None) -> Flask | Opening:
    """The web application of a process that does nothing else. What is made at start stays: the collector is to leave it alone.

    Without settings they come from the environment.
    """
    gc.disable()
    logs.set_up()
    opening = Opening(settings)
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)  # a request makes some thousand objects and leaves none in a circle
    gc.enable()
    return opening.made or opening


class Opening:
    """The application, or, as long as the database cannot be reached as the process starts, an answer that says so.

    A process that ended instead would take its supervisor with it; one that waited would leave browsers waiting, too.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings
        self._turn, self._tried = Lock(), -EVERY_SECONDS
        self.made: Flask | None = None
        self._open()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """One request."""
        app = self.made or self._open()
        if app is not None:
            return app(environ, start_response)
        alive = environ.get("PATH_INFO") == "/healthz"  # the process is there, which is all that is asked
        headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
        body = b"ok\n" if alive else bare(CLOSED).encode()
        if alive:
            headers["Content-Type"] = "text/plain; charset=utf-8"
        else:
            headers["Retry-After"] = str(RETRY_SECONDS)
        start_response("200 OK" if alive else "503 Service Unavailable", list(headers.items()))
        return [body]

    def _open(self) -> Flask | None:
        """The application as soon as it can be made; one thread tries at a time, and not all the time."""
        if not self._turn.acquire(blocking=False):
            return self.made
        try:
            if self.made is None and time.monotonic() - self._tried >= EVERY_SECONDS:
                from webapp.app import create_app

                self.made = create_app(self._settings)
        except Exception as problem:
            if not is_away(problem):
                raise
            log.warning("the database is out of reach: the portal is closed until it answers")
            self._tried = time.monotonic()
        finally:
            self._turn.release()
        return self.made

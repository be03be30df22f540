"""What a served portal does: requests a second, time to the first answer, memory; each beside a baseline served the same way."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlencode

from bench.portal import ANSWERS, TENANT
from webapp.server import web_command
from webapp.settings import ROOT, Settings

CONNECTIONS = 4
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Served:
    """A server that answers, and how long it took until it did."""

    port: int
    process: subprocess.Popen[bytes]
    ready_ms: float

    def request(
        self, method: str, path: str, host: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, str, Mapping[str, str]]:
        """One request on a connection of its own: status, body, cookies that were set."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {**headers, "Host": host})
        answer = connection.getresponse()
        text = answer.read().decode()
        cookies = dict(
            found for line in answer.headers.get_all("Set-Cookie", []) for found in _COOKIE.findall(line)[:1]
        )
        connection.close()
        return answer.status, text, cookies

    def memory_mb(self) -> float:
        """Resident memory of the largest worker process."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return max((_resident(pid) for pid in children), default=_resident(str(self.process.pid)))


_COOKIE = re.compile(r"^([^=]+)=([^;]*)")


def gunicorn(app: str, port: int) -> list[str]:
    """The command of a baseline, with the portal's kind of worker."""
    options = [
        f"--bind=127.0.0.1:{port}",
        "--worker-class=gthread",
        "--workers=1",
        "--threads=8",
        "--no-control-socket",
    ]
    return [sys.executable, "-m", "gunicorn", app, *options, "--log-level=warning"]


def portal_command(settings: Settings, port: int) -> tuple[list[str], dict[str, str]]:
    """How `./run serve` starts it, on that port, with one worker."""
    here = replace(settings, port=port, web_workers=1)
    return web_command(here), here.to_env()


@contextmanager
def served(
    command: list[str], port: int, path: str, host: str, more: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Runs a server until its first answer to `path`, and stops it afterwards."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SKYLT_")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT), **(more or {})})
    try:
        server = Served(port, process, 0.0)
        while True:
            try:
                if server.request("GET", path, host, {})[0] == 200:
                    break
            except OSError:
                pass
            if process.poll() is not None or time.perf_counter() - started > 60:
                raise RuntimeError(f"{command[-1]} did not start")
            time.sleep(0.005)
        server.ready_ms = (time.perf_counter() - started) * 1000
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def free_port() -> int:
    """A port nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def rates(
    cases: Mapping[str, Callable[[http.client.HTTPConnection, int], None]],
    ports: Mapping[str, int],
    rounds: int,
    seconds: float,
) -> dict[str, list[float]]:
    """Requests a second over CONNECTIONS connections, by case and round, in turn."""
    found: dict[str, list[float]] = {name: [] for name in cases}
    for at in range(rounds + 1):
        for name in list(cases)[:: 1 if at % 2 else -1]:
            rate = _rate(cases[name], ports[name], seconds)
            if at:  # the first round warms
                found[name].append(rate)
    return found


def _rate(case: Callable[[http.client.HTTPConnection, int], None], port: int, seconds: float) -> float:
    until = time.perf_counter() + seconds

    def visit(visitor: int) -> int:
        connection, count = http.client.HTTPConnection("127.0.0.1", port, timeout=30), 0
        while time.perf_counter() < until:
            case(connection, visitor)
            count += 1
        connection.close()
        return count

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return sum(pool.map(visit, range(CONNECTIONS))) / seconds


def change_over_http(
    cookies: Mapping[str, str], csrf: str, drafts: list[str]
) -> Callable[[http.client.HTTPConnection, int], None]:
    """A partial update with its write; each visitor has a draft of their own."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = {**FORM, "Host": f"{TENANT}.localhost", "Cookie": cookie, "X-CSRFToken": csrf, "HX-Request": "true"}
    turns = [0] * CONNECTIONS

    def change(connection: http.client.HTTPConnection, visitor: int) -> None:
        turns[visitor] += 1
        turn = turns[visitor]
        form = {**ANSWERS, "changed": "data", "data": ("FJ-D5", "FJ-D40")[turn % 2], "tab": f"http{visitor}"}
        body = urlencode({**form, "seq": str(turn), "rev": "999999"})
        _post(connection, f"/drafts/{drafts[visitor]}/lines/1/change", body, headers)

    return change


def wizard_over_http(
    server: Served, first_step: Mapping[str, str]
) -> Callable[[http.client.HTTPConnection, int], None]:
    """A step of the wizard: validated, kept in its session, the next one rendered. Each visitor has a session of their own."""
    visitors = []
    for _ in range(CONNECTIONS):
        _, _, first = server.request("GET", "/wizard", "localhost", {})
        token = first["csrftoken"]
        body = urlencode({**first_step, "csrfmiddlewaretoken": token}).encode()
        sent = {**FORM, "Cookie": "; ".join(f"{k}={v}" for k, v in first.items())}
        _, _, second = server.request("POST", "/wizard", "localhost", sent, body)
        cookie = "; ".join(f"{k}={v}" for k, v in {**first, **second}.items())
        visitors.append((body.decode(), {**FORM, "Host": "localhost", "Cookie": cookie}))

    def step(connection: http.client.HTTPConnection, visitor: int) -> None:
        body, headers = visitors[visitor]
        _post(connection, "/wizard", body, headers)

    return step


def _post(connection: http.client.HTTPConnection, path: str, body: str, headers: Mapping[str, str]) -> None:
    connection.request("POST", path, body, dict(headers))
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {text[:300]!r}")


def _resident(pid: str) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

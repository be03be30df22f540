"""Supervises `./run demo`: database, mail catcher, web and worker; production has a supervisor of its own."""

from __future__ import annotations

import argparse
import fcntl
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from types import FrameType
from typing import NoReturn
from urllib.parse import urlsplit

from webapp import clock
from webapp.documents import own_ca
from webapp.gateways.eid_standin import EidStandin
from webapp.gateways.mail_standin import MailStandin
from webapp.gateways.sms_standin import SmsStandin
from webapp.gateways.timestamp_standin import TimestampStandin
from webapp.operations.platform import demo_seed
from webapp.operations.tenants import publishing
from webapp.server import web_command, without_path
from webapp.settings import ROOT, Settings
from webapp.store.platform import embedded, schema
from webapp.store.unit_of_work import Store

TENANTS = ("fjallton", "skarvox", "baeltkom", "klitfon")
MARK = "demo.env"  # proves that a folder is a demo's, and tells the command line how to reach it
KEYS = "keys"  # of the seals, and the demo's own certificate authority
PATIENCE_SECONDS = 30  # then it is said what is waited for; a busy machine takes minutes
DATABASE_SECONDS = (
    60  # so long a database may be away before it is started again: somebody may have stopped it on purpose
)
STOP_SECONDS = 15
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Somebody asked the demo to stop."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="./run demo", description="Everything on this machine.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", type=Path, default=ROOT / ".demo", help="folder of the demo's data")
    parser.add_argument("--fresh", action="store_true", help="throw the demo's data away first")
    parser.add_argument("--at", type=_moment, metavar="2031-06-01T09:00", help="live at that time, in the zone here")
    given = parser.parse_args(arguments)
    os.environ["SKYLT_MODE"] = "demo"
    os.environ.pop(clock.VARIABLE, None)
    if given.at:
        clock.go_to(given.at)
    for number in STOP_SIGNALS:
        signal.signal(number, _stop)
    try:
        with ExitStack() as stack:
            try:
                return _run(stack, given.data.expanduser().absolute(), given.port, given.fresh)
            finally:  # a second Ctrl-C must not interrupt the stopping
                for number in STOP_SIGNALS:
                    signal.signal(number, signal.SIG_IGN)
    except Stopped:
        say("stopped")
        return 0
    except (embedded.EmbeddedDatabaseError, PermissionError) as problem:
        say(f"{problem}; --data names another folder")
        return 1


def _run(stack: ExitStack, data: Path, port: int, fresh: bool) -> int:
    stack.enter_context(_sole_user(data))
    if not _free(port):
        say(f"port {port} is taken; choose another: ./run demo --port {port + 1}")
        return 1
    if fresh:
        _throw_away(data)
    stack.callback(embedded.stop, data / "postgres")
    databases = embedded.start(data / "postgres", say=say)
    mailbox = stack.enter_context(MailStandin(data / "mail"))
    secret = _secret(data)
    phones = stack.enter_context(SmsStandin(data / "sms", secret))
    eid = stack.enter_context(EidStandin(partial(_is_ours, port)))
    own_ca.make_keys(data / KEYS, {}, clock.now(), secret)  # the clock's; those of the seals when it is known whose
    authority = stack.enter_context(TimestampStandin(own_ca.clock_of(data / KEYS, secret)))
    settings = Settings(
        mode="demo",
        database_url=databases.app_url,
        owner_database_url=databases.owner_url,
        secret=secret,
        data_dir=data,
        port=port,
        smtp_port=mailbox.port,
        mail_dir=mailbox.folder,
        sms_url=f"{phones.url}/messages",
        sms_token=secret,
        sms_dir=phones.folder,
        eid_standin=eid.url,
        seal_keys=data / KEYS,
        seal_password=secret,
        timestamp_url=authority.url,
    )
    environment = {key: value for key, value in without_path(os.environ).items() if not key.startswith("SKYLT_")}
    environment |= settings.to_env() | clock.environment()
    _write_mark(data, settings)
    fill(settings)
    children = {
        name: stack.enter_context(_child(name, command, environment))
        for name, command in {
            "web": web_command(settings),
            "worker": [sys.executable, "-m", "webapp.worker"],
        }.items()
    }
    return watch(children, data, port)


def _is_ours(port: int, url: str) -> bool:
    """Whether the stand-in of the brokers may send a browser there: to where signing goes on, on this demo's hosts."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return (
        parts.scheme == "http"
        and parts.netloc == f"{host}:{port}"
        and (host == "localhost" or host.endswith(".localhost"))
        and (parts.path, parts.query, parts.fragment) == ("/sign/eid", "", "")
    )


def fill(settings: Settings) -> None:
    """Migrate, publish the tenants, seed their customers; safe to repeat."""
    schema.upgrade(settings.owner_database_url)
    store = Store(settings.database_url)
    for finding in publishing.publish(store, settings.tenants_dir, settings.mode, clock.now(), settings.base_url):
        say(f"{finding.file}:{finding.line} {finding.what} {finding.how}")
    tenants = publishing.current(store)
    if made := demo_seed.make_keys(settings.keys, settings.seal_password, tenants, clock.now()):
        say(f"made a seal for {', '.join(made)}")
    demo_seed.seed(store, tenants, clock.now())
    store.close()


def watch(children: dict[str, subprocess.Popen[bytes]], data: Path, port: int) -> int:
    """Until told to stop, or until a part ends: half a demo would only confuse."""
    ready, database = False, Database(data / "postgres")
    told = started = time.monotonic()
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                say(f"{name} ended with code {child.returncode}: stopping the rest")
                return 1
        if not data.exists():
            say(f"{data} is gone: stopping")
            return 1
        if not ready:
            ready, answer = _readiness(port)
            if ready:
                _welcome(port)
            elif (now := time.monotonic()) - told > PATIENCE_SECONDS:
                say(f"waiting since {now - started:.0f} s: {answer}")
                told = now
        else:
            database.look(time.monotonic())
        time.sleep(1 if ready else 0.1)


@dataclass
class Database:
    """The demo's PostgreSQL, looked after: web and worker wait for it, so it may go and come."""

    place: Path
    gone_since: float | None = None

    def look(self, now: float) -> None:
        """Start it again when it has been away for long."""
        if embedded.running(self.place):
            if self.gone_since is not None:
                say("the database is back")
            self.gone_since = None
        elif self.gone_since is None:
            self.gone_since = now
            say(f"the database is away; if it stays away it is started again in {DATABASE_SECONDS} s")
        elif now - self.gone_since >= DATABASE_SECONDS:
            self.gone_since = now
            try:
                embedded.start(self.place, say=say)
            except embedded.EmbeddedDatabaseError as problem:
                say(str(problem))


def _readiness(port: int) -> tuple[bool, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return answer.status == 200, answer.read().decode(errors="replace")
    except OSError as problem:
        return False, str(problem)
    finally:
        connection.close()


def _welcome(port: int) -> None:
    print(f"\nSkylt is ready: http://localhost:{port}/demo chooses an operator\n")
    for slug in TENANTS:
        print(f"  http://{slug}.localhost:{port}".ljust(40), f"owner@{slug}.example")
    print(f"\n  Sign in as owner@, buyer@, member@ or operator@<operator>.example, password {demo_seed.PASSWORD}")
    print("  owner2@ owns the account of each operator's second customer")
    print(f"  Mail that was sent: http://localhost:{port}/demo/mail")
    print(f"  Text messages that were sent: http://localhost:{port}/demo/sms")
    print("\nCtrl-C stops everything.", flush=True)


@contextmanager
def _child(name: str, command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    # A session of its own: Ctrl-C reaches the supervisor alone, which stops the parts in order.
    child = subprocess.Popen(command, env=environment, cwd=ROOT, start_new_session=True)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            say(f"{name} did not stop in {STOP_SECONDS} s: killed")
        try:  # what it may have left behind
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()


@contextmanager
def _sole_user(data: Path) -> Iterator[None]:
    data.mkdir(parents=True, exist_ok=True)
    with open(data / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(f"demo: another demo runs on {data}; choose another folder with --data") from None
        yield


def _throw_away(data: Path) -> None:
    """Only what a demo made; a folder that holds anything else was named by mistake."""
    strangers = {path.name for path in data.iterdir()} - {
        "lock",
        "postgres",
        "postgres.lock",
        "mail",
        "sms",
        "secret",
        KEYS,
        MARK,
    }
    if strangers and not (data / MARK).exists():
        raise SystemExit(f"demo: {data} holds {', '.join(sorted(strangers)[:3])}: not a demo's folder, nothing deleted")
    embedded.remove(data / "postgres")
    for path in data.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != "lock":
            path.unlink()


def _secret(data: Path) -> str:
    """One secret for the life of the data: sealed and signed things stay valid over a restart."""
    file = data / "secret"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48))
    return file.read_text()


def _write_mark(data: Path, settings: Settings) -> None:
    file = data / MARK
    file.touch(mode=0o600)
    file.write_text("".join(f"{key}={value}\n" for key, value in {**settings.to_env(), **clock.environment()}.items()))


def _free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    raise Stopped


def say(what: str) -> None:
    print(f"demo: {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

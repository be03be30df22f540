"""A PostgreSQL of our own, from the wheel's binaries: it starts and stops; it knows nothing of what is in it.

The wheel's own Python wrapper is not used: as root it opens every parent of the data folder to the world.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from webapp.store.platform.embedded_home import (
    EmbeddedDatabaseError,
    binaries_for,
    identity,
    make_folders,
    place_of,
    run_as,
    who_runs,
)

OWNER, APP, DATABASE = "skylt_owner", "skylt_app", "skylt"
LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes
START_SECONDS = 60  # replaying the log after a crash takes a while
STOP_SECONDS = 60
DISCREET = ("log_error_verbosity=terse", "log_min_error_statement=panic")  # else its log quotes values and statements
UNSAFE_BUT_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


_children: dict[Path, subprocess.Popen[bytes]] = {}  # servers this process started and must reap


@dataclass(frozen=True)
class Databases:
    """Two ways into one database: the owner migrates, the application obeys row-level security."""

    owner_url: str
    app_url: str


@dataclass(frozen=True)
class _Cluster:
    data: Path
    uid: int  # who runs the server
    sockets: Path
    binaries: Path

    def run(self, program: str, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = run_as(self.uid, [str(self.binaries / program), *args])
        if check and done.returncode:
            raise EmbeddedDatabaseError(f"{program} failed in {self.data}:\n{done.stdout}{done.stderr}")
        return done

    def connect(self, database: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.sockets), user="postgres", dbname=database, autocommit=True, connect_timeout=5
        )

    def answers(self) -> bool:
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def databases(self, name: str) -> Databases:
        def url(role: str) -> str:
            return f"postgresql+psycopg://{role}@/{name}?host={self.sockets}"

        return Databases(owner_url=url(OWNER), app_url=url(APP))


def start(data_dir: Path, *, durable: bool = True, say: Callable[[str], None] = print) -> Databases:
    """The running database of `data_dir`, made and started when needed; a running one is simply used."""
    data = place_of(data_dir)
    with _locked(data):
        cluster = _cluster(data, say)
        if not (data / "PG_VERSION").exists():
            if data != Path(os.path.abspath(data_dir.expanduser())):
                say(f"{data_dir} lies below a closed folder: the database is kept in {data}")
            _initialise(cluster)
        if not cluster.answers():
            _serve(cluster, () if durable else UNSAFE_BUT_QUICK)
        _ensure_roles(cluster)
        _ensure_database(cluster, DATABASE)
    return cluster.databases(DATABASE)


def stop(data_dir: Path) -> None:
    """Stop the database of `data_dir` when it runs."""
    data = place_of(data_dir)
    child = _children.pop(data, None)
    if child and child.poll() is None:  # ours: stopped and reaped even when its folder is gone
        child.send_signal(signal.SIGINT)
        child.wait(STOP_SECONDS)
    elif (data / "postmaster.pid").exists():
        with _locked(data):
            _cluster(data, print).run("pg_ctl", "-w", "-D", str(data), "-m", "fast", "stop", check=False)


def running(data_dir: Path) -> bool:
    """Whether the database of `data_dir` is up."""
    data = place_of(data_dir)
    return (data / "postmaster.pid").exists() and _cluster(data, print).answers()


def remove(data_dir: Path) -> None:
    """Stop the database of `data_dir` and delete all its data."""
    data = place_of(data_dir)
    stop(data_dir)
    if (data / "PG_VERSION").exists() or (data.exists() and not any(data.iterdir())):
        shutil.rmtree(data)
    data.with_name(data.name + ".lock").unlink(missing_ok=True)
    shutil.rmtree(_short_socket_place(data), ignore_errors=True)


def create_database(data_dir: Path, name: str, *, template: str | None = None) -> Databases:
    """One more database in the running cluster, empty or copied from a template nobody is connected to."""
    cluster = _cluster(place_of(data_dir), print)
    _ensure_database(cluster, name, template)
    return cluster.databases(name)


def drop_database(data_dir: Path, name: str) -> None:
    """Drop a database, ending whoever is still connected to it."""
    with _cluster(place_of(data_dir), print).connect("postgres") as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _cluster(data: Path, say: Callable[[str], None]) -> _Cluster:
    uid = who_runs(data, say)
    sockets = data
    if len(os.fsencode(data / ".s.PGSQL.5432")) > LONGEST_SOCKET_PATH:
        sockets = _short_socket_place(data)
    if sockets != data:
        sockets.mkdir(mode=0o700, exist_ok=True)
        if sockets.stat().st_uid not in (uid, os.geteuid()):
            raise EmbeddedDatabaseError(f"{sockets} belongs to somebody else; remove it")
        if os.geteuid() == 0:
            os.chown(sockets, uid, -1)
    return _Cluster(data, uid, sockets, binaries_for(uid, say))


def _short_socket_place(data: Path) -> Path:
    return Path(tempfile.gettempdir()) / f"skylt-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"


@contextmanager
def _locked(data: Path) -> Iterator[None]:
    make_folders(data.parent)
    with open(data.with_name(data.name + ".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _initialise(cluster: _Cluster) -> None:
    cluster.data.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(cluster.data, cluster.uid, -1)
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    # Whoever reaches the socket is trusted; the socket lies in a folder closed to all but the server's user.
    cluster.run("initdb", "-U", "postgres", "--auth=trust", *locale, "-D", str(cluster.data))


def _serve(cluster: _Cluster, settings: tuple[str, ...]) -> None:
    options = ["listen_addresses=", f"unix_socket_directories={cluster.sockets}", *DISCREET, *settings]
    command = [str(cluster.binaries / "postgres"), "-D", str(cluster.data)]
    log = cluster.data / "server.log"
    with open(log, "ab") as output:
        server = subprocess.Popen(
            [*command, *(part for option in options for part in ("-c", option))],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C at the terminal is for whoever supervises, not for the server
            **identity(cluster.uid),
        )
    deadline = time.monotonic() + START_SECONDS
    while not cluster.answers():
        if server.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            raise EmbeddedDatabaseError(f"PostgreSQL did not start in {cluster.data}:\n{tail}")
        time.sleep(0.02)
    _children[cluster.data] = server


def _ensure_roles(cluster: _Cluster) -> None:
    with cluster.connect("postgres") as connection:
        known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        # The owner passes row-level security: its security-definer functions answer over all tenants.
        for role, rights in ((OWNER, "LOGIN NOSUPERUSER BYPASSRLS"), (APP, "LOGIN NOSUPERUSER NOBYPASSRLS")):
            if role not in known:
                connection.execute(f"CREATE ROLE {role} {rights}")


def _ensure_database(cluster: _Cluster, name: str, template: str | None = None) -> None:
    with cluster.connect("postgres") as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return
        create = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY FILE_COPY")
        source = template or "template1"
        connection.execute(create.format(*map(sql.Identifier, (name, OWNER, source))))
        for statement in (
            "REVOKE ALL ON DATABASE {} FROM PUBLIC",
            f"GRANT CONNECT ON DATABASE {{}} TO {APP}",
        ):
            connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
    if not template:
        with cluster.connect(name) as connection:
            connection.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
            connection.execute(f"GRANT USAGE ON SCHEMA public TO {APP}")

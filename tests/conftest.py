"""What every test may ask for: a database of its own on one embedded cluster, and a mail catcher."""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.preparing import prepare
from webapp import clock
from webapp.gateways.mail_standin import MailStandin
from webapp.store.platform import embedded, schema
from webapp.store.platform.embedded import Databases

if TYPE_CHECKING:
    from tests.browsing import Portal

CLUSTER = "SKYLT_TEST_CLUSTER"  # names the folder of the session's cluster to xdist's workers
PREFIX = "skylt-test-"
_numbers = itertools.count()


def pytest_configure(config: pytest.Config) -> None:
    os.environ["SKYLT_MODE"] = "test"
    if clock.ahead():  # ./run test --at
        travel()
    config.addinivalue_line("markers", "xdist_group(name): tests for one worker")  # known also where there are none
    if not hasattr(config, "workerinput"):
        prepare()
        _sweep()
        folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")
        Path(folder).chmod(0o755)  # as root, PostgreSQL runs as another user
        os.environ[CLUSTER] = folder
        place = Path(folder) / "tmp"  # whatever tests leave behind, killed processes too, goes with the folder
        place.mkdir()
        place.chmod(0o1777)
        os.environ["TMPDIR"], tempfile.tempdir = str(place), None


def travel() -> None:
    """Sets the clocks of this process, those of libraries, too, to the time that `--at` names; they go on from there."""
    import time_machine  # not above: it takes the place of the interpreter's clocks

    far = clock.ahead()
    time_machine.travel(clock.machine() + far, tick=True).start()
    clock.libraries = far


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _remove(Path(os.environ.pop(CLUSTER)))


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups; else every file's database is filled by both workers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share a file's database run in one process, so that it is filled once."""
    for item in items:
        if "module_databases" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session")
def cluster() -> Path:
    """The running cluster's data folder; its database `skylt` is migrated, empty and only ever copied."""
    data = Path(os.environ[CLUSTER]) / "postgres"
    with _turn():
        databases = embedded.start(data, durable=False, say=lambda what: None)
        schema.upgrade(databases.owner_url)
    return data


@pytest.fixture(scope="session")
def databases(cluster: Path) -> Iterator[Databases]:
    """A migrated database that the tests of one worker share; they keep apart by tenant or company."""
    with _database(cluster) as made:
        yield made


@pytest.fixture(scope="session")
def stage_databases(cluster: Path) -> Iterator[Databases]:
    """A migrated database for the portal that one worker's browser visits."""
    with _database(cluster) as made:
        yield made


@pytest.fixture(scope="module")
def module_databases(cluster: Path) -> Iterator[Databases]:
    """A migrated, empty database for the tests of one file."""
    with _database(cluster) as made:
        yield made


@pytest.fixture
def fresh_databases(cluster: Path) -> Iterator[Databases]:
    """A migrated, empty database for one test."""
    with _database(cluster) as made:
        yield made


@pytest.fixture(scope="module")
def portal(module_databases: Databases) -> Iterator[Portal]:
    """The application with the demo's people in it, for the tests of one file."""
    from tests.browsing import a_portal

    with a_portal(module_databases) as made:
        yield made


@pytest.fixture(autouse=True)
def _languages(request: pytest.FixtureRequest) -> None:
    """A language that somebody chose in a test is theirs no longer in the next one."""
    if {"portal", "module_databases"} <= set(request.fixturenames):  # not where the database is stopped
        request.getfixturevalue("portal").forget_languages()


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[MailStandin]:
    """A mail server that keeps what it is sent; set its `fault` to see it fail."""
    with MailStandin(tmp_path / "mail") as standin:
        yield standin


@contextmanager
def _database(cluster: Path) -> Iterator[Databases]:
    name = f"test_{os.getpid()}_{next(_numbers)}"
    with _turn():
        made = embedded.create_database(cluster, name, template=embedded.DATABASE)
    yield made
    embedded.drop_database(cluster, name)


@contextmanager
def _turn() -> Iterator[None]:
    """A template cannot be copied while another worker is connected to it."""
    with (Path(os.environ[CLUSTER]) / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _sweep() -> None:
    """Remove the clusters of test sessions that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).split("-")[0]
        if not Path(f"/proc/{pid}").exists() and Path("/proc/self").exists():
            with suppress(FileNotFoundError):  # another session that has just begun is at it, too
                _remove(folder)


def _remove(folder: Path) -> None:
    embedded.remove(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)

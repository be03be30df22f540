"""A seller with an order just placed, a worker that can be killed, and time that can be made to pass for the queue."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import psycopg
import pytest

from tests.builders import a_company, a_line, a_ported_line, a_porting, a_tenant, an_order
from tests.documents.sealing import PASSWORD, made_keyring
from webapp import clock, worker
from webapp.documents.keys import Keyring
from webapp.documents.own_ca import Holder, clock_of
from webapp.documents.sealed import Sealed
from webapp.domain.market import SWEDEN
from webapp.domain.ordering.draft import Draft, Line
from webapp.domain.ordering.order import Order
from webapp.domain.papers.facts import Paper
from webapp.domain.tenants.tenant import Tenant, Welcome
from webapp.gateways.eid_standin import EidStandin
from webapp.gateways.mail_standin import MailStandin
from webapp.gateways.sms_standin import SmsStandin
from webapp.gateways.timestamp_standin import TimestampStandin
from webapp.jobs import registry
from webapp.jobs.papers.render_process import RenderProcess
from webapp.settings import ROOT, Settings
from webapp.store.platform.embedded import Databases
from webapp.store.platform.queue import conninfo
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store
from webapp.tenancy.revision import tenant_to_json

SMS_TOKEN = "a token for text messages"
SECRET = "a secret for tests, long enough to be one"


def the_tenant(slug: str = "provtele", **changes: Any) -> Tenant:
    """An operator that welcomes when asked to."""
    welcome = Welcome("ask", "Provväxeln", {"sv": "Öppna appen Provväxeln", "da": "Åbn appen Provväxeln"})
    return a_tenant(**{"slug": slug, "welcome": welcome, **changes})


def wished(days: int = 9) -> date:
    """A working day that many working days from today: these workers live when the tests run."""
    return SWEDEN.after_working_days(SWEDEN.today(clock.now()), days)


def the_order(tenant: Tenant, **changes: Any) -> Order:
    """Just placed: one new user with a welcome and an eSIM, and two numbers that one owner lets go."""
    answers = {"kind": "mobile", "sim": "esim", "data": "D40"}
    first = a_line(answers=answers | {"welcome": "yes", "esim_email": "telefon@granit.example", "user.first": "Märta"})
    second = a_ported_line(2, porting=a_porting(wished_date=wished()), user_email="", user_name="Omar Said")
    third = a_ported_line(
        3, porting=a_porting(e164="+46701740681", wished_date=wished()), user_email="per@granit.example"
    )
    return an_order(first, second, third, tenant=tenant, **{"placed_at": clock.now(), **changes})


def put(store: Store, tenant: Tenant, order: Order) -> Order:
    """As placing does: the order and its one job, in one commit."""
    with store.work(Scope(tenant.slug, None, "test")) as work:
        work.revisions.publish(tenant.revision, tenant_to_json(tenant), now=clock.now())
        if work.companies.get(order.company.id) is None:
            work.companies.add(a_company(id=order.company.id))
        work.drafts.add(
            Draft(
                order.draft, order.company.id, order.language, tenant.revision, "p", "p", clock.now(), lines=(Line(1),)
            )
        )
        states = {line.n: "waiting_signature" if line.porting else "placed" for line in order.lines}
        placed, _ = work.orders.add(order, states)
        work.drafts.mark_placed(order.draft)
        work.jobs.defer("carry_out", placed.ref)
    return placed


@dataclass
class House:
    """Everything a worker needs, and eyes on what it did."""

    databases: Databases
    store: Store
    mailbox: MailStandin
    tenant: Tenant
    order: Order
    folder: Path
    faults: dict[str, str] = field(default_factory=dict)
    keys: Path | None = None  # of the seal, for real workers
    timestamp_url: str = ""
    sealing: Exception | None = None  # what comes of it instead
    draws: bool = False  # whether forked workers draw and seal real papers
    more: dict[str, str] = field(default_factory=dict)  # settings, where gateways are

    @property
    def environment(self) -> dict[str, str]:
        """For a worker process."""
        clean = {key: value for key, value in os.environ.items() if not key.startswith("SKYLT_")}
        settings = {
            "SKYLT_MODE": "test",
            **clock.environment(),
            "SKYLT_SECRET": SECRET,
            "SKYLT_DATABASE_URL": self.databases.app_url,
            "SKYLT_OWNER_DATABASE_URL": self.databases.owner_url,
            "SKYLT_DATA_DIR": str(self.folder),
            "SKYLT_SMTP_PORT": str(self.mailbox.port),
            "SKYLT_JOB_THREADS": "1",  # a kill then hits one job
            "SKYLT_SEAL_KEYS": str(self.keys) if self.keys else "",
            "SKYLT_SEAL_PASSWORD": PASSWORD if self.keys else "",
            "SKYLT_TIMESTAMP_URL": self.timestamp_url,
            "SKYLT_FAULTS": ",".join(f"{name}={action}" for name, action in self.faults.items()),
            **self.more,
        }
        return clean | {key: value for key, value in settings.items() if value}

    def work(self) -> int:
        """Workers, one after the other, until nothing is due; the last one's exit code (-9: it was killed).

        Each is a fork of this process, so that killing many costs little; only where it `draws` are papers real.
        """
        code = 0
        for _ in range(4):  # a worker that does not wait leaves what its last job has deferred
            code = self._fork()
            due = "select count(*) from procrastinate_jobs where status = 'todo' and coalesce(scheduled_at, now()) <= now()"
            if code or not self.sql(due)[0][0]:
                break
        return code

    def _fork(self) -> int:
        pid = os.fork()
        if pid:
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        code = 1
        try:
            signal.alarm(600)  # one that hangs ends; a busy machine may take its time
            os.environ.update(self.environment)
            registry.PERIODIC = ()  # what comes by the clock comes in production: the hour of a run decides nothing here
            if not self.draws:
                worker.RenderProcess = lambda assets, tools: Press(self.sealing)  # type: ignore[misc, assignment]
            asyncio.run(worker.work(Settings.from_env(self.environment), wait=False))
            code = 0
        except BaseException:  # noqa: BLE001 - told, and the parent sees the code
            traceback.print_exc()
        finally:
            os._exit(code)  # nothing of pytest's must run in here

    @contextmanager
    def worker(self, told: IO[str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
        """A worker as in production, with a key of its own, until the end of the block; what it tells goes to `told`."""
        self.keys = keyring_of("provtele").place
        child = subprocess.Popen([sys.executable, "-m", "webapp.worker"], env=self.environment, cwd=ROOT, stderr=told)
        try:
            yield child
        finally:
            child.terminate()
            child.wait(300)

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """What the database says, to its owner."""
        with psycopg.connect(conninfo(self.databases.owner_url), autocommit=True) as connection:
            found = connection.execute(statement)  # type: ignore[call-overload]
            return found.fetchall() if found.description else []

    def let_time_pass(self) -> None:
        """Dead workers have been silent for long, leases are over, waits have ended."""
        self.sql("update procrastinate_workers set last_heartbeat = last_heartbeat - interval '10 minutes'")
        self.sql("update effect set at = at - interval '10 minutes' where state = 'claimed'")
        self.sql("update procrastinate_jobs set scheduled_at = now() where status = 'todo' and scheduled_at > now()")

    def drain(self, rounds: int = 4) -> None:
        """Workers one after the other until every job has ended."""
        for _ in range(rounds):
            self.work()
            if not self.jobs("todo", "doing"):
                return
            self.let_time_pass()
        raise AssertionError(f"still at work: {self.jobs('todo', 'doing')}")

    def jobs(self, *statuses: str) -> list[str]:
        """Jobs about something in these statuses."""
        rows = self.sql(
            "select task_name || ' ' || (args->>'id') from procrastinate_jobs where args->>'id' <> ''"
            f" and status::text in ({', '.join(repr(status) for status in statuses)}) order by 1"
        )
        return [row[0] for row in rows]

    def papers(self) -> list[tuple[Any, ...]]:
        """Kind, subject, digest, and whether the bytes have that digest."""
        return self.sql(
            "select kind, subject, sha256, encode(sha256(bytes), 'hex') = sha256 from document order by 1, 2"
        )


@lru_cache(maxsize=4)
def keyring_of(name: str) -> Keyring:
    """A seal's key of that name, and the root to believe it by."""
    return made_keyring({name: Holder("Provtele AB", "SE")}, at=clock.now())


class Press:
    """Draws and seals in no time; what comes of it looks a little like papers."""

    def __init__(self, trouble: Exception | None) -> None:
        self.trouble = trouble

    def draw(self, paper: Paper, tenant: Tenant, attached: tuple[Any, ...] = ()) -> tuple[bytes, str]:
        return b"%PDF-1.7 " + paper.number.encode(), f"{paper.number}.pdf"

    def seal(self, pdf: bytes, key_name: str, label: str, now: datetime) -> Sealed:
        if self.trouble:
            raise self.trouble
        return Sealed(pdf + b" sealed by " + key_name.encode(), "Provtele AB", now, "B-B")

    def why_not(self, kind: str, content: bytes) -> str:
        drawer = RenderProcess(ROOT / ".assets")  # in a process of its own: whatever a scan does, it does there
        try:
            return drawer.why_not(kind, content)
        finally:
            drawer.close()


@pytest.fixture
def house(fresh_databases: Databases, mailbox: MailStandin, tmp_path: Path) -> Iterator[House]:
    """An order has just been placed; nobody works yet."""
    store = Store(fresh_databases.app_url, pool_size=3)
    tenant = the_tenant()
    order = put(store, tenant, the_order(tenant))
    yield House(fresh_databases, store, mailbox, tenant, order, tmp_path)
    store.close()


@pytest.fixture
def danish(house: House) -> Order:
    """The same, ordered in Danish."""
    return put(house.store, house.tenant, the_order(house.tenant, ref="PT-DDDD-DD", draft="d2", language="da"))


@pytest.fixture
def open_house(fresh_databases: Databases, mailbox: MailStandin, tmp_path: Path) -> Iterator[Callable[..., House]]:
    """An order with one power of attorney, of which the link has been mailed; `real`: on real, sealed papers."""
    from tests.jobs.signing.signers import a_signing_tenant, place

    store = Store(fresh_databases.app_url, pool_size=6)

    def opened(
        language: str = "sv", eid: dict[str, object] | None = None, real: bool = False, **porting: object
    ) -> House:
        tenant = a_signing_tenant(**(eid or {}))
        order = place(store, tenant, language, **porting)
        made = House(fresh_databases, store, mailbox, tenant, order, tmp_path, draws=real)
        made.keys = keyring_of("provtele").place if real else None
        made.drain()
        return made

    yield opened
    store.close()


@pytest.fixture
def texts(tmp_path: Path) -> Iterator[SmsStandin]:
    """A gateway for text messages."""
    with SmsStandin(tmp_path / "sms", SMS_TOKEN) as standin:
        yield standin


@pytest.fixture
def provider() -> Iterator[EidStandin]:
    """A broker, of any dialect."""
    with EidStandin(lambda url: url.endswith("/sign/eid")) as standin:
        yield standin


@pytest.fixture
def authority() -> Iterator[TimestampStandin]:
    """Who vouches for the time under the root of provtele's key."""
    with TimestampStandin(clock_of(keyring_of("provtele").place, PASSWORD)) as standin:
        yield standin


__all__ = ["House", "put", "replace", "the_order", "the_tenant"]

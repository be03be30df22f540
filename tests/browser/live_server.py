"""The running portal that browsers visit: the real application and worker, stand-ins for mail, phones and eID, and doors that tests can hold shut."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from webapp import clock
from webapp.app import create_app
from webapp.domain.ordering.draft import Draft
from webapp.domain.tenants.tenant import Tenant
from webapp.gateways.eid_standin import EidStandin
from webapp.gateways.mail_standin import MailStandin
from webapp.gateways.sms_standin import SmsStandin
from webapp.l10n import Localizer
from webapp.operations.ordering.drafts import Ordering, Tab
from webapp.operations.people.sign_in import person_of
from webapp.operations.platform import demo_seed
from webapp.operations.platform.services import Services
from webapp.settings import ROOT, Settings
from webapp.store.platform.embedded import Databases
from webapp.store.platform.queue import conninfo
from webapp.store.platform.scope import Scope
from webapp.web.sessions import hash_of

PATIENCE = 30.0


@dataclass
class Hold:
    """A door in front of (or behind) the application: what fits waits there until it is let through."""

    fits: Callable[[str, str], bool]
    after: bool = False
    most: int = 1
    waiting: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    opened: threading.Event = field(default_factory=threading.Event)

    def arrived(self) -> None:
        """Waits until a request stands at the door."""
        assert self.waiting.acquire(timeout=PATIENCE), "no request came"

    def release(self) -> None:
        """Lets everything through."""
        self.opened.set()


@dataclass
class Asked:
    """A request that was answered."""

    method: str
    path: str
    status: int


class Doors:
    """Middleware: tells what was asked, and holds what a test wants held."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.holds: list[Hold] = []
        self.asked: list[Asked] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        hold = next((each for each in self.holds if each.most and each.fits(method, path)), None)
        if hold:
            hold.most -= 1
        if hold and not hold.after:
            self._wait(hold)
        kept: list[Any] = []
        body = b"".join(self.application(environ, lambda *answer: kept.append(answer)))
        self.asked.append(Asked(method, path, int(kept[0][0].split()[0])))
        if hold and hold.after:
            self._wait(hold)
        start_response(*kept[0])
        return [body]

    def _wait(self, hold: Hold) -> None:
        hold.waiting.release()
        hold.opened.wait(PATIENCE)


class _Silent(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        if type == "error" and "code" not in message:
            super().log(type, message, *args)


@dataclass
class Stage:
    """One portal with its worker and its mail, and a way behind the scenes."""

    app: Flask
    portal: Services
    databases: Databases
    mailbox: MailStandin
    phones: SmsStandin
    doors: Doors
    port: int

    def url(self, slug: str, path: str = "") -> str:
        """An address at a tenant."""
        return f"http://{slug}.localhost:{self.port}{path}"

    def tenant(self, slug: str) -> Tenant:
        """A tenant as it serves."""
        found = self.portal.tenants.by_slug(slug)
        assert found is not None
        return found

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database says, to its owner."""
        with psycopg.connect(conninfo(self.databases.owner_url), autocommit=True) as connection:
            found = connection.execute(statement, values)  # type: ignore[call-overload]
            return list(found.fetchall()) if found.description else []

    def session(self, slug: str, local: str, language: str) -> str:
        """The token of a new session of one of the demo's people, who reads this language."""
        token = os.urandom(16).hex()
        with self.portal.store.work(Scope(slug, None, "test")) as work:
            account = work.people.by_email(f"{local}@{slug}.example")
            assert account is not None, (slug, local)
            work.sessions.open(account, hash_of(token), clock.now())
        self.speak(slug, local, language)
        return token

    def speak(self, slug: str, local: str, language: str) -> None:
        """The language that one of the demo's people reads from now on."""
        email = f"{local}@{slug}.example"
        self.sql("update person set language = %s where tenant = %s and email = %s", language, slug, email)

    def ordering(self, slug: str, token: str, language: str) -> Ordering:
        """The verbs of whoever has this session."""
        tenant, now = self.tenant(slug), clock.now()
        found = person_of(self.portal.store, slug, hash_of(token), now)
        assert found is not None
        return self.portal.ordering(tenant, found[0], self.words(slug, language), now)

    def words(self, slug: str, language: str) -> Localizer:
        """A tenant's words."""
        tenant = self.tenant(slug)
        own = {key: texts[language] for key, texts in tenant.texts.items() if language in texts}
        return Localizer(language, own, tenant.market.zone, tenant.market.code)

    def draft(self, ordering: Ordering, answers: Mapping[str, str], lines: int = 1) -> str:
        """A draft whose lines have these answers, behind the scenes."""
        start = {name: value for name, value in answers.items() if name in ("kind", "product")}
        draft = ordering.start(start)
        for n in range(1, lines + 1):
            if n > 1:
                assert ordering.add_line(draft) == n
            for question, value in answers.items():
                changed = ordering.change(draft, n, question, value, Tab())
                assert changed.problem is None, (question, value, changed.problem)
        return draft

    def stored(self, ordering: Ordering, draft: str, n: int = 1) -> Draft:
        """The draft as the database has it, with that line at hand."""
        return ordering.visit(draft, n).draft

    @contextmanager
    def hold(self, pattern: str, *, method: str = "POST", after: bool = False, most: int = 1) -> Iterator[Hold]:
        """Requests whose path matches wait: before the application sees them, or (`after`) with their answers ready."""
        hold = Hold(lambda verb, path: verb == method and bool(re.search(pattern, path)), after, most)
        self.doors.holds.append(hold)
        try:
            yield hold
        finally:
            hold.release()
            self.doors.holds.remove(hold)

    def posts(self, pattern: str) -> list[Asked]:
        """The POSTs that were answered, by their path."""
        return [each for each in self.doors.asked if each.method == "POST" and re.search(pattern, each.path)]

    def mails(self, to: str, most: float = PATIENCE, count: int = 1) -> list[dict[str, Any]]:
        """The mails to somebody, once there are as many as expected."""
        until = time.monotonic() + most
        while len(found := [mail for mail in self.mailbox.mails() if mail["to"] == to]) < count:
            assert time.monotonic() < until, f"{len(found)} mails to {to}: {[m['to'] for m in self.mailbox.mails()]}"
            time.sleep(0.1)
        return found


@contextmanager
def raised(databases: Databases, folder: Path) -> Iterator[Stage]:
    """The stage, with everything in place."""
    with ExitStack() as stack:
        mailbox = stack.enter_context(MailStandin(folder / "mail"))
        phones = stack.enter_context(SmsStandin(folder / "sms", "token"))
        eid = stack.enter_context(EidStandin(lambda url: urlsplit(url).path == "/sign/eid"))
        server = make_server("127.0.0.1", 0, _nobody, threaded=True, request_handler=_Silent)
        settings = Settings(
            "demo",
            databases.app_url,
            databases.owner_url,
            "a secret that is long enough for tests",
            data_dir=folder,
            port=server.port,
            smtp_port=mailbox.port,
            mail_dir=mailbox.folder,
            sms_url=f"{phones.url}/messages",
            sms_token=phones.token,
            sms_dir=phones.folder,
            eid_standin=eid.url,
            seal_keys=folder / "keys",
        )
        app = create_app(settings)
        portal: Services = app.extensions["skylt"]
        stack.callback(portal.store.close)
        demo_seed.make_keys(settings.keys, "", portal.tenants, clock.now())
        demo_seed.seed(portal.store, portal.tenants, clock.now())
        server.app = doors = Doors(app.wsgi_app)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        stack.callback(server.shutdown)
        stack.enter_context(_worker(settings))
        yield Stage(app, portal, databases, mailbox, phones, doors, server.port)


@contextmanager
def _worker(settings: Settings) -> Iterator[None]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("SKYLT_")}
    environment = clean | settings.to_env() | clock.environment() | {"PYTHONPATH": str(ROOT)}
    worker = subprocess.Popen([sys.executable, "-m", "webapp.worker"], env=environment, cwd=ROOT)
    try:
        yield
    finally:
        worker.terminate()
        worker.wait(20)


def _nobody(environ: Any, start_response: Any) -> list[bytes]:
    raise RuntimeError("the application is not there yet")

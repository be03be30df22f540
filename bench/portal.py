"""A portal to be measured: the demo's four tenants in a database of their own, somebody signed in, and drafts to order."""

from __future__ import annotations

import io
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask

from webapp import clock
from webapp.domain.ordering.draft import Draft, Line
from webapp.operations.platform import demo_seed
from webapp.settings import Settings
from webapp.store.platform import embedded, schema
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store
from webapp.web.sessions import hash_of

PORT = 8000
TENANT = "fjallton"
ANSWERS = {
    "kind": "mobile",
    "binding": "agreement",
    "months": "24",
    "call_rate": "flat",
    "data": "FJ-D40",
    "number_source": "new",
    "sim": "ship",
    "pbx": "pbx",
    "mex": "yes",
    "mex_fixed": "+46846500450",
    "user_mode": "new",
    "user.first": "Maja",
    "user.last": "Ny",
    "user.email": "maja@granitgran.example",
    "topup": "yes",
    "data_cards": "1",
    "delivery": "new",
    "delivery.name": "Granit & Gran AB",
    "delivery.street": "Stenhuggarvägen 8",
    "delivery.zip": "114 18",
    "delivery.city": "Stockholm",
    "welcome": "yes",
}
"""A mobile line with everything that can be had: the longest form, and the one with the most to look up."""


@contextmanager
def settings() -> Iterator[Settings]:
    """Settings of a throw-away installation with the demo's data; the database is as durable as in production."""
    folder = Path(tempfile.mkdtemp(prefix="skylt-bench-"))
    folder.chmod(0o755)  # as root, PostgreSQL runs as another user
    try:
        databases = embedded.start(folder / "postgres", say=lambda what: None)
        schema.upgrade(databases.owner_url)
        yield Settings(
            mode="test",
            database_url=databases.app_url,
            owner_database_url=databases.owner_url,
            secret=secrets.token_urlsafe(48),
            data_dir=folder,
            port=PORT,
            web_workers=1,
        )
    finally:
        embedded.remove(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def fill(app: Flask, numbers: int) -> None:
    """The demo's data, and so many numbers more that orders can take."""
    store, tenants = store_of(app), app.extensions["skylt"].tenants
    demo_seed.seed(store, tenants, clock.now())
    with store.work(Scope(TENANT, None, "bench")) as work:
        for n in range(numbers):
            work.numbers.add(f"+4670174{n + 100_000}", "mobile")


def store_of(app: Flask) -> Store:
    """The application's store."""
    store = app.extensions["skylt"].store
    assert isinstance(store, Store)
    return store


def token(store: Store, tenant: str = TENANT, who: str = "owner") -> str:
    """A session of the first customer's owner, or of somebody else of the demo."""
    secret = secrets.token_urlsafe(32)
    with store.work(Scope(tenant, None, "bench")) as work:
        account = work.people.by_email(f"{who}@{tenant}.example")
        assert account is not None
        work.sessions.open(account, hash_of(secret), clock.now())
    return secret


@dataclass
class Answer:
    """What came back."""

    status: str
    headers: dict[str, str]
    body: bytes


class Browser:
    """Calls an application as a server does, without one between: one environment a request, and the body read."""

    def __init__(self, app: Any, host: str, cookies: Mapping[str, str] | None = None) -> None:
        self.app, self.cookies, self.csrf = app, dict(cookies or {}), ""
        self._environ = {
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": f"{host}:{PORT}",
            "SERVER_NAME": host,
            "SERVER_PORT": str(PORT),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "SCRIPT_NAME": "",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }

    def get(self, path: str) -> Answer:
        """A page; its CSRF token is kept for the next post."""
        answer = self._call("GET", path, b"", {})
        if found := re.search(rb'name="csrf-token" content="([^"]+)"', answer.body):
            self.csrf = found[1].decode()
        return answer

    def post(self, path: str, form: Mapping[str, str] | bytes, htmx: bool = False) -> Answer:
        """A form sent (as bytes when its encoding is not to be measured); htmx gets the part of a page that changes."""
        more = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "HTTP_X_CSRFTOKEN": self.csrf}
        if htmx:
            more["HTTP_HX_REQUEST"] = "true"
        return self._call("POST", path, form if isinstance(form, bytes) else encoded(form), more)

    def _call(self, method: str, path: str, body: bytes, more: Mapping[str, str]) -> Answer:
        told: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            told.update(status=status, headers=headers)

        path, _, query = path.partition("?")
        environ = {
            **self._environ,
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "wsgi.input": io.BytesIO(body),
            **more,
        }
        parts = self.app(environ, start)
        answer = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        for name, value in told["headers"]:
            if name.lower() == "set-cookie":
                cookie, _, rest = value.partition("=")
                self.cookies[cookie] = rest.partition(";")[0]
        return Answer(told["status"], {name.lower(): value for name, value in told["headers"]}, answer)


def encoded(form: Mapping[str, str]) -> bytes:
    """A form as it travels."""
    return urlencode(form).encode()


def customer(app: Flask, tenant: str = TENANT) -> Browser:
    """The owner of the tenant's first customer, signed in, with a form token."""
    browser = Browser(app, f"{tenant}.localhost", {"login": token(store_of(app), tenant)})
    browser.get("/orders/new")
    return browser


def ordered(browser: Browser, answers: Mapping[str, str] = ANSWERS) -> str:
    """A draft with one complete line, walked through page by page; its id."""
    where = browser.post("/orders/new", {"kind": answers["kind"]}).headers["location"]
    for _ in range(30):
        answer = browser.get(where)
        if answer.status.startswith("303"):
            where = answer.headers["location"]
        elif "/lines/" not in where:
            return where.split("/")[2]
        else:
            sent = browser.post(where, answers)
            if not sent.status.startswith("303"):
                raise RuntimeError(f"{where}: {sent.status} {_errors(sent.body)}")
            where = sent.headers["location"]
    raise RuntimeError(f"the walk does not end: {where}")


def _errors(body: bytes) -> list[str]:
    return re.findall(r'class="message-error".*?</span></span>', body.decode())


def copies(store: Store, draft: str, count: int, lines: int = 1) -> list[str]:
    """So many drafts like this one, each with so many lines like its first, every further one for a user of its own."""
    made = []
    with store.work(Scope(TENANT, None, "bench")) as work:
        source = work.drafts.get(draft)
        assert source is not None
        first, outlines = source.lines[0], {1: work.drafts.outlines(draft)[0]}
        for _ in range(count):
            copied: Draft = replace(
                source,
                id=secrets.token_urlsafe(15),
                lines=(first, *(_like(first, n) for n in range(2, lines + 1))),
            )
            work.drafts.add(copied, outlines)
            made.append(copied.id)
    return made


def _like(line: Line, n: int) -> Line:
    user = {"user.last": f"Ny{n}", "user.email": f"maja{n}@granitgran.example"}
    return replace(line, n=n, answers={**line.answers, **user})

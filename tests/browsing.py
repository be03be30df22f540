"""A seeded portal in one process, and a visitor who uses it as a browser without script does; holds no expectation."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import psycopg
import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from tests.builders import TUESDAY
from tests.own_tenants import OWN_TENANTS
from webapp import clock
from webapp.app import create_app
from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.order import Order
from webapp.domain.people import Person
from webapp.domain.tenants.tenant import Tenant
from webapp.l10n import Localizer
from webapp.operations.people.sign_in import person_of
from webapp.operations.platform import demo_seed
from webapp.settings import Settings
from webapp.store.platform.embedded import Databases
from webapp.store.platform.queue import conninfo
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store
from webapp.web.language import words_in
from webapp.web.sessions import hash_of

PORT = 8000
TENANTS = ("fjallton", "skarvox", "baeltkom", "klitfon")
_count = count()


@dataclass
class Portal:
    """One web process over one seeded database, with a clock that tests move."""

    app: Flask
    databases: Databases
    now: datetime = TUESDAY
    _sessions: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """The store the application uses."""
        store = self.app.extensions["skylt"].store
        assert isinstance(store, Store)
        return store

    def tenant(self, slug: str) -> Tenant:
        """A tenant as it serves."""
        found = self.app.extensions["skylt"].tenants.by_slug(slug)
        assert isinstance(found, Tenant)
        return found

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database says, to its owner."""
        found = self._owner.execute(statement, values)  # type: ignore[call-overload]
        return list(found.fetchall()) if found.description else []

    @cached_property
    def _owner(self) -> psycopg.Connection[Any]:
        return psycopg.connect(conninfo(self.databases.owner_url), autocommit=True)

    def person(self, slug: str, local: str = "owner") -> Person:
        """One of the demo's people, by the first part of the address."""
        with self.store.work(Scope(slug, None, "test")) as work:
            account = work.people.by_email(f"{local}@{slug}.example")
            assert account is not None, (slug, local)
            company = work.companies.get(account.company) if account.company else None
            return Person(account.id, account.name, account.email, account.role, account.language, company)

    def visitor(self, slug: str, local: str | None = "owner", **headers: str) -> Visitor:
        """Somebody at a tenant's door, signed in as one of the demo's people or (None) as nobody."""
        visitor = Visitor(self, slug, headers=headers)
        if local:
            visitor.client.set_cookie("login", self.session(slug, local), domain=visitor.host)
        return visitor

    def session(self, slug: str, local: str) -> str:
        """The token of a person's session, opened when there is none."""
        token = self._sessions.get((slug, local), "")
        if person_of(self.store, slug, hash_of(token), self.now) is None:
            token = f"token-{slug}-{local}-{next(_count)}"
            with self.store.work(Scope(slug, None, "test")) as work:
                account = work.people.by_email(f"{local}@{slug}.example")
                assert account is not None
                work.sessions.open(account, hash_of(token), self.now)
            self._sessions[slug, local] = token
        return token

    def words(self, slug: str, language: str = "") -> Localizer:
        """What a tenant says in a language; in its own without one."""
        with self.app.app_context():
            g.tenant = self.tenant(slug)
            return words_in(language or g.tenant.language)

    def speak(self, slug: str, local: str, language: str) -> None:
        """The language a person has chosen."""
        with self.store.work(Scope(slug, None, "test")) as work:
            work.people.set_language(self.person(slug, local).id, language)

    def forget_languages(self) -> None:
        """Everybody reads again what they read when the portal was seeded: no test reads in what an earlier one chose."""
        self.sql(
            "update person a set language = b.language from language_at_first b where a.id = b.id and a.language <> b.language"
        )

    def order(self, slug: str, ref: str) -> Order:
        """A placed order as it is stored."""
        with self.store.work(Scope(slug, None, "test")) as work:
            found = work.orders.get(ref)
            assert found is not None
            return found

    def free_number(self, slug: str, which: int = 0) -> str:
        """A number of the seller's that nobody has (a new number is drawn by chance, so none is sure), as people write it."""
        found = self.sql(
            "select e164 from number where tenant = %s and company is null and state = 'free' and kind = 'mobile'"
            " order by e164 limit 1 offset %s",
            slug,
            which,
        )
        return show_msisdn(found[0][0], self.tenant(slug).market)

    def rows(self, company: str = "") -> dict[str, tuple[int, str]]:
        """Every table's count and a digest over its rows: what a request that is refused must leave alone.

        With a company only its rows, in tables that have such.
        """
        found = self.sql(
            "select c.relname from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace"
            " and (not %s or exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'company'))",
            bool(company),
        )
        query = " union all ".join(
            f"select '{name}', count(*), coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '')"
            f' from "{name}" t' + (f" where company = '{company}'" if company else "")
            for (name,) in sorted(found)
        )
        return {name: (count, digest) for name, count, digest in self.sql(query.replace("%", "%%"))}


@contextmanager
def a_portal(
    databases: Databases, tenants: Path = OWN_TENANTS, mode: Any = "demo", begins: datetime = TUESDAY
) -> Iterator[Portal]:
    """The application over a database that has just been seeded; its time stands at `begins` until a test moves it."""
    patch = pytest.MonkeyPatch()
    holder: list[Portal] = []
    patch.setattr(clock, "now", lambda: holder[0].now if holder else begins)
    settings = Settings(mode, databases.app_url, databases.owner_url, "s" * 40, tenants_dir=tenants, port=PORT)
    app = create_app(settings)
    portal = Portal(app, databases, begins)
    holder.append(portal)
    demo_seed.seed(portal.store, app.extensions["skylt"].tenants, begins)
    portal.sql("create temporary table language_at_first as select id, language from person")
    yield portal
    portal._owner.close()
    portal.store.close()
    patch.undo()


def tenants_with(folder: Path, lists: Mapping[str, str]) -> Path:
    """A copy of the tenants in which files have been added: path within the folder -> content."""
    shutil.copytree(OWN_TENANTS, folder)
    for name, content in lists.items():
        (folder / name).write_text(content, "utf-8")
    return folder


class Visitor:
    """A browser without script: one page at a time, forms filled by their fields, buttons pressed by their words."""

    def __init__(self, portal: Portal, slug: str, headers: Mapping[str, str] | None = None) -> None:
        self.portal, self.slug = portal, slug
        self.host = f"{slug}.localhost"
        self.headers = dict(headers or {})
        self.client: FlaskClient = portal.app.test_client()
        self.path = "/"
        self.response: TestResponse
        self._dom: Any = None

    def request(self, method: str, path: str, data: Any = None, **more: Any) -> TestResponse:
        """One request as it is, following nothing."""
        headers = {**self.headers, **more.pop("headers", {})}
        base = f"http://{self.host}:{PORT}"
        return self.client.open(path, method=method, data=data, base_url=base, headers=headers, **more)

    def open(self, path: str) -> Visitor:
        """A page, after its redirects."""
        return self._arrive(path, self.request("GET", path))

    def _arrive(self, path: str, response: TestResponse) -> Visitor:
        hops = 0
        while response.status_code in (301, 302, 303, 308):
            path = urljoin(path, response.location)
            assert path.startswith("/"), path
            response = self.request("GET", path)
            hops += 1
            assert hops < 10, path
        self.path, self.response, self._dom = path, response, None
        return self

    # What is on the page

    @property
    def status(self) -> int:
        """The status of what is shown."""
        return self.response.status_code

    @property
    def dom(self) -> Any:
        """The page."""
        if self._dom is None:
            self._dom = html.fromstring(self.response.get_data(as_text=True))
        return self._dom

    @property
    def h1(self) -> str:
        """Its heading."""
        return text_of(self.dom.find(".//h1"))

    @property
    def text(self) -> str:
        """Everything in the main part that can be read."""
        return text_of(self.dom.get_element_by_id("main"))

    def texts(self, css_class: str) -> list[str]:
        """The texts of the elements of a class."""
        return [text_of(each) for each in self.dom.find_class(css_class)]

    @property
    def errors(self) -> list[str]:
        """What the error summary says."""
        found = self.dom.xpath("//*[@id='errsum']//li")
        return [text_of(each) for each in found]

    def price(self) -> dict[str, str]:
        """The price box's rows by their label."""
        rows = self.dom.xpath("//*[@id='price']//dt | //*[@id='price']//dd")
        found: dict[str, str] = {}
        for row in rows:
            if row.tag == "dt":
                label = text_of(row)
            else:
                found[label] = text_of(row)
        return found

    def buttons(self) -> list[str]:
        """The words on buttons and on links that look like buttons."""
        return [text_of(each) for each in self.dom.xpath("//main//button | //main//a[contains(@class, 'button')]")]

    @property
    def form(self) -> Any:
        """The form that the page is about: the one with the most fields."""
        forms = self.dom.xpath("//main//form")
        return max(forms, key=lambda form: len(form.xpath(".//input | .//select | .//textarea")))

    @property
    def fields(self) -> dict[str, str]:
        """The form's fields and what they hold, as they would be sent."""
        return dict(self.form.form_values())

    def asks(self) -> tuple[str, ...]:
        """The questions shown, in order."""
        return tuple(self.dom.xpath("//main//input[@name='shown']/@value"))

    # What can be done

    def fill(self, **answers: str) -> Visitor:
        """Writes or chooses; an answer that the page does not offer is an error of the test."""
        for name, value in answers.items():
            put(self.form, name.replace("__", "."), value)
        return self

    def press(self, words: str, **answers: str) -> Visitor:
        """Presses the button of these words, in whatever form it stands, and follows where it leads."""
        self.fill(**answers)
        found = [b for b in self.dom.xpath("//button | //input[@type='submit']") if words_on(b) == words]
        assert found, f"no button {words!r} on {self.path}: {self.buttons()}"
        button = found[0]
        form = button.getparent()
        while form.tag != "form":
            form = form.getparent()
        fields = list(form.form_values())
        if button.get("name"):
            fields.append((button.get("name"), button.get("value", "")))
        return self.send(button.get("formaction") or form.get("action") or self.path, fields)

    def send(self, path: str, fields: Any) -> Visitor:
        """Posts fields as the page's form would, and follows."""
        data: dict[str, list[str]] = {}
        for name, value in fields.items() if isinstance(fields, Mapping) else fields:
            data.setdefault(name, []).append(value)
        here = f"http://{self.host}:{PORT}{self.path}"
        return self._arrive(path, self.request("POST", path, data, headers={"Referer": here}))

    def follow(self, words: str) -> Visitor:
        """Clicks the link of these words."""
        found = [a for a in self.dom.xpath("//a[@href]") if words_on(a) == words]
        assert found, f"no link {words!r} on {self.path}"
        return self.open(urljoin(self.path, found[0].get("href")))

    def click(self, words: str) -> Visitor:
        """Whatever bears these words, a button or a link."""
        is_button = any(words_on(each) == words for each in self.dom.xpath("//button"))
        return self.press(words) if is_button else self.follow(words)

    @cached_property
    def token(self) -> str:
        """A valid CSRF token of this browser, for requests that a page did not make."""
        self.request("GET", "/login")
        page = self.request("GET", "/home").get_data(as_text=True)
        return str(html.fromstring(page).xpath("//meta[@name='csrf-token']/@content")[0])

    def post(self, path: str, data: Mapping[str, Any] | None = None, **more: Any) -> TestResponse:
        """A POST with a valid token that no page needs to have made, following nothing."""
        return self.request("POST", path, {"csrf_token": self.token, **(data or {})}, **more)


def put(form: Any, name: str, value: str) -> None:
    """Fills one field as a person would: text is written, an answer must be among those offered."""
    if name not in form.inputs:
        raise AssertionError(f"the page does not ask for {name!r}: {sorted(form.inputs.keys())}")
    control = form.inputs[name]
    kind = control.get("type", "") if hasattr(control, "get") else ""
    if kind == "checkbox":
        control.checked = bool(value)
    elif isinstance(control, html.CheckboxGroup):
        for each in control:
            each.checked = bool(value)
    elif kind == "hidden":
        raise AssertionError(f"{name!r} is hidden: nobody can write there")
    else:
        control.value = value  # lxml refuses an option that is not there


def lengthen(portal: Portal, draft: str, count: int) -> None:
    """Gives a draft so many lines, all like its first."""
    portal.sql(
        "insert into draft_line select (jsonb_populate_record(l, jsonb_build_object('n', more.n))).*"
        " from draft_line l, generate_series(2, %s) as more(n) where l.draft = %s and l.n = 1",
        count,
        draft,
    )


def text_of(node: Any) -> str:
    """What can be read in a node, in one line."""
    return " ".join(node.text_content().split()) if node is not None else ""


def words_on(node: Any) -> str:
    """The words of a button or link, without what only screen readers are told besides."""
    return " ".join("".join(node.xpath(".//text()[not(ancestor::*[contains(@class, 'visually-hidden')])]")).split())


def later(portal: Portal, **time: int) -> datetime:
    """Lets time pass."""
    portal.now += timedelta(**time)
    return portal.now

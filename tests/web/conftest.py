"""What tests of pages may ask for: the application over a seeded database, and visitors who look at every page they are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp import clock
from webapp.app import create_app
from webapp.operations import demo_seed
from webapp.settings import ROOT, Settings
from webapp.store.embedded import Databases

PASSWORD = demo_seed.PASSWORD
PORT = 8101
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
PLATFORM = re.compile(r"\bskylt\b", re.IGNORECASE)
UNLABELLED = {"hidden", "submit", "button"}


def settings_for(databases: Databases, data: Path, mode: str = "test") -> Settings:
    """An installation for tests."""
    return Settings(
        mode=mode,  # type: ignore[arg-type]
        database_url=databases.app_url,
        owner_database_url=databases.owner_url,
        secret="a secret that is long enough for tests",
        data_dir=data,
        assets_dir=ROOT / ".assets",
        port=PORT,
        mail_dir=data / "mail",
    )


@pytest.fixture(scope="session")
def app(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with the four demo tenants and their customers."""
    app = create_app(settings_for(databases, tmp_path_factory.mktemp("data")))
    portal = app.extensions["skylt"]
    demo_seed.seed(portal.store, portal.tenants, clock.now())
    yield app
    portal.store.close()


class Page:
    """An answer, and if it is a page, its parsed HTML."""

    def __init__(self, answer: TestResponse) -> None:
        self.answer = answer
        self.status = answer.status_code
        self.text = answer.get_data(as_text=True)
        self.is_html = answer.mimetype == "text/html" and not 300 <= answer.status_code < 400
        self.html = BeautifulSoup(self.text if self.is_html else "", "html.parser")

    @property
    def location(self) -> str:
        """Where the answer sends us."""
        return self.answer.headers.get("Location", "")

    @property
    def main(self) -> str:
        """The words of the page itself."""
        main = self.html.find(id="main")
        return " ".join(main.get_text(" ").split()) if main else ""

    def one(self, selector: str) -> Tag:
        """The only element there is for a selector."""
        found = self.html.select(selector)
        assert len(found) == 1, f"{len(found)} × {selector}"
        return found[0]

    def check(self, language: str | None = None) -> Page:
        """What every page must have, and what none may show."""
        if not self.is_html or not self.text:
            return self
        html = self.html
        whole = bool(html.find("html"))
        if whole:
            assert html.html["lang"] == language if language else html.html["lang"] in {"sv", "da"}
            assert len(html.find_all("h1")) == 1, self.answer.request.path
            assert len(html.find_all("main")) == 1
        title = html.find("title")
        assert title is None or title.get_text().strip()
        ids = [each["id"] for each in html.find_all(id=True)]
        assert len(ids) == len(set(ids)), sorted({i for i in ids if ids.count(i) > 1})
        for control in html.find_all(["input", "select", "textarea"]):
            if control.get("type") not in UNLABELLED:
                assert _is_labelled(html, control), control
        for form in html.find_all("form"):
            if form.get("method", "get").lower() == "post":
                assert form.find("input", attrs={"name": "csrf_token"}), form
        for image in html.find_all("img"):
            assert image.has_attr("alt")
        words = html.get_text(" ")
        assert not PLACEHOLDER.search(words), PLACEHOLDER.search(words)
        assert not PLATFORM.search(words), "the platform's name is shown"
        assert not html.find_all("script", src=False) and not html.find_all("style") and not html.select("[style]")
        assert not [tag for tag in html.find_all(True) for name in tag.attrs if name.startswith(("on", "hx-on"))]
        return self


def _is_labelled(html: BeautifulSoup, control: Tag) -> bool:
    by_for = control.get("id") and html.find("label", attrs={"for": control["id"]})
    return bool(by_for or control.get("aria-label") or control.get("aria-labelledby") or control.find_parent("label"))


class Visitor:
    """A browser without script at one host. Every page it is shown is checked."""

    def __init__(self, app: Flask, host: str, language: str = "") -> None:
        self.host = host
        self.client: FlaskClient = app.test_client()
        self.headers = {"Accept-Language": language} if language else {}
        self.last: Page | None = None

    def get(self, path: str, **headers: str) -> Page:
        """Go to a page."""
        return self._seen(self.client.get(path, base_url=f"http://{self.host}:{PORT}", headers=self._with(headers)))

    def post(self, path: str, data: dict[str, Any] | None = None, csrf: bool = True, **headers: str) -> Page:
        """Send a form, with the token of this browser."""
        form = dict(data or {})
        if csrf and "csrf_token" not in form:
            form["csrf_token"] = self.csrf()
        answer = self.client.post(
            path, data=form, base_url=f"http://{self.host}:{PORT}", headers=self._with(headers)
        )
        return self._seen(answer)

    def follow(self, page: Page) -> Page:
        """Go where an answer sends us."""
        assert page.status == 303, (page.status, page.main)
        return self.get(page.location)

    def csrf(self) -> str:
        """A token from a page with a form."""
        page = self.get("/demo" if self.host == "localhost" else "/help")
        found = page.html.select_one('meta[name="csrf-token"]') or page.html.select_one('input[name="csrf_token"]')
        assert found
        return str(found.get("content") or found.get("value"))

    def sign_in(self, who: str, password: str = PASSWORD, **form: str) -> Visitor:
        """As one of the demo's people: `owner`, `buyer` … of this host's tenant."""
        tenant = self.host.split(".")[0]
        answer = self.post("/login", {"email": f"{who}@{tenant}.example", "password": password, **form})
        assert answer.status == 303, answer.main
        return self

    def _with(self, headers: dict[str, str]) -> dict[str, str]:
        return {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}

    def _seen(self, answer: TestResponse) -> Page:
        self.last = Page(answer).check()
        return self.last


@pytest.fixture
def visitor(app: Flask) -> Callable[..., Visitor]:
    """`visitor("fjallton")` has not signed in; `visitor("fjallton", "owner")` has."""

    def arrive(tenant: str = "fjallton", who: str = "", language: str = "") -> Visitor:
        made = Visitor(app, f"{tenant}.localhost", language)
        return made.sign_in(who) if who else made

    return arrive

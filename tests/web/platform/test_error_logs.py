"""What a log may hold when something fails: kind, place and the code that the page tells; nobody's name, number or address."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from tests.browsing import Portal
from tests.web.conftest import Visit
from webapp import logs
from webapp.settings import ROOT
from webapp.store.platform.raw import raw
from webapp.store.platform.scope import Scope
from webapp.web.access import may

MAIL, NAME, NUMBER, STREET = SECRET = ("kanarie@fagel.example", "Kanarie", "+46701740699", "Fågelgatan 1")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Lines())
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


@pytest.fixture(scope="module", autouse=True)
def faulty(portal: Portal) -> None:
    """Views that fail with somebody's data in what they raise."""
    app, work = portal.app, lambda: portal.store.work(Scope("fjallton", None, "test"))

    def unique() -> None:
        with work() as unit:
            once = "insert into number (tenant, e164, kind, state) values (:tenant, :number, 'mobile', 'free')"
            for _ in range(2):
                raw(unit.session, once, {"number": NUMBER})

    def of_driver() -> None:
        with work() as unit:
            raw(unit.session, "select :name::int", {"name": f"{NAME} {MAIL}"})

    def ours() -> None:
        try:
            {}[MAIL]
        except KeyError as problem:
            raise ValueError(STREET) from problem

    for each in (unique, of_driver, ours):
        _add(app, each)


def _add(app: Flask, fail: object) -> None:
    def view() -> str:
        logging.getLogger("webapp.something").warning("about to fail")
        fail()  # type: ignore[operator]
        return ""

    name = fail.__name__  # type: ignore[attr-defined]
    app.add_url_rule(f"/fails/{name}", name, may("anyone")(view))


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("unique", "23505 number_"),
        ("of_driver", "22P02"),
        ("ours", "ValueError"),
    ],
)
def test_a_failure_is_found_by_its_code_and_quotes_nobody(
    visit: Visit, lines: io.StringIO, how: str, told: str
) -> None:
    answer = visit("fjallton", "owner").request("GET", f"/fails/{how}")
    assert answer.status_code == 500
    code = re.search(r"\b[0-9a-f]{8}\b", answer.get_data(as_text=True).split('class="error-code"')[1])
    assert code
    written = lines.getvalue()
    assert re.search(told, written) and "test_error_logs.py" in written and "about to fail" in written
    assert all(line.startswith(f"[{code[0]}] ") for line in written.splitlines()), written
    assert not [secret for secret in SECRET if secret in written], written


def test_two_requests_have_two_codes(visit: Visit, lines: io.StringIO) -> None:
    guest = visit("fjallton", "owner")
    for _ in range(2):
        guest.request("GET", "/fails/ours")
    assert len({line.split("]")[0] for line in lines.getvalue().splitlines()}) == 2


def test_a_jobs_failure_is_told_by_code_and_constraint() -> None:
    problem = psycopg.errors.UniqueViolation("Key (email)=(kanarie@fagel.example) already exists.")
    assert logs.told(problem) == "psycopg.errors.UniqueViolation 23505"


def test_every_engine_hides_the_values_of_its_statements() -> None:
    """An error of SQLAlchemy's quotes them else, wherever it is printed."""
    made = [
        (path.name, call)
        for path in (ROOT / "webapp").rglob("*.py")
        for call in re.findall(r"create_engine\((?!url)(.*?)\n?\)", path.read_text("utf-8"), re.DOTALL)
    ]
    assert made and not [each for each in made if "hide_parameters=True" not in each[1]]

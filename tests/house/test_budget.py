"""What may be spent, where spending can be counted: round trips, statements, bytes. Times are for ./run bench."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bench.portal import ANSWERS, Browser, copies, customer, ordered, store_of
from bench.signing import signer
from bench.weight import transferred
from bench.wire import Traffic, watched
from tests.browsing import TENANTS
from tests.builders import an_outline
from tests.house.access_fixture import HOME, World, a_world
from tests.house.test_access import MATRIX, address
from webapp.domain.ordering.line import OrderContext
from webapp.domain.people import Inventory
from webapp.store.platform.embedded import Databases
from webapp.store.platform.scope import Scope

ROUND_TRIPS = 6
STATEMENTS = 12
KILOBYTES = 60
MANY = 30

CHANGES = {
    "data": ("FJ-D5", "FJ-D40"),
    "call_rate": ("metered", "flat"),
    "months": ("12", "24"),
    "sim": ("esim", "ship"),
    "pbx": ("standalone", "pbx"),
    "mex_fixed": ("+46846500451", "+46846500450"),
    "number_source": ("reserved", "new"),
    "user_mode": ("existing", "new"),
    "user.first": ("Ebba", "Maja"),
    "delivery.city": ("Solna", "Stockholm"),
    "topup": ("", "yes"),
    "data_cards": ("0", "1"),
}
"""Questions whose answer follows from the draft and from what the company has; one about a number also asks the stock."""


@pytest.fixture(scope="module")
def world(module_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from a_world(module_databases, tmp_path_factory.mktemp("budget") / "tenants")


@pytest.fixture(scope="module")
def buyer(world: World) -> Browser:
    return customer(world.portal.app)


@pytest.fixture(scope="module")
def draft(buyer: Browser) -> str:
    return ordered(buyer)


def change(buyer: Browser, draft: str, question: str, answer: str, seq: int) -> None:
    form = {**ANSWERS, "changed": question, question: answer, "tab": "budget", "seq": str(seq), "rev": "999999"}
    done = buyer.post(f"/drafts/{draft}/lines/1/change", form, htmx=True)
    assert done.status == "200 OK", done.body
    assert b'id="saved"' in done.body, question


@pytest.mark.parametrize("question", CHANGES)
def test_round_trips_of_a_partial_update(world: World, buyer: Browser, draft: str, question: str) -> None:
    store = store_of(world.portal.app)
    for turn in range(12):  # the driver prepares what it sees often
        change(buyer, draft, question, CHANGES[question][turn % 2], turn)
    with watched(store) as traffic:
        change(buyer, draft, question, CHANGES[question][0], 12)
    change(buyer, draft, question, CHANGES[question][1], 13)
    # Who, begin with the scope, draft and things, write, commit.
    assert 4 < traffic.round_trips <= ROUND_TRIPS


def test_a_large_draft_takes_no_more_round_trips(world: World, buyer: Browser, draft: str) -> None:
    store = store_of(world.portal.app)
    [large] = copies(store, draft, 1, lines=MANY)
    for turn in range(12):
        change(buyer, large, "data", CHANGES["data"][turn % 2], turn)
    with watched(store) as traffic:
        change(buyer, large, "data", CHANGES["data"][0], 12)
    assert traffic.round_trips <= ROUND_TRIPS


def test_a_signers_page_asks_no_more_often_than_a_step_page(world: World, buyer: Browser, draft: str) -> None:
    guest, page = signer(world.portal.app)
    asked = []
    for browser, path in ((guest, page), (buyer, f"/drafts/{draft}/lines/1/anvandare")):
        with watched(world.portal.store) as traffic:
            assert browser.get(path).status == "200 OK"
        asked.append(traffic.round_trips)
    assert asked[0] <= asked[1]


def statements(world: World, who: str, things: dict[str, str]) -> dict[str, int]:
    """Of every page that the visitor may see."""
    visitor, store, found = world.visitor(who), world.portal.store, {}
    for route in MATRIX:
        path = address(world, route, things, who)
        if route.startswith("GET") and visitor.request("GET", path).status_code == 200:
            with watched(store) as traffic:
                visitor.request("GET", path)
            found[route] = traffic.statements
    return found


@pytest.mark.parametrize("who", ["buyer", "staff"])
def test_statements_of_a_page(world: World, who: str) -> None:
    things = world.things()
    lengthen(world, things["draft"], 2)
    few = statements(world, who, things)
    for _ in range(MANY - 1):
        things = world.things()
    lengthen(world, things["draft"], MANY)
    many = statements(world, who, things)
    assert len(many) > 12, many
    over = {route: count for route, count in many.items() if count > STATEMENTS}
    assert not over, f"more than {STATEMENTS}"
    grown = {route: (few[route], count) for route, count in many.items() if count > few.get(route, count)}
    assert not grown, "statements that follow the number of rows"


def lengthen(world: World, draft: str, count: int) -> None:
    """Gives a draft so many lines, for users whom the company has."""
    person = world.portal.person(HOME, "buyer")
    assert person.company
    with world.portal.store.work(Scope(HOME, person.company.id, person.id)) as work:
        found = work.drafts.get(draft)
        assert found
        employees = work.employees.listing(person.company.id)
        basis = OrderContext(
            world.portal.tenant(HOME), person.company, person, Inventory(), world.portal.now, "sv"
        ).basis
        for n in range(count):
            answers = {"kind": "mobile", "user_mode": "existing", "user": employees[n % len(employees)].id}
            line = replace(found.lines[0], n=n + 1, answers=answers)
            found = replace(found, lines=(line,), rev=found.rev + 1)
            assert work.drafts.save(found, found.rev - 1, {line.n: an_outline(line.n, basis=basis)})


def test_the_count_would_see_a_statement_more(world: World) -> None:
    with watched(world.portal.store) as traffic:
        world.portal.person("klitfon")
    assert traffic == Traffic(round_trips=4, statements=3)


@pytest.mark.parametrize("tenant", TENANTS)
def test_weight_of_a_step_page(world: World, tenant: str) -> None:
    browser = customer(world.portal.app, tenant)
    path = browser.post("/orders/new", {"kind": "mobile", "product": "BK-MOBIL"}).headers["location"]
    while (answer := browser.get(path)).status.startswith("303"):
        path = answer.headers["location"]
    assert answer.status == "200 OK"
    assert transferred(browser, path) < KILOBYTES * 1000

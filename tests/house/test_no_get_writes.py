"""No GET and no HEAD changes a row, but for what is told in the trail, the time somebody was last seen, and counted attempts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browsing import Visitor
from tests.house.access_fixture import HOME, World, a_world
from tests.house.test_access import MATRIX, address
from tests.web import signers
from webapp.store.platform.embedded import Databases

MAY = {
    "audit": "that a paper was fetched",
    "login_session": "when somebody was last seen",
    "throttle": "how often somebody has tried a code",
}


@pytest.fixture(scope="module")
def world(module_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from a_world(module_databases, tmp_path_factory.mktemp("world") / "tenants")


@pytest.mark.parametrize("who", ["anonymous", "member", "buyer", "staff"])
def test_looking_changes_nothing(world: World, who: str) -> None:
    things, visitor = world.things(), world.visitor(who)
    before = world.portal.rows()
    reached = 0
    for route in MATRIX:
        if route.startswith("GET"):
            path = address(world, route, things, who)
            for method in ("GET", "HEAD"):
                for headers in ({}, {"HX-Request": "true"}):
                    answer = visitor.request(method, path, headers=headers)
                    reached += answer.status_code in (200, 286)
    after = world.portal.rows()
    changed = {table for table in before if before[table] != after[table]}
    assert changed <= set(MAY), changed
    assert reached > 40 or who == "anonymous"


SIGNING = sorted(route for route in MATRIX if route.startswith("GET /sign"))


def test_looking_by_a_live_link_signs_and_declines_nothing(world: World) -> None:
    """A mail program follows the link, its reader opens every page there is and reloads it, and no more than that has happened."""
    asked = signers.ask(world.portal, HOME)
    signer = Visitor(world.portal, HOME)
    signers.consented(signer, asked)  # so that every page of the way is there to be looked at
    values = {"id": asked.signers[0].id, "token": asked.link().rpartition("/")[2]}
    before, reached = world.portal.rows(), set()
    for route in SIGNING:
        path = route.partition(" ")[2]
        for name, value in values.items():
            path = path.replace(f"<{name}>", value)
        for method in ("GET", "HEAD"):
            for headers in ({}, {"HX-Request": "true"}):
                answer = signer.request(method, path, headers=headers)
                if answer.status_code in (200, 286, 303):
                    reached.add(route)
    after = world.portal.rows()
    changed = {table for table in before if before[table] != after[table]}
    assert changed <= {*MAY, "signing_event"}, changed
    assert asked.state == "waiting" and not {"signed", "declined", "not_me", "withdrawn"} & set(asked.happened)
    assert len(reached) >= len(SIGNING) - 2, set(SIGNING) - reached


def test_the_check_would_see_a_write(world: World) -> None:
    before = world.portal.rows()
    world.portal.sql("update person set name = name || '.' where email = 'owner@klitfon.example'")
    after = world.portal.rows()
    assert {table for table in before if before[table] != after[table]} == {"person"}

"""No GET and no HEAD changes a row, but for what is told in the trail, the time somebody was last seen, and counted attempts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.house.test_access import MATRIX, address
from tests.house.world import World, a_world
from webapp.store.embedded import Databases

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


def test_the_check_would_see_a_write(world: World) -> None:
    before = world.portal.rows()
    world.portal.sql("update person set name = name || '.' where email = 'owner@klitfon.example'")
    after = world.portal.rows()
    assert {table for table in before if before[table] != after[table]} == {"person"}

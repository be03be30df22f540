"""Every route that changes something refuses a form without its browser's own token, whoever sends it, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest
from flask import Response

from tests.browsing import Visitor
from tests.house.access_fixture import World, a_world
from tests.house.test_access import MATRIX, address
from webapp.store.platform.embedded import Databases

UNSAFE = sorted(route for route in MATRIX if not route.startswith("GET "))
FORGED = "IjAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODki.aSxxxx.forged"


@pytest.fixture(scope="module")
def world(module_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from a_world(module_databases, tmp_path_factory.mktemp("world") / "tenants")


@pytest.fixture(scope="module")
def things(world: World) -> dict[str, str]:
    """One of everything: what is refused must leave it as it is, so that all routes can try the same."""
    return world.things()


def test_every_unsafe_route_of_the_application_is_tried(world: World) -> None:
    rules = world.portal.app.url_map.iter_rules()
    served = {f"{method} {rule.rule}" for rule in rules for method in (rule.methods or set())}
    assert {route for route in served if route.split(" ")[0] not in {"GET", "HEAD", "OPTIONS"}} == set(UNSAFE)


@pytest.mark.parametrize("route", UNSAFE)
def test_without_its_own_token_no_view_is_reached(world: World, things: dict[str, str], route: str) -> None:
    who = "staff" if MATRIX[route].group == "staff" else "buyer"
    visitor, before = world.visitor(who), world.portal.rows()
    path = address(world, route, things, who)
    with reached(world, route) as calls:
        for token in (None, FORGED, _of_somebody_else(world)):
            fields = {**MATRIX[route].sent, **({"csrf_token": token} if token else {})}
            for headers in ({}, {"HX-Request": "true"}, {"HX-Request": "true", "X-CSRFToken": token or ""}):
                answer = visitor.request("POST", path, fields, headers=headers)
                assert answer.status_code >= 300 and not calls, f"{token}: {answer.status_code}"
        after = world.portal.rows()
        assert {table for table in before if before[table] != after[table]} <= {"login_session"}, "something was done"
        token = str(visitor.open("/help").dom.xpath("//meta[@name='csrf-token']/@content")[0])
        visitor.request("POST", path, {**MATRIX[route].sent, "csrf_token": token})
        assert calls or path == "/demo", "the control: with its own token the view is reached"


@contextmanager
def reached(world: World, route: str) -> Iterator[list[str]]:
    """The calls of the route's view, which does nothing meanwhile."""
    views: dict[str, Any] = world.portal.app.view_functions
    [endpoint] = {
        rule.endpoint
        for rule in world.portal.app.url_map.iter_rules()
        if f"POST {rule.rule}" == route and "POST" in (rule.methods or set())
    }
    view, calls = views[endpoint], []

    @wraps(view)
    def noted(**values: Any) -> Response:
        calls.append(endpoint)
        return Response(status=204)

    views[endpoint] = noted
    try:
        yield calls
    finally:
        views[endpoint] = view


def _of_somebody_else(world: World) -> str:
    """A token that is valid in another browser."""
    other = Visitor(world.portal, world.visitor("buyer").slug)
    other.open("/login")
    return str(other.dom.xpath("//main//form//input[@name='csrf_token']/@value")[0])

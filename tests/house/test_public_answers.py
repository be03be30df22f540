"""What a proxy may keep and give to everybody is the same for everybody: no cookie goes with it, and none decides it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Response, session

from tests.house.access_fixture import World, a_world
from tests.house.test_access import MATRIX, address
from webapp.store.platform.embedded import Databases
from webapp.web.access import may
from webapp.web.assets import image_of, theme_of


@pytest.fixture(scope="module")
def world(module_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    for made in a_world(module_databases, tmp_path_factory.mktemp("world") / "tenants"):

        @made.portal.app.get("/kept-by-all")
        @may("anyone")
        def kept() -> Response:
            """A view that means no harm."""
            session["something"] = "of one visitor"
            answer = Response("for all")
            answer.set_cookie("other", "of one visitor")
            answer.headers["Cache-Control"] = "public, max-age=60"
            return answer

        yield made


def cookies_of(answer: Response) -> list[str]:
    return [*answer.headers.getlist("Set-Cookie"), *(each for each in answer.vary if each.lower() == "cookie")]


@pytest.mark.parametrize("who", ["anonymous", "buyer", "staff"])
def test_what_all_may_keep_sets_no_cookie_and_follows_none(world: World, who: str) -> None:
    things, visitor = world.things(), world.visitor(who)
    visitor.open("/login")  # from here on there is a session
    tenant, assets = world.portal.tenant(visitor.slug), world.portal.app.extensions["skylt.assets"]
    paths = [address(world, route, things, who) for route in MATRIX if route.startswith("GET")]
    files = [theme_of(tenant).url, image_of(tenant, "logo").url, image_of(tenant, "favicon").url, *assets.by_url]
    public = set()
    for path in (*paths, *files, "/kept-by-all"):
        for headers in ({}, {"HX-Request": "true"}, {"Accept-Language": "da"}):
            answer = visitor.request("GET", path, headers=headers)
            if answer.cache_control.public:
                public.add(path)
                assert not cookies_of(answer), (path, cookies_of(answer))
            else:
                assert answer.cache_control.no_store or answer.cache_control.private, path
    assert {*files, "/kept-by-all"} <= public

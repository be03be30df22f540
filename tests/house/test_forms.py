"""Every form of the product: its first button, which Enter presses, is the main one, whatever buttons stand at its fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from lxml import html

from tests.house.access_fixture import HOME, World, a_world
from tests.house.test_access import MATRIX, address
from tests.journeys.ways import MOVE_SE, SWEDISH, begin, draft_of, walk
from webapp.store.platform.embedded import Databases


@pytest.fixture(scope="module")
def world(module_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from a_world(module_databases, tmp_path_factory.mktemp("world") / "tenants")


def wrong_forms(page: Any) -> list[str]:
    """Forms with something to fill in, and of several buttons another first than the main one."""
    found = []
    for form in page.iter("form"):
        buttons = form.xpath(".//button[not(@type) or @type='submit']")
        fields = form.xpath(".//input[not(@type='hidden')] | .//select | .//textarea")
        if fields and len(buttons) > 1:
            kinds = set(buttons[0].get("class", "").split())
            if not kinds & {"button-primary", "default-button"}:
                found.append(f"{form.get('action')}: {html.tostring(buttons[0], encoding='unicode')[:120]}")
    return found


@pytest.mark.parametrize("who", ["anonymous", "buyer", "staff"])
def test_enter_presses_the_main_button_of_every_form(world: World, who: str) -> None:
    things, visitor, looked = world.things(), world.visitor(who), 0
    for route in MATRIX:
        answer = visitor.request("GET", address(world, route, things, who)) if route.startswith("GET") else None
        if answer is not None and answer.status_code == 200 and answer.mimetype == "text/html" and answer.data.strip():
            assert not wrong_forms(html.fromstring(answer.get_data(as_text=True))), route
            looked += 1
    assert looked > 8


def test_enter_on_a_page_that_offers_a_correction_goes_on_and_corrects_nothing(world: World) -> None:
    moving = {**SWEDISH, **MOVE_SE, "binding": "none", "call_rate": "metered", "data": "SX-D5", "sim": "ship"}
    visitor = walk(begin(world.portal.visitor(HOME)), {**moving, "port.owner_name": "Någon Annan AB"})
    draft, offering = draft_of(visitor), 0
    form = world.portal.tenant(HOME).composition
    for step in form.steps:
        visitor.open(f"/drafts/{draft}/lines/1/{step.id}")
        offering += bool(visitor.dom.xpath("//button[starts-with(@name, 'use.')]"))
        assert not wrong_forms(visitor.dom), step.id
    assert offering, "a page of these offers a correction"


def test_enter_in_the_search_for_users_searches_and_keeps_what_was_written(world: World) -> None:
    """Without script, where Enter sends the whole page."""
    moving = {
        **SWEDISH,
        "binding": "none",
        "call_rate": "metered",
        "data": "SX-D5",
        "number_source": "new",
        "sim": "ship",
        "user_mode": "existing",
    }
    visitor = world.portal.visitor(HOME)
    begin(visitor)
    draft = draft_of(visitor)
    page = next(s.id for s in world.portal.tenant(HOME).composition.steps if "user" in s.ask)
    visitor.send(f"/drafts/{draft}/lines/1/change", {**visitor.fields, "changed": "user_mode", "user_mode": "existing"})
    walk(visitor, moving, until=f"/{page}").open(f"/drafts/{draft}/lines/1/{page}")
    fields = {**visitor.fields, "q": "a", "enter": "1"}
    visitor.send(visitor.path, fields)
    assert visitor.status == 200 and not visitor.errors and visitor.fields["q"] == "a"
    hits = visitor.dom.xpath("//input[@name='user']")
    assert hits
    visitor.send(visitor.path, {**visitor.fields, "enter": "1"})
    assert visitor.errors and visitor.fields["q"] == "a", "nobody chosen is told, and the hits are still there"
    assert visitor.dom.xpath("//input[@name='user']")

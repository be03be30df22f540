"""A running portal and a Chromium for each worker; a new browser context for each guest. A missing part fails, it never skips."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Browser, Error, expect, sync_playwright

from tests.browser.guest import Guest, Screen
from tests.browser.live_server import Stage, raised
from tests.full import FULL
from webapp.store.platform.embedded import Databases

LOCALES = {"sv": "sv-SE", "da": "da-DK"}
SCREENS = [Screen(width, language) for width in (1280, 390) for language in ("sv", "da")]
WIDTHS = [screen for screen in SCREENS if screen.language == "sv"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 15

Arrive = Callable[..., Guest]
T = TypeVar("T")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Screens in rotation: each test gets one of them, with --full all."""
    for name, all_of_them in (("screen", SCREENS), ("wide", WIDTHS)):
        if name in metafunc.fixturenames:
            turn = zlib.crc32(metafunc.definition.nodeid.encode()) % len(all_of_them)
            chosen = all_of_them if FULL else [all_of_them[turn]]
            metafunc.parametrize(name, chosen, ids=lambda it: f"{it.width}-{it.language}", indirect=False)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser comes last: its driver keeps an event loop running in the process, and others want to run their own."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")
    items.sort(key=lambda item: here in item.path.parents)


@pytest.fixture(scope="session")
def stage(stage_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The portal, its worker and its mail catcher."""
    with raised(stage_databases, tmp_path_factory.mktemp("stage")) as stage:
        yield stage


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser."""
    wanted = os.environ.get("SKYLT_CHROMIUM")
    found = wanted or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        pytest.fail("no Chromium. Install it: sudo apt-get install -y chromium (or name one by SKYLT_CHROMIUM)")
    arguments = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"]
    expect.set_options(timeout=SECONDS * 1000)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=found, args=arguments)
        except Error as problem:
            pytest.fail(f"{found} does not start; sudo apt-get install --reinstall -y chromium\n{problem}")
        yield browser
        browser.close()


@pytest.fixture
def arrive(stage: Stage, chromium: Browser) -> Iterator[Arrive]:
    """`arrive("fjallton", screen)` is signed in as the account owner; as="" is nobody. Each is watched to the end."""
    guests: list[Guest] = []

    def arrive(
        slug: str = "fjallton", screen: Screen = SCREENS[0], *, who: str = "owner", script: bool = True, **more: object
    ) -> Guest:
        context = chromium.new_context(
            viewport={"width": screen.width, "height": screen.height},
            locale=LOCALES[screen.language],
            java_script_enabled=script,
            has_touch=screen.width < 600,
            **more,  # type: ignore[arg-type]
        )
        context.set_default_timeout(SECONDS * 1000)
        guest = Guest(stage, slug, replace(screen, script=script), context, context.new_page()).watch()
        if who:
            guest.token = stage.session(slug, who, screen.language)
            context.add_cookies([{"name": "login", "value": guest.token, "url": stage.url(slug)}])
        guests.append(guest)
        return guest

    yield arrive
    trouble = [each for guest in guests for each in guest.trouble]
    for guest in guests:
        guest.context.close()
    assert not trouble, trouble


def rotated(things: Sequence[T], names: Callable[[T], str]) -> list[Any]:
    """Things to try with a screen each, in rotation; with --full each with all."""
    return [
        pytest.param(thing, screen, id=f"{names(thing)}-{screen.width}-{screen.language}")
        for number, thing in enumerate(things)
        for screen in (SCREENS if FULL else [SCREENS[(number * 3 + number // 4) % 4]])
    ]

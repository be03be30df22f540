"""A power of attorney signed by hand: what people can open signs, what they cannot is asked for again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pikepdf
import pytest

from tests.jobs.conftest import House
from tests.jobs.signing import (
    Phone,
    a_pdf,
    a_picture,
    assert_one_of_each,
    state,
)
from webapp.domain.problem import Problem
from webapp.jobs.drawing import Drawer
from webapp.settings import ROOT

SCANS: dict[str, tuple[str, Callable[[], bytes], bool]] = {
    "one page": ("pdf", lambda: a_pdf(1), True),
    "twenty pages": ("pdf", lambda: a_pdf(20), True),
    "twenty-one pages": ("pdf", lambda: a_pdf(21), False),
    "no page": ("pdf", lambda: a_pdf(0), False),
    "locked": ("pdf", lambda: a_pdf(1, encryption=pikepdf.Encryption(user="u", owner="o")), False),
    "locked for changes": ("pdf", lambda: a_pdf(1, encryption=pikepdf.Encryption(user="", owner="o")), False),
    "broken": ("pdf", lambda: b"%PDF-1.7\n" + b"no" * 100, False),
    "cut": ("pdf", lambda: a_pdf(3)[:60], False),
    "photograph": ("jpeg", lambda: a_picture("jpeg", 1200, 1600, mode="RGB"), True),
    "drawing": ("png", lambda: a_picture("png", 2480, 3508), True),
    "bomb": ("png", lambda: a_picture("png", 30_000, 30_000), False),
    "large": ("png", lambda: a_picture("png", 8_000, 8_000), False),
    "cut photograph": ("jpeg", lambda: a_picture("jpeg", 1200, 1600, mode="RGB")[:2000], False),
    "another kind": ("jpeg", lambda: a_picture("gif", 10, 10), False),
}


@pytest.fixture(scope="module")
def drawer() -> Iterator[Drawer]:
    made = Drawer(ROOT / ".assets")
    yield made
    made.close()


@pytest.mark.parametrize("name", SCANS)
def test_a_scan_counts_when_people_can_open_it(drawer: Drawer, name: str) -> None:
    kind, content, good = SCANS[name]
    assert drawer.can_open(kind, content()) is good


@pytest.mark.parametrize("name", ["broken", "locked", "bomb", "twenty-one pages"])
def test_by_a_scan_after_a_bad_one(open_house: Callable[..., House], name: str) -> None:
    house = open_house()
    phone = Phone(house)
    phone.consent("paper")
    assert phone.upload(SCANS[name][1]()) is None and phone.visit().stage == "waiting"
    house.drain()
    visit = phone.visit()
    assert (state(house), visit.stage, visit.problem) == ("waiting", "scan", Problem("sign.scan.unreadable"))
    assert phone.upload(SCANS["one page"][1]()) is None
    house.drain()
    assert_one_of_each(house)

"""Loading in odd circumstances: published lists that were edited, rubbish in files, last names in lists."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from webapp.tenancy import Loaded, load
from webapp.tenancy.finding import nearest
from webapp.tenancy.source import key_lines

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A copy of the good folders that may be broken."""
    return Path(shutil.copytree(HERE / "good", tmp_path / "tenants"))


def codes(loaded: Loaded) -> list[str]:
    """What was found."""
    return [finding.code for finding in loaded.findings]


def test_a_list_that_holds_already_is_not_edited_unseen(good: Path) -> None:
    published = load(good, "demo", NOW).tenants.values()
    prices = good / "alfa/prices/2026-01-01.csv"
    prices.write_text(prices.read_text().replace("49,00", "48,00", 1))
    loaded = load(good, "demo", NOW, serving=published)
    found = [finding for finding in loaded.findings if finding.code == "prices.edited"]
    assert [(finding.file, finding.line) for finding in found] == [("tenants/alfa/prices/2026-01-01.csv", 2)]
    assert "alfa" in loaded.tenants, "it is said, and done"


def test_the_next_list_follows_without_a_word(good: Path) -> None:
    published = load(good, "demo", NOW).tenants.values()
    first = good / "alfa/prices/2026-01-01.csv"
    (good / "alfa/prices/2026-12-01.csv").write_text(first.read_text().replace("99.00", "109.00"))
    loaded = load(good, "demo", NOW, serving=published)
    assert not loaded.findings
    alfa = loaded.tenants["alfa"]
    amounts = [alfa.prices_on(day).amount("AL-D2", "month", 0).minor for day in (NOW.date(), date(2026, 12, 1))]
    assert amounts == [9900, 10900]


def test_a_list_of_tomorrow_is_held_to_the_limits_too(good: Path) -> None:
    first = good / "beta/prices/2026-01-01.csv"
    (good / "beta/prices/2026-12-01.csv").write_text(first.read_text().replace("169,00", "98,00"))
    assert codes(load(good, "demo", NOW)) == ["price.below_floor"]
    (good / "alfa/wholesale/2026-12-01.csv").write_text(
        "code;charge;unit;floor;ceiling\nAL-FLAT;month;line;90,00;298,00\n"
    )
    assert codes(load(good, "demo", NOW)) == []


def test_rubbish_is_found_never_raised(good: Path, tmp_path: Path) -> None:
    """Damage files at random: loading always ends with values or findings, and the other folder always loads."""
    dice = random.Random(2026)
    files = [path for path in sorted((good / "beta").rglob("*")) if path.is_file()]
    junk = [
        b"\x00",
        b"\xff",
        b"[",
        b"]]",
        b'"',
        b"=",
        b"\n",
        b";;",
        b"{}",
        b"1e9",
        b"-",
        b"<a>",
        b"true",
        b"'''",
        b"\xe2\x80\xae",
    ]
    for turn in range(150):
        path = dice.choice(files)
        whole = path.read_bytes()
        at = dice.randrange(len(whole))
        path.write_bytes(whole[:at] + dice.choice(junk) + whole[at + dice.randrange(12) :])
        loaded = load(good, "demo", NOW)
        assert "alfa" in loaded.tenants, turn
        assert "beta" in loaded.tenants or not loaded.is_clean, turn
        path.write_bytes(whole)


@pytest.mark.parametrize(
    "content",
    ["steps = 5", "title = {}", "[questions]\na = 1", "[[steps]]\nask = [[1]]", "[fixed]\nsim = {}", "questions = []"],
)
def test_values_of_the_wrong_kind_are_found(good: Path, content: str) -> None:
    (good / "alfa/order.toml").write_text(content)
    loaded = load(good, "demo", NOW)
    assert {"value.type", "key.unknown", "key.missing"} & set(codes(loaded))


def test_lines_of_keys() -> None:
    text = 'a = 1\nb.c = 2\n[d]\n"e.f" = [\n  "x",\n]\n[[g]]\nh = 1\n[[g]]\nh = 2 # = 3\n'
    lines = key_lines(text)
    assert lines[("a",)] == 1 and lines[("b", "c")] == 2 and lines[("d", "e.f")] == 4
    assert lines[("g", 0, "h")] == 8 and lines[("g", 1, "h")] == 10


def test_what_was_meant() -> None:
    assert nearest("SHIPING", ["shipping", "order"]) == "shipping"
    assert nearest("se", ["SE", "DK"]) == "SE"
    assert nearest("xyz", ["shipping"]) == ""

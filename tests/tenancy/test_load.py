"""Loading in odd circumstances: published lists that were edited, rubbish in files, last names in lists."""

from __future__ import annotations

import random
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from webapp.tenancy.finding import nearest
from webapp.tenancy.folders import Loaded, load
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


def test_what_a_list_said_of_use_and_units_is_not_edited_unseen_either(good: Path) -> None:
    published = load(good, "demo", NOW).tenants.values()
    prices = good / "alfa/prices/2026-01-01.csv"
    prices.write_text(prices.read_text().replace("0,5900", "0,6900").replace("once;order", "once;line"))
    found = [f for f in load(good, "demo", NOW, serving=published).findings if f.code == "prices.edited"]
    assert [(finding.line, finding.key) for finding in found] == [(7, "AL-SHIP"), (9, "AL-VAR")]


def test_a_list_that_holds_already_is_neither_removed_nor_overtaken_unseen(good: Path) -> None:
    published = load(good, "demo", NOW).tenants.values()
    first = good / "alfa/prices/2026-01-01.csv"
    first.rename(good / "alfa/prices/2026-02-01.csv")
    found = load(good, "demo", NOW, serving=published).findings
    assert [(finding.code, finding.file) for finding in found] == [
        ("prices.removed", "tenants/alfa/prices"),
        ("prices.backdated", "tenants/alfa/prices/2026-02-01.csv"),
    ]
    assert "alfa/2026-01-01" in found[0].what and "2026-02-01" in found[1].what


def copied(good: Path, slug: str) -> None:
    """The folder of alfa under another name, with order numbers of its own."""
    shutil.copytree(good / "alfa", good / slug)
    file = good / slug / "tenant.toml"
    file.write_text(file.read_text().replace('ref_prefix = "AL"', 'ref_prefix = "XX"'))


def test_who_serves_a_host_keeps_it_and_the_newcomer_is_told(good: Path) -> None:
    published = load(good, "production", NOW).tenants.values()
    copied(good, "aaa")
    loaded = load(good, "production", NOW, serving=published)
    assert {(f.code, f.file) for f in loaded.findings} == {("tenant.host_taken", "tenants/aaa/tenant.toml")}
    assert set(loaded.tenants) == {"alfa", "beta"}
    text = (good / "aaa/tenant.toml").read_text()
    (good / "aaa/tenant.toml").write_text(
        text.replace('hosts = ["alfa.example", "www.alfa.example"]', 'hosts = ["beta.example"]')
    )
    loaded = load(good, "production", NOW, serving=published)
    assert {f.file for f in loaded.findings} == {"tenants/aaa/tenant.toml"}, "a reseller that serves keeps it, too"


@pytest.mark.parametrize("fate", ["gone", "broken"])
def test_a_tenant_whose_folder_cannot_be_read_keeps_what_it_serves(good: Path, fate: str) -> None:
    published = load(good, "production", NOW).tenants.values()
    copied(good, "aaa")
    file = good / "aaa/tenant.toml"
    file.write_text(file.read_text().replace('ref_prefix = "XX"', 'ref_prefix = "AL"'))
    if fate == "gone":
        shutil.rmtree(good / "alfa")
        shutil.rmtree(good / "beta")
    else:
        (good / "alfa/tenant.toml").write_text("name = [")
    found = [f for f in load(good, "production", NOW, serving=published).findings if "/aaa/" in f.file]
    assert {f.code for f in found} == {"tenant.host_taken", "tenant.ref_prefix_taken"}


def test_who_lets_a_host_go_may_be_followed(good: Path) -> None:
    published = load(good, "production", NOW).tenants.values()
    copied(good, "aaa")
    file = good / "alfa/tenant.toml"
    file.write_text(file.read_text().replace('hosts = ["alfa.example", "www.alfa.example"]', 'hosts = ["new.example"]'))
    loaded = load(good, "production", NOW, serving=published)
    assert not loaded.findings and set(loaded.tenants) == {"aaa", "alfa", "beta"}


@pytest.mark.parametrize("fate", ["renamed", "removed", "begun later"])
def test_an_agreement_that_customers_have_stays(good: Path, fate: str) -> None:
    folder = good / "alfa/agreements/AL-RAM"
    if fate == "renamed":
        folder.rename(folder.with_name("AL-RAM2"))
    elif fate == "removed":
        shutil.rmtree(folder.parent)
    else:
        (folder / "2026-01-01.csv").rename(folder / "2027-01-01.csv")
    loaded = load(good, "demo", NOW, held={"alfa": {"AL-RAM": 3}})
    found = [finding for finding in loaded.findings if finding.code == "agreement.in_use"]
    assert [finding.file for finding in found] == ["tenants/alfa/agreements/AL-RAM"]
    assert "3 customers" in found[0].what and "alfa" not in loaded.tenants
    assert "alfa" in load(good, "demo", NOW, held={"alfa": {}}).tenants or fate == "removed", "nobody has it: it may go"


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


@pytest.mark.parametrize(
    ("slug", "was", "becomes", "key"),
    [
        ("alfa", 'ref_prefix = "AL"', 'ref_prefix = "ZZ"', "ref_prefix"),
        ("alfa", 'market = "SE"', 'market = "DK"', "market"),
        ("beta", 'parent = "alfa"\n', "", "parent"),
    ],
)
def test_what_orders_rest_on_stays_where_there_are_customers(
    good: Path, slug: str, was: str, becomes: str, key: str
) -> None:
    published = load(good, "production", NOW).tenants.values()
    file = good / slug / "tenant.toml"
    assert was in file.read_text()
    file.write_text(file.read_text().replace(was, becomes))
    for held, told in (({slug: {"": 1}}, True), ({slug: {}}, False), ({}, False)):
        findings = load(good, "production", NOW, serving=published, held=held).findings
        settled = [f for f in findings if f.code == "tenant.settled"]
        assert [f.key for f in settled] == ([key] if told else []), held
        assert all(f.file == f"tenants/{slug}/tenant.toml" and f.is_error for f in settled)

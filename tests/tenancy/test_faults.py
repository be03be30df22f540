"""Every kind of mistake in a folder is found, at its place, with words that help; the table is faults.toml."""

from __future__ import annotations

import shutil
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from webapp.tenancy.check import report
from webapp.tenancy.finding import Finding
from webapp.tenancy.finding_texts import WORDS
from webapp.tenancy.folders import load

HERE = Path(__file__).parent
FAULTS: list[dict[str, Any]] = tomllib.loads((HERE / "faults.toml").read_text())["fault"]
BESIDE_OTHERS = {"prices.edited", "prices.removed", "prices.backdated", "agreement.in_use", "tenant.settled"}
"""Told only beside what serves and what customers have."""
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A copy of the good folders that may be broken."""
    return Path(shutil.copytree(HERE / "good", tmp_path / "tenants"))


def break_it(root: Path, fault: dict[str, Any]) -> None:
    """Makes the one small edit that a row of the table describes."""
    if "rename" in fault:
        before, after = fault["rename"]
        (root / before).rename(root / after)
    if "remove" in fault:
        (root / fault["remove"]).unlink()
    if "in" in fault:
        path = root / fault["in"]
        path.parent.mkdir(exist_ok=True)
        if "hex" in fault:
            path.write_bytes(bytes.fromhex(fault["hex"]))
        elif "link" in fault:
            path.unlink()
            path.symlink_to(fault["link"])
        elif "add" in fault:
            path.write_text(path.read_text() + fault["add"] * fault.get("times", 1))
        elif "old" in fault:
            text = path.read_text()
            assert fault["old"] in text, "the table does not fit the good folders"
            path.write_text(text.replace(fault["old"], fault["new"] * fault.get("times", 1)))
        else:
            path.write_text(fault["new"])
    if "also" in fault:
        break_it(root, fault["also"])


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["code"])
def test_is_found_at_its_place(good: Path, fault: dict[str, Any]) -> None:
    break_it(good, fault)
    findings = load(good, "production", NOW).findings
    file = f"tenants/{fault.get('file', fault.get('in'))}"
    found = [f for f in findings if f.code == fault["code"] and f.file == file and f.key == fault.get("key", "")]
    assert found, report(findings)
    finding = found[-1]
    assert finding.did_you_mean == fault.get("meant", "")
    if at := fault.get("at"):
        line = (good.parent / file).read_text(errors="replace").splitlines()[finding.line - 1]
        assert finding.line and at in line
    else:
        assert finding.line == 0
    for words in (finding.what, finding.why, finding.how):
        assert words and "{" not in words and "None" not in words


def test_table_knows_every_kind() -> None:
    assert {fault["code"] for fault in FAULTS} == set(WORDS) - BESIDE_OTHERS, "tried in test_load.py"
    assert len(WORDS) >= 30


def test_all_findings_come_at_once(good: Path) -> None:
    edits = [
        f for f in FAULTS if f["code"] in {"brand.colour", "price.negative", "texts.key", "tenant.phone", "order.after"}
    ]
    for fault in edits:
        break_it(good, fault)
    codes = {finding.code for finding in load(good, "production", NOW).findings}
    assert {fault["code"] for fault in edits} <= codes


@pytest.mark.parametrize(("mark", "more"), [(b"\xef\xbb\xbf", {"texts.key"}), (b"\xff\xfe", set())])
def test_what_cannot_be_read_lacks_no_words(good: Path, mark: bytes, more: set[str]) -> None:
    """A file with a mark before it is told of once, with what else is wrong in it; not with every text of its twin."""
    for language, text in (("sv", 'net.offline = "Borta"\n'), ("da", 'net.offline = "Væk"\nnet.ofline = "Væk"\n')):
        (good / "alfa/texts" / f"{language}.toml").write_bytes((mark if language == "da" else b"") + text.encode())
    found = [f.code for f in load(good, "production", NOW).findings if "/texts/" in f.file]
    assert sorted(found) == sorted({"file.bom", *more})


@pytest.mark.parametrize("fault", [f for f in FAULTS if f.get("in", "").startswith("beta")], ids=lambda f: f["code"])
def test_a_broken_folder_stops_no_other(good: Path, fault: dict[str, Any]) -> None:
    break_it(good, fault)
    loaded = load(good, "production", NOW)
    assert "alfa" in loaded.tenants
    assert ("beta" in loaded.tenants) is not any(f.is_error for f in loaded.findings)


def test_a_reseller_is_not_told_that_it_may_not_where_what_it_may_has_not_been_read(good: Path) -> None:
    with (good / "beta/tenant.toml").open("a") as beta:
        beta.write('\n[area_codes]\n"08" = "Stockholm"\n')
    parent = good / "alfa/tenant.toml"
    parent.write_text(parent.read_text().replace('market = "SE"', "market = 1"))
    codes = {finding.code for finding in load(good, "production", NOW).findings if "/beta/" in finding.file}
    assert codes == {"parent.broken"}


def test_no_figure_of_the_operator_is_told_to_a_reseller(good: Path) -> None:
    break_it(good, next(fault for fault in FAULTS if fault["code"] == "price.below_floor"))
    told = report(load(good, "production", NOW).findings)
    assert "below what your agreement allows" in told
    assert "98,10" not in told and "109" not in told


def test_a_finding_reads_as_a_paragraph() -> None:
    finding = Finding("tenants/a/brand.toml", 4, "colour", "error", "brand.colour", "What.", "Why.", "How.", "colour")
    assert report([finding]) == 'tenants/a/brand.toml:4  colour  ERROR  What.\n    Why. How. Did you mean "colour"?\n'

"""A new folder is whole except for what only its owner knows, and the check asks for exactly that."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.own_tenants import OWN_TENANTS
from webapp.tenancy.check import report
from webapp.tenancy.folders import load
from webapp.tenancy.scaffold import new_tenant

ROOT = OWN_TENANTS
FILLED = {
    "the host name": "order.nordlys.example",
    "the registered name": "Nordlys AB",
    "the company number": "559999-2012",
    "the VAT number": "SE559999201201",
    "the postal address, one line each": "Gatan 1",
    "the telephone number, + and the country code": "+46406280450",
    "the address for questions": "hej@nordlys.example",
    "the opening hours": "8–17",
    "the sender of mails": "no-reply@nordlys.example",
    "where answers go": "hej@nordlys.example",
    "the text of your lawyer": "Vi håller vad vi lovar.",
    "the logo, and remove this line": "",
}
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the demo tenants."""
    return Path(shutil.copytree(ROOT, tmp_path / "tenants"))


@pytest.mark.parametrize(("like", "as_reseller"), [("fjallton", False), ("fjallton", True), ("baeltkom", False)])
def test_what_only_its_owner_knows_is_asked_for_place_by_place(root: Path, like: str, as_reseller: bool) -> None:
    files = new_tenant(root, "nordlys", "Nordlys", "NL", like, as_reseller)
    loaded = load(root, "production", NOW)
    assert "nordlys" not in loaded.tenants
    told = {(f.file, f.line) for f in loaded.findings if f.code == "file.placeholder"}
    marked = {
        (f"tenants/{name}", n)
        for name in files
        for n, line in enumerate((root / name).read_text().splitlines(), 1)
        if "[[FILL IN" in line
    }
    assert told == marked and {name for name, _ in told} >= {
        "tenants/nordlys/tenant.toml",
        "tenants/nordlys/brand/logo.svg",
    }
    assert as_reseller or any(name.endswith("legal/terms.sv.md") for name, _ in told)


@pytest.mark.parametrize("like", ["fjallton", "baeltkom", "klitfon"])
def test_nothing_tells_of_the_company_it_was_copied_from(root: Path, like: str) -> None:
    old = load(root, "production", NOW).tenants[like]
    digits = re.sub(r"\D", "", old.support.phone)[2:]
    theirs = {
        old.name,
        old.legal.name,
        old.legal.org_id,
        old.legal.vat_id,
        *old.legal.lines[:-1],
        old.support.email,
        digits,
    }
    for name in new_tenant(root, "nordlys", "Nordlys", "NL", like):
        text = (root / name).read_text()
        bare = re.sub(r"(?<=\d)[ -](?=\d)", "", text)
        assert not [each for each in theirs if each in text or each in bare], name


@pytest.mark.parametrize("as_reseller", [False, True])
def test_a_folder_that_is_filled_in_is_in_order(root: Path, as_reseller: bool) -> None:
    for name in new_tenant(root, "nordlys", "Nordlys", "NL", "fjallton", as_reseller):
        file = root / name
        text = file.read_text()
        for asked, said in FILLED.items():
            text = text.replace(f"[[FILL IN: {asked}]]", said)
        file.write_text(text.replace("<!--  -->\n", ""))
    loaded = load(root, "demo", NOW)
    assert not loaded.findings, report(loaded.findings)
    nordlys = loaded.tenants["nordlys"]
    assert nordlys.name == "Nordlys" and nordlys.ref_prefix == "NL"
    assert nordlys.parent == ("fjallton" if as_reseller else None)
    assert as_reseller or (nordlys.catalogue.plans[0].code == "NL-MOB-VAR" and "NL-RAM" in nordlys.agreements)


@pytest.mark.parametrize(("slug", "prefix", "like"), [("fjallton", "NL", "baeltkom"), ("../x", "NL", "fjallton"),
                                                      ("nordlys", "nl", "fjallton"), ("nordlys", "NL", "skarvox"),
                                                      ("nordlys", "NL", "nobody")])  # fmt: skip
def test_what_cannot_be_is_refused(root: Path, slug: str, prefix: str, like: str) -> None:
    with pytest.raises(ValueError):
        new_tenant(root, slug, "Nordlys", prefix, like)


def test_order_numbers_that_another_tenant_has_are_told_before_anything_is_copied(tmp_path: Path) -> None:
    root = tmp_path / "tenants"
    shutil.copytree(OWN_TENANTS, root)
    with pytest.raises(ValueError, match="order numbers of skarvox begin with SX already"):
        new_tenant(root, "nordlys", "Nordlys", "SX", "fjallton")
    assert not (root / "nordlys").exists()

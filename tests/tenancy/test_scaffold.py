"""A new folder is whole except for what only its owner knows, and the check asks for exactly that."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.own_tenants import OWN_TENANTS
from webapp.tenancy import load
from webapp.tenancy.check import report
from webapp.tenancy.scaffold import new_tenant

ROOT = OWN_TENANTS
OWN = {"legal.name", "legal.org_id", "legal.vat_id", "legal.lines", "support.phone", "support.email", "mail.address",
       "mail.reply_to"}  # fmt: skip
FILLED = {"org_id": "559999-2012", "vat_id": "SE559999201201", "phone": "+46406280450", "name": "Nordlys AB"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the demo tenants."""
    return Path(shutil.copytree(ROOT, tmp_path / "tenants"))


@pytest.mark.parametrize("as_reseller", [False, True])
def test_only_what_its_owner_knows_is_asked_for(root: Path, as_reseller: bool) -> None:
    new_tenant(root, "nordlys", "Nordlys", "NL", "fjallton", as_reseller)
    findings = load(root, "demo").findings
    assert {finding.key for finding in findings} == OWN, report(findings)
    assert {finding.file for finding in findings} == {"tenants/nordlys/tenant.toml"}
    file = root / "nordlys/tenant.toml"
    text = file.read_text().replace("lines = []", 'lines = ["Gatan 1"]')
    for key, value in FILLED.items():
        text = text.replace(f'{key} = ""', f'{key} = "{value}"')
    file.write_text(re.sub(r'(email|address|reply_to) = ""', r'\1 = "hej@nordlys.example"', text))
    loaded = load(root, "demo")
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

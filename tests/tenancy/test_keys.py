"""No key of a tenant's files is taken and then forgotten: each is read by what serves, and one that does nothing is an error."""

from __future__ import annotations

import inspect
import re
import shutil
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from webapp.domain.tenants.tenant import Brand, Tenant, Welcome
from webapp.settings import ROOT
from webapp.tenancy.check import report
from webapp.tenancy.folders import load
from webapp.tenancy.models import each_model

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HELD_AGAINST = {"wholesale"}
"""Asked by the check of folders alone, which refuses by it."""


def _kinds(kind: Any, seen: dict[type, None]) -> None:
    """The dataclasses of which a tenant is made."""
    if isinstance(kind, type) and is_dataclass(kind):
        if kind not in seen:
            seen[kind] = None
            for hint in get_type_hints(kind).values():
                _kinds(hint, seen)
        return
    for part in get_args(kind):
        _kinds(part, seen)


def test_every_part_of_a_tenant_is_read_by_what_serves() -> None:
    """A key that is taken from a file, kept, and never asked again does nothing for whoever writes it."""
    kinds: dict[type, None] = {}
    _kinds(Tenant, kinds)
    assert Brand in kinds and Welcome in kinds
    sources = [
        path.read_text("utf-8")
        for path in (ROOT / "webapp").rglob("*")
        if path.suffix in {".py", ".html"} and "tenancy" not in path.parts
    ]
    # A part's own class and others may have an attribute of that name, so `self.` counts only where the part is made.
    texts = "\n".join(sources)
    unread = [
        f"{kind.__name__}.{field.name}"
        for kind in kinds
        for field in fields(kind)
        if field.name not in HELD_AGAINST
        and not re.search(rf"(?<!\bself)\.{field.name}\b", texts)
        and not re.search(rf"\bself\.{field.name}\b", inspect.getsource(kind))
    ]
    assert unread == [], "take the key out of webapp/tenancy/models.py, or make it do something"


def test_every_key_of_a_file_is_read() -> None:
    reading = "\n".join(
        path.read_text("utf-8") for path in (ROOT / "webapp/tenancy").glob("*.py") if path.name != "models.py"
    )
    unread = [
        f"{heading} {key}"
        for heading, model in each_model()
        for key in model.model_fields
        if not re.search(rf"\.{key}\b|\"{key}\"", reading)
    ]
    assert unread == []


@pytest.mark.parametrize("key", ["features", "esim_host", "font", "dark", "title"])
def test_a_key_that_does_nothing_is_an_error(key: str, tmp_path: Path) -> None:
    root = Path(shutil.copytree(HERE / "good", tmp_path / "tenants"))
    if key == "title":
        (root / "alfa/order.toml").write_text(
            '[start]\ntitle.sv = "x"\ntitle.da = "x"\nask = ["kind"]\n' + (root / "alfa/order.toml").read_text()
        )
        name = "order.toml"
    else:
        name = "brand.toml" if key in {"font", "dark"} else "tenant.toml"
        file = root / "alfa" / name
        file.write_text(f'{key} = "x"\n' + file.read_text())
    found = load(root, "production", NOW).findings
    assert any(f.code == "key.unknown" and f.file == f"tenants/alfa/{name}" for f in found), report(found)

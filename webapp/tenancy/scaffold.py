"""Begins a new tenant's folder from one that exists; what only its owner can know is left empty for the check to ask for."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from webapp.tenancy.compose import is_slug
from webapp.tenancy.finding import Notes
from webapp.tenancy.models import TenantFile
from webapp.tenancy.shape import read_model
from webapp.tenancy.source import Folder

_OWN = ("name", "org_id", "vat_id", "lines", "phone", "email", "address", "reply_to")
"""Keys of [legal], [support] and [mail] that nobody but the new tenant can fill in."""


def new_tenant(root: Path, slug: str, name: str, prefix: str, like: str, as_reseller: bool = False) -> tuple[str, ...]:
    """Writes the folder and gives the names of its files; raises ValueError when it cannot be.

    An operator gets a copy of `like` under its own name and article codes. A reseller of `like` gets only what it must say itself.
    """
    source, target = root / like, root / slug
    if not is_slug(slug) or not re.fullmatch(r"[A-Z]{2}", prefix):
        raise ValueError("a slug is 2 to 30 characters a-z, 0-9 and -; a prefix is two capital letters")
    if target.exists():
        raise ValueError(f"{target} exists already")
    read = read_model(Folder(source, Notes()), "tenant.toml", TenantFile) if source.is_dir() else None
    if read is None or read[0].parent is not None:
        raise ValueError(f'"{like}" is not an operator in order')
    old = read[0]
    skipped = () if not as_reseller else ("order.toml", "catalogue.toml", "prices", "agreements", "texts", "legal")
    shutil.copytree(source, target, ignore=lambda folder, names: [n for n in names if n in (*skipped, "wholesale")])
    for path in sorted(target.rglob("*"), reverse=True):
        if path.is_file() and path.suffix in {".toml", ".csv", ".md", ".svg"}:
            text = (
                path.read_text("utf-8")
                .replace(old.name, name)
                .replace(like, slug)
                .replace(f"{old.ref_prefix}-", f"{prefix}-")
            )
            path.write_text(text, "utf-8")
        if f"{old.ref_prefix}-" in path.name:
            path.rename(path.with_name(path.name.replace(f"{old.ref_prefix}-", f"{prefix}-")))
    file = target / "tenant.toml"
    lines = _tenant_lines(file.read_text("utf-8"), prefix, like if as_reseller else None)
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return tuple(path.relative_to(root).as_posix() for path in sorted(target.rglob("*")) if path.is_file())


def _tenant_lines(text: str, prefix: str, parent: str | None) -> Iterator[str]:
    """tenant.toml with the tenant's own values emptied; for a reseller without the keys its parent decides."""
    table, kept = "", {"legal", "support", "mail"}
    for line in text.splitlines():
        if header := re.fullmatch(r"\[([a-z_.]+)\]", line):
            table = header[1]
        key = line.split("=")[0].strip().split(".")[0]
        if table.split(".")[0] == "signing":
            continue  # a key, a broker and a secret are got before they are named; until then codes go by mail
        if parent and table not in {"", *kept}:
            continue
        if parent and not table and key not in {"name", "hosts", "ref_prefix", ""}:
            continue
        if key == "ref_prefix":
            yield f'ref_prefix = "{prefix}"'
            if parent:
                yield f'parent = "{parent}"'
        elif table in kept and key in _OWN and not (table == "mail" and key == "name"):
            yield f"{key} = []" if key == "lines" else f'{key} = ""'
        elif not line.startswith("#"):
            yield line

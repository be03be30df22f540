"""Begins a new tenant's folder from one that exists; what only its owner can say is left for the check to ask for."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from webapp.tenancy.composition import is_slug
from webapp.tenancy.finding import Notes
from webapp.tenancy.models import TenantFile
from webapp.tenancy.schema_check import read_model
from webapp.tenancy.source import PLACEHOLDER, Folder

_OWN = {
    "name": "the registered name",
    "org_id": "the company number",
    "vat_id": "the VAT number",
    "lines": "the postal address, one line each",
    "phone": "the telephone number, + and the country code",
    "email": "the address for questions",
    "hours": "the opening hours",
    "address": "the sender of mails",
    "reply_to": "where answers go",
}
"""Keys of [legal], [support] and [mail] that nobody but the new tenant can fill in."""
_TABLES = {"legal", "support", "mail"}
_LOGO = (
    f"<!-- {PLACEHOLDER}: the logo, and remove this line]] -->\n"
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40" width="120" height="40">'
    '<rect width="120" height="40" rx="4" fill="#888888"/></svg>\n'
)


def new_tenant(root: Path, slug: str, name: str, prefix: str, like: str, as_reseller: bool = False) -> tuple[str, ...]:
    """Writes the folder and gives the names of its files; raises ValueError when it cannot be.

    An operator gets a copy of `like` under its own name and article codes. A reseller of `like` gets only what it must say itself.
    Legal texts, pictures and whatever tells who a company is are not copied: [[FILL IN …]] stands there, and the check refuses it.
    """
    source, target = root / like, root / slug
    if not is_slug(slug) or not re.fullmatch(r"[A-Z]{2}", prefix):
        raise ValueError("a slug is 2 to 30 characters a-z, 0-9 and -; a prefix is two capital letters")
    if not name.strip() or not name.isprintable() or set(name) & set('"\\'):
        raise ValueError("a name is one line without quotation marks")
    for other in sorted(root.glob("*/tenant.toml")):
        if re.search(rf'^ref_prefix\s*=\s*"{prefix}"', other.read_text("utf-8", "replace"), re.MULTILINE):
            raise ValueError(f"order numbers of {other.parent.name} begin with {prefix} already")
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
            path.write_text(_emptied(path, text), "utf-8")
        if f"{old.ref_prefix}-" in path.name:
            path.rename(path.with_name(path.name.replace(f"{old.ref_prefix}-", f"{prefix}-")))
    file = target / "tenant.toml"
    lines = _tenant_lines(file.read_text("utf-8"), prefix, like if as_reseller else None)
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return tuple(path.relative_to(root).as_posix() for path in sorted(target.rglob("*")) if path.is_file())


def _emptied(path: Path, text: str) -> str:
    """The file without what it tells of the company it was copied from."""
    if path.suffix == ".svg":
        return _LOGO
    if path.suffix == ".md":
        return "".join(_headings(text))
    if path.suffix == ".toml":  # comments tell of the tenant they were written for
        return re.sub(r"(?m)^#.*\n|[ \t]+#[^\"'\n]*$", "", text)
    return text


def _headings(text: str) -> Iterator[str]:
    """Version and headings of a legal text; under each the lawyer is asked for."""
    for line in text.splitlines():
        if line.startswith("<!--"):
            yield f"{line}\n"
        elif line.startswith("#"):
            yield f"{line}\n\n{PLACEHOLDER}: the text of your lawyer]]\n\n"


def _tenant_lines(text: str, prefix: str, parent: str | None) -> Iterator[str]:
    """tenant.toml with placeholders for the tenant's own values; for a reseller without the keys its parent decides."""
    table = ""
    for line in text.splitlines():
        if header := re.fullmatch(r"\[([a-z_.]+)\]", line):
            table = header[1]
        key, _, _ = line.split("=")[0].strip().partition(".")
        if table.split(".")[0] == "signing":
            continue  # a key, a broker and a secret are got before they are named; until then codes go by mail
        if parent and table not in {"", *_TABLES}:
            continue
        if parent and not table and key not in {"name", "hosts", "ref_prefix", ""}:
            continue
        if key == "ref_prefix":
            yield f'ref_prefix = "{prefix}"'
            if parent:
                yield f'parent = "{parent}"'
        elif key == "hosts" and not table:
            yield f'hosts = ["{PLACEHOLDER}: the host name]]"]'
        elif key == "legal_approved":
            yield "legal_approved = false"
        elif table in _TABLES and key in _OWN and (table, key) != ("mail", "name"):
            asked = f'"{PLACEHOLDER}: {_OWN[key]}]]"'
            yield f"{line.split('=')[0].rstrip()} = {f'[{asked}]' if key == 'lines' else asked}"
        else:
            yield line

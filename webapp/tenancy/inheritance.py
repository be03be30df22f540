"""How folders hang together: what each holds so far, who inherits from whom, what only one may have; reads no prices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from webapp.domain.tenants.tenant import Tenant
from webapp.tenancy import composition
from webapp.tenancy.finding import Notes, nearest
from webapp.tenancy.models import TenantFile
from webapp.tenancy.schema_check import read_model
from webapp.tenancy.source import Folder, Toml
from webapp.tenancy.text_overrides import LEGAL_FILES

_KNOWN = ("tenant.toml", "brand.toml", "order.toml", "catalogue.toml", "README.md", *LEGAL_FILES)
_FOLDERS = ("brand", "prices", "agreements", "wholesale", "texts")
INHERITED = (
    "market", "languages", "notice_months", "notice_months_bound", "test_numbers",
    "may_override",
)  # fmt: skip
"""Keys of tenant.toml that an operator decides for its resellers too."""
_AREAS = {"brand.toml": "brand", "order.toml": "order", "catalogue.toml": "catalogue", "prices": "prices",
          "agreements": "prices", "texts": "texts", "legal": "legal"}  # fmt: skip


@dataclass
class Opened:
    """What has been read of one folder so far."""

    folder: Folder
    notes: Notes
    file: TenantFile | None = None
    toml: Toml | None = None
    parts: dict[str, Any] = field(default_factory=dict)
    tenant: Tenant | None = None

    @property
    def slug(self) -> str:
        """The folder's name."""
        return self.folder.slug

    @property
    def is_reseller(self) -> bool:
        """Whether it names a parent."""
        return self.file is not None and self.file.parent is not None


def open_folder(path: Path) -> Opened:
    """The folder with its tenant.toml read."""
    notes = Notes()
    opened = Opened(Folder(path, notes), notes)
    if not composition.is_slug(path.name):
        notes.add("folder.name", opened.folder.place(""), name=path.name)
    for name in opened.folder.names():
        if name not in _KNOWN and name.split("/")[0] not in _FOLDERS:
            notes.add("file.unknown", opened.folder.place(name), nearest(name, _KNOWN), name=name)
    if read := read_model(opened.folder, "tenant.toml", TenantFile):
        opened.file, opened.toml = read
    return opened


def check_parent(opened: Opened, others: Mapping[str, Opened]) -> None:
    """Notes a parent that cannot be one, and what a reseller says though its parent decides it."""
    if opened.file is None or opened.toml is None or opened.file.parent is None:
        return
    name, place = opened.file.parent, opened.toml.at("parent")
    parent = others.get(name)
    if parent is None or name == opened.slug:
        opened.notes.add("parent.unknown", place, nearest(name, [s for s in others if s != opened.slug]), value=name)
        return
    if parent.is_reseller:
        opened.notes.add("parent.reseller", place, value=name)
        return
    if opened.folder.has("wholesale"):
        opened.notes.add("wholesale.reseller", opened.folder.place("wholesale"))
    if parent.file is None:
        return  # what it allows has not been read
    allowed = set(parent.file.may_override or ())
    for key in INHERITED:
        if getattr(opened.file, key) is not None:
            opened.notes.add("parent.override", opened.toml.at(key), name=key, parent=name, area=key)
    for key in ("porting", "welcome", "area_codes"):
        if getattr(opened.file, key) is not None and key not in allowed:
            opened.notes.add("parent.override", opened.toml.at(key), name=key, parent=name, area=key)
    for file, area in _AREAS.items():
        if area not in allowed and opened.folder.has(file):
            opened.notes.add("parent.override", opened.folder.place(file), name=file, parent=name, area=area)


def check_shared(ordered: Sequence[Opened], serving: Iterable[Tenant] = ()) -> None:
    """What only one tenant can have. Who serves keeps it, then operators before resellers, then the alphabet decides."""
    served = {tenant.slug: tenant for tenant in serving}
    hosts: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    files = {opened.slug: opened.file for opened in ordered}
    for slug, tenant in served.items():
        # A folder that is gone or cannot be read changes nothing of what serves; one that can may let go.
        file = files.get(slug)
        for host in tenant.hosts:
            if file is None or host in file.hosts:
                hosts.setdefault(host, slug)
        if file is None or file.ref_prefix == tenant.ref_prefix:
            prefixes.setdefault(tenant.ref_prefix, slug)
    for opened in sorted(ordered, key=lambda opened: opened.slug not in served):
        if opened.file is None or opened.toml is None:
            continue
        for at, host in enumerate(opened.file.hosts):
            if (other := hosts.setdefault(host, opened.slug)) != opened.slug:
                opened.notes.add("tenant.host_taken", opened.toml.at("hosts", at), value=host, other=other)
        prefix = opened.file.ref_prefix
        if (other := prefixes.setdefault(prefix, opened.slug)) != opened.slug:
            opened.notes.add("tenant.ref_prefix_taken", opened.toml.at("ref_prefix"), value=prefix, other=other)


def check_settled(opened: Opened, published: Tenant, settings: Mapping[str, Any]) -> None:
    """Notes a change of what the customers that there are, their orders and numbers rest on."""
    if opened.file is None or opened.toml is None:
        return
    before = {"parent": published.parent, "market": published.market.code, "ref_prefix": published.ref_prefix}
    market = settings["market"] or published.market.code  # that it is missing is told as such
    after = {"parent": opened.file.parent, "market": market, "ref_prefix": opened.file.ref_prefix}
    for key, was in before.items():
        if after[key] != was:
            opened.notes.add("tenant.settled", opened.toml.at(key), key=key, was=was or "–")


def check_held(opened: Opened, held: Mapping[str, int], today: date) -> None:
    """Notes a framework agreement that customers have and that would not be there today, renamed, removed or only begun later."""
    if "agreements" not in opened.parts:
        return  # what stands there has not been read
    for code, count in sorted(held.items()):
        if not code:
            continue  # customers without one
        lists = opened.parts["agreements"].get(code, ())
        if not any(read.prices.valid_from <= today for read in lists):
            opened.notes.add("agreement.in_use", opened.folder.place(f"agreements/{code}"), code=code, count=count)

"""tenants/ on disk becomes checked values: every folder by itself, all findings at once; a broken folder stops no other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from stdnum import exceptions
from stdnum.dk import cvr
from stdnum.se import orgnr

from webapp.domain.catalogue import MONTHS, Catalogue
from webapp.domain.market import MARKETS, Market
from webapp.domain.tenant import Brand, Composition, LegalEntity, MailSender, PortingTerms, Support, Tenant, Welcome
from webapp.tenancy import articles, compose, prices, wordbook
from webapp.tenancy.finding import Finding, Notes, nearest
from webapp.tenancy.models import BrandFile, CatalogueFile, OrderFile, TenantFile
from webapp.tenancy.shape import read_model
from webapp.tenancy.source import Folder, Toml
from webapp.tenancy.svg import check_svg

DEMO = frozenset({"demo", "test"})
"""Modes in which tenants answer on <slug>.localhost and test numbers pass."""

_KNOWN = ("tenant.toml", "brand.toml", "order.toml", "catalogue.toml", "README.md")
_FOLDERS = ("brand", "prices", "agreements", "wholesale", "texts", "legal")
_COMPANY_IDS = {"orgnr": (orgnr, "NNNNNN-NNNN"), "cvr": (cvr, "NNNNNNNN")}
_INHERITED = (
    "market",
    "languages",
    "notice_months",
    "notice_months_bound",
    "esim_host",
    "features",
    "test_numbers",
    "may_override",
)
_REQUIRED = ("market", "languages", "notice_months", "notice_months_bound", "esim_host", "porting", "welcome")
_AREAS = {"brand.toml": "brand", "order.toml": "order", "catalogue.toml": "catalogue", "prices": "prices",
          "agreements": "prices", "texts": "texts", "legal": "legal"}  # fmt: skip


@dataclass(frozen=True)
class Loaded:
    """The tenants whose folders hold, and everything found in all folders."""

    tenants: Mapping[str, Tenant]
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether no folder has an error."""
        return not any(finding.is_error for finding in self.findings)


@dataclass
class _Draft:
    """What has been read of one folder so far."""

    folder: Folder
    notes: Notes
    file: TenantFile | None = None
    toml: Toml | None = None
    parts: dict[str, Any] = field(default_factory=dict)
    tenant: Tenant | None = None

    @property
    def slug(self) -> str:
        return self.folder.slug


def load(root: Path, mode: str, now: datetime | None = None, base_url: str | None = None) -> Loaded:
    """Reads every tenant's folder below `root`.

    `mode` is "production", "demo" or "test". With a moment, a missing list of prices for that day is found too.
    `base_url` is how links begin, with {host} in it; by default https://{host}.
    """
    drafts = {}
    for path in sorted(root.iterdir()):
        if path.is_dir() and not path.name.startswith((".", "_")):
            drafts[path.name] = _open(path)
    for draft in drafts.values():
        _check_parent(draft, drafts)
    ordered = sorted(drafts.values(), key=lambda d: (bool(d.file and d.file.parent), d.slug))
    _check_shared(ordered)
    door = base_url or "https://{host}"
    for draft in ordered:
        parent = drafts[draft.file.parent] if draft.file and draft.file.parent in drafts else None
        _build(draft, parent, mode, now, door)
    findings = sorted(finding for draft in drafts.values() for finding in draft.notes.findings)
    return Loaded({d.slug: d.tenant for d in drafts.values() if d.tenant}, tuple(findings))


def _open(path: Path) -> _Draft:
    notes = Notes()
    draft = _Draft(Folder(path, notes), notes)
    if not compose.is_slug(path.name):
        notes.add("folder.name", draft.folder.place(""), name=path.name)
    for name in draft.folder.names():
        if name not in _KNOWN and name.split("/")[0] not in _FOLDERS:
            notes.add("file.unknown", draft.folder.place(name), nearest(name, _KNOWN), name=name)
    if read := read_model(draft.folder, "tenant.toml", TenantFile):
        draft.file, draft.toml = read
    return draft


def _check_parent(draft: _Draft, drafts: Mapping[str, _Draft]) -> None:
    if draft.file is None or draft.toml is None or draft.file.parent is None:
        return
    name, place = draft.file.parent, draft.toml.at("parent")
    parent = drafts.get(name)
    if parent is None or name == draft.slug:
        draft.notes.add("parent.unknown", place, nearest(name, [s for s in drafts if s != draft.slug]), value=name)
        return
    if parent.file is not None and parent.file.parent is not None:
        draft.notes.add("parent.reseller", place, value=name)
        return
    allowed = set(parent.file.may_override or ()) if parent.file else set(_AREAS.values())
    for key in _INHERITED:
        if getattr(draft.file, key) is not None:
            draft.notes.add("parent.override", draft.toml.at(key), name=key, parent=name, area=key)
    for key in ("porting", "welcome", "area_codes"):
        if getattr(draft.file, key) is not None and key not in allowed:
            draft.notes.add("parent.override", draft.toml.at(key), name=key, parent=name, area=key)
    for file, area in _AREAS.items():
        if area not in allowed and draft.folder.has(file):
            draft.notes.add("parent.override", draft.folder.place(file), name=file, parent=name, area=area)
    if draft.folder.has("wholesale"):
        draft.notes.add("wholesale.reseller", draft.folder.place("wholesale"))


def _check_shared(ordered: list[_Draft]) -> None:
    """What only one tenant can have. Operators keep it before resellers, then the alphabet decides."""
    hosts: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for draft in ordered:
        if draft.file is None or draft.toml is None:
            continue
        for at, host in enumerate(draft.file.hosts):
            if (other := hosts.setdefault(host, draft.slug)) != draft.slug:
                draft.notes.add("tenant.host_taken", draft.toml.at("hosts", at), value=host, other=other)
        prefix = draft.file.ref_prefix
        if (other := prefixes.setdefault(prefix, draft.slug)) != draft.slug:
            draft.notes.add("tenant.ref_prefix_taken", draft.toml.at("ref_prefix"), value=prefix, other=other)


def _build(draft: _Draft, parent: _Draft | None, mode: str, now: datetime | None, door: str) -> None:
    """Reads the rest of the folder, checks how its parts fit, and makes the tenant when nothing is wrong."""
    file, toml, notes, folder = draft.file, draft.toml, draft.notes, draft.folder
    if file is None or toml is None:
        _read_parts(draft, None, ("sv", "da"))
        return
    if parent is not None and (parent.tenant is None or parent.file is None):
        notes.add("parent.broken", toml.at("parent"), value=parent.slug)
    settings = {key: _own_or(draft, parent, key) for key in (*_INHERITED, "porting", "welcome", "area_codes")}
    if file.parent is None:
        for key in _REQUIRED:
            if settings[key] is None:
                notes.add("key.missing", toml.at(key), name=key)
    market = _market(draft, settings)
    languages = tuple(settings["languages"] or ("sv", "da"))
    wordbook.check_all_words(toml.data.get("support"), languages, toml, notes, ("support",))
    wordbook.check_all_words(toml.data.get("welcome"), languages, toml, notes, ("welcome",))
    welcome = settings["welcome"]
    if file.welcome and file.welcome.mode != "never" and not (file.welcome.product and file.welcome.sign_in):
        notes.add("tenant.welcome", toml.at("welcome"))
    if market:
        _check_company(draft, market)
    _read_parts(draft, parent, languages)
    _read_prices(draft, parent, market, now)
    if notes.has_errors or market is None or (parent is not None and parent.tenant is None):
        return
    own = LegalEntity(file.legal.name, file.legal.org_id, file.legal.vat_id, tuple(file.legal.lines))
    hosts = (f"{draft.slug}.localhost",) if mode in DEMO else tuple(file.hosts)
    porting = settings["porting"]
    tenant = Tenant(
        slug=draft.slug,
        name=file.name,
        hosts=hosts,
        base_url=door.format(host=hosts[0]),
        ref_prefix=file.ref_prefix,
        market=market,
        languages=languages,
        parent=file.parent,
        legal=own,
        contract_party=parent.tenant.legal if parent and parent.tenant else own,
        support=Support(file.support.phone, file.support.email, dict(file.support.hours)),
        mail=MailSender(file.mail.name, file.mail.address, file.mail.reply_to),
        brand=draft.parts["brand"],
        composition=draft.parts["order"],
        catalogue=draft.parts["catalogue"],
        price_lists=tuple(read.prices for read in draft.parts["prices"]),
        agreements={code: tuple(r.prices for r in reads) for code, reads in draft.parts["agreements"].items()},
        porting=PortingTerms(
            tuple(porting.donors), porting.terminate, porting.info, porting.transfer, porting.legal_approved
        ),
        welcome=Welcome(welcome.mode, welcome.product, dict(welcome.sign_in or {})),
        area_codes=dict(settings["area_codes"] or {}),
        texts=draft.parts["texts"],
        legal_texts=draft.parts["legal"],
        features=frozenset(settings["features"] or ()),
        test_numbers=tuple((a, b) for a, b in settings["test_numbers"] or ()) if mode in DEMO else (),
        notice_months=settings["notice_months"],
        notice_months_bound=settings["notice_months_bound"],
        esim_host=settings["esim_host"],
        revision="",
    )
    draft.tenant = replace(tenant, revision=_digest(tenant, folder, parent.tenant if parent else None))


def _own_or(draft: _Draft, parent: _Draft | None, key: str) -> Any:
    own = getattr(draft.file, key)
    return getattr(parent.file, key) if own is None and parent is not None and parent.file else own


def _market(draft: _Draft, settings: Mapping[str, Any]) -> Market | None:
    code, porting = settings["market"], settings["porting"]
    if code is None or draft.toml is None:
        return None
    if code not in MARKETS:
        place = draft.toml.at("market")
        draft.notes.add("value.choice", place, nearest(code, MARKETS), value=code, choices=", ".join(MARKETS))
        return None
    names = ("lead_mobile", "lead_fixed", "lead_series", "hours", "cutoff_days", "valid_days")
    changes = {name: getattr(porting, name) for name in names if porting and getattr(porting, name) is not None}
    if "hours" in changes:
        changes["hours"] = tuple(changes["hours"])
    return MARKETS[code].with_porting(**changes)


def _check_company(draft: _Draft, market: Market) -> None:
    assert draft.file is not None and draft.toml is not None
    module, form = _COMPANY_IDS[market.company_id]
    written = draft.file.legal.org_id
    try:
        module.validate(written)
        if len(written) != len(form):
            raise exceptions.InvalidFormat
    except exceptions.ValidationError:
        draft.notes.add("tenant.org_id", draft.toml.at("legal", "org_id"), value=written, form=form)


def _read_parts(draft: _Draft, parent: _Draft | None, languages: tuple[str, ...]) -> None:
    """Brand, composition, catalogue, texts and legal texts: the folder's own, else the parent's."""
    folder, notes, parts = draft.folder, draft.notes, draft.parts
    above = parent.parts if parent else {}
    inherits = bool(draft.file and draft.file.parent)

    if inherits and not folder.has("brand.toml"):
        parts["brand"] = above.get("brand")
    elif brand := read_model(folder, "brand.toml", BrandFile):
        parts["brand"] = _brand(draft, *brand)

    if inherits and not folder.has("catalogue.toml"):
        parts["catalogue"] = above.get("catalogue")
    elif sold := read_model(folder, "catalogue.toml", CatalogueFile):
        wordbook.check_all_words(sold[1].data, languages, sold[1], notes)
        articles.check_catalogue(*sold, notes)
        parts["catalogue"], parts["catalogue_toml"] = articles.catalogue(sold[0]), sold[1]

    if inherits and not folder.has("order.toml"):
        parts["order"], parts["order_toml"] = above.get("order"), above.get("order_toml")
    elif order := read_model(folder, "order.toml", OrderFile):
        wordbook.check_all_words(order[1].data, languages, order[1], notes)
        parts["order"], parts["order_toml"] = compose.composition(*order, notes), order[1]

    own_texts = wordbook.texts(folder, languages, notes)
    parts["texts"] = {**above.get("texts", {}), **own_texts}
    own_legal = wordbook.legal_texts(folder, languages, inherits, notes)
    names = {text.name for text in own_legal}
    parts["legal"] = (*own_legal, *(text for text in above.get("legal", ()) if text.name not in names))


def _brand(draft: _Draft, entry: BrandFile, toml: Toml) -> Brand | None:
    pictures = []
    for key, name in (("logo", entry.logo.file), ("favicon", (entry.favicon or entry.logo).file)):
        inside = not name.startswith("/") and ".." not in name.split("/") and "\\" not in name
        if not inside or not (draft.folder.path / name).is_file():
            draft.notes.add("brand.file", toml.at(key, "file"), value=name)
        elif (data := draft.folder.read(name)) and check_svg(data, name, draft.folder.place(name), draft.notes):
            pictures.append(data)
    if len(pictures) < 2:
        return None
    return Brand(entry.colour, entry.corners, entry.font, pictures[0], entry.logo.alt, pictures[1], entry.dark)


def _read_prices(draft: _Draft, parent: _Draft | None, market: Market | None, now: datetime | None) -> None:
    """Price lists, agreements and limits, and how they fit catalogue and composition."""
    folder, notes, parts = draft.folder, draft.notes, draft.parts
    sold: Catalogue | None = parts.get("catalogue")
    flow: Composition | None = parts.get("order")
    if sold is None or market is None:
        return
    months = frozenset(int(m) for m in flow.options.get("months", ())) if flow else frozenset()
    hidden = frozenset(MONTHS) - months if months else frozenset()
    if parent is not None and "catalogue_toml" not in parts and not folder.has("prices"):
        parts["prices"], parts["agreements"] = parent.parts.get("prices", ()), {}
    else:
        parts["prices"] = prices.price_lists(folder, sold, market.currency, hidden)
        if not any(folder.names("prices")):
            notes.add("prices.none", folder.place("prices"))
    parts["agreements"] = prices.agreements(folder, sold, market.currency, hidden)
    articles.check_prices(sold, parts["prices"] if folder.has("prices") else (), parts["agreements"], notes)
    if parts["prices"] and now is not None:
        first = min(read.prices.valid_from for read in parts["prices"])
        if first > market.today(now):
            notes.add("prices.none_today", folder.place("prices"), first=first)
    if parent is None:
        parts["limits"] = prices.limits(folder, sold)
    elif parent.parts.get("catalogue"):
        reads = (
            (parts["prices"], *parts["agreements"].values())
            if folder.has("prices")
            else (*parts["agreements"].values(),)
        )
        articles.check_wholesale(
            sold, parent.parts["catalogue"], parent.parts.get("limits", ()), reads, parts.get("catalogue_toml"), notes
        )
    if flow is not None:
        offered = {
            month for reads in parts["agreements"].values() for read in reads
            for price in read.prices.prices.values() for month in price.amounts
        }  # fmt: skip
        areas = (draft.file.area_codes if draft.file else None) or (
            parent.file.area_codes if parent and parent.file else None
        )
        compose.check_enough(
            flow, sold, bool(parts["agreements"]), frozenset(offered), bool(areas), parts["order_toml"], notes
        )


def _digest(tenant: Tenant, folder: Folder, parent: Tenant | None) -> str:
    """SHA-256 over everything the value was made of: the files read, the parent's revision, and what the mode adds."""
    seal = hashlib.sha256()
    for name, data in sorted(folder.used.items()):
        seal.update(f"{name}\0{len(data)}\0".encode() + data)
    seal.update(repr((tenant.hosts, tenant.base_url, tenant.test_numbers, parent.revision if parent else "")).encode())
    return seal.hexdigest()

"""tenants/ on disk becomes checked values: every folder by itself, all findings at once; a broken folder stops no other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from stdnum import exceptions
from stdnum.dk import cvr
from stdnum.se import orgnr, vat

from webapp.domain.market import LANGUAGES, MARKETS, Market
from webapp.domain.tenants.tenant import LegalEntity, MailSender, PortingTerms, Support, Tenant, Welcome
from webapp.tenancy import articles, text_overrides
from webapp.tenancy.finding import Finding, nearest
from webapp.tenancy.inheritance import (
    INHERITED,
    Opened,
    check_held,
    check_parent,
    check_settled,
    check_shared,
    open_folder,
)
from webapp.tenancy.parts import read_parts, read_prices
from webapp.tenancy.signing import check_signing, signing_terms

DEMO = frozenset({"demo", "test"})
"""Modes in which tenants answer on <slug>.localhost and test numbers pass."""

_COMPANY_IDS = {"orgnr": (orgnr, "NNNNNN-NNNN"), "cvr": (cvr, "NNNNNNNN")}
_VAT_IDS = {"orgnr": (vat, "SE", "SENNNNNNNNNN01"), "cvr": (cvr, "DK", "DKNNNNNNNN")}
_REQUIRED = ("market", "languages", "notice_months", "notice_months_bound", "porting", "welcome")


@dataclass(frozen=True)
class Loaded:
    """The tenants whose folders hold, and everything found in all folders."""

    tenants: Mapping[str, Tenant]
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether no folder has an error."""
        return not any(finding.is_error for finding in self.findings)


def load(
    root: Path,
    mode: str,
    now: datetime | None = None,
    base_url: str | None = None,
    serving: Iterable[Tenant] = (),
    held: Mapping[str, Mapping[str, int]] | None = None,
) -> Loaded:
    """Reads every tenant's folder below `root`.

    `mode` is "production", "demo" or "test". With a moment, a missing list of prices for that day is found too.
    `serving` are the tenants as published: they keep their hosts, and a list that was valid then and has been edited since is told.
    `held` are the framework agreements that customers have, by tenant and code, and how many have each (under "" those without one):
    none may go, and where there are customers what their orders rest on stays.
    `base_url` is how links begin, by default https://{host}; {host} becomes the tenant's first host.
    """
    folders = {
        path.name: open_folder(path)
        for path in sorted(root.iterdir())
        if path.is_dir() and not path.name.startswith((".", "_"))
    }
    for opened in folders.values():
        check_parent(opened, folders)
    ordered = sorted(folders.values(), key=lambda opened: (opened.is_reseller, opened.slug))
    before = {tenant.slug: tenant for tenant in serving}
    check_shared(ordered, before.values())
    for opened in ordered:
        parent = folders.get(opened.file.parent or "") if opened.file else None
        settings = _settings(opened, parent)
        market = _market(opened, settings)
        _check(opened, parent, settings, market, now)
        if now and "prices" in opened.parts and (published := before.get(opened.slug)):
            lists = (opened.parts["prices"], *opened.parts["agreements"].values())
            articles.check_unedited(
                published,
                [read for series in lists for read in series],
                now,
                opened.folder.place("prices"),
                opened.notes,
            )
        customers = (held or {}).get(opened.slug, {})
        if customers and opened.slug in before:
            check_settled(opened, before[opened.slug], settings)
        if now and market:
            check_held(opened, customers, market.today(now))
        if market and not opened.notes.has_errors:
            opened.tenant = _tenant(opened, parent, settings, market, mode, base_url or "https://{host}")
    findings = sorted({finding for opened in folders.values() for finding in opened.notes.findings})
    tenants = {slug: opened.tenant for slug, opened in folders.items() if opened.tenant}
    return Loaded(tenants, tuple(findings))


def _settings(opened: Opened, parent: Opened | None) -> dict[str, Any]:
    """What tenant.toml says, or for a reseller its parent's; notes what an operator has left out."""
    above = parent.file if parent else None
    settings = {}
    for key in (*INHERITED, "porting", "welcome", "area_codes"):
        own = getattr(opened.file, key, None)
        settings[key] = getattr(above, key, None) if own is None else own
    if opened.file and opened.toml and not opened.is_reseller:
        for key in _REQUIRED:
            if settings[key] is None:
                opened.notes.add("key.missing", opened.toml.at(key), name=key)
    return settings


def _market(opened: Opened, settings: Mapping[str, Any]) -> Market | None:
    """The country, with the tenant's own porting rules."""
    code, porting = settings["market"], settings["porting"]
    if code is None or opened.toml is None:
        return None
    if code not in MARKETS:
        place = opened.toml.at("market")
        opened.notes.add("value.choice", place, nearest(code, MARKETS), value=code, choices=", ".join(MARKETS))
        return None
    names = ("lead_mobile", "lead_fixed", "lead_series", "hours", "cutoff_days", "valid_days")
    changes = {name: getattr(porting, name) for name in names if getattr(porting, name, None) is not None}
    if "hours" in changes:
        changes["hours"] = tuple(changes["hours"])
    return MARKETS[code].with_porting(**changes)


def _check(
    opened: Opened, parent: Opened | None, settings: Mapping[str, Any], market: Market | None, now: datetime | None
) -> None:
    """Reads the rest of the folder and notes whatever does not fit."""
    file, toml, notes = opened.file, opened.toml, opened.notes
    languages = tuple(settings["languages"] or LANGUAGES)
    if file and toml:
        if parent is not None and parent.tenant is None:
            notes.add("parent.broken", toml.at("parent"), value=parent.slug)
        for table in ("support", "welcome"):
            text_overrides.check_all_words(toml.data.get(table), languages, toml, notes, (table,))
        if file.welcome and file.welcome.mode != "never" and not (file.welcome.product and file.welcome.sign_in):
            notes.add("tenant.welcome", toml.at("welcome"))
        if market:
            _check_company(opened, market)
        check_signing(opened, parent)
    read_parts(opened, parent, languages, market.today(now) if market and now else None)
    read_prices(opened, parent, market, bool(settings["area_codes"]), now)


def _check_company(opened: Opened, market: Market) -> None:
    assert opened.file is not None and opened.toml is not None
    module, form = _COMPANY_IDS[market.company_id]
    written = opened.file.legal.org_id
    try:
        module.validate(written)
        if len(written) != len(form):
            raise exceptions.InvalidFormat
    except exceptions.ValidationError:
        opened.notes.add("tenant.org_id", opened.toml.at("legal", "org_id"), value=written, form=form)
    module, country, form = _VAT_IDS[market.company_id]
    written = opened.file.legal.vat_id
    try:
        if not written.startswith(country) or len(written) != len(form):
            raise exceptions.InvalidFormat
        module.validate(written.removeprefix(country))
    except exceptions.ValidationError:
        opened.notes.add("tenant.vat_id", opened.toml.at("legal", "vat_id"), value=written, form=form)
        return
    company = opened.file.legal.org_id
    if not written.removeprefix(country).startswith(company.replace("-", "")):
        opened.notes.add("tenant.vat_other", opened.toml.at("legal", "vat_id"), value=written, company=company)


def _tenant(
    opened: Opened, parent: Opened | None, settings: Mapping[str, Any], market: Market, mode: str, base_url: str
) -> Tenant:
    """The value, of parts that have all been found good."""
    file, parts, above = opened.file, opened.parts, parent.tenant if parent else None
    assert file is not None
    own = LegalEntity(file.legal.name, file.legal.org_id, file.legal.vat_id, tuple(file.legal.lines))
    hosts = (f"{opened.slug}.localhost",) if mode in DEMO else tuple(file.hosts)
    porting, welcome = settings["porting"], settings["welcome"]
    tenant = Tenant(
        slug=opened.slug,
        name=file.name,
        hosts=hosts,
        base_url=base_url.format(host=hosts[0]),
        ref_prefix=file.ref_prefix,
        market=market,
        languages=tuple(settings["languages"]),
        parent=file.parent,
        legal=own,
        contract_party=above.legal if above else own,
        support=Support(file.support.phone, file.support.email, dict(file.support.hours)),
        mail=MailSender(file.mail.name, file.mail.address, file.mail.reply_to),
        brand=parts["brand"],
        composition=parts["order"],
        catalogue=parts["catalogue"],
        price_lists=tuple(read.prices for read in parts["prices"]),
        agreements={code: tuple(r.prices for r in reads) for code, reads in parts["agreements"].items()},
        porting=PortingTerms(
            tuple(porting.donors), porting.terminate, porting.info, porting.transfer, porting.legal_approved
        ),
        welcome=Welcome(welcome.mode, welcome.product, dict(welcome.sign_in or {})),
        area_codes=dict(settings["area_codes"] or {}),
        texts=parts["texts"],
        legal_texts=tuple(text_overrides.filled(text, above.legal if above else own) for text in parts["legal"]),
        test_numbers=tuple((a, b) for a, b in settings["test_numbers"] or ()) if mode in DEMO else (),
        notice_months=settings["notice_months"],
        notice_months_bound=settings["notice_months_bound"],
        revision="",
        signing=signing_terms(opened, parent),
    )
    return replace(tenant, revision=_digest(tenant, opened.folder.used, above))


def _digest(tenant: Tenant, files: Mapping[str, bytes], parent: Tenant | None) -> str:
    """SHA-256 over everything the value was made of: the files read, the parent's revision, and what the mode adds."""
    seal = hashlib.sha256()
    for name, data in sorted(files.items()):
        seal.update(f"{name}\0{len(data)}\0".encode() + data)
    seal.update(repr((tenant.hosts, tenant.base_url, tenant.test_numbers, parent.revision if parent else "")).encode())
    return seal.hexdigest()

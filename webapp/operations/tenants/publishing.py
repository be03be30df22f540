"""Tenant folders into revisions that serve: checked folders are published, a broken one leaves the last good revision in force."""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread

from webapp import tenancy
from webapp.domain.market import MARKETS
from webapp.domain.tenants.tenant import Tenant
from webapp.store.platform.outage import is_away
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store
from webapp.tenancy import folders
from webapp.tenancy.finding import Finding
from webapp.tenancy.registry import Registry
from webapp.tenancy.revision import Unreadable, tenant_from_json, tenant_to_json

ACTOR = "publishing"
log = logging.getLogger("webapp.publishing")


def publish(
    store: Store, folder: Path, mode: str, now: datetime, base_url: str = "https://{host}"
) -> tuple[Finding, ...]:
    """Makes every folder without faults the current revision of its tenant; all findings, of every folder."""
    loaded = look(store, folder, mode, now, base_url)
    for tenant in loaded.tenants.values():
        with store.work(Scope(tenant.slug, None, ACTOR)) as work:
            if work.revisions.publish(tenant.revision, tenant_to_json(tenant), now=now):
                work.audit.write("tenant.published", tenant.revision, now=now)
    for finding in loaded.findings:
        if finding.is_error:
            log.error("%s:%s %s %s", finding.file, finding.line or "", finding.key, finding.what)
    return loaded.findings


def look(store: Store, folder: Path, mode: str, now: datetime, base_url: str = "https://{host}") -> folders.Loaded:
    """The folders held against what serves and what customers have; changes nothing."""
    return folders.load(folder, mode, now, base_url, serving=current(store), held=held_agreements(store))


def held_agreements(store: Store) -> dict[str, dict[str, int]]:
    """The framework agreements that customers have, by tenant and code, with how many have each; under "" those that have none."""
    found = {}
    for slug in store.tenants():
        with store.work(Scope(slug, None, ACTOR)) as work:
            found[slug] = work.companies.agreements()
    return found


@dataclass(frozen=True)
class Lost:
    """A framework agreement that customers have and that does not hold today in what their seller has published."""

    tenant: str
    code: str
    customers: int


def lost_agreements(store: Store, now: datetime) -> tuple[Lost, ...]:
    """Every one; their customers are asked the list's prices."""
    held = held_agreements(store)
    return tuple(
        Lost(tenant.slug, code, count)
        for tenant in current(store)
        for code, count in sorted(held.get(tenant.slug, {}).items())
        if code and tenant.agreement_on(code, tenant.market.today(now)) is None
    )


def keep(store: Store, folder: Path, mode: str, now: datetime, base_url: str, seal: Path) -> None:
    """Publishes as a process starts. Nothing is read again that had no fault earlier today, is as it was, and serves."""
    state = _state(store, folder, mode, now, base_url)
    if seal.is_file() and seal.read_text() == state:
        return
    findings = publish(store, folder, mode, now, base_url)
    if any(finding.is_error for finding in findings):
        return
    try:
        seal.parent.mkdir(parents=True, exist_ok=True)
        fresh = seal.with_name(f"{seal.name}.{os.getpid()}")
        fresh.write_text(_state(store, folder, mode, now, base_url))
        fresh.replace(seal)
    except OSError as problem:  # it only spares the next start some work
        log.info("%s cannot be written: %s", seal, problem)


def _state(store: Store, folder: Path, mode: str, now: datetime, base_url: str) -> str:
    """All that publishing goes by: the folders, the code that reads them, the day in each market, and what serves now."""
    days = [market.today(now).isoformat() for market in MARKETS.values()]
    state = hashlib.sha256(repr((mode, days, base_url, sorted(store.tenants().items()))).encode())
    for root in (folder, Path(tenancy.__file__).parent):
        for path in sorted(path for path in root.rglob("*") if path.is_file() and path.suffix != ".pyc"):
            found = path.stat()
            state.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0{found.st_ino}\n".encode())
    return state.hexdigest()


def current(store: Store) -> tuple[Tenant, ...]:
    """Every tenant by its current revision."""
    found = []
    for slug in store.tenants():
        with store.work(Scope(slug, None, ACTOR)) as work:
            revision = work.revisions.current()
            if revision:
                found.append(tenant_from_json(revision.content))
    return tuple(found)


def refresh(registry: Registry, store: Store) -> None:
    """Serves what is current from now on."""
    registry.publish(current(store))


def follow(registry: Registry, store: Store) -> Thread:
    """Serves what is current for as long as the process lives: every process hears of a revision when it is published."""

    def keep_up() -> None:
        for _ in store.publications():
            try:
                refresh(registry, store)
            except Unreadable as newer:  # a process of the next release has published before this one was stopped
                log.error("tenants stay as they are: %s", newer)
            except Exception as problem:
                if not is_away(problem):
                    raise
                # What is served stays served; the next connection begins with another refresh.
                log.warning("the database is out of reach: tenants stay as they are")

    thread = Thread(target=keep_up, name="publications", daemon=True)
    thread.start()
    return thread

"""Tenant folders into revisions that serve: checked folders are published, a broken one leaves the last good revision in force."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from threading import Thread

from webapp.domain.tenant import Tenant
from webapp.store.scope import Scope
from webapp.store.work import Store, Unreachable
from webapp.tenancy import Finding, Registry, from_json, load, to_json

ACTOR = "publishing"
log = logging.getLogger("webapp.publishing")


def publish(
    store: Store, folder: Path, mode: str, now: datetime, base_url: str = "https://{host}"
) -> tuple[Finding, ...]:
    """Makes every folder without faults the current revision of its tenant; all findings, of every folder."""
    loaded = load(folder, mode, now, base_url, serving=current(store))
    for tenant in loaded.tenants.values():
        with store.work(Scope(tenant.slug, None, ACTOR)) as work:
            if work.revisions.publish(tenant.revision, to_json(tenant), now=now):
                work.audit.write("tenant.published", tenant.revision, now=now)
    for finding in loaded.findings:
        if finding.is_error:
            log.error("%s:%s %s %s", finding.file, finding.line or "", finding.key, finding.what)
    return loaded.findings


def current(store: Store) -> tuple[Tenant, ...]:
    """Every tenant by its current revision."""
    found = []
    for slug in store.tenants():
        with store.work(Scope(slug, None, ACTOR)) as work:
            revision = work.revisions.current()
            if revision:
                found.append(from_json(revision.content))
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
            except Unreachable:
                # What is served stays served; the next connection begins with another refresh.
                log.warning("the database is out of reach: tenants stay as they are")

    thread = Thread(target=keep_up, name="publications", daemon=True)
    thread.start()
    return thread

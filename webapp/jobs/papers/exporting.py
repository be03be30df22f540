"""Makes ready what staff fetch together, and forgets it after its time; decides nothing of papers."""

from __future__ import annotations

from datetime import datetime

from webapp.jobs.workshop import Workshop
from webapp.operations.papers import exports, inspection
from webapp.store.papers.papers import Document
from webapp.store.platform.scope import Scope


def make_export(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Looks at each paper of a choice; one that is not as it was made is left out, and staff are told. `id` is the choice's."""

    def is_whole(document: Document, content: bytes) -> bool:
        try:
            inspection.need_whole(shop.store, shop.seals, Scope(tenant, None, "worker"), document, content, now)
        except inspection.Damaged:
            return False
        return True

    exports.make(shop.store, tenant, id, is_whole, now)


def expire_exports(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Forgets what has been had for a week; the papers stay."""
    exports.expire(shop.store, tenant, now)

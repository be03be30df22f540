"""Makes ready what staff fetch together, and forgets it after its time; decides nothing of papers."""

from __future__ import annotations

from datetime import datetime

from webapp.jobs.worker_context import WorkerContext
from webapp.operations.papers import document_verification, exports
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope


def make_export(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Looks at each paper of a choice; one that is not as it was made is left out, and staff are told. `id` is the choice's."""

    def is_whole(document: Document, content: bytes) -> bool:
        try:
            document_verification.need_whole(
                worker_context.store, worker_context.seals, Scope(tenant, None, "worker"), document, content, now
            )
        except document_verification.Damaged:
            return False
        return True

    exports.make(worker_context.store, tenant, id, is_whole, now)


def expire_exports(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Forgets what has been had for a week; the papers stay."""
    exports.expire(worker_context.store, tenant, now)

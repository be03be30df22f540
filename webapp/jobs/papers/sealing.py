"""Draws a paper and seals it for its contract party; when it cannot, staff are told once and the job goes on or waits as the cause wants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from webapp import faults
from webapp.documents.keys import CannotSeal
from webapp.domain.papers.facts import Paper
from webapp.domain.tenants.tenant import Tenant
from webapp.domain.texts import msg
from webapp.gateways.errors import Permanent, Temporary
from webapp.jobs.worker_context import WorkerContext
from webapp.l10n import Localizer
from webapp.operations.papers import document_verification

PATIENCE = timedelta(minutes=15)
"""An authority that is away is no news before this; papers then wait for it and nobody has to do anything."""


@dataclass(frozen=True)
class SealedPaper:
    """What is to be kept: the bytes, their name, and what the seal says, for the facts of the document."""

    content: bytes
    file_name: str
    facts: dict[str, str]


def drawn_and_sealed(
    worker_context: WorkerContext,
    tenant: str,
    paper: Paper,
    seller: Tenant,
    now: datetime,
    attached: tuple[Any, ...] = (),
) -> SealedPaper:
    """The paper under its seal. Raises Temporary (again later), CannotSeal or Permanent (somebody must look), CannotDraw."""
    content, file_name = worker_context.draw(paper, seller, *([attached] if attached else []))
    faults.point("document.after_render")
    label = Localizer(paper.language).gettext(msg("Electronic seal of %(name)s")) % {"name": paper.seller.name}
    try:
        sealed = worker_context.seal(content, document_verification.key_of(seller), label, now)
    except Temporary as later:
        document_verification.cannot_seal(worker_context.store, tenant, paper.ref, later.code, now, wait=PATIENCE)
        raise
    except (CannotSeal, Permanent) as lasting:
        document_verification.cannot_seal(worker_context.store, tenant, paper.ref, lasting.code, now)
        raise
    faults.point("document.after_seal")
    facts = {"sealed_by": sealed.by, "sealed_at": sealed.at.isoformat(), "level": sealed.level} if sealed.at else {}
    if sealed.key_ends:
        facts["key_ends"] = sealed.key_ends.isoformat()
    return SealedPaper(sealed.content, file_name, facts)


def check_papers(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Looks at every stored paper; staff are told of each that is not as it was made."""
    document_verification.sweep(worker_context.store, worker_context.seals, tenant, now)

"""A drawn paper stored, and in the same transaction the signatures that it wants asked for; draws nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from webapp import faults
from webapp.domain.papers.coverage import Covered
from webapp.domain.papers.facts import Paper, PowerOfAttorney
from webapp.operations.papers import porting_status
from webapp.operations.papers.production import add, order_and_seller, worker_scope
from webapp.operations.signing import signature_requests
from webapp.store.unit_of_work import Store, Work


def store_paper(
    store: Store,
    tenant: str,
    paper: Paper,
    content: bytes,
    file_name: str,
    now: datetime,
    seal: Mapping[str, str] = MappingProxyType({}),
) -> bool:
    """Stores a drawn paper for good; False when another worker was quicker, whose bytes then stand.

    `seal` is what its seal says: sealed_by, sealed_at, level, key_ends; nothing for a paper that bears none.
    """
    with worker_scope(store, tenant) as work:
        if isinstance(paper, PowerOfAttorney) and not _is_asked_for(work, paper):
            return False
        document = add(work, paper, content, file_name, seal, now)
        if document and isinstance(paper, PowerOfAttorney):
            signature_requests.open_request(work, document, paper, now)
        faults.point("document.before_commit")
    return document is not None


def _is_asked_for(work: Work, paper: PowerOfAttorney) -> bool:
    """Whether no correction has overtaken the paper while it was drawn."""
    standing = porting_status.as_they_stand(work, order_and_seller(work, paper.ref)[0], hold=True)
    covers = {standing.covers.get(n) for n in paper.lines}
    return covers == {Covered(paper.number, paper.version, paper.made_at)}

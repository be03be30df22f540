"""What follows an order: set its steps going, and make its papers; each may run twice and happens once."""

from __future__ import annotations

from datetime import datetime

from webapp import faults
from webapp.jobs.papers.sealing import drawn_and_sealed
from webapp.jobs.worker_context import WorkerContext
from webapp.operations.papers import production
from webapp.operations.signing import issuing


def fan_out_order(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """The one job an order defers: fans out to all others. `id` is the order's reference."""
    production.fan_out_order(worker_context.store, tenant, id, now)
    faults.point("carry_out.after_commit")


def make_document(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Draws a paper, seals it unless it is to be signed first, and keeps it. `id` is the paper's number."""
    wanted = production.paper_to_render(worker_context.store, tenant, id, worker_context.secret)
    if wanted is None:
        return
    paper, seller = wanted
    if paper.signed is None:
        made = drawn_and_sealed(worker_context, tenant, paper, seller, now)
        content, file_name, seal = made.content, made.file_name, made.facts
    else:
        (content, file_name), seal = worker_context.draw(paper, seller), {}
        faults.point("document.after_render")
    issuing.store_paper(worker_context.store, tenant, paper, content, file_name, now, seal)
    faults.point("document.after_commit")

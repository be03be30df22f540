"""Makes a contract summary into a paper before there is an order; may run twice and happens once."""

from __future__ import annotations

from datetime import datetime

from webapp import faults
from webapp.jobs.worker_context import WorkerContext
from webapp.operations.ordering import contract_summaries


def make_summary(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Draws a contract summary and keeps it with its draft. `id` is the stored summary's."""
    wanted = contract_summaries.summary_to_render(worker_context.store, tenant, id)
    if wanted is None:
        return
    paper, seller = wanted
    content, file_name = worker_context.draw(paper, seller)
    faults.point("summary.after_render")
    contract_summaries.store_summary(worker_context.store, tenant, id, content, file_name, now)

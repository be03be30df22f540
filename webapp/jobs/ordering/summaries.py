"""Makes a contract summary into a paper before there is an order; may run twice and happens once."""

from __future__ import annotations

from datetime import datetime

from webapp import faults
from webapp.jobs.workshop import Workshop
from webapp.operations.ordering import summary


def make_summary(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Draws a contract summary and keeps it with its draft. `id` is the stored summary's."""
    wanted = summary.wanted(shop.store, tenant, id)
    if wanted is None:
        return
    paper, seller = wanted
    content, file_name = shop.draw(paper, seller)
    faults.point("summary.after_render")
    summary.keep(shop.store, tenant, id, content, file_name, now)

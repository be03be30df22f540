"""What follows an order: set its steps going, and make its papers; each may run twice and happens once."""

from __future__ import annotations

from datetime import datetime

from webapp import faults
from webapp.jobs.workshop import Workshop
from webapp.operations import paperwork


def carry_out(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """The one job an order defers: fans out to all others. `id` is the order's reference."""
    paperwork.begin(shop.store, tenant, id, now)
    faults.point("carry_out.after_commit")


def make_document(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Draws a paper and keeps it. `id` is the paper's number."""
    wanted = paperwork.wanted(shop.store, tenant, id, shop.secret)
    if wanted is None:
        return
    paper, seller = wanted
    content, file_name = shop.draw(paper, seller)
    faults.point("document.after_render")
    paperwork.keep(shop.store, tenant, paper, content, file_name, now)
    faults.point("document.after_commit")

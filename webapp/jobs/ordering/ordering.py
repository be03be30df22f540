"""What follows an order: set its steps going, and make its papers; each may run twice and happens once."""

from __future__ import annotations

from datetime import datetime

from webapp import faults
from webapp.jobs.papers.sealing import drawn_and_sealed
from webapp.jobs.workshop import Workshop
from webapp.operations.papers import paperwork


def carry_out(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """The one job an order defers: fans out to all others. `id` is the order's reference."""
    paperwork.begin(shop.store, tenant, id, now)
    faults.point("carry_out.after_commit")


def make_document(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Draws a paper, seals it unless it is to be signed first, and keeps it. `id` is the paper's number."""
    wanted = paperwork.wanted(shop.store, tenant, id, shop.secret)
    if wanted is None:
        return
    paper, seller = wanted
    if paper.signed is None:
        made = drawn_and_sealed(shop, tenant, paper, seller, now)
        content, file_name, seal = made.content, made.file_name, made.facts
    else:
        (content, file_name), seal = shop.draw(paper, seller), {}
        faults.point("document.after_render")
    paperwork.keep(shop.store, tenant, paper, content, file_name, now, seal)
    faults.point("document.after_commit")

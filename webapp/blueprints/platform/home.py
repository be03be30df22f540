"""What a customer comes back to: signatures that are missing, drafts, the way to order, the latest orders, numbers about to move."""

from __future__ import annotations

import re

from flask import Blueprint, Response, g, request

from webapp.operations.ordering import progress
from webapp.store.reading import order_reads, signature_reads
from webapp.web.access import may
from webapp.web.htmx import page
from webapp.web.layout_context import services, work
from webapp.web.ordering.order_buttons import order_buttons
from webapp.web.signing import signature_view

bp = Blueprint("home", __name__)

AWAITED = 10
"""Powers of attorney that wait, as many as the page tells of; those that need somebody come first."""
_DRAFT = re.compile(r"[A-Za-z0-9_-]{1,60}", re.ASCII)


@bp.get("/home")
@may("customer")
def home() -> Response:
    """Drafts with how far they are, orders and moves."""
    with work() as unit:
        found = order_reads.home(unit, g.now)
        awaited, waiting = signature_reads.awaited(unit, limit=AWAITED)
        far = progress.progress(unit, g.tenant, g.person, g.language, g.now, [draft.id for draft in found.drafts])
    hanging = signature_view.hanging(awaited, g.tenant.market, g.person.email, g.tenant.market.today(g.now))
    return page(
        "platform/home.html",
        drafts=[(draft, far[draft.id]) for draft in found.drafts if draft.id in far],
        orders=[(order, g.tenant.market.today(order.placed_at)) for order in found.orders],
        portings=found.portings,
        awaited=hanging,
        hangs={(each.order, n): each.state for each in hanging for n in each.lines},
        waiting=waiting,
        order_buttons=order_buttons(),
        who=() if g.person.may_order else services().who_may_order(g.tenant, g.person),
        discarded=_DRAFT.fullmatch(request.args.get("discarded", "")) and request.args["discarded"],
    )

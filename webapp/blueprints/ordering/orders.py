"""A company's orders: the list, one order, the receipt with papers that appear by themselves, and the papers; orders nothing."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, abort, g, request
from flask import render_template as render

from webapp.operations.papers import production
from webapp.operations.papers.production import PaperProgress
from webapp.store.reading import order_reads
from webapp.store.reading.cards import OrderPage
from webapp.web.access import may
from webapp.web.htmx import fragment, page, stop_polling
from webapp.web.layout_context import work
from webapp.web.listing import answer
from webapp.web.ordering import order_view
from webapp.web.signing import signature_view
from webapp.web.signing.signature_view import ShownCase

bp = Blueprint("orders", __name__)


@bp.get("/orders")
@may("customer")
def listing() -> Response:
    """The company's orders, narrowed by what stands in the address."""
    asked = order_view.filters(request.args, g.tenant.market)
    with work() as unit:
        found = order_reads.orders(unit, **asked.read())
    more = f"/orders?{urlencode(asked.query(cursor=found.next))}" if found.next else None
    shown = {"asked": asked, "orders": found.rows, "more": more, "zone": g.tenant.market.zone}
    return answer("ordering/orders.html", "ordering/order_results.html", **shown)


@bp.get("/orders/<ref>")
@may("customer")
def order(ref: str) -> Response:
    """One order with all that has happened to it."""
    found, progress, cases = _load(ref)
    standing = order_view.as_it_stands(found)
    lines, pages = order_view.line_pages(standing, request.args.get("page", ""), f"/orders/{ref}")
    return page(
        "ordering/order.html",
        found=found,
        progress=progress,
        cases=cases,
        lines=lines,
        pages=pages,
        view=order_view,
        price=order_view.price(g.words, found.order),
        market=g.tenant.market,
        steps=order_view.to_come(g.words, found, cases, g.tenant.market, g.person.email),
        slow=order_view.is_slow(found.order, progress, g.now),
        already="already" in request.args,
    )


@bp.get("/orders/<ref>/receipt")
@may("customer")
def receipt(ref: str) -> Response:
    """What to keep after ordering; can be bookmarked."""
    found, progress, cases = _load(ref)
    return page(
        "ordering/receipt.html",
        found=found,
        progress=progress,
        cases=cases,
        price=order_view.price(g.words, found.order),
        steps=order_view.to_come(g.words, found, cases, g.tenant.market, g.person.email),
        slow=order_view.is_slow(found.order, progress, g.now),
        already="already" in request.args,
    )


@bp.get("/orders/<ref>/documents/state")
@may("customer")
def state(ref: str) -> Response:
    """How far the papers are, asked for every two seconds until nothing more changes."""
    found, progress, cases = _load(ref)
    slow = order_view.is_slow(found.order, progress, g.now)
    spoken = str(progress.done) != request.args.get("done", "")
    html = render("papers/order_documents.html", found=found, progress=progress, cases=cases, slow=slow, spoken=spoken)
    return stop_polling(html) if progress.is_over or slow else fragment(html)


@bp.get("/orders/<ref>/documents/<document>")
@may("customer")
def document(ref: str, document: str) -> Response:
    """A paper, byte for byte as it was made; that it was fetched is told in the trail."""
    return order_view.paper(ref, document)


def _load(ref: str) -> tuple[OrderPage, PaperProgress, tuple[ShownCase, ...]]:
    with work() as unit:
        found = order_reads.order_page(unit, ref)
        if found is None:
            abort(404)
        progress = production.progress(unit, found.order, g.tenant, found.documents)
        return found, progress, signature_view.of_order(unit, found.order)

"""The seller's staff: orders of all their customers, the papers, and what went wrong, to be tried again; another tenant's is not here."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, g, request

from webapp.operations.desk import staff
from webapp.operations.papers import production
from webapp.store.reading import company_reads, order_reads
from webapp.web import listing
from webapp.web.access import may
from webapp.web.htmx import by_htmx, fragment, macro, page, see_other
from webapp.web.layout_context import work
from webapp.web.ordering import order_view
from webapp.web.signing import signature_view

bp = Blueprint("admin", __name__, url_prefix="/admin")


@bp.get("")
@may("staff")
def start() -> Response:
    """The first page of staff."""
    return see_other("/admin/orders")


@bp.get("/orders")
@may("staff")
def orders() -> Response:
    """Orders of every customer, narrowed by what stands in the address; what failed stands above them."""
    asked = order_view.filters(request.args, g.tenant.market)
    with work() as unit:
        found = order_reads.orders(unit, **asked.read())
        companies = company_reads.companies(unit, g.words.language)
        troubles = staff.troubles(unit)
    more = f"/admin/orders?{urlencode(asked.query(cursor=found.next))}" if found.next else None
    shown = {"asked": asked, "orders": found.rows, "more": more, "zone": g.tenant.market.zone}
    return listing.answer("desk/orders.html", "desk/results.html", companies=companies, troubles=troubles, **shown)


@bp.get("/orders/<ref>")
@may("staff")
def order(ref: str) -> Response:
    """One order with all that has happened to it."""
    return _order_page(ref, request.args.get("page", ""))


@bp.post("/orders/<ref>/lines/<int:n>/cards")
@may("staff")
def cards(ref: str, n: int) -> Response:
    """The whole numbers of a line's SIM cards; that they were shown, and to whom, is told in the trail."""
    with work() as unit:
        placed = unit.orders.get(ref)
        line = next((line for line in placed.lines if line.n == n), None) if placed else None
        if placed is None or line is None or not order_view.cards(line):
            abort(404)
        staff.show_cards(unit, placed, line, g.now)
    if not by_htmx():
        return _order_page(ref, order_view.page_of(placed, n), whole=n)
    return fragment(macro("facts", order_view.facts(line, placed, whole=True)), focus=f"#facts-{n}")


@bp.get("/orders/<ref>/documents/<document>")
@may("staff")
def document(ref: str, document: str) -> Response:
    """A paper; that it was fetched, and by whom, is told in the trail."""
    return order_view.paper(ref, document)


@bp.post("/jobs/<int:number>/retry")
@may("staff")
def retry(number: int) -> Response:
    """Has what failed run once more."""
    with work() as unit:
        trouble = staff.try_again(unit, number, g.now)
    if trouble is None:
        abort(404)
    flash(g.words.gettext("It is tried again now"), "success")
    return see_other(f"/admin/orders/{trouble.ref}" if trouble.ref else "/admin/orders")


def _order_page(ref: str, asked: str, whole: int = 0) -> Response:
    """The page of an order, with that page of its lines; `whole` is the line whose cards are shown."""
    with work() as unit:
        found = order_reads.order_page(unit, ref)
        if found is None:
            abort(404)
        progress = production.progress(unit, found.order, g.tenant, found.documents)
        cases = signature_view.of_order(unit, found.order)
        troubles = staff.troubles(unit, ref)
    lines, pages = order_view.line_pages(order_view.as_it_stands(found), asked, f"/admin/orders/{ref}")
    return page(
        "desk/order.html",
        whole=whole,
        found=found,
        progress=progress,
        cases=cases,
        legal_approved=g.tenant.porting.legal_approved,
        troubles=troubles,
        lines=lines,
        pages=pages,
        view=order_view,
        price=order_view.price(g.words, found.order),
        market=g.tenant.market,
        slow=order_view.is_slow(found.order, progress, g.now),
    )

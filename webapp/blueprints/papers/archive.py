"""What the seller's staff look back on: papers of all customers, one or many at a time, and the audit trail; changes neither."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, flash, g, request
from flask import render_template as render

from webapp.operations.ordering import labels
from webapp.operations.papers import exports, production
from webapp.store.reading import audit_reads, company_reads, document_reads
from webapp.web import audit_labels, listing
from webapp.web.access import may
from webapp.web.htmx import fragment, page, see_other, stop_polling
from webapp.web.layout_context import services, work

bp = Blueprint("archive", __name__, url_prefix="/admin")


@bp.get("/documents")
@may("staff")
def documents() -> Response:
    """Papers of every customer, the signed ones first, narrowed by what stands in the address."""
    asked = listing.paper_filters(request.args, g.tenant.market, production.TITLES, exports.STANDINGS)
    narrowed = document_reads.DocumentFilter(**asked.read())
    with work() as unit:
        found = document_reads.papers(unit, narrowed, cursor=asked.cursor)
        count, size = document_reads.measured(unit, narrowed, exports.MOST_PAPERS + 1)
        companies = company_reads.companies(unit, g.words.language)
        zips = exports.latest(unit, g.now)
    return listing.answer(
        "papers/archive.html",
        "papers/archive_results.html",
        asked=asked,
        papers=found.rows,
        more=f"/admin/documents?{urlencode(asked.query(cursor=found.next))}" if found.next else None,
        count=count,
        size=size,
        too_much=count > exports.MOST_PAPERS or size > exports.MOST_BYTES,
        limit=exports,
        companies=companies,
        zips=zips,
        zone=g.tenant.market.zone,
        kinds=_in_words(production.TITLES),
        standings=_in_words(exports.STANDINGS),
    )


@bp.post("/documents/zip")
@may("staff")
def zip_of_documents() -> Response:
    """Has exactly the papers of these filters made into one zip."""
    asked = listing.paper_filters(request.form, g.tenant.market, production.TITLES, exports.STANDINGS)
    narrowed = document_reads.DocumentFilter(**asked.read())
    with work() as unit:
        id, problem = exports.ask(unit, narrowed, asked.query(), g.person.id, g.language, g.now)
    if problem:
        flash(labels.problem(g.words, problem), "error")
        return see_other(f"/admin/documents?{urlencode(asked.query())}")
    return see_other(f"/admin/exports/{id}")


@bp.get("/exports/<id>")
@may("staff")
def export(id: str) -> Response:
    """One zip: how far it is, and when it is ready the way to it."""
    return page("papers/export.html", progress=_progress(id))


@bp.get("/exports/<id>/state")
@may("staff")
def export_state(id: str) -> Response:
    """How far it is, asked for every two seconds until nothing more changes."""
    progress = _progress(id)
    spoken = str(progress.export.looked) != request.args.get("looked", "") or progress.is_over
    html = render("papers/export_state.html", progress=progress, spoken=spoken)
    return stop_polling(html) if progress.is_over else fragment(html)


@bp.get("/exports/<id>/zip")
@may("staff")
def export_zip(id: str) -> Response:
    """The zip itself, written while it is sent; every paper in it is told in the trail."""
    with work() as unit:
        ready = exports.fetch(unit, id, g.tenant.market, g.words, g.now)
    if ready is None:
        abort(404)
    serving, tenant, person = services(), g.tenant, g.person  # the request is over when the last piece is written
    answer = Response(exports.write(ready, lambda: serving.work(tenant, person)), mimetype="application/zip")
    day = ready.export.asked_at.astimezone(tenant.market.zone)
    answer.headers["Content-Disposition"] = f'attachment; filename="{tenant.slug}_{day:%Y-%m-%d_%H%M}.zip"'
    answer.content_length = ready.size
    return answer


@bp.post("/exports/<id>/cancellation")
@may("staff")
def cancel_export(id: str) -> Response:
    """Stops what is being made."""
    with work() as unit:
        if exports.progress(unit, id, g.now) is None:
            abort(404)
        exports.cancel(unit, id, g.now)
    return see_other(f"/admin/exports/{id}")


def _in_words(codes: Mapping[str, str]) -> dict[str, str]:
    return {code: g.words.gettext(text) for code, text in codes.items()}


def _progress(id: str) -> exports.ExportProgress:
    with work() as unit:
        return exports.progress(unit, id, g.now) or abort(404)


@bp.get("/audit")
@may("staff")
def audit() -> Response:
    """Who did what and when, narrowed by what stands in the address."""
    asked = listing.trail_filters(request.args, g.tenant.market, audit_labels.AREAS)
    with work() as unit:
        found = audit_reads.trail(unit, **asked.read())
    rows = [
        (row, audit_labels.act(g.words, row), audit_labels.actor(g.words, row, g.tenant.slug)) for row in found.rows
    ]
    return listing.answer(
        "desk/audit.html",
        "desk/audit_results.html",
        asked=asked,
        rows=rows,
        more=f"/admin/audit?{urlencode(asked.query(cursor=found.next))}" if found.next else None,
        areas=_in_words(audit_labels.AREAS),
        zone=g.tenant.market.zone,
        ref_prefix=f"{g.tenant.ref_prefix}-",
    )

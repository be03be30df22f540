"""The contract summary of an order in the making: to be read, printed, and kept as a PDF that a job makes; accepts nothing."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, g
from flask import render_template as render

from webapp.domain.ordering.contract_summary import Facts
from webapp.operations.ordering import contract_summaries as verbs
from webapp.web.access import may
from webapp.web.htmx import fragment, page, see_other, stop_polling
from webapp.web.layout_context import ordering, work
from webapp.web.ordering import order_view

bp = Blueprint("summary", __name__)


@bp.get("/drafts/<draft>/summary")
@may("buyer")
def summary(draft: str) -> Response:
    """The summary in full, in the words of its paper."""
    return page("ordering/contract_summary.html", **_shown(draft))


@bp.post("/drafts/<draft>/summary")
@may("buyer")
def ask(draft: str) -> Response:
    """Has the summary made into a PDF that is kept."""
    facts = _facts(draft)
    with work() as unit:
        verbs.ask(unit, draft, facts, g.now)
    return see_other(f"/drafts/{draft}/summary")


@bp.get("/drafts/<draft>/summary/state")
@may("buyer")
def state(draft: str) -> Response:
    """How far the PDF is, asked for every two seconds until it is there."""
    shown = _shown(draft)
    html = render("ordering/contract_summary_paper.html", **shown)
    return fragment(html) if shown["paper"] and not shown["paper"].made_at else stop_polling(html)


@bp.get("/drafts/<draft>/summary/<id>")
@may("buyer")
def paper(draft: str, id: str) -> Response:
    """The PDF, also when the draft has become an order."""
    with work() as unit:
        found = verbs.fetch(unit, draft, id, g.now)
    if found is None:
        abort(404)
    made, content = found
    return order_view.pdf(content, made.file_name or "")


def _facts(draft: str) -> Facts:
    """404 where none is due: a large company, or lines that lack answers."""
    return ordering().review(draft).summary or abort(404)


def _shown(draft: str) -> dict[str, Any]:
    facts = _facts(draft)
    with work() as unit:
        made = unit.summaries.of(draft, facts.fingerprint())
    return {
        "facts": facts,
        "w": g.words,
        "market": g.tenant.market,
        "level": 2,
        "paper": made,
        "url": f"/drafts/{draft}/summary",
        "review_url": f"/drafts/{draft}/review",
    }

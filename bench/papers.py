"""How long both papers of an order take, as a ratio to stock WeasyPrint with the same HTML in the same variant, paired.

Stock means what its documentation shows: the sheet in the HTML, fonts and logo as files, everything made anew each time.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.measure import Measured, against, in_turn
from tests.builders import a_ported_line, a_porting, a_tenant, an_order
from webapp.documents import pdf_renderer
from webapp.documents.paper_templates import markup, stylesheet
from webapp.documents.pdf_renderer import render
from webapp.domain.papers.facts import Paper
from webapp.domain.papers.for_order import papers_for
from webapp.domain.tenants.tenant import Tenant
from webapp.l10n import Localizer

ASSETS = Path(__file__).resolve().parent.parent / ".assets"
GOAL, STRETCH = 1.0, 0.8
ROUNDS = 15


def measured(rounds: int = ROUNDS) -> Measured:
    """Ours and stock, in milliseconds for all the papers of an order with two numbers to move."""
    tenant = a_tenant()
    ports = (a_porting(e164=f"+4670174060{n}") for n in (1, 2))
    order = an_order(*(a_ported_line(n, porting=port) for n, port in enumerate(ports, 1)), tenant=tenant)
    papers = papers_for(order, tenant, lambda number: "ABCD-EFGH")
    words = Localizer(order.language, zone=tenant.market.zone)
    with tempfile.TemporaryDirectory() as folder:
        logo = Path(folder) / "logo.svg"
        logo.write_bytes(tenant.brand.logo)

        def ours(_: int) -> None:
            for paper in papers:
                render(paper, tenant, words, ASSETS)

        def stock(_: int) -> None:
            for paper in papers:
                _stock(paper, tenant, words, logo)

        for _ in range(2):
            ours(0)  # warm: fonts are read and the first answers kept
            stock(0)
        return against(in_turn({"ours": ours, "stock": stock}, rounds, 1), "ours", "stock")


def _stock(paper: Paper, tenant: Tenant, words: Localizer, logo: Path) -> bytes:
    from weasyprint import HTML, Attachment

    fonts = ASSETS / pdf_renderer.FONT_FOLDER
    faces = tuple((weight, (fonts / name).as_uri()) for weight, name in pdf_renderer.FACES.items())
    sheet = stylesheet(tenant.brand.colour, words, faces)
    html = markup(paper, tenant, words, logo.as_uri()).replace("</head>", f"<style>{sheet}</style></head>")
    data = Attachment(string=paper.data.encode(), name=paper.data_name, relationship="Data")
    pdf: bytes = HTML(string=html).write_pdf(pdf_variant="pdf/a-3a", attachments=[data])
    return pdf

"""How long both papers of an order take, as a ratio to stock WeasyPrint with the same HTML in the same variant, paired.

Stock means what its documentation shows: the sheet in the HTML, fonts and logo as files, everything made anew each time.
"""

from __future__ import annotations

import gc
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.builders import a_ported_line, a_porting, a_tenant, an_order
from webapp.documents import press, render
from webapp.documents.sheet import markup, stylesheet
from webapp.domain.paper import Paper
from webapp.domain.papers import papers_for
from webapp.domain.tenant import Tenant
from webapp.l10n import Words

ASSETS = Path(__file__).resolve().parent.parent / ".assets"
GOAL, STRETCH = 1.0, 0.8
ROUNDS = 15


def main(rounds: int = ROUNDS) -> float:
    """Measure, print one line, and give the ratio."""
    tenant = a_tenant()
    ports = (a_porting(e164=f"+4670174060{n}") for n in (1, 2))
    order = an_order(*(a_ported_line(n, porting=port) for n, port in enumerate(ports, 1)), tenant=tenant)
    papers = papers_for(order, tenant, lambda number: "ABCD-EFGH")
    words = Words(order.language, zone=tenant.market.zone)
    with tempfile.TemporaryDirectory() as folder:
        logo = Path(folder) / "logo.svg"
        logo.write_bytes(tenant.brand.logo)

        def ours() -> None:
            for paper in papers:
                render(paper, tenant, words, ASSETS)

        def stock() -> None:
            for paper in papers:
                _stock(paper, tenant, words, logo)

        ours_ms, stock_ms, ratio = paired(ours, stock, rounds)
    print(  # noqa: T201
        f"papers  both, warm: {ours_ms:.0f} ms; stock WeasyPrint {stock_ms:.0f} ms; "
        f"ratio {ratio:.2f} (goal ≤ {GOAL:.2f}, stretch {STRETCH:.2f})"
    )
    return ratio


def paired(one: Callable[[], None], other: Callable[[], None], rounds: int) -> tuple[float, float, float]:
    """Medians in milliseconds and the median of the rounds' ratios; who goes first alternates."""
    one(), other()
    pairs = []
    for at in range(rounds):
        first, second = (one, other) if at % 2 else (other, one)
        spent = {first: _timed(first), second: _timed(second)}
        pairs.append((spent[one], spent[other]))
    return (
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(a / b for a, b in pairs),
    )


def _timed(work: Callable[[], None]) -> float:
    gc.collect()
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _stock(paper: Paper, tenant: Tenant, words: Words, logo: Path) -> bytes:
    from weasyprint import HTML, Attachment

    fonts = ASSETS / press.FONT_FOLDER
    faces = tuple((weight, (fonts / name).as_uri()) for weight, name in press.FACES.items())
    sheet = stylesheet(tenant.brand.colour, words, faces)
    html = markup(paper, tenant, words, logo.as_uri()).replace("</head>", f"<style>{sheet}</style></head>")
    data = Attachment(string=paper.data.encode(), name=paper.data_name, relationship="Data")
    pdf: bytes = HTML(string=html).write_pdf(pdf_variant="pdf/a-3a", attachments=[data])
    return pdf


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)

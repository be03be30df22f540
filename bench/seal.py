"""What a seal (RSA-3072, B-B) costs beside the raw render of the same paper, in turn: alone, with the paper made anew and checked; and its check.

By itself: `python -m bench.seal [ROUNDS]`.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import Goal, against, in_turn
from bench.papers import ASSETS
from tests.builders import a_ported_line, a_porting, a_tenant, an_order
from webapp.documents.check import check
from webapp.documents.keys import Keyring
from webapp.documents.own_ca import Holder, make_keys
from webapp.documents.pdf_renderer import render
from webapp.documents.seal import seal
from webapp.domain.papers.facts import Paper
from webapp.domain.papers.for_order import papers_for
from webapp.l10n import Localizer

GOAL, ANEW, CHECK_MS = 0.25, 1.5, 50
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def goals(rounds: int) -> Iterator[Goal]:
    """Both papers of an order with two numbers to move."""
    tenant = a_tenant()
    ports = (a_porting(e164=f"+4670174060{n}") for n in (1, 2))
    order = an_order(*(a_ported_line(n, porting=port) for n, port in enumerate(ports, 1)), tenant=tenant)
    words = Localizer(order.language, zone=tenant.market.zone)
    with tempfile.TemporaryDirectory() as folder:
        make_keys(Path(folder), {tenant.slug: Holder(tenant.legal.name, tenant.market.code)}, NOW, "bench")
        keys = Keyring(Path(folder), "bench")
        for paper in papers_for(order, tenant, lambda number: "ABCD-EFGH"):
            printed = render(paper, tenant, words, ASSETS)
            sealed = seal(printed, keys.key(tenant.slug), NOW, "Sigill")

            def anew(_: int, paper: Paper = paper) -> None:
                """As a job makes it: drawn, sealed and looked at."""
                whole = seal(render(paper, tenant, words, ASSETS), keys.key(tenant.slug), NOW, "Sigill")
                assert check(whole, keys.trust(), NOW).is_valid

            spent = in_turn(
                {
                    "render": lambda _, paper=paper: render(paper, tenant, words, ASSETS),  # type: ignore[misc]
                    "seal": lambda _, printed=printed: seal(printed, keys.key(tenant.slug), NOW, "Sigill"),  # type: ignore[misc]
                    "anew": anew,
                    "check": lambda _, sealed=sealed: check(sealed, keys.trust(), NOW),  # type: ignore[misc]
                },
                rounds,
                5,
            )
            found = against(spent, "seal", "render")
            raw = f"{found.ours:.1f} / {found.base:.1f} ms"
            yield Goal(f"seal of a {paper.kind} / its render", found.ratio, GOAL, raw=raw)
            made = against(spent, "anew", "render")
            raw = f"{made.ours:.1f} / {made.base:.1f} ms"
            yield Goal(f"{paper.kind} made anew, sealed and checked / its render", made.ratio, ANEW, raw=raw)
            yield Goal(f"check of a {paper.kind}, ms", statistics.median(spent["check"]), CHECK_MS)


if __name__ == "__main__":
    for goal in goals(int(sys.argv[1]) if len(sys.argv) > 1 else 7):
        print(goal.line(), flush=True)

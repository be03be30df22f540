"""Papers of real orders at the demo tenants, and what a reader finds in a PDF; tests of papers share it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import page
import pikepdf
import pypdf

from tests.builders import NOW, a_company, a_danish_company, a_ported_line, a_porting, an_order
from tests.full import FULL
from tests.own_tenants import OWN_TENANTS
from webapp.documents.pdf_renderer import render
from webapp.domain.ordering.draft import Draft, Line
from webapp.domain.ordering.line import OrderContext
from webapp.domain.ordering.order import Fact, Order, OrderLine
from webapp.domain.ordering.quote import quote
from webapp.domain.papers.facts import Paper
from webapp.domain.papers.for_order import papers_for
from webapp.domain.people import Inventory, Person
from webapp.domain.tenants.tenant import Tenant
from webapp.l10n import Localizer
from webapp.tenancy.folders import load

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / ".assets"
SLUGS = ("fjallton", "skarvox", "baeltkom", "klitfon")
EACH = [
    (slug, language) for n, slug in enumerate(SLUGS) for language in (("sv", "da") if FULL else (("sv", "da")[n % 2],))
]
"""Every seller's papers in both languages, or in one of them by turns."""

WORKED: dict[str, tuple[str, str | None, tuple[dict[str, str], ...], str]] = {
    "A": ("fjallton", "FJ-RAM", ({
        "kind": "mobile", "binding": "agreement", "months": "24", "call_rate": "flat", "data": "FJ-D40",
        "number_source": "new", "sim": "icc", "pbx": "pbx", "mex": "yes", "data_cards": "1",
    },), "large"),
    "B": ("skarvox", None, ({
        "kind": "mobile", "binding": "none", "call_rate": "metered", "data": "SX-D5", "data_cards": "1",
        "number_source": "specific", "specific_number": "+46701740641", "sim": "icc", "pbx": "standalone",
    },), "large"),
    "C": ("baeltkom", "BK-RAMME", ({
        "product": "BK-MOBIL", "data": "BK-L", "binding": "agreement", "months": "36", "waiver_36": "yes",
        "number_source": "new", "pbx": "pbx", "data_cards": "2",
    },), "small"),
    "D": ("klitfon", "KF-RAMME", ({
        "product": "KF-M", "binding": "agreement", "months": "12", "number_source": "new", "sim": "esim",
        "pbx": "standalone",
    },) * 3, "large"),
}  # fmt: skip
"""The worked orders of the domain facts, as answers: tenant, agreement, a line each, size of the company."""


@lru_cache(maxsize=1)
def _tenants() -> dict[str, Tenant]:
    loaded = load(OWN_TENANTS, "demo", datetime(2026, 11, 21, 12, tzinfo=UTC))
    return dict(loaded.tenants)


def demo_tenant(slug: str) -> Tenant:
    """A demo tenant as its folder says."""
    return _tenants()[slug]


def worked_order(name: str) -> Order:
    """One of the worked orders, priced by the demo tenant's own lists."""
    slug, agreement, answers, size = WORKED[name]
    tenant = demo_tenant(slug)
    company = (a_danish_company if tenant.market.code == "DK" else a_company)(agreement=agreement, size=size)
    person = Person("p1", "Åsa Öberg", "asa@example.example", "owner", tenant.language, company)
    context = OrderContext(tenant, company, person, Inventory(), NOW, tenant.language)
    lines = tuple(Line(n, given) for n, given in enumerate(answers, 1))
    draft = Draft("d1", company.id, tenant.language, tenant.revision, person.id, person.id, NOW, lines=lines)
    forms = tuple(context.form(draft, line) for line in lines)
    agreed = tuple(
        OrderLine(
            n=form.line.n,
            answers=form.answers(),
            facts=tuple(Fact(question, question, answer) for question, answer in form.answers().items()),
            user_name=f"Märta Ærø {form.line.n}",
            user_email="m@example.example",
            plan=form.plan.code if form.plan else "",
            plan_name=form.name(form.plan) if form.plan else "",
            data=form.package.code if form.package else None,
            months=form.months,
            number_source=form.value("number_source"),
            number=None,
        )
        for form in forms
    )
    return an_order(*agreed, tenant=tenant, company=company, quote=quote(forms), ref=f"{tenant.ref_prefix}-7K4Q-2M")


def ported_order(tenant: Tenant, language: str, lines: int = 2) -> Order:
    """An order whose numbers all come from elsewhere, under one owner and signer."""
    danish = tenant.market.code == "DK"
    company = a_danish_company() if danish else a_company()
    port = a_porting(owner_name=company.name, owner_id=company.org_id)
    numbers = [f"+452000{n:04d}" if danish else f"+4670174{n:04d}" for n in range(600, 600 + lines)]
    made = tuple(
        a_ported_line(n, porting=replace(port, e164=number), user_name=f"Bjørn Ångström {n}")
        for n, number in enumerate(numbers, 1)
    )
    return an_order(*made, tenant=tenant, company=company, language=language)


def papers_of(order: Order, tenant: Tenant) -> tuple[Paper, ...]:
    """The order's papers, each with a code made of its number."""
    return papers_for(order, tenant, lambda number: f"KOD-{number[-1]}")


def printed(paper: Paper, tenant: Tenant, assets: Path = ASSETS) -> bytes:
    """The paper as PDF."""
    return render(paper, tenant, Localizer(paper.language), assets)


def text_of(pdf: bytes) -> str:
    """Everything there is to read, with single plain spaces."""
    reader = pypdf.PdfReader(BytesIO(pdf))
    return " ".join(" ".join(sheet.extract_text() for sheet in reader.pages).replace("\u00a0", " ").split())


def attachments_of(pdf: bytes) -> dict[str, bytes]:
    """What rides in the PDF, by name."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return {name: spec.get_file().read_bytes() for name, spec in opened.attachments.items()}


def findings(pdf: bytes) -> list[tuple[str, str]]:
    """What the validator has to say of PDF/A-3a and PDF/UA-1."""
    return [
        (failure.rule_id, failure.message)
        for profile in ("3a", "ua1")
        for failure in page.validate_pdf_bytes(pdf, profile=profile).failures
    ]


def adrift(pdf: bytes) -> list[str]:
    """Content that is neither an artifact nor held by an element that hangs in the structure tree."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        root = opened.Root.StructTreeRoot
        held = set(_held(root.K))
        lost = []
        for number, sheet in enumerate(opened.pages):
            depth: list[str] = []
            for operands, operator in pikepdf.parse_content_stream(sheet):
                if str(operator) in {"BDC", "BMC"}:
                    mcid = operands[1].get("/MCID") if len(operands) > 1 else None
                    depth.append("" if mcid is None and str(operands[0]) != "/Artifact" else f"{operands[0]} {mcid}")
                    if mcid is not None and (sheet.objgen, int(mcid)) not in held:
                        lost.append(f"page {number + 1}: content {mcid} hangs in no tree")
                elif str(operator) == "EMC":
                    depth.pop()
                elif str(operator) in {"Tj", "TJ", "Do"} and not any(depth):
                    lost.append(f"page {number + 1}: {operator} is not marked")
        return lost


def _held(kids: Any, sheet: Any = None) -> Iterator[tuple[Any, int]]:
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, int):
            yield (sheet, int(kid))
        elif isinstance(kid, pikepdf.Dictionary) and "/K" in kid:
            yield from _held(kid.K, kid.Pg.objgen if "/Pg" in kid else sheet)


def elements(pdf: bytes, kind: str) -> list[list[str]]:
    """For each structure element of that kind, the kinds of the elements below it."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return [_below(each) for each in _all(opened.Root.StructTreeRoot) if each.get("/S") == f"/{kind}"]


def _all(element: Any) -> Iterator[Any]:
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary):
            yield kid
            yield from _all(kid)


def _below(element: Any) -> list[str]:
    return [str(each.S)[1:] for each in _all(element) if "/S" in each]

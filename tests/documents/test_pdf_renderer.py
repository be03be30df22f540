"""Printed papers: valid as archive and for readers of all kinds, complete to the öre, the same bytes every time."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from tests.builders import a_company, a_line, a_ported_line, a_porting, a_tenant, an_order
from tests.documents.reading import (
    ASSETS,
    EACH,
    ROOT,
    adrift,
    attachments_of,
    demo_tenant,
    elements,
    findings,
    papers_of,
    ported_order,
    printed,
    text_of,
    worked_order,
)
from webapp.documents import pdf_renderer, pdfa_fixups
from webapp.documents.paper_templates import markup
from webapp.documents.pdf_renderer import file_name
from webapp.domain.ordering.order import Order
from webapp.domain.stored_json import from_json
from webapp.l10n import Localizer

LETTERS = {"sv": "åäö", "da": "æøå"}


@lru_cache(maxsize=32)
def pair(slug: str, language: str) -> tuple[bytes, bytes]:
    """The confirmation and the power of attorney of an order with two ports."""
    tenant = demo_tenant(slug)
    confirmation, authority = papers_of(ported_order(tenant, language), tenant)
    return printed(confirmation, tenant), printed(authority, tenant)


@pytest.mark.parametrize(("slug", "language"), EACH)
def test_papers_are_archivable_and_accessible(slug: str, language: str) -> None:
    for pdf in pair(slug, language):
        assert findings(pdf) == []
        assert adrift(pdf) == []
        with pikepdf.open(BytesIO(pdf)) as opened:
            assert str(opened.Root.Lang) == language
            assert str(opened.docinfo["/Title"]) and opened.Root.ViewerPreferences.DisplayDocTitle
            assert "/Filter" not in opened.Root.Metadata
            fonts = {str(font.get("/FontName", "")) for font in opened.objects if _is_font(font)}
            assert fonts and all("Source" in name for name in fonts)


def _is_font(thing: object) -> bool:
    return isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/FontDescriptor"


@pytest.mark.parametrize("language", ["sv", "da"])
def test_letters_and_facts_can_be_read_out(language: str) -> None:
    slug = "fjallton" if language == "sv" else "baeltkom"
    confirmation, authority = (text_of(pdf) for pdf in pair(slug, language))
    assert all(letter in confirmation + authority for letter in LETTERS[language] + "øÅ")
    moved = "070-174 06 00" if language == "sv" else "20 00 06 00"
    for text in (confirmation, authority):
        assert moved in text and "Granlinjen" in text and demo_tenant(slug).legal.name in text
    if language == "sv":
        assert "Orderbekräftelse" in confirmation and "inte en faktura" in confirmation and "sida 1 av" in confirmation
        assert "Fullmakt för nummerflytt" in authority and "Inte underskriven" in authority
        assert "Önskat datum: 3 december 2026." in authority and "dock senast den 19 februari 2027" in authority
    else:
        assert "Ordrebekræftelse" in confirmation and "ikke en faktura" in confirmation and "side 1 af" in confirmation
        assert "Fuldmagt til nummerflytning" in authority and "Ikke underskrevet" in authority
        assert "Ønsket dato: 3. december 2026." in authority and "ret til kompensation" in authority


def test_the_reseller_sends_and_the_operator_is_the_party() -> None:
    for pdf in pair("skarvox", "sv"):
        text = text_of(pdf)
        assert "Fjällton Telekom AB" in text and "Skärvox AB" in text
    assert "genom återförsäljaren Skärvox AB" in text_of(pair("skarvox", "sv")[1])
    assert "Skärvox" not in text_of(pair("fjallton", "sv")[0])


TOTALS = {
    "A": ("237,00 kr 59,25 kr 296,25 kr", "49,00 kr 12,25 kr 61,25 kr", "5 737,00 kr 1 434,25 kr 7 171,25 kr"),
    "B": ("149,00 kr 37,25 kr 186,25 kr", "839,00 kr 209,75 kr 1 048,75 kr"),
    "C": ("249,00 kr. 62,25 kr. 311,25 kr.", "137,00 kr. 34,25 kr. 171,25 kr.",
          "9.101,00 kr. 2.275,25 kr. 11.376,25 kr."),
    "D": ("447,00 kr. 111,75 kr. 558,75 kr.", "0,00 kr. 0,00 kr. 0,00 kr.",
          "5.364,00 kr. 1.341,00 kr. 6.705,00 kr."),
}  # fmt: skip


@pytest.mark.parametrize("name", TOTALS)
def test_worked_orders_are_right_to_the_last_digit(name: str) -> None:
    order = worked_order(name)
    tenant = demo_tenant({"A": "fjallton", "B": "skarvox", "C": "baeltkom", "D": "klitfon"}[name])
    pdf = printed(papers_of(order, tenant)[0], tenant)
    text = text_of(pdf)
    assert [figure for figure in TOTALS[name] if figure not in text] == []
    assert findings(pdf) == []


def test_notice_is_said_as_the_sellers_terms_say_it() -> None:
    tenant = demo_tenant("klitfon")
    text = text_of(printed(papers_of(worked_order("D"), tenant)[0], tenant))
    assert "opsigelsesvarslet 30 dage" in text and "1 måned" not in text


@pytest.mark.parametrize("lines", [1, 3, 60])
def test_any_number_of_lines(lines: int) -> None:
    tenant = a_tenant()
    order = an_order(*(a_line(n, user_name=f"Person {n:03d}") for n in range(1, lines + 1)), tenant=tenant)
    pdf = printed(papers_of(order, tenant)[0], tenant)
    text = text_of(pdf)
    assert findings(pdf) == [] and adrift(pdf) == []
    assert all(f"Person {n:03d}" in text for n in range(1, lines + 1))
    assert ("… 000016" in text) is (lines <= 50), "more lines than fifty: details ride in the attachment"
    assert ("PT-7K4Q-2M-1.json, som är bifogad" in text) is (lines > 50)


def test_the_order_rides_inside_and_its_digest_is_printed() -> None:
    tenant = a_tenant()
    order = an_order(a_line(1), a_ported_line(2), tenant=tenant)
    for paper in papers_of(order, tenant):
        pdf = printed(paper, tenant)
        attached = attachments_of(pdf)
        assert list(attached) == [paper.data_name] and attached[paper.data_name] == paper.data.encode()
        digest = hashlib.sha256(attached[paper.data_name]).hexdigest()
        assert digest in text_of(pdf).replace(" ", "") and paper.verify_code in text_of(pdf)
        with pikepdf.open(BytesIO(pdf)) as opened:
            assert str(next(iter(opened.attachments.values())).relationship) == "/Data"
    confirmation = papers_of(order, tenant)[0]
    assert from_json(Order, json.loads(attachments_of(printed(confirmation, tenant))[confirmation.data_name])) == order


FRESH = """
import hashlib
from tests.builders import *
from tests.documents.reading import papers_of, printed
tenant = a_tenant()
order = an_order(a_line(1), a_ported_line(2), tenant=tenant)
print(*(hashlib.sha256(printed(paper, tenant)).hexdigest() for paper in papers_of(order, tenant)))
"""


def test_another_process_prints_the_same_bytes() -> None:
    tenant = a_tenant()
    order = an_order(a_line(1), a_ported_line(2), tenant=tenant)
    printed(papers_of(ported_order(tenant, "da"), tenant)[0], tenant)  # something else before must not matter
    here = [hashlib.sha256(printed(paper, tenant)).hexdigest() for paper in papers_of(order, tenant)]
    there = subprocess.run([sys.executable, "-c", FRESH], cwd=ROOT, capture_output=True, text=True, check=True)
    assert there.stdout.split() == here


HOSTILE = (
    "<script>alert(1)</script>",
    '<link rel=attachment href="file:///etc/passwd">',
    '"><img src=http://evil.example/x.png>',
    "{{ 7*7 }}{% raw %}",
    "</style><style>*{display:none}",
    "%(operator)s %s %%",
)


def test_hostile_names_are_only_names() -> None:
    tenant = a_tenant()
    for name in HOSTILE:
        port = a_porting(owner_name=name, owner_type="other", signer_name=name, donor=name)
        order = an_order(
            a_ported_line(1, porting=port, user_name=name), company=a_company(name=name), reference=name, tenant=tenant
        )
        for paper in papers_of(order, tenant):
            pdf = printed(paper, tenant)
            assert name.replace(" ", "") in text_of(pdf).replace(" ", "")
            assert list(attachments_of(pdf)) == [paper.data_name]
            assert b"evil.example" not in b"".join(_addresses(pdf))


def _addresses(pdf: bytes) -> Iterator[bytes]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        for sheet in opened.pages:
            for annotation in sheet.get("/Annots", []):
                yield bytes(annotation.A.URI)


def test_long_names_stay_within_the_margins() -> None:
    from weasyprint import HTML

    tenant = a_tenant()
    for name in ("Å" * 120, "Wolfeschlegelsteinhausenbergerdorff " * 3, "Bo-" * 40):
        port = a_porting(owner_name=name, signer_name=name, donor=name[:80], customer_no="9" * 40)
        order = an_order(
            a_ported_line(1, porting=port, user_name=name), company=a_company(name=name), reference=name[:80],
            ordered_by=name, tenant=tenant,
        )  # fmt: skip
        machine = pdf_renderer._renderer(ASSETS)
        for paper in papers_of(order, tenant):
            logo = pdf_renderer._serve(machine, "logo.svg", tenant.brand.logo, "image/svg+xml")
            html = HTML(string=markup(paper, tenant, Localizer("sv"), logo), url_fetcher=machine.fetcher)
            sheet = pdf_renderer._compiled(ASSETS, tenant.brand.colour, "sv")
            for at in html.render(stylesheets=[sheet], font_config=machine.fonts).pages:
                box = at._page_box
                right = box.position_x + box.margin_width() - box.margin_right
                for inner in box.children[0].descendants():
                    if text := getattr(inner, "text", ""):
                        assert inner.position_x + inner.width <= right + 1, (paper.kind, text)


def test_tables_have_headers_and_headings_have_order() -> None:
    for pdf in pair("fjallton", "sv"):
        tables = elements(pdf, "Table")
        assert len(tables) >= 3 and all("TH" in table for table in tables)
        assert len(elements(pdf, "H1")) == 1 and elements(pdf, "H2") and len(elements(pdf, "Figure")) == 1


def test_file_names_are_plain() -> None:
    tenant = demo_tenant("fjallton")
    confirmation, authority = papers_of(ported_order(tenant, "sv"), tenant)
    assert file_name(confirmation, tenant, Localizer("sv")) == "fjallton_orderbekraftelse_PT-7K4Q-2M.pdf"
    assert file_name(authority, tenant, Localizer("sv")) == "fjallton_fullmakt_PT-7K4Q-2M-2.pdf"
    assert file_name(confirmation, tenant, Localizer("da")) == "fjallton_ordrebekraeftelse_PT-7K4Q-2M.pdf"


def test_a_pale_brand_makes_no_heading() -> None:
    from webapp.documents.paper_templates import stylesheet

    heading = re.compile(r"h1 \{[^}]*color: (#\w+)")
    assert heading.findall(stylesheet("#FFD200", Localizer("sv"), ())) == ["#17202A"]
    assert heading.findall(stylesheet("#1B4FD1", Localizer("sv"), ())) == ["#1B4FD1"]


# --- The guards go red -------------------------------------------------------------------------------------------


def test_without_the_finish_running_heads_hang_loose(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = a_tenant()
    paper = papers_of(an_order(tenant=tenant), tenant)[0]
    monkeypatch.setattr(pdfa_fixups, "_set_margins_apart", lambda pdf: None)
    loose = printed(paper, tenant)
    assert adrift(loose) != [] and findings(loose) == [], "the validator does not see it, so we look ourselves"


def test_without_the_declaration_it_is_no_pdf_ua(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = a_tenant()
    paper = papers_of(an_order(tenant=tenant), tenant)[0]
    monkeypatch.setattr(pdfa_fixups, "_declare", lambda document, pdf: None)
    assert {"PDFUA1-ID-PART-001"} <= {rule for rule, _ in findings(printed(paper, tenant))} or findings(
        printed(paper, tenant)
    )


def test_no_stream_ends_in_a_line_break() -> None:
    """One in a hundred does by chance, and PDF/A then finds its length wrong."""
    import zlib

    unlucky = next(text for n in range(99999) if zlib.compress(text := b"%d" % n, 9)[-1:] == b"\r")
    stream = pdfa_fixups.ClosedStream([unlucky], compress=True)
    assert unlucky in stream.data and b"FlateDecode" not in stream.data
    assert b"FlateDecode" in pdfa_fixups.ClosedStream([b"lucky"], compress=True).data


def test_a_later_version_names_the_one_it_corrects() -> None:
    tenant = a_tenant()
    paper = replace(papers_of(an_order(tenant=tenant), tenant)[0], version=2, replaces="PT-7K4Q-2M-1, version 1")
    assert "Ersätter PT-7K4Q-2M-1, version 1" in text_of(printed(paper, tenant))


def test_letter_face_may_be_missing(tmp_path: Path) -> None:
    """Liberation stands in, embedded as well."""
    tenant = a_tenant()
    for paper in papers_of(ported_order(tenant, "sv"), tenant):
        pdf = printed(paper, tenant, tmp_path)
        assert findings(pdf) == [] and "Åsa Öberg" in text_of(pdf)


def test_a_danish_paper_tells_the_day_of_a_price_list_as_danes_write_it() -> None:
    order, tenant = worked_order("D"), demo_tenant("klitfon")
    [confirmation] = [paper for paper in papers_of(order, tenant) if paper.kind == "confirmation"]
    text = " ".join(text_of(printed(confirmation, tenant)).split())
    assert "fra den 1. januar 2026" in text
    assert not re.findall(r"(?:rislist|list)e 20[0-9]{2}-[0-9]{2}-[0-9]{2}", text)

"""The contract summary as a paper: valid, under the regulation's headings in their order, on as few pages, in letters as large as it asks for."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pikepdf
import pypdf
import pytest

from tests.builders import NOW
from tests.documents.reading import (
    SLUGS,
    WORKED,
    adrift,
    attachments_of,
    demo_tenant,
    findings,
    papers_of,
    printed,
    text_of,
    worked_order,
)
from tests.documents.summaries import as_paper, facts
from webapp.documents.pdf_renderer import file_name
from webapp.domain.ordering.order import Statement
from webapp.domain.ordering.statutory_texts import SUMMARY
from webapp.l10n import Localizer

BOTH = pytest.mark.parametrize("language", ["sv", "da"])
EACH = pytest.mark.parametrize("name", WORKED)
HEADINGS = {language: law.headings for language, law in SUMMARY.items()}


def pages(pdf: bytes) -> int:
    """How many it has."""
    return len(pypdf.PdfReader(BytesIO(pdf)).pages)


@BOTH
@EACH
def test_it_is_valid_and_keeps_to_one_page(name: str, language: str) -> None:
    found, tenant = facts(name, language)
    pdf = printed(as_paper(found), tenant)
    assert findings(pdf) == [] and adrift(pdf) == []
    assert pages(pdf) == 1
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert str(opened.Root.Lang) == language
    text = text_of(pdf)
    unbroken = "".join(text.split()).replace("\u00ad", "").replace("-", "")  # as lines happen to break
    assert all("".join(each.split()).replace("-", "") in unbroken for each in SUMMARY[language].sentences)
    places = [text.find(heading) for heading in HEADINGS[language]]
    assert -1 not in places and places == sorted(places)
    title = {"sv": "Avtalssammanfattning", "da": "Aftaleresumé"}[language]
    assert text.startswith(title) and "7K4Q-2M9P-XB3C" in text and found.fingerprint() in text.replace(" ", "")


def test_a_sentence_of_danish_prices_ends_with_one_full_stop() -> None:
    """A krone's short name brings one along: "0,20 kr.."."""
    (danish, tenant), (metered, _) = facts("C"), facts("B")
    text = text_of(printed(as_paper(replace(danish, usage=metered.usage)), tenant))
    assert metered.usage[-1].article in text and ".." not in text


def test_the_largest_subscription_keeps_to_one_page() -> None:
    everything = {"data_cards": "3", "number_source": "port", "sim": "ship"}
    for name in WORKED:
        for language in ("sv", "da"):
            found, tenant = facts(name, language, **everything)
            if found.count == 1:
                assert pages(printed(as_paper(found), tenant)) == 1, (name, language, len(found.charges))


@BOTH
def test_nothing_is_smaller_than_ten_points(language: str) -> None:
    found, tenant = facts("A" if language == "sv" else "C", language)
    sizes: set[float] = set()

    def seen(text: str, cm: object, tm: list[float], font: object, size: float) -> None:
        if text.strip():
            sizes.add(round(abs(size * tm[3] * cm[3]), 1))  # type: ignore[index]

    for sheet in pypdf.PdfReader(BytesIO(printed(as_paper(found), tenant))).pages:
        sheet.extract_text(visitor_text=seen)
    assert sizes and min(sizes) >= 10, sizes


def test_three_pages_hold_an_order_of_any_size() -> None:
    found, tenant = facts("D", copies=300)
    assert pages(printed(as_paper(found), tenant)) <= 3


@pytest.mark.parametrize("slug", SLUGS)
def test_each_seller_speaks_for_itself(slug: str) -> None:
    name = next(name for name, worked in WORKED.items() if worked[0] == slug)
    found, tenant = facts(name)
    text = text_of(printed(as_paper(found), tenant))
    for section in (found.speeds, found.disabilities, found.other):
        assert section and section[0][:60] in text
    assert tenant.contract_party.name in text and tenant.support.email in text


def test_its_facts_ride_inside_and_it_is_the_same_every_time() -> None:
    found, tenant = facts("A")
    paper = as_paper(found)
    pdf = printed(paper, tenant)
    assert pdf == printed(paper, tenant)
    assert attachments_of(pdf) == {paper.data_name: paper.data.encode()}


def test_before_the_order_it_bears_no_code() -> None:
    found, tenant = facts("A")
    pdf = printed(as_paper(found, ref="", verify_code=""), tenant)
    assert "/verify" not in text_of(pdf) and found.fingerprint() in text_of(pdf).replace(" ", "") and pages(pdf) == 1


def test_its_name() -> None:
    for name, filed in (("A", "avtalssammanfattning"), ("C", "aftaleresume")):
        found, tenant = facts(name)
        assert (
            file_name(as_paper(found), tenant, Localizer(found.language)) == f"{tenant.slug}_{filed}_XX-7K4Q-2M-S.pdf"
        )


def test_markup_in_a_sellers_text_is_text() -> None:
    found, _ = facts("A")
    hostile = type(found)(**{**vars(found), "speeds": ('<link rel=attachment href="file:///etc/passwd"><b>fast</b>',)})
    pdf = printed(as_paper(hostile), demo_tenant("fjallton"))
    assert "<b>fast</b>" in text_of(pdf) and list(attachments_of(pdf)) == ["XX-7K4Q-2M-S.json"]


@pytest.mark.parametrize("choice", ["accepted", "waived"])
def test_the_confirmation_prints_what_was_said_of_it(choice: str) -> None:
    said = Statement(choice, "Vi avstår uttryckligen. I sin helhet", "2026-01-01", "f" * 64, "Åsa Öberg", NOW)
    order = worked_order("A")
    order = replace(order, provenance=replace(order.provenance, summary=said))
    tenant = demo_tenant("fjallton")
    pdf = printed(papers_of(order, tenant)[0], tenant)
    assert findings(pdf) == []
    text = text_of(pdf)
    assert "Avtalssammanfattning, version 2026-01-01: ”Vi avstår uttryckligen. I sin helhet”" in text
    assert "(Åsa Öberg, 21 november 2026 kl. 14:05)" in text
    assert "Avtalssammanfattning" not in text_of(printed(papers_of(worked_order("A"), tenant)[0], tenant))

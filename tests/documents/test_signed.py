"""Signed powers of attorney: who signed as what and how, the evidence, what rides inside, in the very words that were ticked."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from lxml import html

from tests.documents.reading import (
    ASSETS,
    EACH,
    adrift,
    attachments_of,
    demo_tenant,
    elements,
    findings,
    printed,
    text_of,
)
from tests.documents.sealing import HOLDERS, LABEL, NOW, keyring
from tests.documents.signed import BO, SCAN, authority, printed_signed, signed
from tests.documents.test_pdf_renderer import HOSTILE, _addresses
from webapp.documents.attachments import Attached
from webapp.documents.check import Verdict, check
from webapp.documents.paper_templates import EVENTS, markup
from webapp.documents.pdf_renderer import file_name, render
from webapp.documents.seal import seal
from webapp.domain.market import MARKETS
from webapp.domain.numbers import is_sole_trader
from webapp.domain.papers.facts import (
    EvidenceEvent,
    PowerOfAttorney,
    capacity_in_words,
    declarations,
)
from webapp.domain.stored_json import from_json, to_json
from webapp.domain.tenants.tenant import Tenant
from webapp.domain.texts import TEXTS
from webapp.l10n import Localizer

TWO = {"signers": (BO,), "in_order": True}


def words_of(paper: PowerOfAttorney, tenant: Tenant) -> Localizer:
    return Localizer(paper.language, market=tenant.market.code)


@pytest.mark.parametrize(("slug", "language"), EACH)
def test_signed_and_sealed_it_is_archivable_and_accessible(slug: str, language: str) -> None:
    tenant = demo_tenant(slug)
    _, pdf, shown = printed_signed(authority(tenant, language, **TWO), tenant, "code_mail", "paper")
    holder = "fjallton" if tenant.market.code == "SE" else "baeltkom"
    key = keyring().key(holder)
    whole = seal(pdf, key, NOW, LABEL[language])
    for each in (shown, pdf, whole):
        assert findings(each) == [] and adrift(each) == []
    assert check(whole, keyring().trust(), NOW) == Verdict((), HOLDERS[holder].name, NOW, "B-B", key.expires)
    tables = elements(pdf, "Table")
    assert len(tables) >= 7 and all("TH" in table for table in tables) and len(elements(pdf, "H1")) == 1


def test_what_rides_inside_is_told_and_is_what_was_given() -> None:
    tenant = demo_tenant("fjallton")
    paper, pdf, shown = printed_signed(authority(tenant, "sv"), tenant, "paper")
    inside = attachments_of(pdf)
    assert inside == {
        f"{paper.number}.json": paper.data.encode(),
        f"{paper.number}-bevis.json": paper.evidence.encode(),
        f"{paper.number}-som-visad.pdf": shown,
        "scan-1.pdf": SCAN,
    }
    text = text_of(pdf)
    assert all(name in text for name in inside)
    assert hashlib.sha256(shown).hexdigest() in text.replace(" ", "")
    with pikepdf.open(BytesIO(pdf)) as opened:
        kinds = {name: str(spec.relationship) for name, spec in opened.attachments.items()}
        assert set(kinds.values()) == {"/Data", "/Supplement", "/Source"}
        assert kinds[f"{paper.number}-som-visad.pdf"] == "/Source"
        types = {str(spec.obj.EF.F.get("/Subtype")) for spec in opened.attachments.values()}
        assert types == {"/application/json", "/application/pdf"}


@pytest.mark.parametrize(
    ("slug", "language", "methods", "said"),
    [
        ("fjallton", "sv", ("code_mail", "eid"), (
            "Enkel elektronisk underskrift: engångslänk till e-post och kod", "firmatecknare, ensam",
            "(BankID)", "Bo Ek Eriksson", "21 november 2026 kl. 15:05 CET", "192.0.2.0/24 (avkortad)",
            "Underskriven", "Bevis för underskrifterna", "Kod bekräftad", "2026-11-21 15:00:00 CET",
        )),
        ("baeltkom", "da", ("code_sms", "code_mail"), (
            "Simpel elektronisk signatur: engangslink til e-mail og kode på sms til +45•••••050",
            "tegningsberettiget, alene", "21. november 2026 kl. 15.05 CET", "192.0.2.0/24 (afkortet)",
            "Underskrevet", "Bevis for underskrifterne", "Kode bekræftet", "21.11.2026 kl. 15.00.00 CET",
        )),
    ],
)  # fmt: skip
def test_each_signature_says_who_as_what_and_how(
    slug: str, language: str, methods: tuple[str, ...], said: tuple[str, ...]
) -> None:
    tenant = demo_tenant(slug)
    _, pdf, _ = printed_signed(authority(tenant, language, **TWO), tenant, *methods)
    text = text_of(pdf)
    assert [each for each in said if each not in text] == []
    assert "something_new" not in text, "what has no words is told by the attached evidence alone"
    assert "Inte underskriven" not in text and "Ikke underskrevet" not in text


def test_an_unsigned_paper_has_a_place_for_each_signer_and_lists_the_capacities() -> None:
    for slug, language, places in (("fjallton", "sv", "Ort och datum"), ("baeltkom", "da", "Sted og dato")):
        tenant = demo_tenant(slug)
        paper = authority(tenant, language, **TWO)
        text = text_of(printed(paper, tenant))
        assert text.count(places) == 2 and "Bo Ek" in text
        assert ("Inte underskriven" if language == "sv" else "Ikke underskrevet") in text
        for capacity in tenant.market.capacities_company:
            assert capacity_in_words(paper, capacity, words_of(paper, tenant)) in text


@pytest.mark.parametrize("language", ["sv", "da"])
@pytest.mark.parametrize("slug", ["fjallton", "baeltkom"])
def test_what_is_ticked_is_what_is_printed(slug: str, language: str) -> None:
    """In the tenant's own wording, too, though nobody hands it to the printer."""
    tenant = demo_tenant(slug)
    tenant = replace(tenant, texts={**tenant.texts, "authority.correct": {language: "Allt är rätt & riktigt."}})
    paper = authority(tenant, language, owner_type="employee", owner_name="Åse <b>", owner_id="", takeover=True)
    own = {key: texts[language] for key, texts in tenant.texts.items() if language in texts}
    declared = declarations(paper, Localizer(language, own, market=tenant.market.code))
    text = text_of(printed(paper, tenant))
    assert [code for code, sentence in declared if sentence not in text] == []
    assert ("correct", "Allt är rätt & riktigt.") in declared
    codes = [code for code, _ in declared]
    assert codes[:6] == ["owner", "entitled", "correct", "charges", "only_numbers", "active"]
    assert codes[6:] == (["compensation", "transfer"] if slug == "baeltkom" else ["transfer"])


def test_the_law_is_the_countrys_whatever_the_language() -> None:
    danish, swedish = demo_tenant("baeltkom"), demo_tenant("fjallton")
    for language, both, right in (
        ("sv", "båda operatörerna", "rätt till kompensation"), ("da", "begge teleselskaber", "ret til kompensation"),
    ):  # fmt: skip
        here, there = (text_of(printed(authority(tenant, language), tenant)) for tenant in (danish, swedish))
        assert both in here and right in here
        assert both not in there and right not in there


def test_hostile_signers_are_only_names() -> None:
    tenant = demo_tenant("fjallton")
    for name in HOSTILE:
        paper = authority(tenant, "sv", signer_name=name, owner_name=name, signers=(replace(BO, name=name),))
        made, pdf, _ = printed_signed(paper, tenant, "eid")
        made = replace(made, events=tuple(replace(event, details=name) for event in made.events))
        rider = Attached("evidence.json", name.encode(), name, "Supplement")
        again = render(made, tenant, Localizer("sv"), ASSETS, (rider,))
        for each in (pdf, again):
            assert name.replace(" ", "") in text_of(each).replace(" ", "")
            assert b"evil.example" not in b"".join(_addresses(each)) and findings(each) == []
        assert set(attachments_of(again)) == {f"{paper.number}.json", "evidence.json"}


def test_a_name_from_right_to_left_changes_nothing_around_it() -> None:
    tenant = demo_tenant("fjallton")
    paper = authority(tenant, "sv", signer_name="יעל כהן", signers=(BO,))
    _, pdf, _ = printed_signed(paper, tenant, "code_mail")
    assert findings(pdf) == [] and adrift(pdf) == [] and "engångslänk till e-post och kod" in text_of(pdf)


def test_a_sole_traders_number_is_masked_wherever_it_stands() -> None:
    tenant = demo_tenant("fjallton")
    trader = "8001019999"
    assert is_sole_trader(trader, tenant.market)
    paper = authority(tenant, "sv", owner_name="Bo Ek Måleri", owner_id=trader)
    _, pdf, _ = printed_signed(paper, tenant, "code_mail")
    everything = text_of(pdf) + "".join(each.decode(errors="replace") for each in attachments_of(pdf).values())
    assert "800101-****" in everything and trader not in everything and "800101-9999" not in everything
    assert "innehavare av den enskilda firman" in text_of(printed(paper, tenant))


def test_made_anew_from_its_frozen_facts_it_is_the_same_file() -> None:
    tenant = demo_tenant("klitfon")
    made, pdf, shown = printed_signed(authority(tenant, "da", **TWO), tenant, "eid")
    again = printed_signed(
        replace(from_json(PowerOfAttorney, to_json(made)), signatures=(), events=(), evidence=""), tenant, "eid"
    )
    assert (again[0], again[1], again[2]) == (made, pdf, shown)


def test_its_file_name_tells_that_it_is_signed_and_which_version() -> None:
    tenant = demo_tenant("fjallton")
    made, _, _ = printed_signed(authority(tenant, "sv"), tenant, "code_mail")
    assert file_name(made, tenant, Localizer("sv")) == "fjallton_fullmakt_PT-7K4Q-2M-2_underskriven.pdf"
    second = replace(made, version=2)
    assert file_name(second, tenant, Localizer("da")) == "fjallton_fuldmagt_PT-7K4Q-2M-2_v2_underskrevet.pdf"


def test_a_page_shows_the_papers_words_without_its_furniture() -> None:
    """What a page includes holds no inline style, which its policy would refuse."""
    from webapp.documents.paper_templates import _environment, _of_authority

    tenant = demo_tenant("baeltkom")
    paper, words = authority(tenant, "da"), Localizer("da", market="DK")
    page = _environment("da").get_template("papers/pdf/authority.html").render(
        paper=paper, tenant=tenant, market=tenant.market, w=words, declared=declarations(paper, words)
    )  # fmt: skip
    assert page.strip() in markup(paper, tenant, words, "logo") and "style=" not in page and "<h1" not in page
    assert _of_authority(paper, tenant, words)["declared"] == declarations(paper, words)


def test_a_name_from_right_to_left_turns_nothing_around_in_a_paper() -> None:
    tenant = demo_tenant("fjallton")
    paper = authority(tenant, "sv")
    named = replace(paper, giver=replace(paper.giver, name="محمد رضا"))
    assert "<bdi>محمد رضا</bdi>" in markup(named, tenant, words_of(paper, tenant), "")


def test_an_attempt_that_came_to_nothing_does_not_read_like_the_one_that_held() -> None:
    tenant = demo_tenant("fjallton")
    paper = signed(authority(tenant, "sv"), b"shown", "paper")
    steps = ("eid_failed", "scan_received", "scan_refused", "scan_received", "scan_accepted")
    printed = markup(
        replace(paper, events=tuple(EvidenceEvent(NOW, what, "") for what in steps)),
        tenant,
        words_of(paper, tenant),
        "",
    )
    told = [
        row.findtext("td") for row in html.fromstring(printed).xpath("//table[contains(@class, 'events')]/tbody/tr")
    ]
    assert told == [
        "Identiteten kunde inte bekräftas", "Inskannat papper mottaget", "Det uppladdade papperet gick inte att läsa",
        "Inskannat papper mottaget", "Det uppladdade papperet gick att läsa",
    ]  # fmt: skip


def test_every_capacity_and_event_has_its_words() -> None:
    for market in MARKETS.values():
        for code in (*market.capacities_company, *market.capacities_private):
            assert f"capacity.{code}" in TEXTS
    for language in ("sv", "da"):
        assert not [text for text in EVENTS.values() if Localizer(language).gettext(text) == text]

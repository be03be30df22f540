"""The two help pages that the product was born from, followed click by click: with script and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.answers import FIXED_SE, LINE_DK, MOBILE_SE, PORT_DK, PORT_SE
from tests.browser.conftest import Arrive
from tests.browser.guest import Guest, Screen
from tests.browser.stage import Stage

WIDE, NARROW = Screen(1280, "sv"), Screen(390, "sv")
WIDE_DA, NARROW_DA = Screen(1280, "da"), Screen(390, "da")
CARD = "8946 9900 0000 0000 0010"


def sign_in(guest: Guest, who: str) -> None:
    guest.stage.speak(guest.slug, who, guest.screen.language)
    guest.open("/home").at("/login")
    guest.page.fill("[name=email]", f"{who}@{guest.slug}.example")
    guest.page.fill("[name=password]", "skylt-demo-2026")
    guest.page.press("[name=password]", "Enter")
    guest.at("/home$")


def open_menu(guest: Guest) -> None:
    button = guest.page.locator(".menu-button")
    if button.is_visible():
        button.click()


def receipt_with_papers(guest: Guest, papers: int) -> list[bytes]:
    """The receipt; the papers come by themselves, or without script by pressing the link."""
    guest.at(r"/orders/[A-Z]{2}-[\w-]+/receipt$")
    links = guest.page.locator("#docs a.button")
    for _ in range(0 if guest.screen.script else 60):
        if links.count() == papers:
            break
        guest.page.wait_for_timeout(500)
        guest.page.locator("#docs p a").click()
    expect(links).to_have_count(papers, timeout=60_000)
    found = []
    for n in range(papers):
        with guest.page.expect_download() as download:
            links.nth(n).click()
        found.append(download.value.path().read_bytes())
        assert download.value.suggested_filename.endswith(".pdf")
    return found


@pytest.mark.parametrize(
    ("look", "script", "more"),
    [
        (WIDE, True, {**MOBILE_SE, **PORT_SE, "sim": "icc", "icc": CARD}),
        (NARROW, False, {**MOBILE_SE, "user.email": "utan.skript@granitgran.example", "user.initials": "USK"}),
        (NARROW, True, FIXED_SE),
        (WIDE, False, {**FIXED_SE, "user.email": "fast.utan@granitgran.example", "user.initials": "FUS"}),
    ],
    ids=["mobile moved", "mobile without script", "fixed", "fixed without script"],
)
def test_the_swedish_help_page(arrive: Arrive, stage: Stage, look: Screen, script: bool, more: dict[str, str]) -> None:
    """1, 28, 44: gear, Organisationsinställningar, Företagskonto, Subs, the choices, Spara, approve, papers, mails."""
    guest = arrive("fjallton", look, script=script, who="")
    sign_in(guest, "buyer")
    open_menu(guest)
    guest.page.locator("nav summary:has(.gear-word)").click()
    guest.page.get_by_text("Organisationsinställningar", exact=True).click()
    guest.page.get_by_text("Företagskonto", exact=True).click()
    guest.page.get_by_role("link", name="Subs", exact=True).click()
    guest.at("/subscriptions$")
    guest.press("Köp Subs mobil" if more["kind"] == "mobile" else "Köp Subs fast")
    guest.at("/lines/1/avtal$")
    last = "tillval"
    for _ in range(12):
        if guest.path.endswith(last):
            break
        guest.fill(more).onwards()
    guest.fill(more).press("Spara").at(r"/drafts/[\w-]+$")
    assert guest.h1 == "Du har lagt till 1 användare"
    guest.press("Kontrollera beställningen").at("/review$")
    card = guest.page.locator("#line-1").inner_text()
    assert "Märta Ångström" in card
    assert ("070-174 06 80" in card) == ("port.number" in more)
    guest.control("terms").check()
    guest.press("Godkänn och beställ")
    papers = receipt_with_papers(guest, 2 if "port.number" in more else 1)
    assert all(paper.startswith(b"%PDF-1.7") for paper in papers)
    stage.mails(more["user.email"])  # the welcome
    mails = stage.mails("buyer@fjallton.example", count=2 if "port.number" in more else 1)  # who orders signs, too
    assert any(re.search(r"FJ-\w", mail["subject"]) for mail in mails)


@pytest.mark.parametrize(
    ("look", "script", "more"),
    [
        (NARROW_DA, True, {**LINE_DK, **PORT_DK}),
        (WIDE_DA, False, {**LINE_DK, "user.email": "uden.script@havnenshandel.example", "user.initials": "UDS"}),
    ],
    ids=["moved", "new number without script"],
)
def test_the_danish_help_page(arrive: Arrive, stage: Stage, look: Screen, script: bool, more: dict[str, str]) -> None:
    """2, 6, 28: Abonnementer, Opret nyt abonnement, two columns, read through, correct, Godkend og opret, papers, mails."""
    guest = arrive("baeltkom", look, script=script, who="")
    sign_in(guest, "owner")
    open_menu(guest)
    guest.page.get_by_role("link", name="Abonnementer", exact=True).click()
    guest.at("/subscriptions$").press("Opret nyt abonnement").at("/orders/new$")
    guest.control("product", more["product"]).check()
    guest.press("Fortsæt").at(r"/lines/1$")
    assert guest.page.locator(".panel-title").all_inner_texts()[:2] == ["Brugeroplysninger", "Nummer og mobilpakke"]
    guest.fill(more).press("Gå til ordrebekræftelse").at("/review$")
    guest.press("Jeg ønsker at rette i min bestilling").at(r"/lines/1$")
    kept = guest.values()
    different = {
        question: (kept[question], value)
        for question, value in more.items()
        if question in kept and kept[question].replace(" ", "") != value.replace(" ", "")
    }
    assert not different
    assert {"user.first", "data", "months", "data_cards", "delivery.street"} <= set(kept)
    guest.press("Gå til ordrebekræftelse").at("/review$")
    guest.control("terms").check()
    guest.press("Godkend og opret")
    papers = receipt_with_papers(guest, 2 if "port.number" in more else 1)
    assert all(paper.startswith(b"%PDF-1.7") for paper in papers)
    welcome = stage.mails(more["user.email"])[-1]
    assert "Microsoft Teams" in welcome["text"]
    assert re.search(r"BK-\w", stage.mails("owner@baeltkom.example")[-1]["subject"])
    open_menu(guest.open("/home"))
    guest.page.get_by_role("link", name="Abonnementer", exact=True).click()
    expect(guest.page.get_by_text("Bjørn Kær").first).to_be_visible()

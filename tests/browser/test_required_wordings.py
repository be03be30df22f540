"""The two help pages that the product was born from, followed click by click: with script and without."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.answers import FIXED_SE, LINE_DK, MOBILE_SE, PORT_DK, PORT_SE
from tests.browser.conftest import Arrive
from tests.browser.guest import Guest, Screen
from tests.browser.live_server import Stage
from tests.required_wordings import DANISH_PAGE, SWEDISH_PAGE

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


def another(name: str) -> dict[str, str]:
    """Somebody else of the same company: addresses and initials are nobody else's."""
    return {"user.email": f"{name}@seed.example", "user.initials": name[:3].upper()}


def words_of(page: dict[str, str], guest: Guest, its_own: str) -> dict[str, str]:
    """The help page's words; in another language than its own, what this page calls the same."""
    return page if guest.screen.language == its_own else {key: guest.say(key) for key in page}


@pytest.mark.parametrize(
    ("look", "script", "more"),
    [
        (WIDE, True, {**MOBILE_SE, **PORT_SE, "sim": "icc", "icc": CARD}),
        (NARROW, False, {**MOBILE_SE, **PORT_SE, **another("utan"), "port.number": "070-174 06 81"}),
        (NARROW, True, FIXED_SE),
        (WIDE, False, {**FIXED_SE, **another("fast.utan")}),
        (NARROW_DA, True, {**MOBILE_SE, **PORT_SE, **another("dansk"), "port.number": "070-174 06 82"}),
        (WIDE_DA, False, {**FIXED_SE, **another("uden.dansk")}),
    ],
    ids=[
        "mobile moved", "mobile moved without script", "fixed", "fixed without script", "in Danish",
        "in Danish without script",
    ],
)  # fmt: skip
def test_the_swedish_help_page(arrive: Arrive, stage: Stage, look: Screen, script: bool, more: dict[str, str]) -> None:
    """1, 28, 44: gear, Organisationsinställningar, Företagskonto, Subs, the choices, Spara, approve, papers, mails."""
    guest = arrive("fjallton", look, script=script, who="")
    said = words_of(SWEDISH_PAGE, guest, "sv")
    sign_in(guest, "buyer")
    open_menu(guest)
    guest.page.locator("nav summary:has(.gear-word)").click()
    guest.page.get_by_text(said["menu.settings"], exact=True).click()
    guest.page.get_by_text(said["menu.company_account"], exact=True).click()
    guest.page.get_by_role("link", name=said["menu.subs"], exact=True).click()
    guest.at("/subscriptions$")
    guest.press(said[f"button.order_{more['kind']}"])
    guest.at("/lines/1/avtal$")
    last = "tillval"
    for _ in range(12):
        if guest.path.endswith(last):
            break
        guest.fill(more).onwards()
        assert guest.errors() == []
    guest.fill(more).press(said["button.line_done"]).at(r"/drafts/[\w-]+$")
    assert guest.h1 == {"sv": "Du har lagt till 1 användare", "da": "Du har tilføjet 1 medarbejder"}[look.language]
    guest.press(said["button.to_review"]).at("/review$")
    card = guest.page.locator("#line-1").inner_text()
    assert "Märta Ångström" in card
    assert more.get("port.number", "") in card
    assert (guest.say("q.port.number") in card) == ("port.number" in more)
    guest.control("terms").check()
    guest.press(said["button.place"])
    papers = receipt_with_papers(guest, 2 if "port.number" in more else 1)
    assert all(paper.startswith(b"%PDF-1.7") for paper in papers)
    stage.mails(more["user.email"])  # the welcome
    mails = stage.mails("buyer@fjallton.example", count=2 if "port.number" in more else 1)  # who orders signs, too
    assert any(re.search(r"FJ-\w", mail["subject"]) for mail in mails)


@pytest.mark.parametrize(
    ("look", "script", "more"),
    [
        (NARROW_DA, True, {**LINE_DK, **PORT_DK}),
        (WIDE_DA, False, {**LINE_DK, **PORT_DK, **another("uden"), "port.number": "20 00 00 53"}),
        (WIDE, True, {**LINE_DK, **another("svensk")}),
        (NARROW, False, {**LINE_DK, **PORT_DK, **another("utan"), "port.number": "20 00 00 54"}),
    ],
    ids=["moved", "moved without script", "in Swedish", "in Swedish, moved without script"],
)
def test_the_danish_help_page(arrive: Arrive, stage: Stage, look: Screen, script: bool, more: dict[str, str]) -> None:
    """2, 6, 28: Abonnementer, Opret nyt abonnement, two columns, read through, correct, Godkend og opret, papers, mails."""
    guest = arrive("baeltkom", look, script=script, who="")
    said = words_of(DANISH_PAGE, guest, "da")
    sign_in(guest, "owner")
    open_menu(guest)
    guest.page.get_by_role("link", name=said["menu.subscriptions"], exact=True).click()
    guest.at("/subscriptions$").press(said["button.new_order"]).at("/orders/new$")
    guest.control("product", more["product"]).check()
    guest.press(said["button.continue"]).at(r"/lines/1$")
    titles = {
        "da": ["Brugeroplysninger", "Nummer og mobilpakke"],
        "sv": ["Uppgifter om användaren", "Nummer och mobilpaket"],
    }
    assert guest.page.locator(".panel-title").all_inner_texts()[:2] == titles[look.language]
    guest.fill(more).press(said["button.to_review"]).at("/review$")
    guest.press(said["button.edit"]).at(r"/lines/1$")
    kept = guest.values()
    different = {
        question: (kept[question], value)
        for question, value in more.items()
        if question in kept and kept[question].replace(" ", "") != value.replace(" ", "")
    }
    assert not different
    assert {"user.first", "data", "months", "data_cards", "delivery.street"} <= set(kept)
    guest.press(said["button.to_review"]).at("/review$")
    guest.control("terms").check()
    guest.press(said["button.place"])
    papers = receipt_with_papers(guest, 2 if "port.number" in more else 1)
    assert all(paper.startswith(b"%PDF-1.7") for paper in papers)
    welcome = stage.mails(more["user.email"])[-1]
    assert "Microsoft Teams" in welcome["text"]
    assert re.search(r"BK-\w", stage.mails("owner@baeltkom.example")[-1]["subject"])
    open_menu(guest.open("/home"))
    guest.page.get_by_role("link", name=said["menu.subscriptions"], exact=True).click()
    expect(guest.page.get_by_text("Bjørn Kær").first).to_be_visible()

"""Somebody signs on a phone, without an account: by mail, by text message, by eID; declines; comes too late; signs anew after a correction."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Arrive
from tests.browser.guest import Guest, Screen
from tests.browser.live_server import Stage
from tests.browser.signing import Mailed, agree, give, mailed
from tests.browser.test_access import faults
from webapp import clock
from webapp.operations import porting
from webapp.operations.signing import signature_requests
from webapp.store.platform.scope import Scope

PHONE, PHONE_DA = Screen(390, "sv"), Screen(390, "da")
SEALED = 60_000
REFUSED = r"status of 4\d\d"
BROKER = r"asked somebody else: http://127\.0\.0\.1|127\.0\.0\.1:\d+/favicon"
"""The one other site that a signer is sent to."""


def looks_well(guest: Guest) -> None:
    """Nobody is shut out, and nothing is beside the screen."""
    assert faults(guest) == []
    assert guest.evaluate("document.documentElement.scrollWidth <= innerWidth")


def arrive_by_mail(arrive: Arrive, paper: Mailed, look: Screen, n: int = 1, *, script: bool = True) -> Guest:
    guest = arrive(paper.slug, look, who="", script=script, accept_downloads=True)
    guest.open(paper.link(n)).at(r"/sign/[\w-]+/document$")
    assert paper.number in guest.main()
    return guest


def sealed(guest: Guest, heading: str) -> bytes:
    """The page that says so by itself, or without script by its link; and the copy."""
    if not guest.screen.script:
        for _ in range(120):
            if guest.h1 == heading:
                break
            guest.page.wait_for_timeout(500)
            guest.page.reload()
    expect(guest.page.locator("h1")).to_have_text(heading, timeout=SEALED)
    with guest.page.expect_download() as download:
        guest.page.locator(".document a").click()
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"%PDF") and b"/ByteRange" in content
    return content


def test_two_sign_jointly_for_a_swedish_company(arrive: Arrive, stage: Stage) -> None:
    paper = mailed(stage, **{"port.signers": "Bo Lind, bo.lind@granit.example"})
    first = arrive_by_mail(arrive, paper, PHONE)
    looks_well(first)
    assert "Bo Lind" in first.main()

    first.page.locator("#sign button.button-primary").click()  # too soon
    expect(first.page.locator("#errsum")).to_be_focused()
    looks_well(first)
    first.forgive(REFUSED)
    agree(first, "code_mail").at("/code$")
    looks_well(first)
    first.page.go_back()  # what was refused has left no trace
    first.at("/document$")
    expect(first.page.locator("#errsum")).to_have_count(0)
    agree(first, "code_mail").at("/code$")
    give(first, "000000")
    expect(first.page.locator("#errsum")).to_be_focused()
    first.forgive(REFUSED)
    give(first, paper.code(count=2)).at("/done$")
    looks_well(first)
    assert "Bo Lind" in first.main()
    assert paper.state == "waiting"

    second = arrive_by_mail(arrive, paper, PHONE, 2)
    give(agree(second, "code_mail", "Bo Lind").at("/code$"), paper.code(2)).at("/done$")
    copy = sealed(second, "Fullmakten är underskriven")
    looks_well(second)
    first.page.reload()
    assert sealed(first, "Fullmakten är underskriven") == copy
    second.page.go_back()
    expect(second.page.locator("h1")).to_have_text("Fullmakten är underskriven")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_danish_owner_signs_by_text_message(arrive: Arrive, stage: Stage, script: bool) -> None:
    paper = mailed(stage, "baeltkom", language="da", **{"port.takeover": "yes"})
    guest = arrive_by_mail(arrive, paper, PHONE_DA, script=script)
    if script:
        looks_well(guest)
    assert guest.h1 == "Underskriv fuldmagten"
    agree(guest, "code_sms")
    guest.at("/code$")
    assert paper.number not in guest.main()
    give(guest, paper.texted()).at("/done$")
    sealed(guest, "Fuldmagten er underskrevet")
    assert paper.state == "sealed"


def test_somebody_signs_by_eid(arrive: Arrive, stage: Stage) -> None:
    paper = mailed(stage)
    guest = arrive_by_mail(arrive, paper, PHONE)
    agree(guest, "eid").at("/eid$")
    looks_well(guest)
    guest.page.get_by_role("link", name="Fortsätt till BankID").click()
    guest.page.get_by_role("button", name="Åsa Öberg").click()
    expect(guest.page).to_have_url(re.compile(r"/sign/eid\?"))
    looks_well(guest)
    assert paper.state == "waiting"
    guest.page.get_by_role("button", name="Skriv under").click()
    guest.at("/done$")
    sealed(guest, "Fullmakten är underskriven")
    looks_well(guest)
    guest.forgive(BROKER)


def test_an_eid_that_is_cancelled(arrive: Arrive, stage: Stage) -> None:
    paper = mailed(stage)
    guest = arrive_by_mail(arrive, paper, PHONE)
    agree(guest, "eid").at("/eid$")
    guest.page.get_by_role("link", name="Fortsätt till BankID").click()
    guest.page.get_by_role("button", name="Avbryt").click()
    guest.page.get_by_role("button", name="Fortsätt").click()
    expect(guest.page.locator("#errsum")).to_be_focused()
    looks_well(guest)
    guest.forgive(REFUSED)
    give(agree(guest, "code_mail").at("/code$"), paper.code()).at("/done$")
    guest.forgive(BROKER)


def test_somebody_declines(arrive: Arrive, stage: Stage) -> None:
    paper = mailed(stage)
    guest = arrive_by_mail(arrive, paper, PHONE)
    guest.press("Jag vill inte skriva under").at("/decline$")
    looks_well(guest)
    guest.page.fill("#reason", "Numret är inte vårt")
    guest.press("Avböj").at("/sign/declined$")
    looks_well(guest)
    assert paper.state == "declined"
    guest.open(paper.link())
    expect(guest.page.locator("#email")).to_be_visible()
    guest.forgive("status of 410")


def test_somebody_comes_too_late_and_gets_a_new_link(arrive: Arrive, stage: Stage) -> None:
    paper = mailed(stage)
    old = paper.link()
    stage.sql(
        "update token set expires_at = now() - interval '1 minute' where purpose = 'sign' and company is not null and id in (select link from signer where email = %s)",
        paper.emails[0],
    )
    stage.sql("update signing_request set expires_at = now() - interval '1 minute' where \"order\" = %s", paper.ref)
    signature_requests.expire(stage.portal.store, paper.slug, clock.now())
    assert paper.state == "expired"
    guest = arrive(paper.slug, PHONE, who="")
    guest.open(old)
    looks_well(guest)
    guest.forgive("status of 410")
    guest.page.fill("#email", paper.emails[0])
    guest.press("Skicka en ny länk").at("/sign/sent$")
    looks_well(guest)
    guest.open(paper.link(count=2)).at("/document$")
    give(agree(guest, "code_mail").at("/code$"), paper.code()).at("/done$")
    expect(guest.page.locator("h1")).to_have_text("Fullmakten är underskriven", timeout=SEALED)


def test_a_correction_after_signing_asks_anew(arrive: Arrive, stage: Stage) -> None:
    paper = mailed(stage)
    guest = arrive_by_mail(arrive, paper, PHONE)
    give(agree(guest, "code_mail").at("/code$"), paper.code()).at("/done$")
    expect(guest.page.locator("h1")).to_have_text("Fullmakten är underskriven", timeout=SEALED)
    tenant = stage.tenant(paper.slug)
    with stage.portal.store.work(Scope(paper.slug, None, "test")) as work:
        done = porting.correct(work, tenant, paper.ref, 1, porting.Correction(donor="Lövtele"), clock.now())
    assert not done.problems
    guest.page.reload()  # what was signed is void, and so is the link to it
    expect(guest.page.locator("h1")).to_have_text(guest.gettext("This link no longer works"))
    looks_well(guest)
    guest.forgive("status of 410")
    again = arrive(paper.slug, PHONE, who="")
    again.open(paper.link(count=2)).at("/document$")
    assert "Lövtele" in again.main()
    give(agree(again, "code_mail").at("/code$"), paper.code(count=2)).at("/done$")
    expect(again.page.locator("h1")).to_have_text("Fullmakten är underskriven", timeout=SEALED)
    assert paper.state == "sealed"

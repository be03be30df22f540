"""A small company reads its contract summary, keeps it as a PDF, accepts it and finds it among the order's papers."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.answers import SMALL_SE
from tests.browser.conftest import Arrive
from tests.browser.guest import Guest, Screen
from tests.browser.test_access import faults

REFUSED = "status of 422"
SAVE = {"sv": "Spara som PDF", "da": "Gem som PDF"}
READ = {"sv": "Läs avtalssammanfattningen", "da": "Læs aftaleresuméet"}
TITLE = {"sv": "Avtalssammanfattning", "da": "Aftaleresumé"}
WAY = pytest.mark.parametrize(
    ("width", "language", "script"), [(390, "sv", True), (1280, "da", True), (390, "da", False)]
)


@WAY
def test_from_review_to_the_orders_papers(arrive: Arrive, width: int, language: str, script: bool) -> None:
    """Issue 3 F: given before approval, said by an active act, kept."""
    guest = arrive("skarvox", Screen(width, language), script=script)
    draft = guest.draft({**SMALL_SE, "user.email": f"{language}{width}{script}@kvarnvik.example".lower()})
    guest.open(f"/drafts/{draft}/review").settled()
    folded = guest.page.locator(".contract-summary")
    expect(folded).to_be_hidden()
    guest.page.get_by_text(READ[language]).click()
    expect(folded).to_be_visible()
    if script:
        assert faults(guest) == []
    guest.press(SAVE[language]).at("/summary$")
    _the_pdf_comes(guest)
    guest.open(f"/drafts/{draft}/review")
    expect(guest.page.locator("[name=summary]:checked")).to_have_count(0)
    guest.control("terms").check()
    guest.press(guest.say("button.place"))
    expect(guest.page.locator("#errsum a[href='#summary']")).to_be_visible()
    if script:
        assert faults(guest) == []
    guest.control("summary", "accepted").check()
    guest.press(guest.say("button.place")).at("/receipt$")
    paper = guest.page.locator("#docs li", has_text=TITLE[language])
    expect(paper).to_have_count(1)
    if script:
        expect(paper.locator("a.button")).to_have_count(1, timeout=60_000)
    guest.forgive(REFUSED)


def _the_pdf_comes(guest: Guest) -> None:
    """By itself with script, else by asking again."""
    link = guest.page.locator("#paper a.button")
    if guest.screen.script:
        expect(link).to_have_count(1, timeout=60_000)
        assert faults(guest) == []
        return
    for _ in range(60):
        if link.count():
            break
        guest.page.wait_for_timeout(500)
        guest.page.reload()
    expect(link).to_have_count(1)

"""What script adds to pages that work without it: search as one types, papers that appear, menus, calendar, small buttons."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.answers import FIXED_SE, LINE_DK, MOBILE_SE, PORT_DK, move_day
from tests.browser.conftest import Arrive
from tests.browser.guest import Screen
from tests.browser.live_server import Stage
from tests.browser.pages import an_order
from webapp.domain.market import MARKETS


def test_user_search(arrive: Arrive, screen: Screen) -> None:
    """H6: hits come while one types and are told of, the arrow chooses among them; the choice is stored, and Enter goes on."""
    guest = arrive("fjallton", screen)
    draft = guest.draft({**MOBILE_SE, "user_mode": "existing"})
    guest.open(f"/drafts/{draft}/lines/1/anvandare").settled()
    search = guest.page.locator("#user-q")
    guest.onwards()
    guest.page.locator("#errsum a").click()
    expect(search).to_be_focused()
    guest.forgive("status of 422")
    with guest.page.expect_response(lambda answer: answer.url.endswith("q=lindq")):
        guest.page.keyboard.type("lindq", delay=30)
    hit = guest.control("user").first
    expect(hit).to_be_visible()
    expect(search).to_be_focused()
    assert guest.live() == {"sv": "1 träff", "da": "1 resultat"}[screen.language]
    search.press("ArrowDown")
    expect(hit).to_be_focused()
    guest.settled().open(f"/drafts/{draft}/lines/1/anvandare").settled()
    expect(hit).to_be_checked()
    hit.press("Enter")
    guest.at("/tillval$")
    guest.open(f"/drafts/{draft}")
    expect(guest.page.locator("#line-1")).to_contain_text("Ebba Lindqvist")


def test_what_is_being_typed_stays_when_the_whole_page_is_answered(arrive: Arrive, screen: Screen) -> None:
    """Signed out and in again elsewhere: the form is too old, its page comes anew, and the field in use keeps its text."""
    guest = arrive("fjallton", screen)
    draft = guest.draft({**MOBILE_SE, "user_mode": "new"})
    guest.open(f"/drafts/{draft}/lines/1/anvandare").settled()
    guest.page.locator("#user-first").fill("Maja")
    guest.context.clear_cookies(name="form")
    with guest.page.expect_response(lambda answer: answer.status == 409):
        guest.page.keyboard.press("Tab")
        guest.page.keyboard.type("Lin")
    guest.settled()
    last = guest.page.locator("#user-last")
    expect(last).to_be_focused()
    guest.page.keyboard.type("d")
    expect(last).to_have_value("Lind")
    expect(guest.page.locator("#user-first")).to_have_value("Maja")
    guest.page.keyboard.press("Tab")
    guest.settled()
    assert guest.answers(draft).get("user.last") == "Lind"
    guest.forgive("status of 409")


def test_user_search_without_script(arrive: Arrive, screen: Screen) -> None:
    """28: the search is a button of the page; its hits can be chosen."""
    guest = arrive("fjallton", screen, script=False)
    draft = guest.draft({**MOBILE_SE, "user_mode": "existing"})
    guest.open(f"/drafts/{draft}/lines/1/anvandare")
    guest.page.fill("#user-q", "lindq")
    guest.page.locator("button[name=search]").click()
    guest.control("user").first.check()
    guest.onwards().at("/tillval$")
    guest.open(f"/drafts/{draft}")
    expect(guest.page.locator("#line-1")).to_contain_text("Ebba Lindqvist")


def test_papers_appear(arrive: Arrive, stage: Stage, screen: Screen) -> None:
    """44: papers come without a reload, the page says so once, and then stops asking."""
    guest = arrive("fjallton", screen)
    draft = guest.draft({**FIXED_SE, "user.email": "papper@granitgran.example"})
    done = guest.ordering.submit(draft, guest.ordering.review(draft).seen, True, "")
    assert done.placed
    guest.open(f"/orders/{done.placed.ref}/receipt")
    guest.evaluate("document.body.dataset.same = 'yes'")
    expect(guest.page.locator("#docs a.button")).to_have_count(1, timeout=60_000)
    expect(guest.page.locator("#docs .working")).to_have_count(0, timeout=60_000)
    assert guest.evaluate("document.body.dataset.same") == "yes"

    def asked() -> list[int]:
        return [each.status for each in stage.doors.asked if each.path.endswith(f"{done.placed.ref}/documents/state")]

    for _ in range(50):
        if asked()[-1:] in ([], [286]):
            break
        guest.page.wait_for_timeout(100)
    before = asked()
    assert before[-1:] in ([], [286])
    guest.page.wait_for_timeout(2300)
    assert asked() == before


def test_menus(arrive: Arrive, wide: Screen) -> None:
    """The gear's menu opens and closes by key and by a click beside it; on small screens the bar itself unfolds."""
    guest = arrive("fjallton", wide).open("/home")
    if wide.width < 600:
        guest.page.locator(".menu-button").click()
        expect(guest.page.locator("#site-nav")).to_be_visible()
    gear = guest.page.locator("summary:has(.gear-word)")
    panel = guest.page.locator("details:has(.gear-word) .drop-panel")
    gear.click()
    expect(panel).to_be_visible()
    guest.page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    if wide.width > 600:
        expect(gear).to_be_focused()
        gear.click()
        guest.page.locator("h1").click()
        expect(panel).to_be_hidden()


def test_stepper_and_calendar(arrive: Arrive, screen: Screen) -> None:
    """Plus and minus count and are stored; the calendar writes the day as one writes it there."""
    guest = arrive("baeltkom", screen)
    draft = guest.draft(
        {**LINE_DK, "user.initials": "STP", "data_cards": "1", "number_source": "port", "port.mode": "date"}
    )
    guest.open(f"/drafts/{draft}/lines/1").settled()
    guest.page.locator("[data-step='1'][data-for=data_cards]").click()
    guest.settled()
    assert guest.answers(draft)["data_cards"] == "2"
    picker, day = guest.page.locator("[data-pick=port-date] + input"), move_day(MARKETS["DK"])
    chosen = "(it, day) => { it.value = day; it.dispatchEvent(new Event('change', {bubbles: true})) }"
    picker.evaluate(chosen, day.isoformat())
    guest.settled()
    written = guest.control("port.date").input_value()
    assert written == (f"{day:%d.%m.%Y}" if screen.language == "da" else day.isoformat())
    assert guest.answers(draft)["port.date"] == day.isoformat()


def test_a_value_is_copied_with_its_button(arrive: Arrive, screen: Screen) -> None:
    """The order number can be copied; the button says that it was."""
    guest = arrive("baeltkom", screen, permissions=["clipboard-read", "clipboard-write"])
    reference = an_order(guest)
    guest.open(f"/orders/{reference}/receipt")
    button = guest.page.locator("[data-copy]")
    button.click()
    expect(button).to_contain_text(guest.gettext("Copied"))
    assert guest.evaluate("navigator.clipboard.readText()") == reference
    guest.page.goto("about:blank")


def test_orders_are_filtered_in_place(arrive: Arrive, screen: Screen) -> None:
    """H8: the list is narrowed by the address; the focus stays in the filter, Back brings the wider list."""
    guest = arrive("baeltkom", screen)
    reference = an_order(guest)
    guest.open("/orders").settled()
    expect(guest.page.locator("main table")).to_contain_text(reference)
    guest.page.fill("main [name=q]", "finns inte")
    guest.page.keyboard.press("Enter")
    expect(guest.page).to_have_url(re.compile(r"q=finns"))
    expect(guest.page.locator("main table")).to_have_count(0)
    guest.page.go_back()
    expect(guest.page.locator("main table")).to_contain_text(reference)


def test_other_hosts(arrive: Arrive, stage: Stage, screen: Screen) -> None:
    """39: an unknown host is a neutral 404; one seller's order does not exist at another's."""
    guest = arrive("baeltkom", screen)
    reference = an_order(guest)
    other = arrive("fjallton", screen)
    answer = other.page.goto(stage.url("fjallton", f"/orders/{reference}"))
    assert answer is not None
    assert answer.status == 404
    other.forgive("status of 404")
    lost = arrive("nobody", screen, who="")
    answer = lost.page.goto(stage.url("nobody", "/"))
    assert answer is not None
    assert answer.status == 404
    assert not re.search("skylt|fjällton|bæltkom", lost.page.content().lower())
    lost.forgive("status of 404")


def test_language(arrive: Arrive, screen: Screen) -> None:
    """The other language is one press away, on the same page, and is remembered."""
    guest = arrive("fjallton", screen).open("/prices")
    other = "da" if screen.language == "sv" else "sv"
    guest.page.locator(f"[name=language][value={other}]").click()
    guest.at("/prices$")
    assert guest.page.locator("html").get_attribute("lang") == other
    guest.open("/home")
    assert guest.page.locator("html").get_attribute("lang") == other


def test_undo(arrive: Arrive, screen: Screen) -> None:
    """H7: a user taken out can be put back at once."""
    guest = arrive("fjallton", screen)
    draft = guest.draft(MOBILE_SE)
    guest.ordering.add_line(draft, 1)
    guest.open(f"/drafts/{draft}")
    guest.page.locator("#line-1").get_by_role("button", name=guest.gettext("Remove"), exact=True).click()
    expect(guest.page.locator("section.card")).to_have_count(1)
    guest.page.locator(".undo-bar button").click()
    expect(guest.page.locator("section.card")).to_have_count(2)


def test_back_from_the_receipt_after_a_refusal_leads_to_the_order(arrive: Arrive, screen: Screen) -> None:
    """A refused approval lies at an address that cannot be read: neither reload nor Back may end there."""
    guest = arrive("fjallton", screen)
    draft = guest.draft({**FIXED_SE, "user.email": "tillbaka@granitgran.example"})
    guest.open(f"/drafts/{draft}/review")
    guest.press(guest.say("button.place")).at("/review$")
    guest.forgive("status of 422")
    guest.control("terms").check()
    guest.press(guest.say("button.place")).at("/receipt$")
    guest.page.go_back()
    guest.at(r"/orders/[A-Z]{2}-[\w-]+")


@pytest.mark.parametrize("width", [820, 1024, 1280])
def test_short_choices_never_break_a_word(arrive: Arrive, width: int) -> None:
    """They stand beside one another where their column has room for them, whatever the window's width."""
    guest = arrive("baeltkom", Screen(width, "da"))
    draft = guest.draft({**LINE_DK, **PORT_DK, "port.number": "20 00 00 58"})
    guest.open(f"/drafts/{draft}/lines/1").settled()
    heights = (
        "[...document.querySelectorAll('.options-short .option-label')].map((it) => [it.textContent, it.offsetHeight])"
    )
    labels = guest.evaluate(heights)
    assert labels and [text for text, height in labels if height > 34] == []

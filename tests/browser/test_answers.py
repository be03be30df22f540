"""Answers on their way: focus and typed text stay, nothing is lost or overwritten, whatever arrives when."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.answers import LINE_DK, MOBILE_SE
from tests.browser.conftest import Arrive
from tests.browser.guest import Guest, Screen
from tests.browser.live_server import Stage

AGREED = {name: MOBILE_SE[name] for name in ("kind", "binding", "months", "call_rate")}


def at_step(guest: Guest, step: str, answers: dict[str, str]) -> str:
    draft = guest.draft(answers)
    guest.open(f"/drafts/{draft}/lines/1/{step}").settled()
    return draft


def in_columns(guest: Guest, **answers: str) -> str:
    draft = guest.draft({"product": "BK-MOBIL", **answers})
    guest.open(f"/drafts/{draft}/lines/1").settled()
    return draft


def test_keyboard_choice_keeps_the_node(arrive: Arrive, screen: Screen) -> None:
    """17: a radio chosen by keyboard has the focus before and after the answer: the same node, not a twin."""
    guest = arrive("fjallton", screen)
    at_step(guest, "nummer", {**AGREED, "data": "FJ-D40"})
    guest.control("number_source").first.focus()
    before = guest.page.evaluate_handle("document.activeElement")
    guest.page.keyboard.press("ArrowDown")  # from the first to the second: a reserved number
    after = guest.page.evaluate_handle("document.activeElement")
    guest.settled()
    expect(guest.control("reserved_number")).to_be_visible()
    assert guest.evaluate("(it) => it === document.activeElement && it.isConnected && it.checked", after)
    assert not guest.evaluate("(it) => it === document.activeElement", before)


def test_typing_goes_on_while_an_answer_arrives(arrive: Arrive, stage: Stage, screen: Screen) -> None:
    """18: the caret stays where it is, in the same node, and no letter is lost."""
    guest = arrive("baeltkom", screen)
    in_columns(guest)
    with stage.hold("/change$", after=True) as hold:
        guest.control("number_source", "port").check()
        hold.arrived()
        field = guest.control("user.first")
        field.fill("Bjn")
        field.press("ArrowLeft")
        field.evaluate("(it) => { window.typing = it }")
        hold.release()
        expect(guest.control("port.number")).to_be_visible()
        guest.settled()
    guest.page.keyboard.type("ør")
    assert guest.evaluate("[typing === document.activeElement, typing.value, typing.selectionStart]") == [
        True,
        "Bjørn",
        4,
    ]


def test_the_newest_choice_wins(arrive: Arrive, stage: Stage, screen: Screen) -> None:
    """19: the first of two quick answers reaches the server last: page and draft hold the second."""
    guest = arrive("fjallton", screen)
    draft = at_step(guest, "data", AGREED)
    before = guest.total
    with stage.hold("/change$") as hold:
        guest.control("data", "FJ-D5").check()
        hold.arrived()
        guest.control("data", "FJ-D40").check()
        expect(guest.page.locator("#price .price-totals .is-strong dd").last).not_to_have_text(before)
        shown = guest.total
        hold.release()
        guest.settled()
    assert guest.total == shown
    assert guest.answers(draft)["data"] == "FJ-D40"
    guest.page.reload()
    assert (guest.total, guest.control("data", "FJ-D40").is_checked()) == (shown, True)


def test_a_late_answer_changes_nothing(arrive: Arrive, stage: Stage, screen: Screen) -> None:
    """19: the answer to the first choice arrives after that to the second: what is shown stays."""
    guest = arrive("fjallton", screen)
    at_step(guest, "nummer", {**AGREED, "data": "FJ-D40"})
    with stage.hold("/change$", after=True) as hold:
        guest.control("number_source", "reserved").check()
        hold.arrived()
        guest.control("number_source", "specific").check()
        expect(guest.control("specific_number")).to_be_visible()
        hold.release()
        guest.settled()
    expect(guest.control("reserved_number")).to_have_count(0)
    expect(guest.control("specific_number")).to_be_visible()


def test_quick_answers_to_different_questions_are_all_kept(arrive: Arrive, stage: Stage, screen: Screen) -> None:
    """19: neither answer aborts the other: both are stored and both bring up their questions."""
    guest = arrive("baeltkom", screen)
    draft = in_columns(guest, data="BK-M")
    with stage.hold("/change$") as hold:
        guest.control("number_source", "port").check()
        hold.arrived()
        guest.control("binding", "agreement").check()
        expect(guest.control("months").first).to_be_visible()
        hold.release()
        guest.settled()
    expect(guest.control("port.number")).to_be_visible()
    expect(guest.control("months").first).to_be_visible()
    kept = guest.answers(draft)
    assert (kept["number_source"], kept["binding"]) == ("port", "agreement")


def test_two_lookups_at_once(arrive: Arrive, stage: Stage, screen: Screen) -> None:
    """19: a looked-up answer is not dropped because another is still being looked up."""
    guest = arrive("baeltkom", screen)
    draft = in_columns(guest, data="BK-M", number_source="port")
    with stage.hold("/check/", most=1) as hold:
        guest.control("port.number").fill("20 00 00 51")
        guest.control("user.initials").fill("QX")
        hold.arrived()
        guest.control("user.title").focus()
        hold.release()
        guest.settled()
    kept = guest.answers(draft)
    assert (kept.get("port.number"), kept.get("user.initials")) == ("+4520000051", "QX")


def test_leaving_by_a_link_keeps_what_was_written(arrive: Arrive, screen: Screen) -> None:
    """19: an answer given just before a link is followed is in the draft."""
    guest = arrive("fjallton", screen)
    draft = at_step(guest, "anvandare", {**MOBILE_SE, "user_mode": "new"})
    guest.control("user.first").fill("Ragnhild")
    guest.page.locator(".back-link").click()
    guest.at("/vaxel$")
    assert guest.answers(draft)["user.first"] == "Ragnhild"


def test_live_region(arrive: Arrive, screen: Screen) -> None:
    """20: `#live` is one node all the way; it speaks when the sum really changes, and not when a page opens."""
    guest = arrive("fjallton", screen)
    at_step(guest, "data", AGREED)
    guest.evaluate("""() => {
        window.spoken = [];
        window.region = document.getElementById('live');
        new MutationObserver(() => region.textContent.trim() && spoken.push(region.textContent))
          .observe(region, {childList: true, characterData: true, subtree: true});
    }""")
    assert guest.live() == ""
    guest.put("data", "FJ-D5").put("data", "FJ-D40")
    assert len(guest.evaluate("spoken")) == 2
    guest.put("data", "FJ-D40").onwards().at("/nummer$")
    guest.put("number_source", "new")
    guest.onwards().at("/sim$")
    assert guest.evaluate("[spoken.length, region === document.getElementById('live')]") == [2, True]
    guest.page.reload()
    assert guest.live() == ""


def test_new_questions_are_told(arrive: Arrive, screen: Screen) -> None:
    """20: a question that comes up is named in the live region."""
    guest = arrive("fjallton", screen)
    at_step(guest, "vaxel", {**MOBILE_SE, "mex": "", "mex_fixed": ""})
    guest.put("mex", "yes")
    label = guest.page.locator("label[for=mex_fixed]").inner_text()
    assert label in guest.live()


@pytest.mark.parametrize("question", ["user.first", "user.email"])
def test_a_text_field_is_saved_when_it_is_left(arrive: Arrive, screen: Screen, question: str) -> None:
    """H2: text is stored on leaving the field; the page says when, and says nothing aloud."""
    guest = arrive("baeltkom", screen)
    draft = in_columns(guest, data="BK-M")
    guest.put(question, LINE_DK[question])
    assert guest.answers(draft)[question] == LINE_DK[question]
    expect(guest.page.locator("#saved")).to_contain_text("Gemt" if screen.language == "da" else "Sparat")
    assert guest.live() == ""


def test_an_answer_too_late_for_its_page(arrive: Arrive, stage: Stage, screen: Screen) -> None:
    """19, 23: an answer that arrives after Continue changes nothing on the next step, and the busy line ends."""
    guest = arrive("fjallton", screen)
    at_step(guest, "data", AGREED)
    with stage.hold("/change$", after=True) as hold:
        guest.control("data", "FJ-D40").check()
        hold.arrived()
        guest.form.locator("button.button-primary").click()
        guest.page.wait_for_url("**/nummer")
        shown = guest.page.locator("#stepline").inner_text()
        hold.release()
        guest.page.wait_for_timeout(300)
    assert guest.page.locator("#stepline").inner_text() == shown
    guest.settled()


def test_an_answer_put_right_stops_looking_wrong(arrive: Arrive, screen: Screen) -> None:
    """What was corrected loses its red at once, in the field and in the summary; the rest of the page does not move."""
    guest = arrive("fjallton", screen)
    at_step(guest, "nummer", {**AGREED, "data": "FJ-D40"})
    guest.page.locator("form.stack-form .button-primary").click()
    guest.settled()
    expect(guest.page.locator("#errsum a")).to_have_count(1)
    guest.forgive("status of 422")
    choice = guest.control("number_source", "port")
    before = guest.evaluate("scrollY + document.querySelector('[value=port]').getBoundingClientRect().top")
    choice.check()
    guest.settled()
    expect(guest.page.locator("#q-number_source .message-error")).to_have_count(0)
    expect(guest.page.locator("#q-number_source [aria-invalid]")).to_have_count(0)
    expect(guest.page.locator("#errsum a")).to_have_count(0)
    expect(guest.page.locator("#errsum s")).to_have_count(1)
    assert guest.evaluate("scrollY + document.querySelector('[value=port]').getBoundingClientRect().top") >= before - 40

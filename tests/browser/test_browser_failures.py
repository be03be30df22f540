"""Going on, back and forth; waiting, losing the net or the session; pressing twice; two windows on one order."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.answers import FIXED_SE, MOBILE_SE
from tests.browser.conftest import Arrive
from tests.browser.guest import Guest, Screen
from tests.browser.live_server import Stage

REFUSED = "status of 4(22|09|01|03)"
CUT = "net::ERR_INTERNET_DISCONNECTED|htmx:sendError|htmx:timeout"
AGREED = {name: MOBILE_SE[name] for name in ("kind", "binding", "months", "call_rate")}


def at_data(guest: Guest) -> str:
    draft = guest.draft(AGREED)
    guest.open(f"/drafts/{draft}/lines/1/data").settled()
    return draft


def at_review(guest: Guest, **more: str) -> str:
    draft = guest.draft({**FIXED_SE, **more})
    guest.open(f"/drafts/{draft}/review")
    guest.control("terms").check()
    return draft


def test_after_continue(arrive: Arrive, screen: Screen) -> None:
    """21: a new address, the heading focused, the page at its top; Back, Forward and reload show saved answers."""
    guest = arrive("fjallton", screen)
    at_data(guest)
    first = guest.page.url
    guest.put("data", "FJ-D40").onwards().at("/nummer$")
    expect(guest.page.locator("#main h1")).to_be_focused()
    assert guest.evaluate("scrollY") == 0
    assert guest.h1 in guest.page.title()
    guest.put("number_source", "reserved")
    guest.page.go_back()
    expect(guest.page).to_have_url(first)
    expect(guest.control("data", "FJ-D40")).to_be_checked()
    guest.page.go_forward()
    guest.at("/nummer$")
    expect(guest.control("number_source", "reserved")).to_be_checked()
    expect(guest.control("reserved_number")).to_be_visible()
    guest.page.reload()
    expect(guest.control("number_source", "reserved")).to_be_checked()
    expect(guest.page.locator("header .logo")).to_be_visible()


def test_a_cold_address(arrive: Arrive, screen: Screen) -> None:
    """22: any address that was pushed opens as a whole page; its answer depends on who asks."""
    guest = arrive("fjallton", screen)
    at_data(guest)
    guest.put("data", "FJ-D40").onwards().at("/nummer$")
    page = guest.context.new_page()
    answer = page.goto(guest.page.url)
    assert answer is not None
    assert "HX-Request" in answer.headers["vary"]
    assert "no-store" in answer.headers["cache-control"]
    expect(page.locator("header .logo")).to_be_visible()
    expect(page.locator("#main h1")).to_have_text(guest.h1)


def test_waiting(arrive: Arrive, stage: Stage, screen: Screen) -> None:
    """23: while the server dawdles: nothing at first, then the line, `aria-busy`, and the button says that it saves."""
    guest = arrive("fjallton", screen)
    at_data(guest)
    guest.put("data", "FJ-D40")
    button = guest.form.locator("button.button-primary")
    width = button.bounding_box()
    with stage.hold("/data$") as hold:
        button.click()
        hold.arrived()
        seen = guest.evaluate(
            "() => document.getElementById('busy').getAnimations().map((it) => it.effect.getTiming().delay)"
        )
        assert seen == [300]
        guest.page.wait_for_function("() => +getComputedStyle(document.getElementById('busy')).opacity === 1")
        guest.page.wait_for_function(
            "() => getComputedStyle(document.querySelector('main form .button-primary'), '::after').visibility === 'visible'"
        )
        assert guest.page.locator("#main").get_attribute("aria-busy") == "true"
        assert guest.say("busy.saving") in guest.evaluate(
            "getComputedStyle(document.querySelector('main form .button-primary'), '::after').content"
        )
        assert button.bounding_box() == width
        expect(button).to_be_focused()
        hold.release()
    guest.at("/nummer$")
    expect(guest.page.locator("#main")).not_to_have_attribute("aria-busy", "true")


def test_offline(arrive: Arrive, screen: Screen) -> None:
    """24: a bar with a way to try again; what was chosen stays; trying again works once the net is back."""
    guest = arrive("fjallton", screen)
    draft = at_data(guest)
    guest.context.set_offline(True)
    guest.control("data", "FJ-D40").check()
    bar = guest.page.locator("#net")
    expect(bar).to_be_visible()
    assert guest.page.locator("#live-alert").text_content()
    expect(guest.control("data", "FJ-D40")).to_be_checked()
    guest.context.set_offline(False)
    bar.locator("[data-retry]").click()
    expect(bar).to_be_hidden()
    guest.settled()
    assert guest.answers(draft)["data"] == "FJ-D40"
    guest.context.set_offline(True)
    guest.form.locator("button.button-primary").click()
    expect(bar).to_be_visible()
    guest.context.set_offline(False)
    bar.locator("[data-retry]").click()
    guest.at("/nummer$")
    guest.forgive(CUT)


def test_a_broken_server(arrive: Arrive, stage: Stage, screen: Screen) -> None:
    """24: an answer that is an error shows the bar too, and loses nothing."""
    guest = arrive("fjallton", screen)
    at_data(guest)
    guest.page.route("**/change", lambda route: route.fulfill(status=503, body="busy"))
    guest.control("data", "FJ-D40").check()
    expect(guest.page.locator("#net")).to_be_visible()
    guest.page.unroute("**/change")
    guest.page.locator("[data-retry]").click()
    expect(guest.page.locator("#net")).to_be_hidden()
    guest.settled()
    guest.forgive("503")


def test_double_click_continues_once(arrive: Arrive, stage: Stage, screen: Screen) -> None:
    """25: two clicks on Continue are one request, and one step."""
    guest = arrive("fjallton", screen)
    at_data(guest)
    guest.put("data", "FJ-D40")
    before = len(stage.posts("/data$"))
    guest.form.locator("button.button-primary").dblclick()
    guest.settled().at("/nummer$")
    assert len(stage.posts("/data$")) == before + 1


def test_double_approval_makes_one_order(arrive: Arrive, stage: Stage, screen: Screen) -> None:
    """25: a double click and Enter on top of it send one order."""
    guest = arrive("fjallton", screen)
    draft = at_review(guest, **{"user.email": "dubbel@granitgran.example"})
    button = guest.page.get_by_role("button", name=guest.say("button.place"), exact=True)
    with stage.hold("/submission$") as hold:
        button.dblclick(no_wait_after=True)
        hold.arrived()
        guest.page.keyboard.press("Enter")
        hold.release()
        guest.at("/receipt$")
    assert len(stage.sql('select 1 from "order" where draft = %s', draft)) == 1
    assert len([each for each in stage.posts("/submission$") if draft in each.path]) == 1
    expect(guest.page.locator("main .notice")).to_have_count(0)


def test_the_second_window(arrive: Arrive, stage: Stage, screen: Screen) -> None:
    """25: an approval in a second window leads to the same order and says that it was sent; Back shows no live button."""
    guest = arrive("fjallton", screen)
    draft = at_review(guest, **{"user.email": "fonster@granitgran.example"})
    second = guest.context.new_page()
    second.goto(guest.page.url)
    second.check("[name=terms]")
    guest.press(guest.say("button.place")).at("/receipt$")
    second.get_by_role("button", name=guest.say("button.place"), exact=True).click()
    expect(second).to_have_url(re.compile(r"/receipt\?already=1$"))
    reference = guest.path.split("/")[2]
    expect(second.locator("main .notice")).to_contain_text(reference)
    assert len(stage.sql('select 1 from "order" where draft = %s', draft)) == 1
    guest.page.go_back()
    expect(guest.page.get_by_role("button", name=guest.say("button.place"), exact=True)).to_have_count(0)
    expect(guest.page.locator("#main")).to_contain_text(reference)


def test_session_lost_in_the_middle(arrive: Arrive, screen: Screen) -> None:
    """26: the session is gone: sign in, and be back on the same step with the values."""
    guest = arrive("fjallton", screen)
    draft = at_data(guest)
    guest.put("data", "FJ-D40")
    guest.context.clear_cookies(name="login")
    guest.form.locator("button.button-primary").click()
    guest.page.wait_for_url("**/login?**")
    expect(guest.page.locator("#main")).to_contain_text(guest.say("session.ended").split(".")[0])
    guest.page.fill("[name=email]", "owner@fjallton.example")
    guest.page.fill("[name=password]", "skylt-demo-2026")
    guest.page.press("[name=password]", "Enter")
    guest.at(f"/drafts/{draft}/lines/1/data$")
    expect(guest.control("data", "FJ-D40")).to_be_checked()
    guest.forgive(REFUSED)


def test_two_windows_on_one_draft(arrive: Arrive, screen: Screen) -> None:
    """27: the later writer is told of the conflict, sees the newest answers, and nothing is overwritten in silence."""
    guest = arrive("fjallton", screen)
    draft = at_data(guest)
    second = guest.context.new_page()
    second.goto(guest.page.url)
    guest.put("data", "FJ-D40")
    second.click('[name=data][value="FJ-D5"]')  # check() would choose again on the page that comes
    expect(second.locator(".notice-warning")).to_contain_text(guest.say("q.data"))
    expect(second.locator('[name=data][value="FJ-D40"]')).to_be_checked()
    assert guest.answers(draft)["data"] == "FJ-D40"
    second.check('[name=data][value="FJ-D5"]')
    second.wait_for_function("() => !document.querySelector('.htmx-request')")
    assert guest.answers(draft)["data"] == "FJ-D5"
    guest.forgive(REFUSED)


def test_an_old_form(arrive: Arrive, screen: Screen) -> None:
    """27: a form whose token has died comes back with what was written; sending again works."""
    guest = arrive("fjallton", screen)
    draft = guest.draft({**MOBILE_SE, "user_mode": "new"})
    guest.open(f"/drafts/{draft}/lines/1/anvandare").settled()
    guest.context.clear_cookies(name="form")
    guest.control("user.first").fill("Ragnhild")
    guest.form.locator("button.button-primary").click()
    guest.settled()
    for _ in range(2):  # the answer that was on its way at the same time came too late, too
        if guest.path.endswith("/anvandare"):
            assert guest.control("user.first").input_value() == "Ragnhild"
            guest.onwards()
    guest.at("/tillval$")
    assert guest.answers(draft)["user.first"] == "Ragnhild"
    guest.forgive(REFUSED)


def test_strict_policy(arrive: Arrive, screen: Screen) -> None:
    """29: nothing inline is allowed, the browser obeys, and nobody else is asked for anything (every guest is watched)."""
    guest = arrive("fjallton", screen)
    answer = guest.page.goto(guest.stage.url("fjallton", "/home"))
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    with guest.page.expect_console_message(lambda message: "CSP: script-src" in message.text):
        guest.evaluate("document.body.setAttribute('onclick', 'window.broken = 1'); document.body.click()")
    assert guest.evaluate("window.broken") is None
    guest.forgive("Content Security Policy|CSP:")


def test_the_watch_sees(arrive: Arrive) -> None:
    """29: the watch itself works: asking somebody else is refused and noted."""
    guest = arrive("fjallton").open("/home")
    with guest.page.expect_console_message(lambda message: "CSP: connect-src" in message.text):
        guest.evaluate("fetch('http://baeltkom.localhost:1/').catch(() => 0)")
    assert any("CSP: connect-src" in each for each in guest.trouble)
    guest.forgive(".")

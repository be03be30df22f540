"""How pages lie: boxes measured in Chromium, at the widths of a telephone and of a desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.answers import MOBILE_SE, PORT_SE
from tests.browser.conftest import Arrive
from tests.browser.guest import Guest, Screen
from tests.browser.live_server import Stage
from tests.browser.signing import agree, give, mailed

LONG = "bokforingsavdelningen.upphandling@granitgran.example"
BROKEN = """() => {
  const found = [], text = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  const whole = /\\d{4}-\\d\\d-\\d\\d|[A-Z]{2}-[0-9A-Z]{4}-[0-9A-Z]{2}|\\d{3}-\\d{3} \\d\\d \\d\\d/g;
  const label = new RegExp(whole.source + "|\\\\p{L}{12,}", "gu");  // in a label words are whole, too
  for (let node = text.nextNode(); node; node = text.nextNode())
    for (const hit of node.data.matchAll(node.parentElement.closest("dt") ? label : whole)) {
      const range = document.createRange();
      range.setStart(node, hit.index); range.setEnd(node, hit.index + hit[0].length);
      if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push(hit[0]);
    }
  return found;
}"""
WIDEN = """(ref) => {  // which letters a reference has is chance
  const text = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let node = text.nextNode(); node; node = text.nextNode())
    node.data = node.data.replaceAll(ref, ref.slice(0, 3) + "WMWM-WM");
}"""
UNEVEN = """() => [...document.querySelectorAll(".read-group")].filter((group) =>
  new Set([...group.querySelectorAll("dd:first-of-type")].map((dd) => Math.round(dd.getBoundingClientRect().left))).size > 1
).map((group) => group.querySelector("h3").innerText)"""
ASIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("language", ["sv", "da"])
def test_the_menu_of_a_telephone_closes_where_it_opened(arrive: Arrive, language: str) -> None:
    """It covered the header, and with it the button."""
    guest = arrive("fjallton", Screen(390, language)).open("/home").settled()
    button, menu = guest.page.locator(".menu-button"), guest.page.locator("#site-nav")
    button.click()
    expect(menu).to_be_visible()
    header, below = guest.page.locator(".site-header").bounding_box(), menu.bounding_box()
    assert header and below and below["y"] >= header["y"] + header["height"] - 1
    button.click()
    expect(menu).to_be_hidden()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_long_addresses_push_no_page_aside_and_dates_numbers_and_labels_are_not_broken(
    arrive: Arrive, width: int
) -> None:
    guest = arrive("fjallton", Screen(width, "sv"))
    number = {320: "76", 390: "77", 1280: "78"}[width]  # moved by no other test here
    moved = {**PORT_SE, "port.number": f"070-174 06 {number}", "port.email": LONG}
    user = {"user.initials": f"L{number}", "user.email": f"l{number}.{LONG}"}
    draft = guest.draft({**MOBILE_SE, **moved, **user, "sim": "ship"})
    guest.open(f"/drafts/{draft}/review").settled()
    assert (guest.page.evaluate(ASIDE), guest.page.evaluate(BROKEN)) == (0, [])
    assert guest.page.evaluate(UNEVEN) == [], "a long label moves its answer out of line with the group's others"
    done = guest.ordering.submit(draft, guest.ordering.review(draft).seen, True, "")
    assert done.placed, done
    for path in (f"/orders/{done.placed.ref}", f"/orders/{done.placed.ref}/receipt", "/orders", "/home"):
        guest.open(path).settled().page.evaluate(WIDEN, done.placed.ref)
        assert (path, guest.page.evaluate(ASIDE), guest.page.evaluate(BROKEN)) == (path, 0, [])
    guest.page.emulate_media(media="print")
    guest.open(f"/orders/{done.placed.ref}").settled()
    expect(guest.page.locator("#line-1 .facts")).to_be_visible()  # a printed order has its lines


def fits(guest: Guest) -> None:
    """The page at three widths: pushed aside by nothing, and no day or reference broken."""
    for width in (1280, 390, 320):
        guest.page.set_viewport_size({"width": width, "height": 800})
        assert (guest.path, width, guest.page.evaluate(ASIDE), guest.page.evaluate(BROKEN)) == (
            guest.path,
            width,
            0,
            [],
        )


@pytest.mark.parametrize(("slug", "language"), [("fjallton", "sv"), ("baeltkom", "da")])
def test_a_signer_with_a_long_address_is_shown_whole_wherever_the_move_is(
    arrive: Arrive, stage: Stage, slug: str, language: str
) -> None:
    paper = mailed(stage, slug, language=language, **{"port.email": f"{slug}.{LONG}"})
    signer = arrive(slug, Screen(1280, language), who="").open(paper.link()).at("/document$")
    fits(signer)
    agree(signer, "code_mail").at("/code$")
    fits(signer)
    give(signer, paper.code()).at("/done$")
    fits(signer)
    owner, staff = (arrive(slug, Screen(1280, language), who=who) for who in ("owner", "operator"))
    case = f"/orders/{paper.ref}/lines/1/signing"
    for guest, paths in (
        (owner, ("/home", "/orders", f"/orders/{paper.ref}", f"/orders/{paper.ref}/receipt", case, "/subscriptions")),
        (owner, ("/company/numbers", "/company/users")),
        (staff, ("/admin/orders", f"/admin/orders/{paper.ref}", f"/admin{case}", "/admin/documents", "/admin/audit")),
    ):
        for path in paths:
            fits(guest.open(path).settled())


def test_nothing_gapes_before_the_main_button_and_the_footer_stands_on_one_line(arrive: Arrive) -> None:
    guest = arrive("fjallton", Screen(1280, "sv"))
    guest.open(f"/drafts/{guest.draft(PORT_SE)}").settled()
    cards, button = guest.page.locator(".with-aside > .stack").first, guest.page.locator(".with-aside > .stack").last
    above, row = cards.bounding_box(), button.bounding_box()
    assert above and row and row["y"] - (above["y"] + above["height"]) < 64
    lines = """() => [...document.querySelectorAll(".footer-name, .footer-links a, .languages button")].map((each) => {
      const range = document.createRange(); range.selectNodeContents(each); return Math.round(range.getBoundingClientRect().top);
    })"""
    tops = guest.page.evaluate(lines)
    assert max(tops) - min(tops) <= 1, tops

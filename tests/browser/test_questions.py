"""What is asked, what is put aside, what is told when an answer cannot be taken."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.answers import FIXED_SE, LINE_DK, MOBILE_SE, PORT_DK, PORT_SE
from tests.browser.conftest import Arrive
from tests.browser.guest import Guest, Screen
from tests.browser.live_server import Stage
from webapp.operations.ordering.drafts import Tab

NO_TAB = Tab()
REFUSED = "status of 4(22|09|03)"


def steps(guest: Guest) -> int:
    return guest.page.locator("#stepline li").count()


def test_kinds(arrive: Arrive, screen: Screen) -> None:
    """3: SIM, data, MEX and top-up are a mobile's; fixed hides them and counts fewer steps; going back restores them."""
    guest = arrive("fjallton", screen)
    draft = guest.draft(MOBILE_SE)
    guest.open(f"/drafts/{draft}/lines/1/typ")
    many = steps(guest)
    guest.put("kind", "fixed")
    assert steps(guest) < many
    guest.open(f"/drafts/{draft}/review")
    fixed = guest.main()
    for question in ("data", "sim", "mex", "topup"):
        assert guest.page.locator(f"[id='q-1-{question}']").count() == 0
    assert "Data 40" not in fixed
    guest.open(f"/drafts/{draft}/lines/1/typ").put("kind", "mobile")
    assert steps(guest) == many
    guest.open(f"/drafts/{draft}/review")
    for question in ("data", "sim", "mex", "topup"):
        expect(guest.page.locator(f"[id='q-1-{question}']")).to_be_visible()
    assert "Data 40" in guest.main()


def test_mex_needs_the_pbx(arrive: Arrive, stage: Stage, wide: Screen) -> None:
    """4: MEX is asked under växel only; once friliggande, it is in neither review nor order nor paper."""
    guest = arrive("fjallton", wide)
    draft = guest.draft(MOBILE_SE)
    guest.open(f"/drafts/{draft}/lines/1/vaxel")
    expect(guest.control("mex_fixed")).to_be_visible()
    guest.put("pbx", "standalone")
    expect(guest.control("mex")).to_have_count(0)
    expect(guest.control("mex_fixed")).to_have_count(0)
    guest.open(f"/drafts/{draft}/review")
    assert "MEX" not in guest.main()
    guest.control("terms").check()
    guest.press("Godkänn och beställ").at("/receipt$")
    reference = guest.path.split("/")[2]
    (payload,) = stage.sql('select o::text from "order" o where ref = %s', reference)[0]
    assert "FJ-MEX" not in payload
    assert "mex_fixed" not in payload


def test_moving_a_number(arrive: Arrive, screen: Screen) -> None:
    """5: a move asks for owner, signer, day and commitment; leaving it drops the power of attorney; coming back restores."""
    guest = arrive("fjallton", screen)
    draft = guest.draft({**MOBILE_SE, **PORT_SE})
    guest.open(f"/drafts/{draft}/lines/1/nummer")
    for question in ("port.owner_name", "port.email", "port.date", "port.binding_ack"):
        expect(guest.control(question)).to_be_visible()
    guest.put("number_source", "new")
    expect(guest.control("port.email")).to_have_count(0)
    guest.open(f"/drafts/{draft}/review")
    assert "070-174 06 80" not in guest.main()
    guest.open(f"/drafts/{draft}/lines/1/nummer").put("number_source", "port")
    assert guest.control("port.number").input_value() == "070-174 06 80"
    assert guest.control("port.customer_no").input_value() == "884412"
    guest.open(f"/drafts/{draft}/review")
    power = guest.gettext("Power of attorney for %(number)s") % {"number": "070-174 06 80"}
    assert power in guest.main()


def test_danish_numbers(arrive: Arrive, screen: Screen) -> None:
    """6: Nyt nummer offers to assign one automatically, and the company's own free numbers."""
    guest = arrive("baeltkom", screen)
    guest.open(f"/drafts/{guest.draft({'product': 'BK-MOBIL'})}/lines/1").put("number_source", "new")
    options = guest.control("reserved_number").locator("option").all_inner_texts()
    assert guest.say("option.reserved_number.auto") in options
    assert "20 00 00 84" in options


def test_an_answer_that_is_no_longer_possible(arrive: Arrive, screen: Screen) -> None:
    """7: it is reset, the page and the live region say so, and the order cannot be sent."""
    guest = arrive("fjallton", screen)
    draft = guest.draft({**MOBILE_SE, "number_source": "reserved", "reserved_number": "+46701740666"})
    guest.open(f"/drafts/{draft}/lines/1/typ").put("kind", "fixed")
    assert guest.say("reset.answer") in guest.live()
    expect(guest.page.locator(".notice-warning")).to_contain_text(guest.say("reset.answer"))
    guest.page.reload()
    expect(guest.page.locator(".notice-warning")).to_contain_text(guest.say("reset.answer"))
    guest.open(f"/drafts/{draft}/review")
    expect(guest.page.locator("[id='q-1-reserved_number']")).to_contain_text(guest.say("reset.answer"))
    guest.control("terms").check()
    guest.press(guest.say("button.place"))
    expect(guest.page.locator("#errsum a[href='#line-1']")).to_be_visible()
    guest.forgive(REFUSED)


def test_one_question_a_page(arrive: Arrive, screen: Screen) -> None:
    """8: a tenant made of files alone asks one matter a page and begins with the eSIM's maker's choice."""
    guest = arrive("klitfon", screen)
    guest.open("/orders/new")
    guest.page.locator("main form button.button-primary").first.click()
    guest.at(r"/lines/1/abonnement$")
    assert guest.asked() == ["product"]
    guest.control("product", "KF-M").check()
    guest.settled().onwards()
    assert len(guest.asked()) == 1


def test_like_the_one_before(arrive: Arrive, screen: Screen) -> None:
    """9: a copy has product, commitment and PBX, but neither number nor card nor name."""
    guest = arrive("fjallton", screen)
    draft = guest.draft({**MOBILE_SE, **PORT_SE, "sim": "icc", "icc": "89469900000000000036"})
    guest.open(f"/drafts/{draft}").press(guest.gettext("Copy from %(name)s") % {"name": "Märta Ångström"})
    guest.at("/lines/2/")
    copied = guest.answers(draft, 2)
    assert {name: copied[name] for name in ("kind", "binding", "months", "data", "pbx")} == {
        name: MOBILE_SE[name] for name in ("kind", "binding", "months", "data", "pbx")
    }
    assert not {"port.number", "icc", "user.first", "user.last", "user.email"} & set(copied)


def test_may_not_order(arrive: Arrive, screen: Screen) -> None:
    """10: without the right there is no order button, and the address says who can help."""
    guest = arrive("fjallton", screen, who="member")
    for path in ("/home", "/subscriptions"):
        guest.open(path)
        assert guest.page.locator("main form[action='/orders/new'], main a[href='/orders/new']").count() == 0
    assert guest.page.goto(guest.stage.url("fjallton", "/orders/new")).status == 403
    assert "Astrid Hallström" in guest.main()
    guest.forgive(REFUSED)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_an_empty_page(arrive: Arrive, screen: Screen, script: bool) -> None:
    """11, 28: 422; the title begins with the error; the summary has focus, the right count, links that focus, the same words."""
    guest = arrive("baeltkom", screen, script=script)
    guest.open(f"/drafts/{guest.draft({'product': 'BK-MOBIL'})}/lines/1")
    address = guest.page.url
    with guest.page.expect_response(lambda it: it.request.method == "POST") as answer:
        guest.form.locator("button.button-primary").click()
    assert answer.value.status == 422
    expect(guest.page).to_have_title(re.compile("^(Fel|Fejl): "))
    assert guest.page.url == address
    if script:
        expect(guest.page.locator("#errsum")).to_be_focused()
    summary = guest.errors()
    heading = guest.page.locator("#errsum h2").inner_text()
    assert heading.startswith(f"{len(summary)} ")
    inline = [text.split(":", 1)[1].strip() for text in guest.page.locator(".field .message-error").all_text_contents()]
    assert summary == inline
    assert len(summary) > 5
    for link in guest.page.locator("#errsum a").all() if script else []:
        link.click()
        assert guest.focused() == (link.get_attribute("href") or "").removeprefix("#")
        assert guest.page.locator(":focus").get_attribute("aria-invalid") == "true"
    guest.forgive(REFUSED)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_what_was_typed_stays(arrive: Arrive, screen: Screen, script: bool) -> None:
    """13: wrong and right values stay in their fields, choices stay chosen."""
    guest = arrive("baeltkom", screen, script=script)
    guest.open(f"/drafts/{guest.draft({'product': 'BK-MOBIL', 'number_source': 'port', 'data': 'BK-M'})}/lines/1")
    typed = {"user.first": "Åse", "user.email": "åse uden snabel-a", "port.number": "123"}
    for question, value in typed.items():
        guest.put(question, value)
    if script:
        guest.put("data", "BK-L")
    else:
        guest.control("data", "BK-L").check()
    guest.form.locator("button.button-primary").click()
    expect(guest.page.locator("#errsum")).to_be_visible()
    assert {question: guest.control(question).input_value() for question in typed} == typed
    assert guest.control("data", "BK-L").is_checked()
    assert guest.control("number_source", "port").is_checked()
    guest.forgive(REFUSED)


def test_one_number_three_spellings(arrive: Arrive, wide: Screen) -> None:
    """14: however it is written, the same number is stored, and shown as one writes it."""
    guest = arrive("fjallton", wide)
    draft = guest.draft({**MOBILE_SE, "number_source": "port"})
    guest.open(f"/drafts/{draft}/lines/1/nummer")
    for spelling in ("070-174 06 85", "+46 70 174 06 85", "0046701740685"):
        guest.put("port.number", "").put("port.number", spelling)
        assert guest.answers(draft)["port.number"] == "+46701740685"
    guest.page.reload()
    assert guest.control("port.number").input_value() == "070-174 06 85"


def test_card_numbers(arrive: Arrive, screen: Screen) -> None:
    """15: too short says how many digits there are; a check digit that is off warns, and pressing again goes on."""
    guest = arrive("fjallton", screen)
    draft = guest.draft({**MOBILE_SE, "sim": "icc"})
    guest.open(f"/drafts/{draft}/lines/1/sim")
    guest.put("icc", "8946 9900 0000 000")
    message = guest.page.locator("#err-icc")
    expect(message).to_contain_text("15")
    assert message.get_attribute("aria-live") == "polite"
    guest.put("icc", "89469900000000000011")
    expect(message.locator(".message-warning")).to_contain_text(guest.say("icc.luhn"))
    assert guest.control("icc").input_value() == "8946 9900 0000 0000 0011"
    guest.onwards()
    if guest.path.endswith("/sim"):
        assert guest.focused() == "icc"
        guest.onwards()
    guest.at("/vaxel$")
    guest.forgive(REFUSED)


def test_the_same_number_twice(arrive: Arrive, screen: Screen) -> None:
    """16: the later line says so, and names the user who has the number."""
    guest = arrive("fjallton", screen)
    draft = guest.draft({**MOBILE_SE, **PORT_SE, "port.number": "070-174 06 90"})
    guest.ordering.add_line(draft)
    for question, value in {**MOBILE_SE, "number_source": "port"}.items():
        if not question.startswith("user"):
            guest.ordering.change(draft, 2, question, value, NO_TAB)
    guest.open(f"/drafts/{draft}/lines/2/nummer").put("port.number", "0701740690")
    expect(guest.page.locator("#err-port-number")).to_contain_text("Märta Ångström")


def test_danish_owner_is_prefilled(arrive: Arrive, screen: Screen) -> None:
    """34: nothing is asked twice: who owns and who signs is taken from what has been written already."""
    guest = arrive("baeltkom", screen)
    answers = {
        **LINE_DK,
        "user.initials": "QZY",
        **{name: PORT_DK[name] for name in ("number_source", "port.owner_type", "port.signatory")},
    }
    guest.open(f"/drafts/{guest.draft(answers)}/lines/1")
    assert guest.control("port.owner_name").input_value() == "Bjørn Kær"
    assert guest.control("port.email").input_value() == "bjorn@havnenshandel.example"


def test_prices_are_the_same_everywhere(arrive: Arrive, screen: Screen) -> None:
    """43: what the form shows is what the review shows and what the order shows, to the öre."""
    guest = arrive("fjallton", screen)
    draft = guest.draft({**FIXED_SE, "user.email": "pris@granitgran.example"})
    guest.open(f"/drafts/{draft}/lines/1/tillval")
    shown = guest.total
    assert re.search(r"\d", shown)
    assert ("2026-01-01", "01.01.2026")[screen.language == "da"] in (guest.page.locator("#price").text_content() or "")
    guest.open(f"/drafts/{draft}/review")
    assert guest.total == shown
    guest.control("terms").check()
    guest.press(guest.say("button.place")).at("/receipt$")
    guest.open(f"/orders/{guest.path.split('/')[2]}")
    assert guest.total == shown


def test_nothing_looks_free_before_it_is_known(arrive: Arrive, screen: Screen) -> None:
    """43: without a data package there is no monthly sum, and certainly not nought."""
    guest = arrive("baeltkom", screen)
    guest.open(f"/drafts/{guest.draft({'product': 'BK-MOBIL'})}/lines/1").settled()
    price = guest.page.locator("#price .price-box").inner_text()
    assert guest.say("price.choose_data") in price
    assert guest.say("price.per_month") not in price
    guest.put("data", "BK-M")
    assert guest.say("price.per_month") in guest.page.locator("#price .price-box").inner_text()


def test_where_the_card_is_sent(arrive: Arrive, screen: Screen) -> None:
    """34: the receipt says the address that was written, not that it is another one; a list names what lacks answers once."""
    guest = arrive("baeltkom", screen)
    draft = guest.draft(
        {
            **LINE_DK,
            "user.initials": f"V{screen.width}{screen.language}",
            "user.email": "vej@hav.example",
            "delivery.street": "Kajen 9",
        }
    )
    guest.ordering.add_line(draft, 1)
    guest.open(f"/drafts/{draft}")
    assert not guest.page.locator("#line-2 .chip").inner_text().startswith(guest.say("line.unnamed", n=2))
    guest.ordering.remove_line(draft, 2)
    done = guest.ordering.submit(draft, guest.ordering.review(draft).seen, True, "")
    assert done.placed
    guest.open(f"/orders/{done.placed.ref}/receipt")
    assert "Bjørn Kær, Kajen 9, 8000 Aarhus C" in guest.main()


def test_follow_ups_stand_with_what_they_follow(arrive: Arrive, screen: Screen) -> None:
    """A question in another block than the answer it depends on is not drawn as if it belonged to its neighbour."""
    guest = arrive("baeltkom", screen)
    guest.open(f"/drafts/{guest.draft({'product': 'BK-MOBIL', 'data': 'BK-M', 'binding': 'agreement'})}/lines/1")
    assert guest.page.locator(".follow #data_cards").count() == 0
    assert guest.page.locator(".follow [name=months]").count() == 3

"""Who waits for a signature sees how far it is and can mend what went wrong: a link, an address, a signer, the move itself."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest

from tests.browsing import Portal, Visitor
from tests.builders import a_ported_line, a_porting
from tests.web.conftest import Visit
from tests.web.order_factories import do_jobs, place, said
from tests.web.signers import BO, Asked, ask, signed
from webapp.gateways.mail_standin import MailStandin

_moving = (f"+467017406{n}" for n in itertools.count(10))


def asked(portal: Portal, slug: str = "fjallton", **porting: Any) -> Asked:
    return ask(portal, slug, **{"e164": next(_moving), **porting})


def page_of(waiting: Asked, base: str = "") -> str:
    return f"{base}/orders/{waiting.order.ref}/lines/1"


def press(guest: Visitor, path: str, **more: str) -> Visitor:
    """Sends the form of a page that leads to this path."""
    form = next(each for each in guest.dom.forms if each.get("action") == path)
    return guest.send(path, {**dict(form.form_values()), **more})


@pytest.mark.parametrize(("who", "base"), [("owner", ""), ("operator", "/admin")])
def test_the_order_leads_to_its_signature(portal: Portal, visit: Visit, who: str, base: str) -> None:
    waiting = asked(portal)
    guest = visit("fjallton", who).open(f"{base}/orders/{waiting.order.ref}")
    assert f"{page_of(waiting, base)}/signing" in guest.dom.xpath("//main//a/@href")
    guest.open(f"{page_of(waiting, base)}/signing")
    assert guest.status == 200 and "asa@granit.example" in guest.text
    assert said("sv", "Waiting for signature") in guest.texts("chip")[0]


def test_a_buyer_who_is_the_signer_signs_from_the_receipt(portal: Portal, visit: Visit) -> None:
    owner = portal.person("fjallton", "owner")
    waiting = asked(portal, signer_name=owner.name, signer_email=owner.email.upper(), signers=())
    now, there = f"{page_of(waiting)}/signing/now", f"/sign/{waiting.signers[0].id}/document"
    for path in (f"/orders/{waiting.order.ref}/receipt", f"{page_of(waiting)}/signing", f"/orders/{waiting.order.ref}"):
        guest = visit("fjallton", "owner").open(path)
        assert now in guest.dom.xpath("//main//a/@href") and said("sv", "Sign now") in guest.text, path
    assert said("sv", "You sign the power of attorney") in guest.open(f"/orders/{waiting.order.ref}/receipt").text
    guest.open(now)
    assert guest.path == there and guest.status == 200
    assert signings_of(portal, waiting) == ["waiting"], "nothing is signed by going there"
    colleague = visit("fjallton", "buyer").open(f"/orders/{waiting.order.ref}/receipt")
    assert now not in colleague.dom.xpath("//main//a/@href")
    assert colleague.open(now).path == f"/orders/{waiting.order.ref}/receipt"
    assert said(
        "sv", "There is nothing to sign yet, or not any more. A new power of attorney takes a moment to make"
    ) in (colleague.text)
    signed(guest, waiting)
    assert now not in guest.open(f"/orders/{waiting.order.ref}/receipt").dom.xpath("//main//a/@href")
    assert visit("skarvox", "owner").open(now).status == 404


def signings_of(portal: Portal, waiting: Asked) -> list[str]:
    return [state for (state,) in portal.sql("select state from signing_request where id = %s", waiting.request)]


def test_a_new_link_kills_the_old_one(portal: Portal, visit: Visit, mailbox: MailStandin) -> None:
    waiting = asked(portal)
    old = waiting.link()
    guest = visit("fjallton", "owner").open(f"{page_of(waiting)}/signing")
    press(guest, f"{page_of(waiting)}/signing/resend")
    assert said("sv", "A new link is on its way. The one before has stopped working") in guest.text
    do_jobs(portal, mailbox.port)
    assert visit("fjallton").open(old).status == 410 and visit("fjallton").open(waiting.link()).status == 200


def test_an_address_that_takes_no_mail_is_corrected(portal: Portal, visit: Visit, mailbox: MailStandin) -> None:
    mailbox.fault = "refuse"
    lost = asked(portal)
    do_jobs(portal, mailbox.port)
    guest = visit("fjallton", "owner").open(f"{page_of(lost)}/signing")
    if lost.signers[0].state != "bounced":  # the first try had no mail server at all
        press(guest, f"{page_of(lost)}/signing/resend")
        do_jobs(portal, mailbox.port)
        guest.open(f"{page_of(lost)}/signing")
    assert said("sv", "The mail did not arrive") in guest.texts("chip")[0]
    assert guest.dom.xpath("//details[@open]")
    mailbox.fault = "none"
    wrong = press(guest, f"{page_of(lost)}/signing/address", email="no address")
    assert wrong.status == 422 and "no address" in wrong.dom.xpath("//input[@name='email']/@value")
    press(wrong, "/language", language="da")
    assert guest.path == f"{page_of(lost)}/signing" and guest.dom.get("lang") == "da"
    portal.speak("fjallton", "owner", "sv")
    press(guest.open(f"{page_of(lost)}/signing"), f"{page_of(lost)}/signing/address", email="asa.oberg@granit.example")
    do_jobs(portal, mailbox.port)
    assert mailbox.mails()[-1]["to"] == "asa.oberg@granit.example"
    assert [each.state for each in lost.signers] == ["waiting"]


def test_somebody_else_signs_by_a_new_version(portal: Portal, visit: Visit, mailbox: MailStandin) -> None:
    waiting = asked(portal)
    old = waiting.link()
    guest = visit("fjallton", "owner").open(f"{page_of(waiting)}/signing")
    missing = press(guest, f"{page_of(waiting)}/signing/signer", name="", email="bo@granit.example")
    assert missing.status == 422 and "bo@granit.example" in missing.dom.xpath("//input[@name='email']/@value")
    press(
        guest.open(f"{page_of(waiting)}/signing"),
        f"{page_of(waiting)}/signing/signer",
        name="Bo Lind",
        email="bo@granit.example",
    )
    do_jobs(portal, mailbox.port)
    assert [each.name for each in waiting.signers] == ["Bo Lind"]
    assert visit("fjallton").open(old).status == 410
    again = guest.open(f"{page_of(waiting)}/signing")
    assert said("sv", "Earlier versions") in again.text and said("sv", "Replaced") in again.text


def test_what_is_withdrawn_is_signed_by_nobody(portal: Portal, visit: Visit) -> None:
    waiting = asked(portal)
    guest = visit("fjallton", "owner").open(f"{page_of(waiting)}/signing")
    press(guest, f"{page_of(waiting)}/signing/withdraw")
    assert waiting.state == "withdrawn" and visit("fjallton").open(waiting.link()).status == 410
    assert said("sv", "Taken back") in guest.texts("chip")[0]


def _withdraw(waiting: Asked, visit: Visit, mailbox: MailStandin) -> None:
    guest = visit("fjallton", "owner").open(f"{page_of(waiting)}/signing")
    press(guest, f"{page_of(waiting)}/signing/withdraw")


def _decline(waiting: Asked, visit: Visit, mailbox: MailStandin) -> None:
    visit("fjallton").open(waiting.link()).follow("Jag vill inte skriva under").press("Avböj")


def _bounce(waiting: Asked, visit: Visit, mailbox: MailStandin) -> None:
    mailbox.fault = "refuse"
    _resend(waiting, visit)
    do_jobs(waiting.portal, mailbox.port)
    if waiting.signers[0].state != "bounced":  # the first try had no mail server at all
        _resend(waiting, visit)
        do_jobs(waiting.portal, mailbox.port)
    mailbox.fault = "none"


def _resend(waiting: Asked, visit: Visit) -> None:
    guest = visit("fjallton", "owner").open(f"{page_of(waiting)}/signing")
    press(guest, f"{page_of(waiting)}/signing/resend")


def _expire(waiting: Asked, visit: Visit, mailbox: MailStandin) -> None:
    waiting.portal.sql("update signing_request set state = 'expired' where id = %s", waiting.request)


@pytest.mark.parametrize("happens", [_withdraw, _decline, _bounce, _expire])
def test_an_order_whose_paper_nobody_will_sign_needs_action_and_says_so_everywhere(
    portal: Portal, visit: Visit, mailbox: MailStandin, happens: Any
) -> None:
    """Order, line and staff's list still said that a signature was waited for, and staff could not filter for it."""
    waiting = asked(portal)
    ref, told, before = waiting.order.ref, said("sv", "Needs attention"), said("sv", "Waiting for signature")
    happens(waiting, visit, mailbox)
    for who, base in (("owner", ""), ("operator", "/admin")):
        guest = visit("fjallton", who).open(f"{base}/orders/{ref}")
        chips = [chip.text_content() for chip in guest.dom.xpath("//h1/following-sibling::*[contains(@class, 'chip')]")]
        chips += [chip.text_content() for chip in guest.dom.xpath("//*[@id='line-1']//*[contains(@class, 'chip')]")]
        assert chips == [told, told]
        assert ref in guest.open(f"{base}/orders?status=needs_action").dom.get_element_by_id("results").text_content()
        [row] = guest.dom.xpath("//tr[.//a[text()=$ref]]", ref=ref)
        assert told in row.text_content() and before not in row.text_content()
        guest.open(f"{base}/orders?status=waiting_signature")
        assert ref not in guest.dom.get_element_by_id("results").text_content()


def test_after_a_decline_nothing_is_offered_for_who_is_no_longer_asked(portal: Portal, visit: Visit) -> None:
    waiting = asked(portal, signers=(BO,))
    visit("fjallton").open(waiting.link(2)).follow("Jag vill inte skriva under").press("Avböj")
    owner = visit("fjallton", "owner").open(f"{page_of(waiting)}/signing")
    asa, bo = (owner.dom.get_element_by_id(f"signer-{each.id}") for each in waiting.signers)
    assert said("sv", "Need not sign any more") in asa.text_content() and not asa.xpath(".//form")
    assert said("sv", "Choose somebody else to sign") in bo.text_content()


@pytest.mark.parametrize(
    ("changes", "new"), [({"port.operator": "Sundströms Tele"}, True), ({"port.date": "2026-12-28"}, False)]
)
def test_a_move_is_corrected_after_signing(
    portal: Portal, visit: Visit, mailbox: MailStandin, changes: dict[str, str], new: bool
) -> None:
    waiting = asked(portal)
    signed(visit("fjallton"), waiting)
    do_jobs(portal, mailbox.port)
    assert waiting.state == "sealed"
    guest = visit("fjallton", "owner").open(f"{page_of(waiting)}/port")
    assert guest.status == 200
    assert guest.dom.xpath("//input[@name='port.owner_id']/@value") == ["559999-0016"]
    press(guest, f"{page_of(waiting)}/port", **changes)
    do_jobs(portal, mailbox.port)
    assert guest.path == f"{page_of(waiting)}/signing", guest.text
    assert waiting.state == ("waiting" if new else "sealed")
    states = portal.sql('select state from order_line where "order" = %s', waiting.order.ref)
    assert states == [("waiting_signature" if new else "ready",)]
    guest.open(f"/orders/{waiting.order.ref}")
    signing = guest.dom.xpath(
        f"//h2[@id='history-title']/..//li[contains(., '{said('sv', 'The power of attorney was signed')}')]"
    )
    assert ["Åsa Öberg" in each.text_content() for each in signing] == [True], "who signed a version that is replaced"


def test_the_order_page_tells_the_move_as_it_stands(portal: Portal, visit: Visit) -> None:
    waiting = asked(portal)
    owner, staff = visit("fjallton", "owner"), visit("fjallton", "operator")
    owner.open(f"{page_of(waiting)}/port")
    press(owner, f"{page_of(waiting)}/port", **{"port.number": "070-174 06 88", "port.date": "2026-12-28"})
    for path in (f"/orders/{waiting.order.ref}", f"/orders/{waiting.order.ref}/receipt"):
        owner.open(path)
        to_come = owner.texts("timeline")[0]
        assert "070-174 06 88" in to_come and "28 december 2026" in to_come, path
    staff.open(f"/admin/orders/{waiting.order.ref}")
    assert "070-174 06 88" in staff.dom.xpath("string(//*[@id='lines'])")


def test_a_series_is_shown_as_one_everywhere(portal: Portal, visit: Visit) -> None:
    portal.speak("fjallton", "owner2", "sv")
    first, last = "+46846500900", "+46846500999"
    port = a_porting(e164=first, kind="fixed", first=first, last=last, wished_date=date(2026, 11, 26))
    order = place(portal, "fjallton", a_ported_line(porting=port), local="owner2")
    do_jobs(portal)
    waiting, ref, owner = Asked(portal, "fjallton", order), order.ref, visit("fjallton", "owner2")
    pages = [owner.open(path).text for path in (f"/orders/{ref}", f"/orders/{ref}/receipt")]
    assert all("Numren 08-465 009 00–99 flyttas" in page and "08-465 009 00–99." in page for page in pages)
    pages.append(owner.open(f"{page_of(waiting)}/signing").h1)
    assert "numren blir kvar" in owner.text
    owner.open("/home")
    pages += [owner.dom.xpath(f"string(//a[@href='{page_of(waiting)}/signing']/..)")]
    pages += [owner.dom.xpath(f"string(//section[@aria-labelledby='moves']//tr[.//a[@href='/orders/{ref}']])")]
    staff = visit("fjallton", "operator")
    pages += [staff.open(f"/admin/orders/{ref}").text]
    pages += [staff.open(f"/admin/documents?kind=power_of_attorney&q={ref}").dom.xpath("string(//*[@id='results'])")]
    signer = visit("fjallton").open(waiting.link())
    pages += [signer.text, signer.follow("Jag vill inte skriva under").text]
    assert "numren kvar" in pages.pop()
    signer.press("Avböj")
    assert "behåll numren" in owner.open(f"/orders/{ref}").text
    for page in pages:
        assert "08-465 009 00–99" in page.replace("\xa0", " ") and "00," not in page, page


def test_a_paper_that_only_some_have_signed_is_told_as_that_and_leads_to_its_signatures(
    portal: Portal, visit: Visit
) -> None:
    waiting = ask(portal, e164=next(_moving), signers=(BO,))
    signed(visit("fjallton"), waiting)
    refusing = visit("fjallton").open(waiting.link(2))
    refusing.open(refusing.path.replace("/document", "/decline"))
    refusing.send(refusing.path, refusing.fields)
    assert waiting.state == "declined"
    order = f"/orders/{waiting.order.ref}"
    for path, section in ((order, "#signing-title"), (f"{order}/receipt", f"{order}#signing-title")):
        guest = visit("fjallton", "owner").open(path)
        to_come = guest.texts("timeline")[0]
        assert "Fullmakten blev inte underskriven av alla" in to_come and "Ingen har" not in to_come
        assert "Fullmakten gäller 070-174 06" in to_come
        assert guest.dom.xpath("//ol[@class='timeline']//a/@href") == [section]
    assert visit("fjallton", "owner").open(order).dom.xpath("//*[@id='signing-title']")


def test_what_is_taken_back_is_not_promised_to_move(portal: Portal, visit: Visit) -> None:
    waiting = asked(portal, wished_date=date(2026, 11, 26))  # among the first on the start page
    owner = visit("fjallton", "owner").open(f"{page_of(waiting)}/signing")
    press(owner, f"{page_of(waiting)}/signing/withdraw")
    owner.open(f"/orders/{waiting.order.ref}")
    assert not owner.dom.xpath("//h2[@id='next-title']/..//*[contains(., 'flyttas')]")
    owner.open("/home")
    row = f"//section[@aria-labelledby='moves']//tr[.//a[@href='/orders/{waiting.order.ref}']]"
    assert said("sv", "Taken back") in owner.dom.xpath(f"string({row})")


def test_a_move_is_told_with_its_paper_whatever_the_number_on_it_looks_like(portal: Portal, visit: Visit) -> None:
    """As on one that a release drew which wrote numbers otherwise."""
    waiting = asked(portal, wished_date=date(2026, 11, 25))
    row = f"string(//section[@aria-labelledby='moves']//tr[.//a[@href='/orders/{waiting.order.ref}']])"
    link = f"normalize-space(//*[@class='awaited']/li[.//a[@href='{page_of(waiting)}/signing']])"
    told = visit("fjallton", "owner").open("/home").dom.xpath(link)
    paper = "(select document from signing_request where id = %s)"
    [(shown,)] = portal.sql(
        f"select facts #>> '{{paper,moves,0,number}}' from document where id = {paper}", waiting.request
    )
    portal.sql(
        "update document set facts = jsonb_set(jsonb_set(facts, '{paper,moves,0,number}', '\"0\"'),"
        f" '{{paper,moves,0,e164}}', '\"0\"') where id = {paper}",
        waiting.request,
    )
    now_told = visit("fjallton", "owner").open("/home").dom.xpath(link)
    assert shown in told and now_told == told.replace(shown, "0"), "with the day before which it must be signed"
    assert "25 november" in told, told
    portal.sql("update signer set state = 'bounced' where request = %s", waiting.request)
    assert said("sv", "The mail did not arrive") in visit("fjallton", "owner").open("/home").dom.xpath(row)


def test_the_start_page_tells_what_waits_and_what_went_wrong_first(portal: Portal, visit: Visit) -> None:
    portal.speak("fjallton", "owner", "sv")
    waiting, lost, refused = asked(portal), asked(portal), asked(portal)
    portal.sql("update signer set state = 'bounced' where request = %s", lost.request)
    stranger = visit("fjallton").open(refused.link())
    stranger.open(stranger.path.replace("/document", "/decline") + "?not_me=1")
    stranger.send(stranger.path, stranger.fields)
    assert refused.state == "declined"
    owner = visit("fjallton", "owner").open("/home")
    links = owner.dom.xpath("//*[@class='awaited']//a/@href")
    assert {f"{page_of(lost)}/signing", f"{page_of(refused)}/signing"} <= set(links[:-1])
    assert set(owner.dom.xpath("//*[@class='awaited']/li[@class='is-urgent']//a/@href")) >= {
        f"{page_of(lost)}/signing",
        f"{page_of(refused)}/signing",
    }
    assert f"{page_of(waiting)}/signing" not in owner.dom.xpath("//li[@class='is-urgent']//a/@href")
    assert "är inte Åsa Öberg" in owner.text and "kom inte fram" in owner.text
    assert "Rätta" not in visit("fjallton", "member").open("/home").dom.xpath("string(//*[@class='awaited'])")
    others = visit("fjallton", "owner2").open("/home").response.get_data(as_text=True)
    assert not [each for each in (waiting, lost, refused) if each.order.ref in others]


def test_a_link_that_reached_the_wrong_person_goes_to_the_right_one(
    portal: Portal, visit: Visit, mailbox: MailStandin
) -> None:
    waiting = asked(portal)
    stranger = visit("fjallton").open(waiting.link())
    stranger.open(stranger.path.replace("/document", "/decline") + "?not_me=1")
    stranger.send(stranger.path, stranger.fields)
    owner = visit("fjallton", "owner").open(f"{page_of(waiting)}/signing")
    assert owner.texts("chip")[0] == said("sv", "Reached the wrong person")
    wrong = press(owner, f"{page_of(waiting)}/signing/address", email="ratt")
    assert wrong.status == 422 and waiting.state == "declined"
    owner.open(f"{page_of(waiting)}/signing")
    press(owner, f"{page_of(waiting)}/signing/address", email="ratt@granit.example")
    do_jobs(portal, mailbox.port)
    assert (waiting.state, waiting.signers[0].email) == ("waiting", "ratt@granit.example"), owner.text
    assert [mail["to"] for mail in mailbox.mails()][-1] == "ratt@granit.example"


def test_a_bad_correction_keeps_what_was_typed(portal: Portal, visit: Visit) -> None:
    waiting = asked(portal)
    guest = visit("fjallton", "owner").open(f"{page_of(waiting)}/port")
    wrong = press(guest, f"{page_of(waiting)}/port", **{"port.number": "070-abc", "port.owner_id": "12"})
    assert wrong.status == 422 and wrong.dom.xpath("//input[@name='port.number']/@value") == ["070-abc"]
    assert len(wrong.dom.xpath("//*[@id='errsum']//a")) == 2 and waiting.state == "waiting"


@pytest.mark.parametrize("path", ["signing", "port"])
def test_nobody_else_comes_near(portal: Portal, visit: Visit, path: str) -> None:
    waiting = asked(portal)
    own = f"{page_of(waiting)}/{path}"
    assert visit("fjallton", "owner2").open(own).status == 404
    assert visit("baeltkom", "owner").open(own).status == 404
    assert visit("skarvox", "operator").open(f"/admin{own}").status == 404
    assert visit("fjallton", "member").open(own).status == (200 if path == "signing" else 403)
    signer = waiting.signers[0].id
    for slug, who, base in (("fjallton", "owner2", ""), ("baeltkom", "owner", ""), ("skarvox", "operator", "/admin")):
        for verb in ("resend", "address", "signer", "withdraw"):
            answer = visit(slug, who).post(
                f"{base}{page_of(waiting)}/signing/{verb}", {"signer": signer, "email": "x@y.example", "name": "X"}
            )
            assert answer.status_code == 404
    member = visit("fjallton", "member")
    assert not member.open(f"{page_of(waiting)}/signing").dom.xpath("//main//form")
    assert member.post(f"{page_of(waiting)}/signing/withdraw", {"signer": signer}).status_code == 403
    assert waiting.state == "waiting"


def test_staff_are_warned_when_whoever_ordered_is_to_sign_for_a_private_owner(portal: Portal, visit: Visit) -> None:
    private = {"owner_type": "employee", "owner_name": "Åsa Öberg", "owner_id": "", "takeover": True}
    waiting = ask(portal, **private, signer_email="Owner@fjallton.example")
    warning = "070-174 06 80: ägaren är en privatperson, men länken för underskrift går till beställarens egen adress"
    staff, buyer = visit("fjallton", "operator"), visit("fjallton", "owner")
    assert warning in staff.open(f"/admin/orders/{waiting.order.ref}").text
    assert warning not in buyer.open(f"/orders/{waiting.order.ref}").text
    fine = ask(portal, **private, e164="+46701740681")
    assert "privatperson" not in staff.open(f"/admin/orders/{fine.order.ref}").text

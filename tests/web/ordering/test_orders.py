"""A customer's orders: found, read, and their papers fetched; nobody else's can be."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from lxml import html

from tests.browsing import Portal, later
from tests.web.conftest import Visit
from tests.web.order_factories import do_jobs, moving, new_user, place, said
from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.order import Fact, OrderLine
from webapp.gateways.mail_standin import MailStandin


def test_an_order_is_found_by_what_people_know_of_it(portal: Portal, visit: Visit) -> None:
    order = place(portal, "fjallton", new_user(user_name="Zäta Quist"), moving(e164="+46701740692"))
    other = place(portal, "fjallton", local="owner2")
    guest = visit("fjallton", "owner")
    for q in (order.ref, order.ref.lower(), "quist", "070-174 06 92", "+46 70 174 06 92", "740692", "Kst"):
        guest.open(f"/orders?q={q.replace('+', '%2B')}")
        assert order.ref in guest.text, q
        assert other.ref not in guest.text
    assert said("sv", "No matching orders") in guest.open("/orders?q=finnsinte").text
    assert order.ref not in guest.open(f"/orders?q={other.ref}").text


def test_filters_live_in_the_address(portal: Portal, visit: Visit) -> None:
    order = place(portal, "fjallton", moving(1))
    guest = visit("fjallton", "member")
    assert order.ref in guest.open("/orders?status=waiting_signature").text
    assert order.ref not in guest.open("/orders?status=active").text
    today = portal.now.date()
    assert order.ref in guest.open(f"/orders?from={today}&to={today}").text
    assert order.ref not in guest.open(f"/orders?to={today - timedelta(days=1)}").text
    guest.open("/orders?from=igår&to=2026-02-30&status=nosuch&cursor=nonsense")
    assert guest.status == 200 and guest.dom.xpath("//*[@id='err-from']//*[contains(@class, 'message-error')]")
    assert all(portal.words("fjallton", "sv").say(key) in guest.text for key in ("date.shape", "date.unknown"))
    part = guest.request("GET", "/orders?q=x", headers={"HX-Request": "true", "HX-Target": "results"})
    text = part.get_data(as_text=True)
    assert "<main" not in text and 'hx-swap-oob="innerHTML:#live"' in text
    for path, who in (("/orders", "member"), ("/admin/orders", "operator"), ("/admin/documents", "operator")):
        part = visit("fjallton", who).request(
            "GET", f"{path}?from=igår", headers={"HX-Request": "true", "HX-Target": "results"}
        )
        field = html.fromstring(part.get_data(as_text=True)).xpath("//*[@hx-swap-oob='innerHTML:#err-from']")
        assert portal.words("fjallton", "sv").say("date.shape") in field[0].text_content(), (
            "told beside the results, too"
        )


def test_an_order_read_in_another_language_has_its_labels_and_marks_what_is_frozen(
    portal: Portal, visit: Visit
) -> None:
    """Labels stood in the language of ordering, and nothing told a screen reader which language it was."""
    answers = (Fact("sim", "SIM", "Skicka ett SIM-kort"), Fact("user.last", "Efternamn", "Öberg"))
    order = place(portal, "fjallton", new_user(facts=answers, plan_name="Mobil Rörlig"))
    assert order.language == "sv"
    for who, base in (("owner", ""), ("operator", "/admin")):
        portal.speak("fjallton", who, "da")
        there = visit("fjallton", who).open(f"{base}/orders/{order.ref}")
        portal.speak("fjallton", who, "sv")
        frozen = there.dom.xpath("//main//*[@lang='sv']//text()")
        assert "Skicka ett SIM-kort" in frozen and "Öberg" not in frozen, "a name is of no language"
        assert {row.text for row in order.quote.rows} <= set(frozen)
        labels = there.dom.xpath("//main//dt//text()")
        assert portal.words("fjallton", "da").say("q.user.last") in labels and "Efternamn" not in labels
        here = visit("fjallton", who).open(f"{base}/orders/{order.ref}")
        assert not here.dom.xpath("//main//*[@lang]")


def test_every_parcel_is_told_with_its_address(portal: Portal, visit: Visit) -> None:
    def sent(n: int, street: str, cards: str) -> OrderLine:
        told = (Fact("delivery.street", "Gatuadress", street), Fact("delivery.city", "Ort", "Lund"))
        return new_user(n, answers={"kind": "mobile", "sim": "ship", "data_cards": cards}, facts=told)

    order = place(portal, "fjallton", sent(1, "Storgatan 1", "0"), sent(2, "Ågatan 3", "2"), sent(3, "Ågatan 3", "0"))
    ahead = visit("fjallton", "owner").open(f"/orders/{order.ref}").texts("timeline")[0]
    assert f"{said('sv', 'The SIM card is sent')}Storgatan 1, Lund" in ahead
    assert f"{said('sv', 'The SIM cards are sent')}Ågatan 3, Lund" in ahead


def test_older_orders_are_a_page_away(portal: Portal, visit: Visit) -> None:
    refs = []
    for _ in range(30):
        later(portal, minutes=1)
        refs.append(place(portal, "klitfon", new_user(), local="owner2").ref)
    guest = visit("klitfon", "owner2").open("/orders")
    assert refs[-1] in guest.text and refs[0] not in guest.text
    guest.open(guest.dom.xpath("//a[@rel='next']/@href")[0])
    assert refs[0] in guest.text and refs[-1] not in guest.text


def test_papers_appear_by_themselves_and_then_the_asking_stops(
    portal: Portal, visit: Visit, mailbox: MailStandin
) -> None:
    order = place(portal)
    guest = visit("fjallton", "owner").open(f"/orders/{order.ref}/receipt")
    docs = guest.dom.get_element_by_id("docs")
    assert docs.get("hx-get") == f"/orders/{order.ref}/documents/state" and docs.get("hx-trigger") == "every 2s"
    assert guest.dom.xpath("//a[contains(@href, '/receipt')]"), "without script there is a link"
    htmx = {"HX-Request": "true", "HX-Target": "docs"}
    assert guest.request("GET", docs.get("hx-get"), headers=htmx).status_code == 200
    do_jobs(portal, mailbox.port, only="carry_out")
    do_jobs(portal, mailbox.port, only="make_document")
    half = guest.request("GET", f"{docs.get('hx-get')}?done=0", headers=htmx)
    assert half.status_code == 200 and "hx-swap-oob" in half.get_data(as_text=True)  # mails are still on their way
    do_jobs(portal, mailbox.port)
    last = guest.request("GET", f"{docs.get('hx-get')}?done=2", headers=htmx)
    assert last.status_code == 286 and "hx-swap-oob" not in last.get_data(as_text=True)
    guest.open(f"/orders/{order.ref}/receipt")
    assert "hx-get" not in guest.dom.get_element_by_id("docs").attrib
    assert len(guest.dom.xpath("//a[contains(@href, '/documents/')]")) == 2
    assert order.ref in guest.text


def test_a_slow_paper_is_not_asked_for_for_ever(portal: Portal, visit: Visit) -> None:
    order = place(portal)
    later(portal, minutes=3)
    guest = visit("fjallton", "owner")
    state = guest.request("GET", f"/orders/{order.ref}/documents/state", headers={"HX-Request": "true"})
    assert state.status_code == 286
    assert guest.open(f"/orders/{order.ref}/receipt").status == 200
    assert "hx-get" not in guest.dom.get_element_by_id("docs").attrib


@pytest.mark.parametrize(
    ("slug", "language", "e164"), [("fjallton", "sv", "+46701740680"), ("baeltkom", "da", "+4520000050")]
)
def test_it_is_said_plainly_who_signs_and_how(
    portal: Portal, visit: Visit, mailbox: MailStandin, slug: str, language: str, e164: str
) -> None:
    tenant = portal.tenant(slug)
    order = place(portal, slug, new_user(number=None), moving(e164=e164))
    told = said(
        language,
        "The power of attorney covers %(numbers)s. A personal link comes by mail, and it is signed on the web in a minute.",
        numbers=show_msisdn(e164, tenant.market),
    )
    for is_drawn in (False, True):
        if is_drawn:
            do_jobs(portal, mailbox.port)
        for path in (f"/orders/{order.ref}", f"/orders/{order.ref}/receipt"):
            guest = visit(slug, "owner").open(path)
            assert guest.dom.get("lang") == language
            assert guest.text.count(" ".join(told.split())) == 1


def test_a_paper_is_fetched_byte_for_byte_and_the_trail_tells(
    portal: Portal, visit: Visit, mailbox: MailStandin
) -> None:
    order = place(portal)
    do_jobs(portal, mailbox.port)
    guest = visit("fjallton", "member").open(f"/orders/{order.ref}")
    link = guest.dom.xpath("//a[contains(@href, '/documents/')]/@href")[0]
    answer = guest.request("GET", link)
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    digest, file = portal.sql("select sha256, facts->>'file' from document where id = %s", link.rpartition("/")[2])[0]
    assert hashlib.sha256(answer.data).hexdigest() == digest
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{file}"' and file.isascii()
    assert answer.headers["Cache-Control"] == "private, no-store"
    who = portal.person("fjallton", "member").id
    told = portal.sql(
        "select actor, details->>'document' from audit where what = 'document.fetched' and subject = %s", order.ref
    )
    assert told == [(who, link.rpartition("/")[2])]


def test_a_damaged_paper_is_never_handed_out(portal: Portal, visit: Visit, mailbox: MailStandin) -> None:
    order = place(portal)
    do_jobs(portal, mailbox.port)
    guest = visit("fjallton", "owner").open(f"/orders/{order.ref}")
    link = guest.dom.xpath("//a[contains(@href, '/documents/')]/@href")[0]
    portal.sql("update document set bytes = bytes || '\\x00'::bytea where id = %s", link.rpartition("/")[2])
    answer = guest.request("GET", link)
    assert answer.status_code == 409 and b"%PDF" not in answer.data


def test_other_peoples_orders_are_not_there(portal: Portal, visit: Visit, mailbox: MailStandin) -> None:
    order = place(portal)
    mine = place(portal, "fjallton", local="owner2")
    do_jobs(portal, mailbox.port)
    link = (
        visit("fjallton", "owner")
        .open(f"/orders/{order.ref}")
        .dom.xpath("//a[contains(@href, '/documents/')]/@href")[0]
    )
    document = link.rpartition("/")[2]
    paths = ["", "/receipt", "/documents/state", f"/documents/{document}"]
    for slug, local in (("fjallton", "owner2"), ("skarvox", "owner"), ("baeltkom", "owner")):
        for path in paths:
            assert visit(slug, local).request("GET", f"/orders/{order.ref}{path}").status_code == 404, (slug, path)
    # a paper under the reference of another order
    assert visit("fjallton", "owner2").request("GET", f"/orders/{mine.ref}/documents/{document}").status_code == 404
    assert visit("fjallton", "operator").request("GET", f"/orders/{order.ref}").status_code == 404
    nobody = visit("fjallton").request("GET", f"/orders/{order.ref}")
    assert nobody.status_code == 303 and nobody.location.startswith("/login")


def test_many_lines_are_parted_into_pages(portal: Portal, visit: Visit) -> None:
    lines = tuple(new_user(n, user_name=f"Namn{n} Efternamn") for n in range(1, 46))
    order = place(portal, "fjallton", *lines)
    guest = visit("fjallton", "owner").open(f"/orders/{order.ref}")
    assert len(guest.dom.xpath("//section[@id='lines']//section")) == 20
    guest.open(f"/orders/{order.ref}?page=3")
    assert "Namn45 Efternamn" in guest.text and "Namn1 Efternamn" not in guest.text
    for odd in ("0", "99", "-1", "x", "²", "9" * 30):
        assert guest.open(f"/orders/{order.ref}?page={odd}").status == 200

"""The press of the button: once whatever happens, at the price that was seen, with numbers that are still there."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from werkzeug.test import TestResponse

from tests.browsing import Portal, Visitor, later
from tests.journeys.ways import DANISH, MOVE_SE, SWEDISH, approve, begin, draft_of, first_button, review, walk
from webapp.store.platform.queue import conninfo

LIST = {**SWEDISH, "binding": "none", "call_rate": "flat", "data": "FJ-D40", "sim": "ship"}
NEW = {**LIST, "number_source": "new"}
DANES = {**DANISH, "number_source": "new", "data": "BK-L", "binding": "none"}
NOVEMBER_30 = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)
"""Half past eleven in the evening in Stockholm, before prices rise."""


@pytest.fixture
def rise(portal: Portal) -> None:
    """It is the last evening of the old prices."""
    portal.now = NOVEMBER_30


@pytest.fixture
def visitor(portal: Portal) -> Visitor:
    """An account owner at Fjällton."""
    portal.speak("fjallton", "owner", "sv")
    return portal.visitor("fjallton")


def said(portal: Portal, key: str) -> str:
    """A text of Fjällton's up to its first blank to fill."""
    return portal.words("fjallton", "sv").say(key).partition("%(")[0]


def orders_of(portal: Portal, draft: str) -> int:
    """How many orders a draft has become."""
    [(count,)] = portal.sql('select count(*) from "order" where draft = %s', draft)
    return int(count)


def test_twenty_presses_at_once_make_one_order(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(review(walk(begin(visitor), NEW)))
    fields = {**visitor.fields, "terms": "yes"}
    answers: list[tuple[int, str]] = []
    start = threading.Barrier(20)

    def press() -> None:
        browser = portal.visitor("fjallton")
        for name in ("login", "form"):
            cookie = visitor.client.get_cookie(name, domain=visitor.host)
            assert cookie is not None
            browser.client.set_cookie(name, cookie.value, domain=visitor.host)
        start.wait(timeout=300)
        answer = browser.request("POST", f"/drafts/{draft}/submission", fields)
        answers.append((answer.status_code, answer.location or ""))

    threads = [threading.Thread(target=press) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    assert len(answers) == 20 and {status for status, _ in answers} == {303}
    assert orders_of(portal, draft) == 1
    [(ref,)] = portal.sql('select ref from "order" where draft = %s', draft)
    assert {location.partition("?")[0] for _, location in answers} <= {f"/orders/{ref}/receipt", f"/orders/{ref}"}
    assert portal.sql("select count(*) from procrastinate_jobs where args->>'id' = %s", ref) == [(1,)]
    assert portal.sql('select count(*) from subscription where "order" = %s', ref) == [(1,)]
    assert portal.sql("select count(*) from audit where what = 'order.placed' and subject = %s", ref) == [(1,)]


def test_back_from_the_receipt_shows_the_order(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(review(walk(begin(visitor), NEW)))
    approve(visitor)
    ref = visitor.path.split("/")[2]
    for path in (f"/drafts/{draft}", f"/drafts/{draft}/review", f"/drafts/{draft}/lines/1"):
        visitor.open(path)
        assert visitor.path == f"/orders/{ref}?already=1"
        assert said(portal, "button.place") not in visitor.buttons()
    assert visitor.post(f"/drafts/{draft}/lines").location == f"/orders/{ref}?already=1"
    assert visitor.post(f"/drafts/{draft}/lines/1/remove").location == f"/orders/{ref}?already=1"


def test_a_moved_price_is_shown_row_by_row_and_asked_again(portal: Portal, rise: None, visitor: Visitor) -> None:
    draft = draft_of(review(walk(begin(visitor), NEW)))
    assert visitor.price()["Mobil Fri"] == "149 kr"
    later(portal, hours=1)  # 00:30 in Stockholm: the new list holds
    approve(visitor)
    assert visitor.status == 422 and orders_of(portal, draft) == 0
    assert any(text.startswith(said(portal, "price.differs")) for text in visitor.errors)
    rows = [
        [" ".join(c.text_content().split()) for c in tr.iter("td", "th")]
        for tr in visitor.dom.xpath("//main//tbody/tr")
    ]
    assert [(row[1], row[-2], row[-1]) for row in rows] == [("Mobil Fri", "149 kr", "159 kr")]
    assert visitor.price()["Mobil Fri"] == "159 kr"
    assert visitor.fields["terms"] == "yes"
    approve(visitor)
    assert visitor.path.endswith("/receipt")
    order = portal.order("fjallton", visitor.path.split("/")[2])
    assert order.quote.monthly.net.minor == 15900 + 12900 and order.quote.price_list.endswith("2026-12-01")


def test_prices_that_moved_before_the_review_are_told(portal: Portal, rise: None, visitor: Visitor) -> None:
    draft = draft_of(walk(begin(visitor), NEW))
    later(portal, hours=1)
    visitor.open(f"/drafts/{draft}/review")
    assert any(notice.startswith(said(portal, "price.changed")) for notice in visitor.texts("notice-warning")), (
        visitor.texts("notice-warning")
    )
    approve(visitor)
    assert visitor.path.endswith("/receipt"), "what was shown on the review is what is placed"


def test_a_price_seen_long_ago_holds_when_nothing_moved(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(review(walk(begin(visitor), NEW)))
    portal.now += timedelta(hours=11)
    approve(visitor)
    assert visitor.path.endswith("/receipt") and orders_of(portal, draft) == 1


def test_a_hold_that_ran_out(portal: Portal, visitor: Visitor) -> None:
    number = portal.free_number("fjallton")
    mine = {**LIST, "number_source": "specific", "specific_number": number}
    draft = draft_of(review(walk(begin(visitor), mine)))
    assert any(number in notice for notice in visitor.texts("notice-info"))
    later(portal, minutes=31)
    approve(visitor)
    assert visitor.status == 422 and orders_of(portal, draft) == 0
    assert any(number in text for text in visitor.errors), visitor.errors
    # Nobody has taken it meanwhile: chosen again, it can be ordered.
    visitor.open(f"/drafts/{draft}/lines/1/nummer?return=review")
    assert visitor.fields["specific_number"] == number, "what was chosen is still there"
    visitor.press(said(portal, "button.to_line"))
    assert "/review" in visitor.path
    approve(visitor)
    assert visitor.path.endswith("/receipt"), visitor.errors


def test_a_number_somebody_else_took_meanwhile(portal: Portal, visitor: Visitor) -> None:
    number = portal.free_number("fjallton")
    mine = {**LIST, "number_source": "specific", "specific_number": number}
    draft = draft_of(review(walk(begin(visitor), mine)))
    later(portal, minutes=31)
    portal.speak("fjallton", "owner2", "sv")
    other = portal.visitor("fjallton", "owner2")
    approve(review(walk(begin(other), {**mine, "user.email": "klara@lillaloftet.example"})))
    assert other.path.endswith("/receipt"), other.errors
    approve(visitor)
    assert visitor.status == 422 and orders_of(portal, draft) == 0
    assert any(number in text for text in visitor.errors), visitor.errors
    visitor.open(f"/drafts/{draft}/lines/1/nummer?return=review")
    visitor.press(said(portal, "button.to_line"), specific_number=portal.free_number("fjallton"))
    assert "/review" in visitor.path, (visitor.status, visitor.errors, visitor.text[:600])
    approve(visitor)
    assert visitor.path.endswith("/receipt"), visitor.errors


def test_a_number_that_is_left_is_given_back_and_taken_again(portal: Portal, visitor: Visitor) -> None:
    number = portal.free_number("fjallton")
    mine = {**LIST, "number_source": "specific", "specific_number": number}
    draft = draft_of(review(walk(begin(visitor), mine)))

    def held() -> int:
        return len(portal.sql("select 1 from number where held_by = %s and state = 'held'", draft))

    assert held() == 1
    page = f"/drafts/{draft}/lines/1/nummer?return=review"
    visitor.open(page).press(said(portal, "button.to_line"), number_source="new")
    assert held() == 0, "another way to a number was chosen"
    visitor.open(page).press(said(portal, "button.to_line"), number_source="specific")
    assert visitor.fields.get("specific_number", number) == number and held() == 1


def test_holding_longer(portal: Portal, visitor: Visitor) -> None:
    number = portal.free_number("fjallton")
    mine = {**LIST, "number_source": "specific", "specific_number": number}
    review(walk(begin(visitor), mine))
    later(portal, minutes=25)
    visitor.press(portal.words("fjallton", "sv").gettext("Hold longer"))
    later(portal, minutes=25)
    approve(visitor)
    assert visitor.path.endswith("/receipt"), visitor.errors


def test_the_list_of_users_tells_the_time_too_and_stays_in_sight(portal: Portal, visitor: Visitor) -> None:
    number = portal.free_number("fjallton")
    draft = draft_of(walk(begin(visitor), {**LIST, "number_source": "specific", "specific_number": number}))
    first = next(text for text in visitor.open(f"/drafts/{draft}").texts("notice-info") if number in text)
    later(portal, minutes=20)
    visitor.press(portal.words("fjallton", "sv").gettext("Hold longer"))
    assert visitor.path == f"/drafts/{draft}"
    longer = next(text for text in visitor.texts("notice-info") if number in text)
    assert longer != first
    refused = visitor.open(f"/drafts/{draft}/review").press(said(portal, "button.place"))
    assert refused.status == 422
    visitor.press(portal.words("fjallton", "sv").gettext("Hold longer"))
    assert visitor.path == f"/drafts/{draft}/review"


@pytest.mark.parametrize("leaving", ["button.edit", "button.save_later"])
def test_the_reference_is_kept_by_whoever_leaves_the_review(portal: Portal, visitor: Visitor, leaving: str) -> None:
    draft = draft_of(review(walk(begin(visitor), NEW)))
    visitor.press(said(portal, leaving), ref="Kst 47")
    assert visitor.path == {"button.edit": f"/drafts/{draft}", "button.save_later": "/home"}[leaving]
    visitor.open(f"/drafts/{draft}/review")
    assert visitor.fields["ref"] == "Kst 47"
    refused = visitor.press(said(portal, "button.place"), ref="Kst 48")  # the terms are not accepted
    assert refused.status == 422 and visitor.open(f"/drafts/{draft}/review").fields["ref"] == "Kst 48"
    wrong = visitor.press(said(portal, leaving), ref="Kst\u202e47")
    assert wrong.status == 422 and wrong.errors


def test_the_reference_is_kept_as_it_is_typed(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(review(walk(begin(visitor), NEW)))
    box = visitor.dom.get_element_by_id("ref")
    asked = {"csrf_token": visitor.fields["csrf_token"], "ref": "Kst 49"}
    answer = visitor.request("POST", box.get("hx-post"), asked, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and not answer.get_data(as_text=True).strip()
    assert visitor.open(f"/drafts/{draft}/review").fields["ref"] == "Kst 49"


def test_the_address_of_a_refused_approval_opened_anew_leads_to_the_order(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(review(walk(begin(visitor), NEW)))
    refused = visitor.press(said(portal, "button.place"))
    assert refused.status == 422 and visitor.path == f"/drafts/{draft}/submission"
    assert visitor.open(visitor.path).path == f"/drafts/{draft}" and visitor.status == 200


def test_the_same_number_cannot_be_moved_twice(portal: Portal, visitor: Visitor) -> None:
    move = {**LIST, **MOVE_SE, "port.number": "070-174 06 83"}
    drafts = [draft_of(walk(begin(visitor), move)) for _ in range(2)]
    visitor.open(f"/drafts/{drafts[0]}/review")
    approve(visitor)
    assert visitor.path.endswith("/receipt"), visitor.errors
    visitor.open(f"/drafts/{drafts[1]}/review")
    approve(visitor)
    assert visitor.status == 422 and orders_of(portal, drafts[1]) == 0
    assert visitor.errors and orders_of(portal, drafts[0]) == 1
    again = walk(begin(visitor), move, until="/nummer")
    again.press(first_button(again), **{name: move[name] for name in again.asks() if name in move})
    again.press(first_button(again), **{name: move[name] for name in again.asks() if name in move})
    told = portal.words("fjallton", "sv").say("port.number.moving", n="070-174 06 83")
    assert told in again.errors, "it is on its way, not with us"


def test_without_the_terms_or_an_answer_nothing_is_ordered(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(review(walk(begin(visitor), NEW)))
    visitor.press(said(portal, "button.place"), ref="Kst 4711")
    assert visitor.status == 422 and orders_of(portal, draft) == 0
    assert visitor.fields["ref"] == "Kst 4711"
    [(link, text)] = [(a.get("href"), a.text) for a in visitor.dom.xpath("//*[@id='errsum']//a")]
    assert link == "#terms" and text
    visitor.send(f"/drafts/{draft}/lines", visitor.fields)
    visitor.open(f"/drafts/{draft}/review")
    approve(visitor)
    assert visitor.status == 422 and orders_of(portal, draft) == 0
    assert visitor.dom.get_element_by_id(visitor.dom.xpath("//*[@id='errsum']//a/@href")[0][1:]) is not None


def test_what_is_not_known_yet_does_not_look_free(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(walk(begin(visitor), LIST, until="/avtal"))
    for page in (f"/drafts/{draft}", f"/drafts/{draft}/review"):
        assert "0 kr" not in visitor.open(page).text, page


def test_nothing_to_order(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(walk(begin(visitor), NEW))
    visitor.post(f"/drafts/{draft}/lines/1/remove")
    visitor.open(f"/drafts/{draft}/review")
    assert visitor.status == 200 and visitor.path == f"/drafts/{draft}"
    assert said(portal, "lines.none") in visitor.text and said(portal, "price.none") not in visitor.text
    visitor.post(f"/drafts/{draft}/submission", {"terms": "yes"})
    assert orders_of(portal, draft) == 0


def test_a_small_company_waives_the_limit_of_24_months(portal: Portal) -> None:
    portal.speak("skarvox", "owner", "sv")
    v = begin(portal.visitor("skarvox"))
    bound = {
        **SWEDISH,
        "binding": "agreement",
        "months": "36",
        "call_rate": "flat",
        "data": "SX-D5",
        "number_source": "new",
    }
    v.press(first_button(v), binding="agreement")
    v.press(first_button(v), months="36", call_rate="flat")
    assert "waiver_36" in v.asks() and v.errors == []
    v.press(first_button(v))
    assert v.status == 422 and v.errors
    walk(v, {**bound, "waiver_36": "yes", "sim": "ship"})
    review(v)
    approve(v)
    assert v.path.endswith("/receipt"), v.errors
    order = portal.order("skarvox", v.path.split("/")[2])
    assert order.lines[0].months == 36 and len(order.provenance.waivers) == 1


def test_an_order_keeps_the_prices_of_its_day(portal: Portal) -> None:
    """Bæltkom's agreement rises in December; what was placed before does not."""
    portal.now = NOVEMBER_30
    portal.speak("baeltkom", "owner", "da")
    bound = {**DANISH, "number_source": "new", "data": "BK-L", "binding": "agreement", "months": "36"}
    v = begin(portal.visitor("baeltkom"), product="BK-MOBIL")
    approve(review(walk(v, {**bound, "user.initials": "PRI"})))
    assert v.path.endswith("/receipt"), v.errors
    ref = v.path.split("/")[2]
    later(portal, days=2)
    assert "165" in portal.visitor("baeltkom").open(f"/orders/{ref}").text
    again = begin(portal.visitor("baeltkom"), product="BK-MOBIL")
    review(walk(again, {**bound, "user.initials": "PRJ"}))
    assert any(amount.startswith("175") for amount in again.price().values())


def new_users(portal: Portal, last: str) -> list[tuple[str, int]]:
    """Employees of that last name, and how many subscriptions each has."""
    rows = portal.sql(
        "select e.id, (select count(*) from subscription s where s.tenant = e.tenant and s.employee = e.id)"
        " from employee e where last = %s",
        last,
    )
    return [(str(id), int(count)) for id, count in rows]


def test_one_new_user_in_several_lines_and_orders_becomes_one(portal: Portal, visitor: Visitor) -> None:
    who = {**NEW, "user.first": "Ylva", "user.last": "Ensam", "user.email": "ylva@granitgran.example"}
    draft = draft_of(walk(begin(visitor), who))
    visitor.send(f"/drafts/{draft}/lines", visitor.fields)
    again = {**who, "user.first": "YLVA", "user.email": "Ylva@granitgran.example"}
    walk(visitor, again)
    steps = [step.id for step in portal.tenant("fjallton").composition.steps if "user.email" in step.ask]
    told = portal.words("fjallton", "sv").say("user.known", name="Ylva Ensam")
    assert told in visitor.open(f"/drafts/{draft}/lines/2/{steps[0]}").text
    visitor.open(f"/drafts/{draft}/review")
    approve(visitor)
    assert visitor.path.endswith("/receipt"), visitor.errors
    approve(review(walk(begin(visitor), who)))
    assert visitor.path.endswith("/receipt"), visitor.errors
    assert [count for _, count in new_users(portal, "Ensam")] == [3]
    other = {**who, "user.email": "annan@granitgran.example"}
    approve(review(walk(begin(visitor), other)))
    assert len(new_users(portal, "Ensam")) == 2, "of the same name with another address is another"


def test_two_colleagues_who_order_for_the_same_new_user_at_once_get_an_answer_each(
    portal: Portal, visitor: Visitor
) -> None:
    who = {**NEW, "user.first": "Tove", "user.last": "Samtidig", "user.email": "tove@granitgran.example"}
    fields = []
    for _ in range(4):
        review(walk(begin(visitor), who))
        fields.append((visitor.path.split("/")[2], {**visitor.fields, "terms": "yes"}))
    start, answers = threading.Barrier(4), []

    def press(draft: str, sent: dict[str, str]) -> None:
        browser = portal.visitor("fjallton")
        for name in ("login", "form"):
            cookie = visitor.client.get_cookie(name, domain=visitor.host)
            if cookie:
                browser.client.set_cookie(name, cookie.value, domain=visitor.host)
        start.wait(timeout=300)
        answers.append(browser.request("POST", f"/drafts/{draft}/submission", sent).status_code)

    threads = [threading.Thread(target=press, args=each) for each in fields]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    assert answers == [303] * 4
    assert [count for _, count in new_users(portal, "Samtidig")] == [4]


WAITING = "select count(*) from pg_locks join pg_database on oid = database where not granted and datname = current_database()"


def test_two_new_users_who_want_the_same_initials_at_once_are_both_answered(portal: Portal) -> None:
    """Both have been found good when neither is there yet; both colleagues keep what they wrote."""
    colleagues, sent = {}, {}
    for local, first in (("owner", "Signe"), ("buyer", "Sofus")):
        portal.speak("baeltkom", local, "da")
        who = {
            "user.first": first,
            "user.last": "Tvilling",
            "user.initials": "SMT",
            "user.email": f"{first}@hav.example",
        }
        colleague = begin(portal.visitor("baeltkom", local), product="BK-MOBIL")
        review(walk(colleague, {**DANES, **who}))
        colleagues[local], sent[local] = colleague, {**colleague.fields, "terms": "yes"}
    answers: dict[str, TestResponse] = {}

    def press(local: str) -> None:
        path = f"/drafts/{draft_of(colleagues[local])}/submission"
        answers[local] = colleagues[local].request("POST", path, sent[local])

    threads = [threading.Thread(target=press, args=(local,)) for local in colleagues]
    with psycopg.connect(conninfo(portal.databases.owner_url)) as gate:
        gate.execute(
            "lock table employee in share mode"
        )  # who writes there waits, so both have looked before either does
        for thread in threads:
            thread.start()
        end = time.monotonic() + 30
        while portal.sql(WAITING) != [(2,)] and time.monotonic() < end:
            time.sleep(0.02)
        assert portal.sql(WAITING) == [(2,)], "both are on their way"
    for thread in threads:
        thread.join(timeout=300)
    assert sorted(answer.status_code for answer in answers.values()) == [303, 422]
    assert [count for _, count in new_users(portal, "Tvilling")] == [1]
    [last] = [local for local, answer in answers.items() if answer.status_code == 422]
    draft, colleague = draft_of(colleagues[last]), colleagues[last]
    told = portal.words("baeltkom", "da").gettext("%(x)s is already used by %(name)s. Write other initials")
    assert told.partition("%(name)s")[0] % {"x": "SMT"} in answers[last].get_data(as_text=True)
    assert orders_of(portal, draft) == 0
    step = next(s.id for s in portal.tenant("baeltkom").composition.steps if "user.initials" in s.ask)
    colleague.open(f"/drafts/{draft}/lines/1/{step}")
    walk(colleague, {"user.initials": "SMU"})
    approve(review(colleague))
    assert colleague.path.endswith("/receipt"), colleague.errors
    assert [count for _, count in new_users(portal, "Tvilling")] == [1, 1]

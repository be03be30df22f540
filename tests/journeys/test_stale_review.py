"""What was seen is what is placed: another's change, a day gone by or a card used meanwhile stop the button, and say why."""

from __future__ import annotations

import pytest

from tests.browsing import Portal, later, text_of
from tests.journeys.ways import DANISH, MOVE_SE, SWEDISH, approve, begin, draft_of, fill, review, walk
from webapp.domain.people import Address
from webapp.store.platform.scope import Scope

UNBOUND = {**SWEDISH, "binding": "none", "call_rate": "metered", "data": "SX-D5", "number_source": "new", "sim": "ship"}


def orders(portal: Portal) -> int:
    return int(portal.sql('select count(*) from "order"')[0][0])


def test_a_longer_commitment_at_the_same_price_is_not_what_was_seen(portal: Portal) -> None:
    # guard: Shop.submit compares the whole quote. KF-VAR costs 29 kr. at every commitment
    answers = {
        **DANISH,
        "product": "KF-VAR",
        "binding": "agreement",
        "months": "12",
        "number_source": "new",
        "sim": "esim",
    }
    visitor = review(walk(begin(portal.visitor("klitfon")), answers))
    before, draft = orders(portal), draft_of(visitor)
    colleague = portal.visitor("klitfon")
    colleague.open(f"/drafts/{draft}/lines/1/maaneder")
    walk(fill(colleague, {"months": "24"}), {**answers, "months": "24"})
    approve(visitor)
    assert visitor.status == 422 and visitor.errors and orders(portal) == before
    assert approve(visitor).path.endswith("/receipt"), "and what is seen now can be placed"
    assert portal.order("klitfon", visitor.path.split("/")[2]).lines[0].months == 24


def test_a_day_that_has_come_too_near_is_not_ordered(portal: Portal) -> None:
    # guard: Shop.submit looks at every answer again
    moving = {**UNBOUND, **MOVE_SE, "port.date": "2026-12-08"}
    draft = draft_of(review(walk(begin(portal.visitor("skarvox")), moving)))
    before, portal.now = orders(portal), later(portal, days=9)
    visitor = portal.visitor("skarvox", "buyer").open(f"/drafts/{draft}/review")
    approve(visitor)
    assert visitor.status == 422 and orders(portal) == before
    assert any("2026" in said for said in visitor.errors), visitor.errors


def test_a_card_that_another_order_has_used_meanwhile_is_not_ordered_twice(portal: Portal) -> None:
    # guard: Shop.submit looks at every answer again
    card = {**UNBOUND, "sim": "icc", "icc": "89469900000000000077"}
    first = review(walk(begin(portal.visitor("skarvox")), card))
    second = review(walk(begin(portal.visitor("skarvox")), {**card, "user.first": "Siv"}))
    assert approve(first).path.endswith("/receipt")
    before = orders(portal)
    approve(second)
    assert second.status == 422 and second.errors and orders(portal) == before


MOVING = {
    **UNBOUND,
    "data": "FJ-D40",
    **MOVE_SE,
    "port.email": "marta@granitgran.example",
    "port.signatory": "other",
    "port.signer_name": "Bo Ek",
}


@pytest.mark.parametrize(
    ("question", "answer", "before", "after"),
    [
        ("port.number", "070-174 06 99", "070-174 06 81", "070-174 06 99"),
        ("port.email", "eva@granitgran.example", "marta@granitgran.example", "eva@granitgran.example"),
        ("delivery", "Fel gata 9", "Stenhuggarvägen 8", "Fel gata 9"),
        ("user.last", "Öberg", "Ångström", "Öberg"),
    ],
)
def test_an_answer_that_another_has_changed_is_shown_and_asked_again(
    portal: Portal, question: str, answer: str, before: str, after: str
) -> None:
    # guard: Sealer.differences compares every answer that counts; none of these changes the price
    portal.speak("fjallton", "owner", "sv")
    number = f"070-174 06 8{len(question) % 10}"  # each order moves its own
    visitor = review(walk(begin(portal.visitor("fjallton")), {**MOVING, "port.number": number}))
    placed, draft = orders(portal), draft_of(visitor)
    if question == "delivery":
        company = portal.person("fjallton").company
        assert company
        with portal.store.work(Scope("fjallton", company.id, "test")) as work:
            work.companies.add_address(Address("wrong", "Lagret", answer, "11418", "Stockholm"))
        answer = "wrong"
    portal.visitor("fjallton").post(f"/drafts/{draft}/lines/1/change", {"changed": question, question: answer})
    approve(visitor)
    assert visitor.status == 422 and orders(portal) == placed
    said = portal.words("fjallton", "sv").say("order.differs")
    assert said in visitor.errors and visitor.dom.xpath("//*[@id='errsum']//a/@href") == ["#changes"]
    rows = [[text_of(cell) for cell in row] for row in visitor.dom.xpath("//*[@id='changes']//tbody/tr")]
    assert len(rows) == 1 and before in rows[0][-2] and after in rows[0][-1], rows
    approve(visitor)
    assert visitor.path.endswith("/receipt"), visitor.errors
    order = portal.order("fjallton", visitor.path.split("/")[2])
    assert any(after in fact.value for fact in order.lines[0].facts), "what is seen now is what is placed"


def test_an_order_read_in_one_language_is_not_placed_in_another(portal: Portal) -> None:
    portal.speak("skarvox", "owner", "sv")
    visitor = review(walk(begin(portal.visitor("skarvox")), {**UNBOUND, "user.first": "Disa"}))
    placed = orders(portal)
    portal.speak("skarvox", "owner", "da")  # in another tab
    approve(visitor)
    assert visitor.status == 422 and orders(portal) == placed
    assert portal.words("skarvox", "da").say("language.differs") in visitor.errors
    assert "terms" not in visitor.fields, "the terms that were accepted are not these"
    approve(visitor)
    assert portal.order("skarvox", visitor.path.split("/")[2]).language == "da"
    portal.speak("skarvox", "owner", "sv")

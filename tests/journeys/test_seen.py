"""What was seen is what is placed: another's change, a day gone by or a card used meanwhile stop the button, and say why."""

from __future__ import annotations

from tests.browsing import Portal, later
from tests.journeys.ways import DANISH, MOVE_SE, SWEDISH, approve, begin, draft_of, fill, review, walk

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

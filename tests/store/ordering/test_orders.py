"""Drafts and orders: written once each however many click, and nothing in between is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from tests.store.seed import NOW, document, draft, fill, one, order, whole
from webapp.domain.ordering.draft import LIFE, AnswerVersion
from webapp.domain.porting.series import within
from webapp.domain.problem import Problem
from webapp.store.platform.raw import raw
from webapp.store.porting import Port
from webapp.store.reading import company_reads
from webapp.store.subscriptions import Subscription
from webapp.store.unit_of_work import Store


@pytest.fixture
def full(empty: Store) -> Store:
    fill(empty)
    return empty


def test_a_draft_comes_back_as_it_was_kept(full: Store) -> None:
    line = draft("x", "x").lines[0]
    line = line.reset("data", Problem("data.gone", {"plan": "Ö"})).touch({"first"}, AnswerVersion("tab", 3, 1))
    kept = replace(draft("mine", "north-a", lines=3).with_line(line), reference="Projekt Ö", price_seen="2026-01-01")
    with full.work(one("north", "a")) as work:
        work.drafts.add(kept)
    with full.work(one("north", "a")) as work:
        assert work.drafts.get("mine") == kept
        changed = replace(kept, rev=2, reference="annan", touched_at=NOW + timedelta(hours=1))
        assert work.drafts.save(changed, expected=1)
        assert work.drafts.get("mine") == changed


def test_a_draft_that_was_changed_meanwhile_is_not_written_over(full: Store) -> None:
    with full.work(one("north", "a")) as work:
        mine = work.drafts.get("north-a-draft")
        assert mine
        assert work.drafts.save(replace(mine, rev=2), expected=1)
        assert not work.drafts.save(replace(mine, rev=2), expected=1)
        assert work.drafts.mark_placed(mine.id)
        assert not work.drafts.save(replace(mine, rev=3), expected=2), "it is placed"
        with pytest.raises(ValueError, match="higher revision"):
            work.drafts.save(mine, expected=1)


def test_a_draft_can_be_put_away_taken_back_and_is_thrown_away_at_last(full: Store) -> None:
    ids = ["north-a-draft", "north-b-draft"]
    with full.work(one("north", "a")) as work:
        assert work.drafts.discard("north-a-draft") and not work.drafts.discard("north-a-draft")
        assert work.drafts.listing(NOW, ids, 9) == []
        assert work.drafts.restore("north-a-draft", NOW)
        assert not work.drafts.restore("north-b-draft", NOW)
        assert [d.id for d in work.drafts.listing(NOW, ids, 9)] == ["north-a-draft"]
        assert work.drafts.listing(NOW + LIFE, ids, 9) == []
    with full.work(whole("north")) as work:
        assert work.drafts.throw_away_expired(NOW + LIFE - timedelta(seconds=1)) == 0
        assert work.drafts.throw_away_expired(NOW + LIFE) == 2
        assert work.drafts.get("north-a-placed"), "what an order came from stays"


def test_an_order_comes_back_as_it_was_agreed(full: Store) -> None:
    with full.work(one("north", "a")) as work:
        agreed = order("NEW", "north-a", "north-a-draft", users=("Eva Ek", "Åsa Ö"))
        assert work.orders.add(agreed, {2: "waiting_signature"}) == (agreed, True)
        assert work.orders.get("NEW") == agreed == work.orders.by_draft("north-a-draft")
        assert [state.state for state in work.orders.states("NEW")] == ["placed", "waiting_signature"]
    with full.work(one("north", "b")) as work:
        assert work.orders.get("NEW") is None
        assert work.orders.states("NEW") == []


def test_twenty_who_place_one_draft_make_one_order(full: Store) -> None:
    def place(i: int) -> tuple[str, bool]:
        with full.work(one("north", "a")) as work:
            placed, mine = work.orders.add(order(f"TRY-{i}", "north-a", "north-a-draft"))
            if mine:
                work.audit.write("order.placed", placed.ref, now=NOW)
                work.jobs.defer("carry_out", placed.ref)
            return placed.ref, mine

    with ThreadPoolExecutor(10) as clicks:
        answers = list(clicks.map(place, range(20)))
    assert sum(mine for _, mine in answers) == 1
    assert len({ref for ref, _ in answers}) == 1
    with full.work(whole("north")) as work:
        [(lines, jobs)] = raw(
            work.session,
            "select (select count(*) from order_line where \"order\" like 'TRY-%'),"
            " (select count(*) from procrastinate_jobs)",
            {},
        ).all()
        assert (lines, jobs) == (1, 1)


def test_a_line_moves_only_from_where_it_is(full: Store) -> None:
    with full.work(one("north", "a")) as work:
        move = work.orders.move_line
        assert move("REF-north-a", 1, was=("placed",), to="ready", now=NOW)
        assert not move("REF-north-a", 1, was=("placed",), to="ready", now=NOW)
        assert not move("REF-north-b", 1, was=("placed",), to="ready", now=NOW)
        assert work.orders.states("REF-north-a")[0].state == "ready"


def test_a_paper_is_made_once_in_each_version(full: Store) -> None:
    with full.work(whole("north")) as work:
        assert not work.documents.add(document("again", "north-a", "REF-north-a"), b"other")
        assert work.documents.content("north-a-document") == b"%PDF"
        assert work.documents.add(document("second", "north-a", "REF-north-a", version=2), b"%PDF2")
        latest = work.documents.latest("REF-north-a", "confirmation")
        assert latest and latest.version == 2 and latest.facts == {"x": 1}
    told = full.document_by_code("north", "code-north-a-document")
    assert told and (told.version, told.newest) == (1, 2)
    with full.work(one("north", "b")) as work:
        assert work.documents.get("second") is None and work.documents.content("second") is None


def test_a_number_is_moved_by_one_at_a_time_in_the_installation(full: Store) -> None:
    port = Port("p2", "south-a", "REF-south-a", 1, "+467099001", "awaiting_signature", None, {}, {}, NOW)
    with full.work(whole("south")) as work:
        assert work.portings.whereabouts("+467099001", "+467099001")
        assert not work.portings.add(port)
        assert work.portings.get("p2") is None
    with full.work(whole("north")) as work:
        assert work.portings.change_state("north-a-port", was=("submitted",), to="completed", now=NOW)
        assert not work.portings.change_state("north-a-port", was=("submitted",), to="completed", now=NOW)
        assert not work.portings.correct("north-a-port", now=NOW, signer={"name": "Eva"})
    with full.work(whole("south")) as work:
        assert work.portings.add(port)
        assert work.portings.correct("p2", now=NOW, signer={"name": "Eva"})
        assert work.portings.get("p2").signer == {"name": "Eva"}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("first", "last", "free"),
    [
        ("+46846500490", "+46846500499", False),
        ("+46846500400", "+46846500499", False),
        ("+46846500495", "+46846500504", False),
        ("+46846500480", "+46846500489", True),
        ("+46846500500", "+46846500509", True),
        ("+46846500495", None, False),
        ("+46846500489", None, True),
    ],
)
def test_no_number_of_a_series_moves_twice(full: Store, first: str, last: str | None, free: bool) -> None:
    """Neither alone nor in another series, and every seller's question is answered so beforehand."""
    series = Port(
        "p3", "north-a", "REF-north-a", 1, "+46846500492", "awaiting_signature", None, {}, {}, NOW,
        "+46846500490", "+46846500499",
    )  # fmt: skip
    ends = (first, last) if last else (None, None)
    other = Port("p4", "south-a", "REF-south-a", 1, first, "awaiting_signature", None, {}, {}, NOW, *ends)
    with full.work(whole("north")) as work:
        assert work.portings.add(series)
        assert work.portings.get("p3") == series
    with full.work(whole("south")) as work:
        assert bool(work.portings.whereabouts(first, first)) is within(first, "+46846500490", "+46846500499")
        assert work.portings.add(other) is free
    with full.work(whole("north")) as work:
        assert work.portings.change_state("p3", was=("awaiting_signature",), to="cancelled", now=NOW)
    if not free:
        with full.work(whole("south")) as work:
            assert work.portings.add(other), "what is over stands in nobody's way"


def test_a_series_holds_its_number(full: Store) -> None:
    outside = Port(
        "p5", "north-a", "REF-north-a", 1, "+46846500500", "awaiting_signature", None, {}, {}, NOW,
        "+46846500490", "+46846500499",
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="porting_series_check"), full.work(whole("north")) as work:
        work.portings.add(outside)


def test_what_an_order_leads_to_is_tied_to_its_lines_and_numbers(full: Store) -> None:
    with full.work(one("north", "a")) as work:
        users = ("Eva Ek", "Åsa Ö")
        work.orders.add(order("NEW", "north-a", "north-a-draft", users=users))
        e164 = work.numbers.take_new("mobile", "north-a")
        numbers = (e164, "+467099001")  # the second is still on its way
        work.subscriptions.add_all(
            [
                (
                    Subscription(
                        f"s{n}", "north-a", None, number, "mobile", "p", "ordered", "NEW", n, NOW, {"plan": "p"}
                    ),
                    user,
                    number,
                )
                for n, (number, user) in enumerate(zip(numbers, users, strict=True), 1)
            ]
        )
        assert [line.subscription for line in work.orders.states("NEW")] == ["s1", "s2"]
        assert e164 and work.numbers.get(e164).subscription == "s1"  # type: ignore[union-attr]
        assert work.search.find("subscription", "ås") == ["s2"] == work.search.find("subscription", "099001")[-1:]
        assert work.subscriptions.get("s1").number == e164  # type: ignore[union-attr]


def test_a_subscription_whose_number_is_on_its_way_shows_and_is_found_by_it(full: Store) -> None:
    with full.work(one("north", "a")) as work:
        work.orders.add(order("NEW", "north-a", "north-a-draft", users=("Eva Ek",)))
        made = Subscription("s1", "north-a", None, None, "mobile", "p", "ordered", "NEW", 1, NOW, {"plan": "p"})
        work.subscriptions.add_all([(made, "Eva Ek", "+46701740690")])
        port = replace(work.portings.get("north-a-port"), id="p9", order="NEW", line=1, e164="+46701740690")  # type: ignore[type-var]
        assert work.portings.add(port)
        found = company_reads.subscriptions(work, q="1740690").rows
        assert [(each.number, each.moving) for each in found] == [(None, "+46701740690")]
        assert work.portings.change_state("p9", was=(port.state,), to="cancelled", now=NOW)  # type: ignore[union-attr]
        assert not any(each.moving for each in company_reads.subscriptions(work, q="Eva").rows)

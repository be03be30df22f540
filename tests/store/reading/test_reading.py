"""What pages read: right, in the scope, and in as many statements for many rows as for few."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tests.store.seed import NOW, draft, fill, one, order, whole
from webapp.domain.ordering.draft import Rest
from webapp.domain.people import Address, Company, Employee
from webapp.store.numbers import HOLD
from webapp.store.reading import company_reads, order_reads, signature_reads
from webapp.store.unit_of_work import Store, Work

MANY = 60


@pytest.fixture(scope="module")
def full(databases: Any) -> Iterator[Store]:
    store = Store(databases.app_url)
    if "north" not in store.tenants():
        fill(store)
    with store.work(one("south", "b")) as work:
        for i in range(MANY):
            work.drafts.add(draft(f"many-{i}", "south-b", lines=2))
            placed = NOW + timedelta(minutes=i // 2)  # some at the same moment
            work.orders.add(order(f"MANY-{i:02}", "south-b", f"many-{i}", ("Bo Ek", f"Nr{i} Ö"), placed_at=placed))
            work.employees.add(Employee("", f"First{i % 7}", f"Last{i % 5}"))
    yield store
    store.close()


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(store.engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.engine, "before_cursor_execute", note)


def all_pages(work: Work, read: Any, **how: Any) -> list[Any]:
    rows: list[Any] = []
    page = read(work, **how)
    while True:
        rows += page.rows
        if page.next is None:
            return rows
        page = read(work, cursor=page.next, **how)


def test_pages_follow_one_another_without_gap_or_repeat(full: Store) -> None:
    with full.work(one("south", "b")) as work:
        refs = [card.ref for card in all_pages(work, order_reads.orders, limit=7)]
        assert len(refs) == len(set(refs)) == MANY + 1
        assert refs[0] == f"MANY-{MANY - 1}"
        people = [(e.last.lower(), e.first.lower(), e.id) for e in all_pages(work, company_reads.employees, limit=7)]
        assert people == sorted(people) and len(people) == MANY + 1
    with full.work(one("south", "b")) as work:
        assert order_reads.orders(work, cursor="%%%").rows == order_reads.orders(work, cursor="AAAA").rows


@pytest.mark.parametrize(
    ("language", "ordered"),
    [
        ("sv", ["aaby", "Aagaard", "Berg", "de Vries", "Ek", "EK", "Vinge", "Wik", "Zorn", "Åberg", "Ängö", "Öberg"]),
        ("da", ["Berg", "de Vries", "Ek", "EK", "Vinge", "Wik", "Zorn", "Ængø", "Øberg", "Åberg", "aaby", "Aagaard"]),
    ],
)
def test_lists_are_in_the_readers_alphabet_over_page_ends(empty: Store, language: str, ordered: list[str]) -> None:
    # guard: the collations; by code point "de Vries" comes last and "Ö" after every "Å"
    with empty.work(whole("north")) as work:
        work.companies.add(Company("north-a", "Bolag", "5599990016", "small", None, "Gatan 1", "11122", "Staden"))
    with empty.work(one("north", "a")) as work:
        for n, last in enumerate(reversed(ordered)):
            work.employees.add(Employee("", "Bo" if last == "EK" else "Anna", last, "", f"X{n}"))
            work.companies.add_address(Address(f"a{n:02}", last, "Gatan 1", "11418", "Orten"))
        for limit in (1, 3, 100):
            found = all_pages(work, company_reads.employees, language=language, limit=limit)
            assert [each.last for each in found] == ordered, limit
        named = [each.name.lower() for each in company_reads.addresses(work, "north-a", language)]
        assert named == [each.lower() for each in ordered]


def test_orders_are_found_by_word_state_and_day(full: Store) -> None:
    with full.work(one("south", "b")) as work:
        assert [c.ref for c in order_reads.orders(work, q="nr17").rows] == ["MANY-17"]
        assert [c.ref for c in order_reads.orders(work, q="MANY-03").rows] == ["MANY-03"]
        work.orders.move_line("MANY-05", 2, was=("placed",), to="failed", now=NOW)
        failed = order_reads.orders(work, state="needs_action").rows
        assert [(c.ref, c.label, c.states) for c in failed] == [
            ("MANY-05", "needs_action", {"placed": 1, "needs_action": 1})
        ]
        assert failed[0].users == ("Bo Ek", "Nr5 Ö") and failed[0].monthly_net.minor == 2 * 19900
        later = NOW + timedelta(minutes=29)
        assert {c.ref for c in order_reads.orders(work, since=later).rows} == {"MANY-58", "MANY-59"}
        assert len(all_pages(work, order_reads.orders, until=later)) == MANY - 1


def test_staff_see_all_companies_with_their_names(full: Store) -> None:
    with full.work(whole("south")) as work:
        assert {c.company_name for c in all_pages(work, order_reads.orders)} == {"Bolag south-a", "Bolag south-b"}
        only = all_pages(work, order_reads.orders, company="south-a")
        assert [c.ref for c in only] == ["REF-south-a"] and only[0].next_port
        assert [p.e164 for p in order_reads.portings(work, first=only[0].next_port).rows] == [
            "+467099101",
            "+467099111",
        ]
    with full.work(one("north", "a")) as work:
        assert [c.ref for c in order_reads.orders(work).rows] == ["REF-north-a"]
        assert len(company_reads.users(work)) == 1 and len(company_reads.companies(work)) == 1


def test_one_order_with_all_that_happened(full: Store) -> None:
    with full.work(one("north", "a")) as work:
        page = order_reads.order_page(work, "REF-north-a")
        assert page and page.order.ref == "REF-north-a" and page.states[1].state == page.label == "placed"
        assert [d.id for d in page.documents] == ["north-a-document"]
        assert [p.id for p in page.portings] == ["north-a-port"]
        assert [(e.what, e.actor) for e in page.events] == [("order.placed", "seed")]
        assert order_reads.order_page(work, "REF-north-b") is None
        home = order_reads.home(work, NOW)
        assert [d.id for d in home.drafts] == ["north-a-draft"] and home.drafts[0].lines == 1


def test_what_a_company_has(full: Store) -> None:
    with full.work(one("north", "a")) as work:
        [sub] = company_reads.subscriptions(work, q="eva").rows
        assert (sub.user_name, sub.number) == ("Eva Ek north-a", "+46700000001")
        assert company_reads.subscription(work, "north-b-sub") is None
        assert company_reads.subscriptions(work, unassigned=True).rows == ()
        assert [(n.e164, n.state, n.user_name) for n in company_reads.numbers(work, "north-a").rows] == [
            ("+46700000001", "allocated", "Eva Ek north-a"),
            ("+46700000002", "reserved", ""),
            ("+46800000003", "allocated", ""),
        ]
        assert [a.name for a in company_reads.addresses(work, "north-a")] == ["Lagret"]
        inventory = work.inventory("north-a", draft=None, now=NOW)
        assert [n.e164 for n in inventory.reserved_numbers("mobile")] == ["+46700000002"]
        assert [n.e164 for n in inventory.fixed_numbers()] == ["+46800000003"]
        assert [a.id for a in inventory.delivery_addresses()] == ["north-a", "north-a-address"]
        assert inventory.employee("north-a-employee") and not inventory.employee("north-b-employee")
        assert inventory.initials_of("ee") and not inventory.initials_of("xx")
        where = [inventory.whereabouts(e164, e164) for e164 in ("+46700001001", "+467099011", "+46701740680")]
        assert where == ["seller", "moving", ""]
        assert inventory.is_free("+46700000100", "mobile") and not inventory.is_free("+46700000100", "fixed")


class Undone(Exception):
    """Ends a transaction as if it had not been."""


def test_what_a_company_has_for_several_drafts(full: Store) -> None:
    with pytest.raises(Undone), full.work(one("north", "a")) as work:
        assert work.numbers.hold("+46700000002", "north-a-draft", now=NOW)
        things = work.things("north-a", ["north-a-draft", "another"], now=NOW)
        assert [n.e164 for n in things.of("north-a-draft").reserved_numbers("mobile")] == ["+46700000002"]
        assert things.of("another").reserved_numbers("mobile") == ()
        later = work.things("north-a", ["later"], now=NOW + HOLD)  # nobody holds it any more
        assert [n.e164 for n in later.of("later").reserved_numbers("mobile")] == ["+46700000002"]
        raise Undone


def test_a_draft_comes_with_what_its_company_has(full: Store) -> None:
    with full.work(one("north", "a")) as work, statements(full) as seen:
        things = work.things("north-a", ["north-a-draft"], now=NOW)
        draft = things.with_draft(line=1, basis="")
        assert [n.e164 for n in things.of("north-a-draft").fixed_numbers()] == ["+46800000003"]
        assert not seen, "the one statement is the driver's"
        assert draft and replace(draft, rest=Rest()) == work.drafts.get("north-a-draft")
        assert work.things("north-a", ["none"], now=NOW).with_draft(basis="") is None
        assert work.things("north-a", ["north-b-draft"], now=NOW).with_draft(line=1, basis="") is None
        assert work.things("north-b", ["north-b-draft"], now=NOW).with_draft(basis="") is None


@pytest.mark.parametrize(
    ("read", "most"),
    [
        (lambda work: order_reads.home(work, NOW), 6),
        (lambda work: order_reads.orders(work), 4),
        # A search first asks which rows hold the words, then for those.
        (lambda work: order_reads.orders(work, q="ek", state="placed"), 5),
        (lambda work: order_reads.order_page(work, "MANY-01"), 5),
        (lambda work: company_reads.subscriptions(work, q="eva"), 2),
        (lambda work: company_reads.employees(work, q="first"), 2),
        (lambda work: company_reads.numbers(work, "south-b"), 1),
        (lambda work: signature_reads.awaited(work), 1),
    ],
)
def test_a_page_costs_a_fixed_number_of_statements(full: Store, read: Any, most: int) -> None:
    with full.work(one("south", "b")) as work, statements(full) as seen:
        read(work)
    assert len(seen) == most, "\n".join(seen)

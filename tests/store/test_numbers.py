"""A number is had by one at a time: held for a while, taken for good, given back."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.store.seed import NOW, draft, one
from webapp.domain.people import Company
from webapp.store import numbers
from webapp.store.numbers import HOLD, LONGEST_HOLD
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store

SCOPE = Scope("pool", None, "seed")
SOON = NOW + timedelta(minutes=10)


@pytest.fixture
def pool(empty: Store) -> Iterator[Store]:
    """One tenant, two companies with a draft each, forty free numbers."""
    with empty.work(SCOPE) as work:
        for id in ("a", "b"):
            work.companies.add(Company(id, id, id, "small", None, "", "", ""))
            work.drafts.add(draft(f"draft-{id}", id))
        for i in range(40):
            work.numbers.add(f"+467017406{i:02}", "mobile")
        work.numbers.add("+46701740690", "mobile", "reserved", "a")
        work.numbers.add("+4684650040", "fixed")
    yield empty


FREE, OWN = "+46701740605", "+46701740690"


def test_a_held_number_is_nobody_elses_until_its_time_is_over(pool: Store) -> None:
    with pool.work(Scope("pool", "a", "x")) as work:
        assert work.numbers.hold(FREE, "draft-a", now=NOW)
        assert work.numbers.hold(FREE, "draft-a", now=SOON), "holding again prolongs"
        held = work.numbers.get(FREE)
        assert held and (held.state, held.held_by, held.held_until) == ("held", "draft-a", SOON + HOLD)
    with pool.work(Scope("pool", "b", "y")) as work:
        assert not work.numbers.hold(FREE, "draft-b", now=SOON)
        assert not work.numbers.allocate(FREE, "b", draft="draft-b", now=SOON)
        assert FREE not in work.numbers.free("mobile", now=SOON, limit=99)
        assert work.numbers.hold(FREE, "draft-b", now=SOON + HOLD)


def test_nobody_holds_longer_than_a_day(pool: Store) -> None:
    with pool.work(SCOPE) as work:
        now = NOW
        while now < NOW + LONGEST_HOLD:
            assert work.numbers.hold(FREE, "draft-a", now=now)
            now += timedelta(minutes=29)
        held = work.numbers.get(FREE)
        assert held and held.held_until == NOW + LONGEST_HOLD
        assert work.numbers.prolong("draft-a", now=NOW + LONGEST_HOLD) == 0


def test_what_is_given_back_goes_to_where_it_came_from(pool: Store) -> None:
    with pool.work(SCOPE) as work:
        assert work.numbers.hold(FREE, "draft-a", now=NOW) and work.numbers.hold(OWN, "draft-a", now=NOW)
        assert work.numbers.release("draft-a", only=(FREE,)) == 1
        assert [work.numbers.get(n).state for n in (FREE, OWN)] == ["free", "held"]  # type: ignore[union-attr]
        assert work.numbers.release_overdue(NOW + HOLD) == 1
        assert work.numbers.get(OWN).state == "reserved"  # type: ignore[union-attr]


def test_a_draft_gives_back_and_prolongs_what_it_holds_itself_and_nothing_else(pool: Store) -> None:
    """A neighbour's draft in the same pool, one of another company and one of the same."""
    theirs = {"draft-b": "+46701740606", "draft-a2": "+46701740607"}
    with pool.work(SCOPE) as work:
        work.drafts.add(draft("draft-a2", "a"))
        assert work.numbers.hold(FREE, "draft-a", now=NOW)
        for holder, e164 in theirs.items():
            assert work.numbers.hold(e164, holder, now=NOW)
    with pool.work(Scope("pool", "a", "x")) as work:
        assert work.numbers.prolong("draft-a", now=SOON) == 1
        assert list(work.numbers.held_by("draft-a", now=SOON).values()) == [SOON + HOLD]
        assert work.numbers.release("draft-a") == 1
        assert work.numbers.release("draft-b") == 0 and work.numbers.prolong("draft-b", now=SOON) == 0
        assert work.numbers.held_by("draft-b", now=SOON) == {}, "it is another company's"
        assert work.numbers.release("nobody's draft") == 0 and work.numbers.prolong("nobody's draft", now=SOON) == 0

    with pool.work(SCOPE) as work:
        for holder, e164 in theirs.items():
            assert work.numbers.held_by(holder, now=SOON) == {e164: NOW + HOLD}


def test_a_companys_own_number_is_not_for_others(pool: Store) -> None:
    with pool.work(Scope("pool", "b", "y")) as work:
        assert work.numbers.get(OWN) is None
        assert not work.numbers.hold(OWN, "draft-b", now=NOW)
    with pool.work(SCOPE) as work:
        assert not work.numbers.allocate(OWN, "b", draft=None, now=NOW)
        assert work.numbers.allocate(OWN, "a", draft=None, now=NOW)
        assert not work.numbers.allocate(OWN, "a", draft=None, now=NOW), "it is in use"


def test_an_area_can_be_asked_for(pool: Store) -> None:
    with pool.work(SCOPE) as work:
        assert work.numbers.take_new("fixed", "a", "+468") == "+4684650040"
        assert work.numbers.take_new("fixed", "a", "+468") is None
        assert work.numbers.take_new("mobile", "a", "+4631") is None
        assert work.numbers.free("mobile", "+467017406", now=NOW, limit=2) == ["+46701740600", "+46701740601"]


def take_at_once(pool: Store, how_many: int) -> list[str | None]:
    def take(i: int) -> str | None:
        with pool.work(Scope("pool", "ab"[i % 2], "x")) as work:
            return work.numbers.take_new("mobile", "ab"[i % 2])

    with ThreadPoolExecutor(8) as clients:
        return list(clients.map(take, range(how_many)))


def test_many_who_take_at_once_each_get_their_own(pool: Store) -> None:
    taken = take_at_once(pool, 40)
    assert None not in taken
    assert len(set(taken)) == 40
    with pool.work(SCOPE) as work:
        assert work.numbers.take_new("mobile", "a") is None


def test_without_the_lock_some_would_get_the_same(pool: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: shows that the test above can fail."""
    unlocked = numbers.TAKE_NEW.replace("for update skip locked", "").replace("random()", "0")
    monkeypatch.setattr(numbers, "TAKE_NEW", unlocked.replace("as at from edge", "as at from edge, pg_sleep(0.05)"))
    taken = take_at_once(pool, 16)
    assert len(set(taken)) < 16


def test_a_number_is_in_use_once_in_the_installation(pool: Store) -> None:
    from sqlalchemy.exc import IntegrityError

    with pool.work(SCOPE) as work:
        assert work.numbers.allocate(FREE, "a", draft=None, now=NOW)
    with pool.work(Scope("other", None, "x")) as work:
        work.companies.add(Company("c", "c", "c", "small", None, "", "", ""))
        assert work.numbers.whereabouts(FREE, FREE) == "elsewhere"
    with pytest.raises(IntegrityError), pool.work(Scope("other", None, "x")) as work:
        work.numbers.add(FREE, "mobile", "allocated", "c")


def test_a_card_is_used_once(store: Store) -> None:
    iccid = "89460000000000" + "011"
    with store.work(one("north", "b")) as work:
        assert not work.sims.use("89460000000000001", "north-b"), "it is another company's"
        assert not work.sims.is_used(iccid)
        assert work.sims.use(iccid, "north-b")
        assert not work.sims.use(iccid, "north-b")
    with store.work(one("south", "a")) as work:
        assert work.sims.is_used(iccid)


@pytest.mark.parametrize("state", ["free", "reserved", "quarantine"])
def test_a_number_of_any_seller_is_known_in_the_installation_and_whose_is_not_told(pool: Store, state: str) -> None:
    e164 = f"+4670000{9000 + len(state)}"
    with pool.work(Scope("north", None, "test")) as work:
        work.numbers.add(e164, "mobile", state)
        assert work.numbers.whereabouts(e164, e164) == "seller"
    with pool.work(Scope("pool", "a", "test")) as work:
        inventory = work.inventory("a", draft=None, now=NOW)
        assert (
            inventory.whereabouts(e164, e164)
            == work.numbers.whereabouts(e164[:-1] + "0", e164[:-1] + "9")
            == "elsewhere"
        )
        assert inventory.whereabouts(e164 + "0", e164 + "0") == "", "another length is another number"

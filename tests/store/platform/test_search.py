"""Things are found by the start of any word or the end of a number, through an index, in the scope only."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.store.seed import fill, one, whole
from webapp.domain.people import Employee
from webapp.store.platform import search
from webapp.store.platform.raw import raw
from webapp.store.platform.search import words_of
from webapp.store.platform.tables import SearchWordRow
from webapp.store.reading.company_reads import employees
from webapp.store.unit_of_work import Store, Work


def test_words_are_folded_and_composed() -> None:
    assert words_of("Åsa  MÜLLER-Ek, “Växjö”\x00 _x") == ["åsa", "müller", "ek", "växjö", "x"]
    assert words_of("A\u030asa") == ["åsa"]
    assert words_of("%_*' or 1=1") == ["or", "1", "1"]


def test_people_are_found_by_the_start_of_every_word(store: Store) -> None:
    with store.work(one("north", "b")) as work:
        id = work.employees.add(Employee("", "Åsa", "Öberg-Ek", "asa@x.test", "ÅÖE"))
        find = work.search.find
        assert find("employee", "ös") == []
        for asked in ("åsa", "ÅS", "öb ås", "ek", "åöe"):
            assert id in find("employee", asked)
        assert find("employee", "") == find("employee", "%") == find("order", "åsa") == []
        assert work.employees.update(Employee(id, "Åsa", "Lind"))
        assert find("employee", "öberg") == [] and find("employee", "lin") == [id]
    with store.work(one("north", "a")) as work:
        assert work.search.find("employee", "lind") == []
        assert not work.employees.update(Employee(id, "X", "Y"))


def test_a_number_is_found_by_its_end_however_it_is_written(store: Store) -> None:
    with store.work(one("north", "a")) as work:
        work.search.index("test", "x", "north-a", ["Eva"], ["+46701740635"])
        for asked in ("0635", "635", "070-174 06 35", "+46 70 174 06 35", "46701", "eva"):
            assert work.search.find("test", asked) == ["x"], asked
        assert work.search.find("test", "1740") == []


SHOWN = [
    "070-174 06 60",
    "+46 (0)70 174 06 60",
    "+46 70 174 06 60",
    "0046 70-174 06 60",
    "tel:070\u2011174\u202f06\u200960",
    "46701740660",
]


@pytest.mark.parametrize("written", SHOWN)
def test_a_number_is_found_as_it_is_shown_or_typed_and_stays_so_by_typing_on(store: Store, written: str) -> None:
    with store.work(one("north", "a")) as work:
        work.search.index("test", "x", "north-a", ["Eva Ek", "Rörlig 50 GB"], ["+46701740660"])
        for end in range(5 if written.startswith("tel:") else 1, len(written) + 1):  # that is pasted
            found = listed(work, "test", written[:end])
            assert found is None or found == {"x"}, written[:end]
        bare = written.removeprefix("tel:")
        assert work.search.find("test", f"eva {bare}") == ["x"]
        assert work.search.find("test", f"{written} eva") == ["x"]
        assert work.search.find("test", "070-175") == work.search.find("test", f"bo {bare}") == []


@pytest.mark.parametrize("written", ["20 00 00 07", "+45 20000007", "0045 20 00 00 07"])
def test_a_danish_number_is_found_by_its_first_digits(store: Store, written: str) -> None:
    with store.work(one("north", "a")) as work:
        work.search.index("test", "x", "north-a", ["Eva"], ["+4520000007"])
        for end in range(1, len(written) + 1):
            found = listed(work, "test", written[:end])
            assert found is None or found == {"x"}, written[:end]


def test_words_of_digits_are_found_beside_each_other(store: Store) -> None:
    with store.work(one("north", "a")) as work:
        work.search.index("test", "x", "north-a", ["NT-2026-000123", "50 GB"])
        for asked in ("NT-2026-000123", "2026-000123", "nt 2026", "50 gb", "NT\u20112026", "000123"):
            assert work.search.find("test", asked) == ["x"], asked
        assert work.search.find("test", "2027-000123") == []


def test_no_hit_vanishes_by_typing_on_where_many_begin_alike(store: Store) -> None:
    # guard: a list is narrowed by all that matches, not by the first two hundred
    with store.work(one("north", "b")) as work:
        ids = {work.employees.add(Employee("", "Anna", f"Ek{n}", f"a{n}@x.test", f"QX{n}")) for n in range(230)}
        for asked in ("q", "qx"):
            shown: set[str] = set()
            after: str | None = ""
            while after is not None:
                some = employees(work, q=asked, cursor=after, limit=100)
                shown |= {each.id for each in some.rows}
                after = some.next
            assert ids <= shown


def test_a_list_shows_the_same_whether_its_hits_are_named_or_each_row_is_asked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.work(one("north", "b")) as work:
        for n in range(9):
            work.employees.add(Employee("", "Ada", f"Zorn{n}", f"ada{n}@x.test", f"ZQ{n}"))
        for asked in ("ada", "ada zo", "zorn3 ad", "zq", "ada nobody"):
            named = [each.id for each in employees(work, q=asked).rows]
            with monkeypatch.context() as patched:
                patched.setattr(search, "MOST_NAMED", 0)
                assert [each.id for each in employees(work, q=asked).rows] == named, asked
            assert len(named) == {"zorn3 ad": 1, "ada nobody": 0}.get(asked, 9)


def listed(work: Work, kind: str, asked: str) -> set[str] | None:
    """What a list of all things of that kind is narrowed to; None when it is not."""
    word = SearchWordRow
    matching = work.search.matching(kind, asked, word.id)
    return None if matching is None else set(work.session.scalars(select(word.id).where(word.kind == kind, matching)))


def test_the_plan_uses_the_index_as_the_application_role(empty: Store) -> None:
    fill(empty)
    many = (
        "insert into search_word (tenant, company, kind, id, word)"
        " select :tenant, :owner, 'employee', 'id' || n, md5(n::text) from generate_series(1, 20000) n"
    )
    with empty.work(whole("north")) as work:
        raw(work.session, many, {"owner": "north-a"})
    for scope in (whole("north"), one("north", "a")):
        with empty.work(scope) as work:
            where = "tenant = :tenant" + (" and company = :company" if scope.company else "")
            asked = f"explain select id from search_word where {where} and word ^@ 'c4ca' limit 200"
            plan = "\n".join(raw(work.session, asked, {}).scalars())
            assert "using search_word_" in plan.lower() and "~>=~" in plan, plan
            assert work.search.find("employee", "c4ca42") == ["id1"]

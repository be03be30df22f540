"""Things are found by the start of any word or the end of a number, through an index, in the scope only."""

from __future__ import annotations

from tests.store.seed import fill, one, whole
from webapp.domain.people import Employee
from webapp.store.raw import raw
from webapp.store.search import words_of
from webapp.store.work import Store


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

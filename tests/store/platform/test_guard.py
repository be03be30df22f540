"""Whatever shape a query has, it sees and changes the scope's rows only, or is refused; each wall alone holds too.

The shapes are those that query guards are known to miss: run them again at each new SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, exists, func, insert, literal, select, text, union_all, update
from sqlalchemy.exc import DBAPIError, NoResultFound
from sqlalchemy.orm import aliased, joinedload, relationship, selectinload
from sqlalchemy.orm.exc import StaleDataError

from tests.store.seed import NOW, one, whole
from webapp.store.platform.embedded import Databases
from webapp.store.platform.scope import OutsideScope, Scope, ScopedSession
from webapp.store.platform.tables import AlarmRow, DraftRow, EmployeeRow, NumberRow, OrderLineRow, OrderRow
from webapp.store.unit_of_work import Store

# The store maps no relationships; the guard must hold the day somebody does.
OrderRow.tried_lines = relationship(  # type: ignore[attr-defined]
    OrderLineRow,
    primaryjoin=(OrderRow.ref == OrderLineRow.order),  # without the tenant, on purpose
    foreign_keys=[OrderLineRow.order],
    viewonly=True,
)
E = EmployeeRow
table = E.__table__


def names(rows: Any) -> set[str]:
    return {str(value) for value in rows}


READS: dict[str, Callable[[ScopedSession], Any]] = {
    "entities": lambda s: [e.id for e in s.scalars(select(E))],
    "columns": lambda s: s.scalars(select(E.id)),
    "some columns in a tuple": lambda s: [row.id for row in s.execute(select(E.id, E.first))],
    "aggregate": lambda s: s.scalars(select(func.array_agg(E.id))).one() or [],
    "function over a column": lambda s: s.scalars(select(func.lower(E.id))),
    "distinct": lambda s: s.scalars(select(E.id).distinct()),
    "group by": lambda s: s.scalars(select(E.id).group_by(E.id)),
    "window": lambda s: [row[0] for row in s.execute(select(E.id, func.row_number().over()))],
    "alias": lambda s: s.scalars(select(aliased(E).id)),
    "self join": lambda s: (lambda o: s.scalars(select(o.id).join(E, E.first == o.first)))(aliased(E)),
    "cross join": lambda s: s.scalars(select(E.id).select_from(DraftRow).join(E, literal(True))),
    "outer join": lambda s: (x for x in s.scalars(select(E.id).select_from(DraftRow).outerjoin(E, literal(True))) if x),
    "subquery": lambda s: (lambda q: s.scalars(select(q.c.id).join(E, E.id == q.c.id)))(select(E.id).subquery()),
    "entity from a subquery": lambda s: [e.id for e in s.scalars(select(aliased(E, select(E).subquery())))],
    "cte": lambda s: (lambda c: s.scalars(select(E.id).where(E.id.in_(select(c.c.id)))))(select(E.id).cte()),
    "recursive cte": lambda s: (lambda c: s.scalars(select(E.id).join(c, c.c.id == E.id)))(
        select(E.id).cte(recursive=True)
    ),
    "exists": lambda s: s.scalars(select(E.id).where(exists().where(E.tenant == DraftRow.tenant).correlate(E))),
    "in subquery": lambda s: s.scalars(select(E.id).where(E.id.in_(select(E.id)))),
    "union": lambda s: s.scalars(
        select(E.id).where(E.id.in_(union_all(select(E.id), select(E.id)).subquery().select()))
    ),
    "union of entities": lambda s: [e.id for e in s.scalars(select(E).from_statement(union_all(select(E), select(E))))],
    "or in the condition": lambda s: s.scalars(select(E.id).where((E.first == "Eva") | literal(True))),
    "legacy query": lambda s: [e.id for e in s.query(E)],
    "legacy query of a column": lambda s: [row[0] for row in s.query(E.id)],
    "get by key of another": lambda s: [e.id for e in [s.get(E, ("south", "south-a-employee"))] if e],
    "refreshed and expired": lambda s: [(s.refresh(e), s.expire(e), e.id)[-1] for e in s.scalars(select(E)).all()],
    "joined load": lambda s: [
        f"{line.tenant}-{line.company}"
        for o in s.scalars(select(OrderRow).options(joinedload(OrderRow.tried_lines))).unique()  # type: ignore[attr-defined]
        for line in o.tried_lines
    ],
    "select-in load": lambda s: [
        f"{line.tenant}-{line.company}"
        for o in s.scalars(select(OrderRow).options(selectinload(OrderRow.tried_lines)))  # type: ignore[attr-defined]
        for line in o.tried_lines
    ],
    "lazy load": lambda s: [f"{x.tenant}-{x.company}" for o in s.scalars(select(OrderRow)) for x in o.tried_lines],
    "any": lambda s: [o.ref for o in s.scalars(select(OrderRow).where(OrderRow.tried_lines.any()))],  # type: ignore[attr-defined]
    "core table": lambda s: s.scalars(select(table.c.id)),
    "core join": lambda s: s.scalars(select(table.c.id).join(DraftRow.__table__, literal(True))),
    "text": lambda s: s.scalars(text("select id from employee")),
    "entity from text": lambda s: [e.id for e in s.scalars(select(E).from_statement(text("select * from employee")))],
    "connection": lambda s: s.connection().execute(text("select id from employee")).scalars(),
    "streamed": lambda s: s.scalars(select(E.id), execution_options={"yield_per": 1}),
    "for update": lambda s: s.scalars(select(E.id).with_for_update()),
}
NEED_GUARD_OFF = {"core table", "core join", "text", "entity from text", "connection", "union of entities"}


def seen(store: Store, scope: Scope, shape: str) -> set[str]:
    with store.work(scope) as work:
        return names(READS[shape](work.session))


def foreign(ids: set[str], *mine: str) -> set[str]:
    return {i for i in ids if not any(owner in i for owner in mine)}


@pytest.mark.parametrize("shape", READS)
def test_a_read_sees_its_own_company_only(store: Store, shape: str) -> None:
    if shape in NEED_GUARD_OFF:
        with pytest.raises(OutsideScope):
            seen(store, one("north", "a"), shape)
        return
    ids = seen(store, one("north", "a"), shape)
    assert not foreign(ids, "north-a")
    assert ids or shape == "get by key of another"


@pytest.mark.parametrize("shape", READS)
def test_the_guard_alone_stops_a_foreign_read(guard_only: Store, shape: str) -> None:
    for scope, mine in ((one("north", "a"), "north-a"), (one("south", "b"), "south-b"), (whole("north"), "north-")):
        if shape in NEED_GUARD_OFF:
            with pytest.raises(OutsideScope):
                seen(guard_only, scope, shape)
        else:
            assert not foreign(seen(guard_only, scope, shape), mine)


@pytest.mark.parametrize("shape", READS)
def test_the_policies_alone_stop_a_foreign_read(policies_only: Store, shape: str) -> None:
    if shape == "connection":  # refused by the session itself
        with pytest.raises(OutsideScope):
            seen(policies_only, one("north", "a"), shape)
        return
    for scope, mine in ((one("north", "a"), "north-a"), (one("south", "b"), "south-b"), (whole("north"), "north-")):
        assert not foreign(seen(policies_only, scope, shape), mine)


def test_without_guard_and_policies_it_leaks(neither: Store) -> None:
    assert foreign(seen(neither, one("north", "a"), "columns"), "north-a") >= {"south-a-employee", "north-b-employee"}


def _foreign_row(session: ScopedSession) -> None:
    session.add(E(tenant="south", company="south-a", id="planted", first="x", last="y"))
    session.flush()


def _foreign_company(session: ScopedSession) -> None:
    session.add(E(tenant="north", company="north-b", id="planted", first="x", last="y"))
    session.flush()


def _moved_to_another(session: ScopedSession) -> None:
    session.get_one(E, ("north", "north-a-employee")).company = "north-b"
    session.flush()


def _merged(session: ScopedSession) -> None:
    session.merge(E(tenant="south", company="south-a", id="south-a-employee", first="x", last="y"))
    session.flush()


def _foreign_number(session: ScopedSession) -> None:
    session.add(NumberRow(tenant="north", company="north-b", e164="+46700000999", kind="mobile", state="reserved"))
    session.flush()


def _for_staff(session: ScopedSession) -> None:
    session.add(
        AlarmRow(tenant="north", id="planted", kind="paper.damaged", subject="x", ref="", raised_at=NOW, details={})
    )
    session.flush()


PLANTED = dict.fromkeys(("title", "email", "dept", "cost_centre", "employee_no", "first", "last"), "")
PLANTED |= {"tenant": "south", "company": "south-a", "id": "planted"}
WRITES: dict[str, Callable[[ScopedSession], Any]] = {
    "add another tenant's": _foreign_row,
    "add another company's": _foreign_company,
    "give a row away": _moved_to_another,
    "merge another tenant's": _merged,
    "add another company's number": _foreign_number,
    "add what is staff's": _for_staff,
    "update by condition": lambda s: s.execute(update(E).values(title="stolen")),
    "update by key": lambda s: s.execute(update(E), [{"tenant": "south", "id": "south-a-employee", "title": "stolen"}]),
    "delete by condition": lambda s: s.execute(delete(NumberRow).where(NumberRow.company != "north-a")),
    "insert in bulk": lambda s: s.execute(insert(E), [PLANTED]),
    "update in text": lambda s: s.execute(text("update employee set title = 'stolen'")),
    "update a core table": lambda s: s.execute(update(table).values(title="stolen")),
}
STATE = "select tenant, company, 'e', id, title from employee union all select tenant, company, 'n', e164, state from number"
STATE += " union all select tenant, '', 'a', id, subject from alarm"


def others(databases: Databases) -> set[Any]:
    with Store(databases.owner_url, guard=False).engine.connect() as connection:
        rows = connection.execute(text(STATE)).all()
    return {row for row in rows if row[1] != "north-a"}


@pytest.mark.parametrize("shape", WRITES)
@pytest.mark.parametrize("wall", ["store", "guard_only", "policies_only"])
def test_a_write_changes_nothing_of_others(
    request: pytest.FixtureRequest, filled: Databases, wall: str, shape: str
) -> None:
    store: Store = request.getfixturevalue(wall)
    before = others(filled)
    try:
        with store.work(one("north", "a")) as work:
            WRITES[shape](work.session)
    except (OutsideScope, DBAPIError, NoResultFound, StaleDataError):
        pass  # refused, or the row was not there to be changed
    assert others(filled) == before


def test_a_session_without_scope_is_refused(filled: Databases) -> None:
    from webapp.store.platform.scope import GuardedSession

    engine = Store(filled.app_url).engine
    with GuardedSession(engine) as session, pytest.raises(OutsideScope):
        session.scalars(select(E)).all()


def test_a_scope_cannot_be_empty_or_star() -> None:
    for tenant, company in (("", None), ("north", ""), ("north", "*")):
        with pytest.raises(OutsideScope):
            Scope(tenant, company, "x")


def test_the_doorstep_reads_people_sessions_and_tokens_only(
    store: Store, policies_only: Store, guard_only: Store
) -> None:
    for through in (store, policies_only, guard_only):
        with through.work(Scope.doorstep("north")) as work:
            assert work.people.by_email("OWNER@north-a.test")
            assert work.people.by_email("owner@south-a.test") is None
            assert work.tokens.live("reset", b"token-north-a", NOW)
            assert work.throttle.hit("door", window=NOW - NOW.replace(hour=8), now=NOW)
            assert work.companies.listing() == []
            assert work.drafts.listing(NOW, ["north-a-draft"], 9) == []
            assert work.orders.get("REF-north-a") is None
            assert work.numbers.get("+467000" + "0" + "1000") is None
            assert work.revisions.current() is None
            work.audit.write("signin.failed", "somebody", now=NOW)

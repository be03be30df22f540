"""What is broken on purpose is found, by the promise it breaks and the thing it is broken for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from tests.age_audit_rows import settle
from tests.store.seed import NOW, fill, whole
from webapp.store.audit_chain import AuditChain, Head, extend_chain, flaws, heads
from webapp.store.invariants import Broken, broken_promises
from webapp.store.platform.embedded import Databases
from webapp.store.platform.queue import conninfo
from webapp.store.unit_of_work import Store

SECRET = "a secret"


@pytest.fixture
def full(empty: Store) -> Store:
    fill(empty)
    return empty


@pytest.fixture
def owner(full: Store, fresh_databases: Databases) -> Iterator[psycopg.Connection]:
    """Somebody who may do anything to the database."""
    with psycopg.connect(conninfo(fresh_databases.owner_url), autocommit=True) as connection:
        yield connection


# What is done to the database -> what must be told of it.
DAMAGE = {
    "update document set bytes = 'x' where id = 'north-a-document'": Broken("I6", "north", "north-a-document"),
    "update \"order\" set monthly_net = 1 where ref = 'REF-north-a'": Broken("I4", "north", "REF-north-a"),
    "delete from order_line where \"order\" = 'REF-south-a'; ": Broken("I4", "south", "REF-south-a"),
    'update order_line set answers = \'{"number_source": "new"}\' where "order" = \'REF-north-a\'': Broken(
        "I2", "north", "REF-north-a/1"
    ),
    "update number set state = 'held', held_by = 'north-a-draft', held_until = '2026-03-01' where e164 = '+46700000100'": (
        Broken("I10", "north", "+46700000100")
    ),
    "delete from document where id = 'north-b-document'": Broken("I5", "north", "REF-north-b"),
    "update order_line set state = 'lost' where \"order\" = 'REF-north-a'": Broken("I13", "north", "REF-north-a/1"),
    "update draft set state = 'open' where id = 'north-a-placed'": Broken("I13", "north", "north-a-placed"),
    "drop index number_in_use_key; update number set state = 'allocated', company = 'south-a' where e164 = '+46700001100';"
    " insert into number (tenant, e164, company, kind, state) values"
    " ('north', '+46700001100', 'north-a', 'mobile', 'allocated')": Broken("I1", "north", "+46700001100"),
    "drop index porting_open_key; alter table porting drop constraint porting_span_excl;"
    " update porting set e164 = '+467099001' where id = 'south-a-port'": Broken("I3", "north", "+467099001"),
}


def test_nothing_is_broken_to_begin_with(full: Store, owner: psycopg.Connection) -> None:
    settle(owner.execute)
    assert extend_chain(full, "north", SECRET) == 2
    assert broken_promises(full, SECRET, NOW) == []


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found(full: Store, owner: psycopg.Connection, damage: str) -> None:
    owner.execute("alter table porting drop constraint porting_tenant_order_line_fk")
    owner.execute(damage)  # type: ignore[call-overload]
    assert DAMAGE[damage] in broken_promises(full, SECRET, NOW.replace(hour=23))


def test_a_changed_lost_or_swapped_row_of_the_trail_is_named(full: Store, owner: psycopg.Connection) -> None:
    with full.work(whole("north")) as work:
        for i in range(8):
            work.audit.write(f"step.{i}", "x", now=NOW, details={"i": i})
    settle(owner.execute)
    with full.work(whole("north")) as work:
        assert AuditChain(work.session).extend(SECRET, limit=4) == 4
        assert AuditChain(work.session).extend(SECRET) == 6
        assert AuditChain(work.session).extend(SECRET) == 0

    def broken(secret: str = SECRET) -> list[str]:
        with full.work(whole("north")) as work:
            return [flaw.row for flaw in AuditChain(work.session).broken(secret)]

    def id_of(step: str) -> str:
        return owner.execute("select id from audit where what = %s", [step]).fetchone()[0]  # type: ignore[index]

    assert broken() == []
    assert len(broken("another secret")) == 2, "one a batch"
    owner.execute("update audit set details = '{}' where what = 'step.3'")
    assert broken() == [id_of("step.3")]
    owner.execute("""update audit set details = '{"i": 3}' where what = 'step.3'""")
    assert broken() == []
    owner.execute("delete from audit_link where row = %s", [id_of("step.5")])
    assert broken() == [id_of("step.6")]
    owner.execute("delete from audit_link where n >= 6")
    assert broken() == [owner.execute("select row from audit_link where n = 5").fetchone()[0]]  # type: ignore[index]


@pytest.fixture
def told(full: Store, owner: psycopg.Connection) -> Store:
    """Two batches of a trail: the second an hour and a half after the first."""
    for hours in (0, 1.5):
        with full.work(whole("north")) as work:
            for i in range(4):
                work.audit.write(
                    f"step.{hours:g}.{i}", "x", now=NOW + timedelta(hours=hours, seconds=i), details={"i": i}
                )
        settle(owner.execute)
        assert extend_chain(full, "north", SECRET) >= 4
    assert flaws(full, SECRET) == []
    return full


INSERT = (
    "insert into audit (tenant, id, actor, actor_tenant, what, subject, details, at) values"
    f" ('north', 'planted', 'x', 'north', 'order.placed', 'y', '{{}}', '{NOW.isoformat()}')"
)
# What the owner of the database does -> what is told of which row (by what it tells, else its id).
TAMPERING = {
    "update audit set actor = 'somebody' where what = 'step.0.2'": [("changed", "step.0.2")],
    "update audit set at = at + interval '1 second' where what = 'step.1.5.3'": [("changed", "step.1.5.3")],
    "update audit set company = 'north-b' where what = 'step.0.0'": [("changed", "step.0.0")],
    "alter table audit_link drop constraint audit_link_tenant_row_fk; delete from audit where what = 'step.0.1'": [
        ("missing", "step.0.1")
    ],
    "with gone as (delete from audit_link where row = (select id from audit where what = 'step.0.1'))"
    " select 1; delete from audit where what = 'step.0.1'": [("cut_out", "step.0.2")],
    "alter table audit alter seq drop identity; update audit set seq = 1000 where what = 'step.0.1'": [
        ("moved", "step.0.2")
    ],
    INSERT: [("inserted", "planted")],
}


@pytest.mark.parametrize("statement", TAMPERING)
def test_whoever_owns_the_database_is_found_out(told: Store, owner: psycopg.Connection, statement: str) -> None:
    names = dict(owner.execute("select id, what from audit").fetchall())
    owner.execute(statement)  # type: ignore[call-overload]
    found = [(flaw.kind, names.get(flaw.row, flaw.row)) for _, flaw in flaws(told, SECRET)]
    assert found == TAMPERING[statement]
    assert [broken.promise for broken in broken_promises(told, SECRET, NOW) if broken.promise == "I9"] == ["I9"]


def test_a_row_put_in_among_others_is_found_also_when_it_has_been_chained(
    told: Store, owner: psycopg.Connection
) -> None:
    owner.execute(INSERT)
    settle(owner.execute)
    assert extend_chain(told, "north", SECRET) == 1
    assert [(flaw.kind, flaw.row) for _, flaw in flaws(told, SECRET)] == [("inserted", "planted")]


def test_rows_that_have_changed_places_are_named(told: Store, owner: psycopg.Connection) -> None:
    places = dict(
        owner.execute(
            "select a.what, k.n from audit_link k join audit a on a.id = k.row where a.what in ('step.0.1', 'step.0.2')"
        ).fetchall()
    )
    ids = dict(owner.execute("select what, id from audit").fetchall())
    one, other = "step.0.1", "step.0.2"
    for what, place in ((one, 1000), (other, places[one]), (one, places[other])):
        owner.execute("update audit_link set n = %s where row = %s", [place, ids[what]])
    assert {ids[one], ids[other]} <= {flaw.row for _, flaw in flaws(told, SECRET)}


def test_a_head_that_was_kept_finds_what_the_chain_alone_cannot(told: Store, owner: psycopg.Connection) -> None:
    kept = heads(told)
    assert [(head.tenant, head.n) for head in kept] == [("north", 10)] and flaws(told, SECRET, kept) == []
    whole_batch = "select n from audit_link where tenant = 'north' and n > 6"
    owner.execute(f"delete from audit_link where tenant = 'north' and n in ({whole_batch})")
    owner.execute("delete from audit where what ^@ 'step.1.5'")
    assert flaws(told, SECRET) == []  # a trail that ends with a batch looks like a shorter one
    assert [flaw.kind for _, flaw in flaws(told, SECRET, kept)] == ["cut_off"]
    # Whoever has the secret, too, can write a new chain, but not the one of which the head was kept.
    owner.execute("delete from audit_link")
    assert extend_chain(told, "north", SECRET) == 6
    earlier = [Head("north", 6, "0" * 64)]
    assert [flaw.kind for _, flaw in flaws(told, SECRET, earlier)] == ["forged"]
    owner.execute("delete from audit_link")
    assert [flaw.kind for _, flaw in flaws(told, SECRET, kept)] == ["cut_off"]


def test_a_row_that_is_committed_late_is_not_left_out(full: Store, owner: psycopg.Connection) -> None:
    settle(owner.execute)
    began, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        with full.work(whole("north")) as work:
            work.audit.write("slow", "x", now=NOW)
            began.set()
            may_end.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    assert began.wait(10)
    with full.work(whole("north")) as work:
        work.audit.write("quick", "x", now=NOW)
    with full.work(whole("north")) as work:
        assert AuditChain(work.session).extend(SECRET) == 2, "the quick one waits for the slow one"
    may_end.set()
    thread.join()
    settle(owner.execute)
    with full.work(whole("north")) as work:
        assert AuditChain(work.session).extend(SECRET) == 2
        assert AuditChain(work.session).broken(SECRET) == []

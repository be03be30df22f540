"""The catalog of the migrated database: every tenant table is walled, keyed by tenant, and owned by somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from tests.store.seed import NOW, one, whole
from webapp.store.platform import schema
from webapp.store.platform.embedded import Databases
from webapp.store.platform.queue import conninfo
from webapp.store.platform.raw import raw
from webapp.store.platform.schema import UnsafeDatabase
from webapp.store.platform.tables import Base, OfCompany, OfStaff, SubscriptionRow
from webapp.store.unit_of_work import Store

TABLES = sorted(Base.metadata.tables)
# Their rows belong to the tenant as such.
OF_TENANT = {"company", "tenant_revision", "throttle", "effect", "audit_link", "alarm", "export", "export_paper"}

OF_STAFF = {mapper.local_table.name for mapper in Base.registry.mappers if issubclass(mapper.class_, OfStaff)}


@pytest.fixture(scope="module")
def catalog(databases: Databases) -> Iterator[Connection]:
    store = Store(databases.owner_url, guard=False)
    with store.engine.connect() as connection:
        yield connection
    store.close()


def ask(catalog: Connection, sql: str, **values: Any) -> list[Any]:
    return list(catalog.execute(text(sql), values))


def test_every_table_with_a_tenant_is_mapped_and_the_other_way_round(catalog: Connection) -> None:
    found = ask(
        catalog,
        "select table_name from information_schema.columns where table_schema = 'public' and column_name = 'tenant'"
        " and is_nullable = 'NO'",
    )
    assert sorted(row[0] for row in found) == TABLES


_ASKED_ONCE = re.compile(r"\( SELECT (scope_\w+)\(\) AS \1\)")  # a statement and not once a row
OF_SCOPE = "((scope_company() = '*'::text) OR (company = scope_company()))"  # what of_scope says


@pytest.mark.parametrize("table", TABLES)
def test_row_level_security_is_forced_and_names_tenant_and_company(catalog: Connection, table: str) -> None:
    [(enabled, forced, owner)] = ask(
        catalog,
        "select relrowsecurity, relforcerowsecurity, relowner::regrole::text from pg_class where relname = :table"
        " and relkind = 'r'",
        table=table,
    )
    assert (enabled, forced) == (True, True)
    assert owner != "skylt_app"
    policies = ask(catalog, "select qual, with_check from pg_policies where tablename = :table", table=table)
    assert policies
    for using, check in policies:
        rule = _ASKED_ONCE.sub(r"\1()", using or check)
        assert "tenant = scope_tenant()" in rule
        assert table in OF_TENANT or "of_scope(company)" in rule or OF_SCOPE in rule
        assert table not in OF_STAFF or "scope_company() = '*'" in rule, (
            "a company's session would read what is staff's"
        )


@pytest.mark.parametrize("table", TABLES)
def test_keys_start_with_the_tenant_on_both_sides(catalog: Connection, table: str) -> None:
    keys = ask(
        catalog,
        "select contype, conname,"
        " (select array_agg(a.attname::text order by k.n) from unnest(conkey) with ordinality k(num, n)"
        "  join pg_attribute a on a.attrelid = conrelid and a.attnum = k.num) mine,"
        " (select array_agg(a.attname::text order by k.n) from unnest(confkey) with ordinality k(num, n)"
        "  join pg_attribute a on a.attrelid = confrelid and a.attnum = k.num) theirs"
        " from pg_constraint where conrelid = cast(:table as regclass) and contype in ('p', 'u', 'f')",
        table=f'public."{table}"',
    )
    assert "p" in {key.contype for key in keys}
    for key in keys:
        assert key.mine[0] == "tenant", key.conname
        if key.contype == "f":
            assert key.theirs[0] == "tenant", key.conname
            of_company = {m.local_table.name for m in Base.registry.mappers if issubclass(m.class_, OfCompany)}
            assert key.mine[1] == "company" or not (table in of_company and "company" in key.theirs), key.conname


def test_the_catalog_test_sees_a_bare_table(fresh_databases: Databases) -> None:
    owner = psycopg.connect(conninfo(fresh_databases.owner_url), autocommit=True)
    assert schema.check(fresh_databases.app_url) == []
    owner.execute("create table bare (tenant text not null)")
    assert schema.check(fresh_databases.app_url) == ["table bare has no forced row-level security"]
    owner.execute("drop table bare")
    owner.execute("alter table employee no force row level security")
    assert schema.check(fresh_databases.app_url) == ["table employee has no forced row-level security"]
    owner.close()


@pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
def test_the_classes_say_what_the_migrations_made(catalog: Connection) -> None:
    def ours(name: str | None, kind: str, *_: object) -> bool:
        return not (kind == "table" and (name or "").startswith(("procrastinate_", "alembic_")))

    context = MigrationContext.configure(catalog, opts={"include_name": ours, "compare_type": True})
    assert compare_metadata(context, Base.metadata) == []


def test_a_role_that_may_pass_the_walls_is_refused(databases: Databases) -> None:
    store = Store(databases.owner_url)
    with pytest.raises(UnsafeDatabase, match="passes row-level security"):
        store.check()
    store.close()
    good = Store(databases.app_url)
    good.check()
    good.close()


def test_a_database_without_schema_or_behind_is_told(fresh_databases: Databases) -> None:
    owner = psycopg.connect(conninfo(fresh_databases.owner_url), autocommit=True)
    owner.execute("update alembic_version set version_num = '0000'")
    assert schema.check(fresh_databases.app_url) == [f"the database is at migration 0000, the code at {schema.head()}"]
    owner.execute("drop table alembic_version")
    assert "no schema yet" in schema.check(fresh_databases.app_url)[0]
    owner.close()


def test_upgrading_twice_changes_nothing(fresh_databases: Databases) -> None:
    schema.upgrade(fresh_databases.owner_url)
    assert schema.check(fresh_databases.app_url) == []


def test_a_reference_across_tenants_or_companies_is_refused_by_the_database(neither: Store) -> None:
    """Row-level security does not look at foreign keys; the keys themselves hold tenant and company."""
    for company, employee in (("north-a", "south-a-employee"), ("north-a", "north-b-employee")):
        with pytest.raises(IntegrityError), neither.work(whole("north")) as work:
            work.session.add(
                SubscriptionRow(
                    tenant="north", id="planted", company=company, employee=employee, kind="mobile", plan="p",
                    state="ordered", created_at=NOW, facts={},
                )
            )  # fmt: skip


def test_a_borrowed_connection_remembers_no_tenant(filled: Databases) -> None:
    store = Store(filled.app_url, pool_size=1)
    asked = "select current_setting('app.tenant', true), current_setting('app.company', true), count(*) from employee"

    def left_behind() -> Any:
        with store.engine.connect() as connection:
            return connection.execute(text(asked)).one()

    assert left_behind() == (None, None, 0)
    with store.work(one("north", "a")) as work:
        assert work.employees.listing("north-a")
        with work.session.begin_nested():
            assert work.employees.listing("north-a")
        assert work.employees.listing("north-a")
    assert left_behind() == ("", "", 0)  # the empty string is what PostgreSQL leaves; it opens nothing and is no error
    with pytest.raises(ZeroDivisionError), store.work(whole("north")) as work:
        assert work.employees.listing("north-a")
        raise ZeroDivisionError
    assert left_behind() == ("", "", 0)
    assert store.person_by_session("north", b"session-north-a")
    assert left_behind() == ("", "", 0)
    store.close()


def test_the_trail_only_grows(store: Store) -> None:
    for change in ("update audit set what = 'x'", "delete from audit", "truncate audit"):
        with pytest.raises(ProgrammingError, match="permission denied"), store.work(whole("north")) as work:
            raw(work.session, change, {})


@pytest.mark.parametrize("table", ["order", "document"])
def test_what_was_agreed_and_made_cannot_be_changed(store: Store, table: str) -> None:
    for change in (f"update \"{table}\" set language = 'da'", f'delete from "{table}"'):
        with pytest.raises(ProgrammingError, match="permission denied"), store.work(whole("north")) as work:
            raw(work.session, change, {})


def test_the_questions_over_all_tenants_tell_no_more_than_asked(store: Store) -> None:
    with store.work(one("south", "a")) as work:
        assert work.numbers.whereabouts("+46700000001", "+46700000001") == "elsewhere"  # north-a has it
        assert work.numbers.whereabouts("+46700000999", "+46700000999") == ""
        assert work.numbers.get("+46700000001") is None
        assert work.portings.whereabouts("+467099001", "+467099001") == "elsewhere"
        assert work.portings.whereabouts("+46709999999", "+46709999999") == ""
        assert not work.sims.is_used("8946000000000000")
    assert store.document_by_code("north", "code-north-a-document")
    assert store.document_by_code("south", "code-north-a-document") is None


def test_functions_cannot_be_led_astray_by_a_search_path(catalog: Connection) -> None:
    loose = ask(
        catalog,
        "select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef and proconfig is null",
    )
    assert loose == []

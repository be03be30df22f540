"""The database's shape and walls: brings it up to date, and says whether it may be served from; knows no rows."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

_MIGRATIONS = Path(__file__).parents[1] / "migrations"
_LOCK = 4_919_052  # any number, as long as every upgrade takes the same


class UnsafeDatabase(RuntimeError):
    """The database may not be served from; the message says why."""


def head() -> str:
    """The newest migration this code knows: its files are numbered by revision."""
    return max(path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def upgrade(owner_url: str, to: str = "head") -> None:
    """Bring the database to the newest migration, or to an earlier one on the way there; several processes may ask at once."""
    # Whoever only serves never migrates, and is spared ten megabytes and a quarter of its start.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    engine = create_engine(owner_url, poolclass=NullPool, hide_parameters=True)
    with engine.begin() as connection:
        connection.exec_driver_sql("select pg_advisory_xact_lock(%s)", (_LOCK,))
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def check(app_url: str) -> list[str]:
    """What stands against serving from this database; empty when nothing does."""
    engine = create_engine(app_url, poolclass=NullPool, hide_parameters=True)
    with engine.connect() as connection:
        return [*_findings_of_role(connection), *_findings_of_schema(connection)]


def check_role(engine: Engine) -> None:
    """Refuses (UnsafeDatabase) when the connected role could pass row-level security."""
    with engine.connect() as connection:
        if findings := _findings_of_role(connection):
            raise UnsafeDatabase("; ".join(findings))


def _findings_of_role(connection: Connection) -> list[str]:
    may_pass, owns = connection.exec_driver_sql(
        "select rolsuper or rolbypassrls, exists (select from pg_class c where pg_has_role(current_user, c.relowner, 'member')"
        " and c.relnamespace = 'public'::regnamespace) from pg_roles where rolname = current_user"
    ).one()
    findings = []
    if may_pass:
        findings.append("the application's database role passes row-level security")
    if owns:
        findings.append("the application's database role owns tables")
    return findings


def _findings_of_schema(connection: Connection) -> list[str]:
    if not connection.exec_driver_sql("select to_regclass('public.alembic_version') is not null").scalar():
        return ["the database has no schema yet: run `./run cli db upgrade`"]
    at = connection.exec_driver_sql("select version_num from alembic_version").scalar()
    findings = [] if at == head() else [f"the database is at migration {at}, the code at {head()}"]
    bare = connection.exec_driver_sql(
        "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant'"
        " where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace"
        " and not (c.relrowsecurity and c.relforcerowsecurity) order by 1"
    ).scalars()
    return findings + [f"table {name} has no forced row-level security" for name in bare]

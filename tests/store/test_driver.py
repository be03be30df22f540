"""What the store does when the database has ended its connections: it says so as SQLAlchemy does, once, and goes on."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.store.seed import one
from webapp.store import schema
from webapp.store.embedded import Databases
from webapp.store.queue import conninfo
from webapp.store.work import Store, Unreachable


def ask(store: Store) -> None:
    store.person_by_session("north", b"nobody")


def work(store: Store) -> None:
    with store.work(one("north", "a")) as work:
        work.drafts.get("none")


@pytest.mark.parametrize("use", [ask, work])
def test_a_lost_connection_is_told_once_and_replaced(fresh_databases: Databases, use: Callable[[Store], None]) -> None:
    store = Store(fresh_databases.app_url)
    with store.engine.connect(), store.engine.connect():  # two in the pool
        pass
    use(store)
    with psycopg.connect(
        conninfo(fresh_databases.owner_url).replace("skylt_owner", "postgres"), autocommit=True
    ) as admin:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'skylt_app' and datname = current_database()"
        )
    with pytest.raises(Unreachable):
        use(store)
    use(store)
    use(store)
    store.close()


def test_the_newest_migration_is_alembics() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema._MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.head()

"""What the store does when the database has ended its connections: those that wait are replaced unseen, one in use says so, once."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.store.seed import one
from webapp.store.platform import schema
from webapp.store.platform.embedded import Databases
from webapp.store.platform.queue import conninfo
from webapp.store.unit_of_work import Store, Unreachable


def ask(store: Store) -> None:
    store.person_by_session("north", b"nobody")


def work_(store: Store) -> None:
    with store.work(one("north", "a")) as work:
        work.drafts.get("none")


@pytest.mark.parametrize("use", [ask, work_])
def test_connections_that_ended_in_the_pool_are_replaced_unseen(
    fresh_databases: Databases, use: Callable[[Store], None]
) -> None:
    store = Store(fresh_databases.app_url)
    with store.engine.connect(), store.engine.connect():  # two in the pool
        pass
    use(store)
    end_all(fresh_databases)
    use(store)
    use(store)
    store.close()


def test_a_connection_lost_in_use_is_told_once(fresh_databases: Databases) -> None:
    store = Store(fresh_databases.app_url)
    with pytest.raises(Unreachable), store.work(one("north", "a")) as work:
        work.drafts.get("none")
        end_all(fresh_databases)
        work.drafts.get("none")
    for use in (ask, work_):
        use(store)
    store.close()


def end_all(databases: Databases) -> None:
    with psycopg.connect(conninfo(databases.owner_url).replace("skylt_owner", "postgres"), autocommit=True) as admin:
        admin.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where usename = 'skylt_app' and datname = current_database()"
        )


def test_the_newest_migration_is_alembics() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema._MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.head()

"""What must not be lost waits for the disk; an answer that is sent again anyway does not."""

from __future__ import annotations

from webapp.store.platform.raw import raw
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store

SHOP = Scope("north", None, "test")


def said_by(store: Store, **how: bool) -> str:
    """Who has said whether a commit waits; the cluster of the tests never waits, so its value tells nothing."""
    asked = "select source from pg_settings where name = 'synchronous_commit'"
    with store.work(SHOP, **how) as work:
        return str(raw(work.session, asked, {}).scalar())


def test_only_light_work_does_not_wait_and_leaves_nothing_behind(store: Store) -> None:
    assert said_by(store) != "session"
    assert said_by(store, durable=False) == "session"
    assert said_by(store) != "session", "the pooled connection has forgotten it"


def test_work_is_durable_unless_said(store: Store) -> None:
    with store.work(SHOP) as work:
        assert work.session.info["durable"] is True

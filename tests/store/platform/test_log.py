"""What is written beside a change exists if and only if the change does, and is done once."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from tests.store.seed import NOW, one, whole
from webapp.store.platform.effects import LEASE
from webapp.store.platform.embedded import Databases
from webapp.store.platform.queue import conninfo
from webapp.store.platform.raw import raw
from webapp.store.platform.scope import OutsideScope, Scope
from webapp.store.platform.tables import AuditRow
from webapp.store.unit_of_work import Store, Work


def jobs_of(work: Work) -> list[tuple[str, dict[str, str]]]:
    rows = raw(work.session, "select task_name, args from procrastinate_jobs order by id", {})
    return [(row.task_name, row.args) for row in rows]


def test_a_job_exists_if_and_only_if_its_work_is_committed(empty: Store) -> None:
    with pytest.raises(ZeroDivisionError), empty.work(one("north", "a")) as work:
        work.jobs.defer("carry_out", "REF")
        assert jobs_of(work)
        raise ZeroDivisionError
    with empty.work(one("north", "a")) as work:
        assert jobs_of(work) == []
        work.jobs.defer("carry_out", "REF", at=NOW, lock="REF")
    with empty.work(one("north", "a")) as work:
        assert jobs_of(work) == [("carry_out", {"tenant": "north", "id": "REF"})]


def test_a_rolled_back_savepoint_takes_its_job_along(empty: Store) -> None:
    with empty.work(one("north", "a")) as work:
        with pytest.raises(ZeroDivisionError), work.session.begin_nested():
            work.jobs.defer("carry_out", "gone")
            raise ZeroDivisionError
        work.jobs.defer("carry_out", "there")
    with empty.work(one("north", "a")) as work:
        assert [args["id"] for _, args in jobs_of(work)] == ["there"]


def test_an_effect_happens_once(empty: Store) -> None:
    def claim(message_id: str, after: timedelta) -> str | None:
        with empty.work(whole("north")) as work:
            return work.effects.claim("mail:x", message_id, now=NOW + after)

    assert claim("<1>", timedelta(0)) == "<1>"
    assert claim("<2>", LEASE / 2) is None, "somebody is at it"
    assert claim("<3>", LEASE) == "<1>", "after a crash it is done under the same message id"
    with empty.work(whole("north")) as work:
        assert work.effects.finish("mail:x", now=NOW)
        assert not work.effects.finish("mail:x", now=NOW)
        assert work.effects.state("mail:x") == "done"
    assert claim("<4>", LEASE * 9) is None
    with empty.work(whole("south")) as work:
        assert work.effects.claim("mail:x", "<5>", now=NOW) == "<5>", "another tenant's is another"
        assert work.effects.give_back("mail:x") and not work.effects.give_back("mail:x")


def test_the_trail_names_the_tenant_of_who_acts(empty: Store) -> None:
    with empty.work(Scope("north", None, "operator/anna")) as work:
        work.audit.write("line.failed", "REF", now=NOW, details={"why": "x"})
        row = work.session.query(AuditRow).one()
        assert (row.actor_tenant, row.actor, row.company, row.details) == ("operator", "anna", None, {"why": "x"})


def test_a_company_writes_no_trail_for_another(empty: Store) -> None:
    with pytest.raises(OutsideScope), empty.work(Scope("north", "north-a", "anna")) as work:
        work.audit.write("line.failed", "REF", now=NOW, company="north-b")


def test_publishing_replaces_and_tells_when_committed(empty: Store, fresh_databases: Databases) -> None:
    listening = psycopg.connect(conninfo(fresh_databases.app_url), autocommit=True)
    listening.execute("listen tenant_revision")

    def publish(digest: str) -> bool:
        with empty.work(whole("north")) as work:
            return work.revisions.publish(digest, {"is": digest}, now=NOW)

    assert publish("one") and not publish("one") and publish("two") and publish("one"), "one can be rolled back to"
    assert empty.tenants() == {"north": "one"}
    assert [told.payload for told in listening.notifies(timeout=1, stop_after=3)] == ["north"] * 3
    listening.close()
    with empty.work(whole("north")) as work:
        assert work.revisions.current().digest == "one"  # type: ignore[union-attr]
        assert work.revisions.get("two").content == {"is": "two"}  # type: ignore[union-attr]

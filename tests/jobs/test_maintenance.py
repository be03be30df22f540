"""What the clock does: drafts go with all personal data in them, held numbers come back, dead workers' jobs run again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import procrastinate
import psycopg
import pytest

from tests.age_audit_rows import settle
from tests.builders import NOW
from tests.jobs.conftest import SECRET, House
from webapp import clock
from webapp.documents.keys import CannotSeal
from webapp.domain.ordering.draft import Draft, Line
from webapp.gateways.mail import Permanent, Server, Temporary
from webapp.jobs import maintenance
from webapp.jobs.registry import MOST_FAILING, MOST_WAITING, Patience
from webapp.jobs.worker_context import WorkerContext
from webapp.operations.desk import staff
from webapp.operations.outbox import Pending
from webapp.store.platform import queue
from webapp.store.platform.scope import Scope


def test_an_expired_draft_goes_with_everything_in_it(house: House) -> None:
    with house.store.work(Scope("provtele", None, "test")) as work:
        secret = Line(1, {"user.first": "Hemlige", "user.last": "Arne"})
        work.drafts.add(Draft("old", "c1", "sv", "r", "p", "p", NOW, lines=(secret,)))
        work.drafts.add(Draft("new", "c1", "sv", "r", "p", "p", NOW + timedelta(days=20), lines=(secret,)))
        work.numbers.add("+46701740650", "mobile")
        assert work.numbers.hold("+46701740650", "old", now=NOW)
    assert staff.expire_drafts(house.store, "provtele", NOW + timedelta(days=29)) == 0
    assert staff.expire_drafts(house.store, "provtele", NOW + timedelta(days=31)) == 1
    kept = house.sql("select id, state from draft order by id")
    assert kept == [("d1", "placed"), ("new", "open")]  # what became an order stays
    assert house.sql("select state, held_by from number where e164 = '+46701740650'") == [("free", None)]
    assert house.sql("select details from audit where what = 'drafts.expired'") == [({"count": 1},)]


def test_numbers_held_too_long_come_back(house: House) -> None:
    with house.store.work(Scope("provtele", None, "test")) as work:
        work.numbers.add("+46701740650", "mobile")
        work.drafts.add(Draft("d9", "c1", "sv", "r", "p", "p", NOW, lines=(Line(1),)))
        assert work.numbers.hold("+46701740650", "d9", now=NOW)
    assert staff.release_numbers(house.store, "provtele", NOW + timedelta(minutes=29)) == 0
    assert staff.release_numbers(house.store, "provtele", NOW + timedelta(minutes=31)) == 1


def test_a_periodic_job_becomes_one_for_each_tenant(house: House) -> None:
    worker_context = WorkerContext(house.store, SECRET, lambda paper, tenant: (b"", ""), Server("127.0.0.1", 1))
    maintenance.for_each_tenant(worker_context, "release_numbers")
    found = house.sql("select args from procrastinate_jobs where task_name = 'release_numbers'")
    assert found == [({"tenant": "provtele", "id": ""},)]


def test_the_hour_of_a_run_decides_nothing_in_tests(house: House) -> None:
    house.drain()
    ran = {name for (name,) in house.sql("select task_name from procrastinate_jobs")}
    assert "carry_out" in ran and not {name for name in ran if name.startswith("every_")}


def a_job(house: House, name: str, worker: int, *, begun: int, attempts: int, lock: str = "") -> None:
    """A job being done, that was begun so often and has ended so often."""
    lock = f"'{lock}'" if lock else "null"
    house.sql(
        "insert into procrastinate_jobs (queue_name, task_name, args, status, worker_id, attempts, queueing_lock)"
        f" values ('default', '{name}', '{{}}', 'doing', {worker}, {attempts}, {lock})"
    )
    house.sql(
        f"insert into procrastinate_events (job_id, type) select id, 'started' from procrastinate_jobs, generate_series(1, {begun})"
        f" where task_name = '{name}'"
    )


def take_over(house: House) -> None:
    async def once() -> None:
        app, _ = queue.worker_app(house.databases.app_url)
        async with app.open_async():
            await maintenance.take_over(app)

    asyncio.run(once())


def two_workers(house: House) -> tuple[int, int]:
    """One alive, one dead."""
    house.sql("insert into procrastinate_workers (last_heartbeat) values (now()), (now() - interval '31 seconds')")
    alive, dead = (row[0] for row in house.sql("select id from procrastinate_workers order by last_heartbeat desc"))
    return alive, dead


def test_jobs_of_the_living_are_left_alone_and_those_of_the_dead_run_again(house: House) -> None:
    alive, dead = two_workers(house)
    a_job(house, "alive", alive, begun=1, attempts=0)
    a_job(house, "dead", dead, begun=1, attempts=0)
    take_over(house)
    rows = house.sql("select task_name, status::text from procrastinate_jobs where task_name <> 'carry_out' order by 1")
    assert rows == [("alive", "doing"), ("dead", "todo")]


def test_a_killed_worker_costs_a_job_no_attempt_and_only_kills_count_against_it(house: House) -> None:
    _, dead = two_workers(house)
    most = maintenance.MOST_KILLS
    a_job(house, "killed often", dead, begun=most - 1, attempts=0)
    a_job(house, "deadly", dead, begun=most, attempts=0)
    a_job(house, "waited long, killed once", dead, begun=31, attempts=30)
    take_over(house)
    rows = house.sql(
        "select task_name, status::text, attempts from procrastinate_jobs where task_name <> 'carry_out' order by 1"
    )
    assert rows == [("deadly", "failed", 0), ("killed often", "todo", 0), ("waited long, killed once", "todo", 30)]


def test_what_staff_have_run_again_has_all_its_kills_before_it(house: House) -> None:
    _, dead = two_workers(house)
    a_job(house, "put away", dead, begun=maintenance.MOST_KILLS, attempts=0)
    take_over(house)
    house.sql(
        "select procrastinate_retry_job_v2(id, now(), null, null, null) from procrastinate_jobs where status = 'failed'"
    )
    house.sql(f"update procrastinate_jobs set status = 'doing', worker_id = {dead} where task_name = 'put away'")
    take_over(house)
    assert house.sql("select status::text from procrastinate_jobs where task_name = 'put away'") == [("failed",)]


def test_a_periodic_job_whose_next_one_waits_already_stands_in_nobodys_way(house: House) -> None:
    _, dead = two_workers(house)
    a_job(house, "every hour", dead, begun=1, attempts=0, lock="every hour")
    house.sql(
        "insert into procrastinate_jobs (queue_name, task_name, args, queueing_lock) values ('default', 'next', '{}', 'every hour')"
    )
    a_job(house, "later", dead, begun=1, attempts=0)
    take_over(house)
    rows = house.sql("select task_name, status::text from procrastinate_jobs where task_name <> 'carry_out' order by 1")
    assert rows == [("every hour", "aborted"), ("later", "todo"), ("next", "todo")]


@pytest.mark.parametrize(
    ("problem", "tries"),
    [
        (Permanent("SMTP 550"), 0),
        (ValueError("ours"), MOST_FAILING),
        (Temporary("away"), MOST_WAITING),
        (Pending(), MOST_WAITING),
        (CannotSeal("seal.invalid"), 0),
        (psycopg.errors.AdminShutdown(), MOST_WAITING),
    ],
)
def test_patience_depends_on_whose_fault_it_is(problem: Exception, tries: int) -> None:
    def decision(attempts: int) -> object:
        job = procrastinate.jobs.Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)
        return Patience().get_retry_decision(exception=problem, job=job)

    assert decision(tries) is None
    if tries:
        last = decision(tries - 1)
        assert last is not None and last.retry_at > clock.in_database(clock.now())  # type: ignore[attr-defined]


def test_papers_wait_for_a_key_however_long_it_takes() -> None:
    for attempts in (0, MOST_WAITING, 10_000):
        job = procrastinate.jobs.Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)
        decision = Patience().get_retry_decision(exception=CannotSeal("key.missing"), job=job)
        assert decision is not None and decision.retry_at is not None
        assert decision.retry_at <= clock.in_database(clock.now()) + timedelta(minutes=11)


def test_a_job_waits_out_three_days_of_silence() -> None:
    waited = timedelta()
    for attempts in range(MOST_WAITING):
        job = procrastinate.jobs.Job(id=1, queue="q", lock=None, queueing_lock=None, task_name="t", attempts=attempts)
        before = clock.in_database(clock.now())
        decision = Patience().get_retry_decision(exception=Temporary("mail.away"), job=job)
        assert decision is not None and decision.retry_at is not None
        waited += decision.retry_at - before
    assert waited > timedelta(days=3)


def test_the_audit_trail_is_chained(house: House) -> None:
    house.drain()
    settle(house.sql)
    worker_context = WorkerContext(house.store, SECRET, lambda paper, tenant: (b"", ""), Server("127.0.0.1", 1))
    maintenance.chain_audit(worker_context, "provtele", "", NOW)
    rows, links = house.sql("select (select count(*) from audit), (select count(*) from audit_link)")[0]
    assert rows == links > 0

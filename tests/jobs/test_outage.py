"""The database goes away under a worker: it waits, and goes on by itself; nothing is lost, nothing done twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.conftest import House, put, the_order, the_tenant
from tests.outages import Cluster, a_cluster
from webapp.gateways.mail_standin import MailStandin
from webapp.operations.desk import staff
from webapp.store.unit_of_work import Store

PATIENCE = 600.0  # of a slow machine


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with a_cluster(tmp_path) as made:
        yield made


@pytest.fixture
def house(cluster: Cluster, mailbox: MailStandin, tmp_path: Path) -> Iterator[House]:
    store = Store(cluster.databases.app_url, pool_size=3)
    tenant = the_tenant()
    yield House(cluster.databases, store, mailbox, tenant, put(store, tenant, the_order(tenant)), tmp_path)
    store.close()


def wait_until_done(house: House, statement: str) -> float:
    begun = time.monotonic()
    while house.sql(f"select {statement}") != [(True,)]:
        assert time.monotonic() - begun < PATIENCE, house.sql("select task_name, status::text from procrastinate_jobs")
        time.sleep(0.1)
    return time.monotonic() - begun


ALL_DONE = "not exists (select from procrastinate_jobs where status in ('todo', 'doing') and args->>'id' <> '')"
RELEASED = "exists (select from procrastinate_jobs where task_name = 'release_numbers' and status = 'succeeded')"


def test_a_worker_outlives_its_database_and_goes_on(house: House, cluster: Cluster) -> None:
    with house.worker() as child:
        wait_until_done(house, "exists (select from procrastinate_jobs where status = 'doing')")
        with cluster.away():  # in the middle of what an order sets going
            time.sleep(2)
        staff.defer(house.store, "provtele", "release_numbers")
        wait_until_done(house, RELEASED)
        wait_until_done(house, ALL_DONE)
        assert child.poll() is None
        assert not house.jobs("failed")
    assert child.returncode == 0
    papers = house.papers()
    assert len(papers) == len({row[:2] for row in papers}) and papers and all(row[3] for row in papers)


def test_a_worker_that_starts_without_its_database_waits_for_it_and_can_be_stopped(
    house: House, cluster: Cluster, tmp_path: Path
) -> None:
    told = tmp_path / "worker.log"
    with cluster.away(), told.open("w") as log, house.worker(log) as child:
        begun = time.monotonic()
        while told.read_text().count("out of reach: waiting for it") < 2:  # it has looked, and looked again
            assert child.poll() is None and time.monotonic() - begun < PATIENCE, told.read_text()
            time.sleep(0.1)
        child.terminate()
        assert child.wait(300) == 0

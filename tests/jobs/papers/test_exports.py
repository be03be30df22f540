"""A zip is made ready once, in whatever moment a worker dies, and holds every paper that is whole."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest

from tests import papers
from tests.builders import NOW
from tests.jobs.conftest import SECRET, House
from webapp import clock
from webapp.domain.market import SWEDEN
from webapp.gateways.mail import Server
from webapp.jobs.registry import HANDLERS, PERIODIC
from webapp.jobs.worker_context import WorkerContext
from webapp.l10n import Localizer
from webapp.operations.papers import exports
from webapp.store.platform.scope import Scope
from webapp.store.reading.document_reads import DocumentFilter

STAFF = Scope("provtele", None, "staff")
COUNT = 45  # more than two batches


@pytest.fixture
def export(house: House) -> str:
    """A choice of many papers, just asked for; the order's own jobs are done."""
    house.drain()
    for n in range(COUNT):
        papers.keep(house.store, "provtele", house.order, at=NOW, subject=f"{house.order.ref}-{n + 10}")
    with house.store.work(STAFF) as work:
        id, problem = exports.ask(work, DocumentFilter(kind=papers.SIGNED), {}, "staff", "sv", clock.now())
    assert problem is None
    return id


def looked_at(house: House) -> int:
    return int(house.sql("select count(*) from export_paper where verdict is not null")[0][0])


def assert_it_is_whole(house: House, export: str) -> None:
    assert house.sql("select state from export") == [("ready",)]
    assert looked_at(house) == COUNT and not house.jobs("todo", "doing", "failed")
    with house.store.work(STAFF) as work:
        ready = exports.fetch(work, export, SWEDEN, Localizer("sv", zone=SWEDEN.zone), clock.now())
    assert ready is not None
    content = b"".join(exports.write(ready, lambda: house.store.work(STAFF)))
    assert len(content) == ready.size
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert len(found.namelist()) == len(set(found.namelist())) == COUNT + 1 and found.testzip() is None


def test_a_worker_makes_it(house: House, export: str) -> None:
    house.drain()
    assert_it_is_whole(house, export)


@pytest.mark.slow
@pytest.mark.parametrize(("point", "done"), [("export.after_batch", 20), ("export.before_ready", COUNT)])
def test_a_worker_killed_in_the_middle_leaves_it_to_the_next(house: House, export: str, point: str, done: int) -> None:
    house.faults[point] = "kill9"
    assert house.work() == -9
    assert looked_at(house) == done and house.sql("select state from export") == [("making",)]
    house.faults.clear()
    house.let_time_pass()
    house.drain()
    assert_it_is_whole(house, export)
    # The seal of each batch was looked at once: what had been found was not asked again.
    assert house.sql("select count(*) from audit where what = 'export.asked'") == [(1,)]


def test_a_second_run_changes_nothing(house: House, export: str) -> None:
    house.drain()
    house.sql(f"update procrastinate_jobs set status = 'todo', worker_id = null where args->>'id' = '{export}'")
    house.drain()
    assert_it_is_whole(house, export)


def test_what_is_past_its_time_is_forgotten_by_the_clock(house: House, export: str) -> None:
    """The zip and what it held are gone after a week; the papers stay."""
    house.drain()
    assert "expire_exports" in {periodic.kind for periodic in PERIODIC}
    worker_context = WorkerContext(house.store, SECRET, lambda paper, tenant: (b"", ""), Server("127.0.0.1", 1))
    made, papers_there = clock.now(), house.sql("select count(*) from document")
    HANDLERS["expire_exports"](worker_context, "provtele", "", made + timedelta(days=6))
    assert house.sql("select count(*) from export") == [(1,)]
    HANDLERS["expire_exports"](worker_context, "provtele", "", made + timedelta(days=8))
    assert house.sql("select (select count(*) from export), (select count(*) from export_paper)") == [(0, 0)]
    assert house.sql("select count(*) from document") == papers_there

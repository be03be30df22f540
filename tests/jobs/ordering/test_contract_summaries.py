"""A contract summary that was asked for before the order is made once, in whatever moment the worker dies."""

from __future__ import annotations

import pytest

from tests.documents.summaries import facts
from tests.jobs.conftest import House
from webapp.domain.ordering.draft import Draft, Line
from webapp.operations.ordering import contract_summaries
from webapp.store.platform.scope import Scope

TOLD = "select count(*) from audit where what = 'summary.made'"
MADE = "select made_at is not null, file_name, length(bytes) > 0 from contract_summary"


@pytest.fixture
def asked(house: House) -> House:
    """A customer has asked for the summary of a draft."""
    house.drain()
    company = house.order.company.id
    with house.store.work(Scope(house.tenant.slug, company, "p")) as work:
        work.drafts.add(
            Draft("d2", company, "sv", house.tenant.revision, "p", "p", house.order.placed_at, lines=(Line(1),))
        )
        for _ in range(2):
            contract_summaries.ask(work, "d2", facts("A")[0], house.order.placed_at)
    assert house.sql(MADE) == [(False, None, None)]
    return house


def test_it_is_made_once(asked: House) -> None:
    asked.drain()
    [(made, name, has_bytes)] = asked.sql(MADE)
    assert made and has_bytes and name and asked.sql(TOLD) == [(1,)]
    before = asked.sql("select bytes from contract_summary")
    asked.sql("update procrastinate_jobs set status = 'todo', worker_id = null where task_name = 'make_summary'")
    asked.drain()
    assert asked.sql("select bytes from contract_summary") == before and asked.sql(TOLD) == [(1,)]


@pytest.mark.slow
@pytest.mark.parametrize("point", ["summary.after_render", "summary.before_commit"])
def test_a_worker_that_dies_leaves_it_to_the_next(asked: House, point: str) -> None:
    asked.faults = {point: "kill9"}
    assert asked.work() == -9
    assert asked.sql(MADE) == [(False, None, None)]
    asked.faults = {}
    asked.drain()
    assert asked.sql(MADE)[0][0] and asked.sql(TOLD) == [(1,)]


def test_a_draft_that_comes_to_nothing_takes_it_along(asked: House) -> None:
    asked.drain()
    asked.sql("update draft set expires_at = touched_at where id = 'd2'")
    with asked.store.work(Scope(asked.tenant.slug, None, "worker")) as work:
        assert work.drafts.throw_away_expired(asked.order.placed_at) == 1
    assert asked.sql("select count(*) from contract_summary") == [(0,)]

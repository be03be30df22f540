"""The demo begun in other years: what is ordered is fetched and checked, also a year later, and the next order is as good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.browsing import Portal, a_portal
from tests.journeys.ways import DANISH, SWEDISH, approve, begin, review, walk
from tests.web.order_factories import do_jobs, said
from webapp.settings import ROOT
from webapp.store.platform.embedded import Databases

YEARS = (datetime(2028, 2, 29, 2, 30, tzinfo=UTC), datetime(2031, 6, 1, 7, 0, tzinfo=UTC))
PAGES = ("/home", "/orders", "/subscriptions", "/prices", "/company", "/help")
UNBOUND = {"binding": "none", "number_source": "new"}
WAYS = {
    "skarvox": {**SWEDISH, **UNBOUND, "call_rate": "metered", "data": "SX-D5", "sim": "ship"},
    "klitfon": {**DANISH, **UNBOUND, "product": "KF-VAR", "sim": "esim"},
}


@pytest.fixture(params=YEARS, ids=lambda moment: str(moment.year))
def portal(request: pytest.FixtureRequest, fresh_databases: Databases) -> Iterator[Portal]:
    """Its tenants are the demo's own."""
    with a_portal(fresh_databases, ROOT / "tenants", begins=request.param) as made:
        yield made


@pytest.mark.parametrize("slug", WAYS)
def test_an_order_is_placed_fetched_and_checked_and_so_it_is_a_year_later(portal: Portal, slug: str) -> None:
    begun = portal.now
    refs = []
    for days in (0, 366):
        portal.now = begun + timedelta(days=days)
        visitor = portal.visitor(slug)
        for path in PAGES:
            assert visitor.open(path).status == 200, path
        assert approve(review(walk(begin(visitor), WAYS[slug]))).path.endswith("/receipt")
        refs.append(visitor.path.split("/")[2])
        assert portal.order(slug, refs[-1]).placed_at == portal.now
        do_jobs(portal, only="carry_out")
        do_jobs(portal, only="make_document")
        for ref in refs:
            documents = portal.sql('select id, verify_code from document where "order" = %s', ref)
            assert documents
            for id, code in documents:
                assert visitor.request("GET", f"/orders/{ref}/documents/{id}").status_code == 200
                h1 = visitor.open(f"/verify/{code}").h1
                assert h1 == said(portal.tenant(slug).language, "The document comes from us")

"""An installation of the release before, filled by its demo, is migrated: everything reads as it did, and what was begun is finished."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from tests.domain.ordering.order_contexts import COMPLETE
from tests.store.upgrade.filled import put_back
from webapp.domain.ordering.draft import line_to_json
from webapp.domain.people import Company, Person
from webapp.domain.stored_json import to_json
from webapp.l10n import Localizer
from webapp.operations.ordering.drafts import Ordering, Tab
from webapp.store.platform import embedded, schema
from webapp.store.platform.embedded import Databases
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store
from webapp.tenancy.revision import tenant_from_json

NOW = datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
BEFORE = "0010"
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def blank_databases(cluster: Path) -> Iterator[Databases]:
    """A database without a table."""
    name = f"upgrade_{os.getpid()}"
    yield embedded.create_database(cluster, name)
    embedded.drop_database(cluster, name)


@pytest.fixture
def rows(blank_databases: Databases) -> Rows:
    """What the installation held before it was migrated."""
    schema.upgrade(blank_databases.owner_url, to=BEFORE)
    rows = put_back(_as_nobodys_subject(blank_databases), Path(__file__).with_name(f"{BEFORE}.json.gz"))
    schema.upgrade(blank_databases.owner_url)
    return rows


def _as_nobodys_subject(databases: Databases) -> str:
    """The address of the database for the role that no policy binds."""
    url = make_url(databases.owner_url)
    return f"host={url.query['host']} user=postgres dbname={url.database}"


@pytest.fixture
def store(blank_databases: Databases) -> Iterator[Store]:
    store = Store(blank_databases.app_url)
    yield store
    store.close()


def ordering(store: Store, rows: Rows, draft: dict[str, Any]) -> Ordering:
    """Whoever ordered before the upgrade, ordering after it."""
    company = next(Company(**_fields(Company, row)) for row in rows["company"] if row["id"] == draft["company"])
    person = next(row for row in rows["person"] if row["id"] == draft["created_by"])
    [tenant] = [tenant_from_json(row["content"]) for row in rows["tenant_revision"] if row["tenant"] == draft["tenant"]]
    who = Person(**{**_fields(Person, person), "company": company})
    return Ordering(store, "s" * 40, tenant, who, Localizer(draft["language"]), NOW)


def _fields(kind: type, row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in kind.__dataclass_fields__ if name in row}  # type: ignore[attr-defined]


def test_everything_reads_as_it_did(rows: Rows, store: Store) -> None:
    assert len(rows["draft"]) == 2 and len(rows["order"]) == 1 and len(rows["document"]) == 3
    for draft in rows["draft"]:
        with store.work(Scope(draft["tenant"], draft["company"], "test")) as work:
            found = work.drafts.get(draft["id"])
            assert found and [line_to_json(line) for line in found.lines] == draft["lines"]
            assert (found.rev, found.state, found.reference) == (draft["rev"], draft["state"], draft["reference"])
    for order in rows["order"]:
        with store.work(Scope(order["tenant"], order["company"], "test")) as work:
            read = work.orders.get(order["ref"])
            assert read and to_json(read) == order["world"]
    for paper in rows["document"]:
        with store.work(Scope(paper["tenant"], paper["company"], "test")) as work:
            content = work.documents.content(paper["id"])
            assert content and hashlib.sha256(content).hexdigest() == paper["sha256"]
    for request in rows["signing_request"]:
        with store.work(Scope(request["tenant"], None, "test")) as work:
            kept = work.signings.get(request["id"])
            assert kept and kept.state == request["state"]


def test_a_draft_half_way_is_finished(rows: Rows, store: Store) -> None:
    [draft] = [row for row in rows["draft"] if row["state"] == "open"]
    at = ordering(store, rows, draft)
    assert at.visit(draft["id"], 1).form.value("months") == "24", "an answer given before"
    assert [each.n for each in at.review(draft["id"]).removed] == [2]
    assert at.remove_line(draft["id"], 3)
    form = at.visit(draft["id"], 1).form
    answers = {**COMPLETE["fjallton"], **form.line.answers, "user_mode": "later"}
    for turn, (question, raw) in enumerate(answers.items()):
        if form.visible(question):
            done = at.change(draft["id"], 1, question, raw, Tab("t", turn, 9999))
            assert done.problem is None, (question, done.problem)
            form = done.after.form
    review = at.review(draft["id"])
    assert review.is_ready, review.forms[0].missing
    said = at.submit(draft["id"], review.seen, True, "")
    assert said.placed, said.differs


def test_old_and_new_processes_side_by_side_lose_nothing(rows: Rows, store: Store, blank_databases: Databases) -> None:
    """For an hour after the migration: what either writes, the other reads."""
    [draft] = [row for row in rows["draft"] if row["state"] == "open"]
    at, id = ordering(store, rows, draft), draft["id"]
    at.change(id, 1, "number_source", "new", Tab("new", 1, 9999))
    with psycopg.connect(_as_nobodys_subject(blank_databases), autocommit=True) as old:

        def read() -> tuple[int, list[dict[str, Any]]]:
            [(rev, lines)] = old.execute("select rev, lines from draft where id = %s", (id,)).fetchall()
            return rev, lines

        rev, lines = read()
        assert lines[0]["answers"]["number_source"] == "new", "as the old process reads it"
        lines[0]["answers"]["data"] = "FJ-D15"
        lines.append({**lines[2], "n": 4, "answers": {"kind": "mobile"}})
        old.execute("update draft set lines = %s, rev = %s where id = %s", (json.dumps(lines), rev + 1, id))
        with store.work(Scope(draft["tenant"], draft["company"], "test")) as work:
            found = work.drafts.get(id)
        assert found and [line_to_json(line) for line in found.lines] == lines, "as the new process reads it"
        assert at.visit(id, 1).form.value("data") == "FJ-D15"
        assert at.review(id).rest.count == 0 and len(at.review(id).outlines) == 3
        at.change(id, 4, "call_rate", "flat", Tab("new", 2, 9999))
        assert read()[1][3]["answers"]["call_rate"] == "flat" and read()[1][0]["answers"]["data"] == "FJ-D15"
        assert at.add_line(id) == 5 and [line["n"] for line in read()[1]] == [1, 2, 3, 4, 5]


def test_after_that_an_answer_is_written_once(rows: Rows, blank_databases: Databases) -> None:
    """Keeping the old column true costs as much as the draft is long."""
    with psycopg.connect(_as_nobodys_subject(blank_databases), autocommit=True) as database:
        found = database.execute(
            "select pg_get_triggerdef(oid) from pg_trigger where tgname in ('draft_lines_inserted', 'draft_lines_updated')"
        ).fetchall()
        assert len(found) == 2
        for (trigger,) in found:
            ends = datetime.fromisoformat(trigger.split("now() < '")[1].split("'")[0])
            [(now,)] = database.execute("select now()").fetchall()
            assert timedelta(minutes=50) < ends - now <= timedelta(hours=1)


def test_a_new_installation_has_no_bridge_to_a_release_before(fresh_databases: Databases) -> None:
    with psycopg.connect(_as_nobodys_subject(fresh_databases), autocommit=True) as database:
        assert not database.execute("select from pg_trigger where tgname like 'draft_lines_%'").fetchall()

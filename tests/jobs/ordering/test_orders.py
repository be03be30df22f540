"""What an order sets in motion happens, each thing once, in whatever moment a worker dies."""

from __future__ import annotations

import inspect
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from procrastinate.worker import Worker

from tests.jobs.conftest import SECRET, House
from webapp import clock
from webapp.domain.papers.facts import PowerOfAttorney
from webapp.domain.papers.for_order import papers_for
from webapp.jobs import maintenance, registry
from webapp.jobs.mail import mailing
from webapp.operations import outbox
from webapp.operations.desk import staff
from webapp.operations.papers import production
from webapp.operations.signing.signature_status import cases
from webapp.store.desk.job_status import Outcomes
from webapp.store.platform.scope import Scope

SIGNER = "asa@granit.example"
MAILS = [SIGNER, "gosta@granit.example", "marta@granit.example", "telefon@granit.example"]
PAPERS = [("confirmation", ""), ("power_of_attorney", "PT-7K4Q-2M-2")]
POINTS = [
    "carry_out.before_commit",
    "carry_out.after_commit",
    "document.after_render",
    "document.after_seal",
    "document.before_commit",
    "document.after_commit",
    "mail.after_claim",
    "mail.before_data",
    "mail.after_250",
    "mail.before_commit",
]


def assert_all_is_done_once(house: House, repeated: int = 0, mailed: list[str] = MAILS) -> None:
    assert [(kind, subject) for kind, subject, _, _ in house.papers()] == PAPERS
    assert all(whole for *_, whole in house.papers())
    mails = house.mailbox.mails()
    ids = Counter((mail["to"], mail["headers"]["Message-ID"]) for mail in mails)
    assert sorted(to for to, _ in ids) == mailed  # one message each, whatever was sent twice
    assert sum(ids.values()) - len(ids) == repeated
    told = house.sql(
        "select what, count(*) from audit where what in ('document.made', 'mail.sent') group by 1 order by 1"
    )
    assert told == [("document.made", 2), ("mail.sent", len(mailed))]
    assert house.sql("select distinct state from effect") == [("done",)]
    assert not house.jobs("todo", "doing", "failed")


def test_everything_follows_from_one_job(house: House) -> None:
    with house.worker():
        until(lambda: not house.jobs("todo", "doing"))
    assert_all_is_done_once(house)
    fullmakt = house.sql("select facts, substr(bytes, 1, 5) from document where kind = 'power_of_attorney'")[0]
    assert fullmakt[1] == b"%PDF-"
    assert fullmakt[0]["numbers"] == ["+46701740680", "+46701740681"] and fullmakt[0]["signer"] == "Åsa Öberg"


def test_a_second_run_of_every_job_changes_nothing(house: House) -> None:
    house.drain()
    before = house.papers()
    house.sql("update procrastinate_jobs set status = 'todo', worker_id = null where args->>'id' <> ''")
    house.drain()
    assert house.papers() == before
    assert_all_is_done_once(house)


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_anywhere_leaves_its_job_to_the_next(house: House, point: str) -> None:
    house.faults[point] = "kill9"
    assert house.work() == -9
    house.faults.clear()
    house.let_time_pass()
    house.drain()
    # Only between the server's 250 and our commit nobody can know that the mail has gone.
    assert_all_is_done_once(house, repeated=1 if point in {"mail.after_250", "mail.before_commit"} else 0)


def test_a_mail_server_that_is_away_is_waited_for(house: House) -> None:
    house.mailbox.fault = "451"
    assert house.work() == 0
    assert house.mailbox.mails() == [] and len(house.jobs("todo")) == 4
    assert len(house.papers()) == 2  # papers do not wait for mail
    house.mailbox.fault = "none"
    house.let_time_pass()
    house.drain()
    assert_all_is_done_once(house)


def test_a_refused_address_is_told_and_can_be_tried_again(house: House) -> None:
    house.mailbox.fault = "refuse"
    house.work()
    assert len(house.jobs("failed")) == 4  # with the news that the signer's address takes no mail
    rows = house.sql("select details->>'kind', details->>'why' from audit where what = 'mail.failed' order by 1")
    refused = ("esim", "order_received", "sign_invite", "sign_news", "welcome")
    assert rows == [(kind, "SMTP 550") for kind in refused]
    house.mailbox.fault = "none"
    assert staff.retry_failed(house.store, "provtele", None, clock.now()) == 4
    house.drain()
    assert_all_is_done_once(house, mailed=["gosta@granit.example", *MAILS[1:]])
    assert house.sql("select state from signer") == [("bounced",)]


def test_a_mail_that_no_try_got_rid_of_is_told_as_a_refused_one(house: House) -> None:
    """A temporary refusal that lasts for days: nobody is left to read that the mail is about to go."""
    house.mailbox.fault = "451"
    house.work()
    house.sql(f"update procrastinate_jobs set attempts = {registry.MOST_WAITING} where status = 'todo'")
    house.let_time_pass()
    house.work()
    rows = house.sql("select details->>'kind', details->>'why' from audit where what = 'mail.failed' order by 1")
    assert rows == [(kind, mailing.GIVEN_UP) for kind in ("esim", "order_received", "sign_invite", "welcome")]
    assert house.sql("select state from signer") == [("bounced",)] and len(house.jobs("failed")) == 4
    with house.store.work(Scope("provtele", None, "test")) as work:
        [case] = cases(work, house.order.ref)
    assert [standing.mail for standing in case.signers] == ["failed"]


def test_nobody_elses_job_can_be_tried_again(house: House) -> None:
    house.mailbox.fault = "refuse"
    house.work()
    number = house.sql("select min(id) from procrastinate_jobs where status = 'failed'")[0][0]
    assert staff.retry_failed(house.store, "andra", number, clock.now()) == 0
    assert len(house.jobs("failed")) == 4


def test_what_pages_expect_is_what_is_drawn_up(house: House) -> None:
    drawn = papers_for(house.order, house.tenant, lambda number: "")
    planned = production.plan(house.order)
    assert [(each.number, each.kind) for each in planned] == [(paper.number, paper.kind) for paper in drawn]
    poa = drawn[1]
    assert isinstance(poa, PowerOfAttorney)
    assert [port.e164 for port in planned[1].moves] == [move.e164 for move in poa.moves] and planned[
        1
    ].signer == ", ".join(signer.name for signer in poa.signers)


@pytest.mark.slow
def test_a_dead_workers_jobs_are_run_again_by_one_that_was_there_before(house: House) -> None:
    """However fast the machine: when its last sign of life is old is set in the database."""
    house.faults["document.after_render"] = "sleep:300"
    with house.worker() as first:
        until(lambda: any("make_document" in job for job in house.jobs("doing")))
        first.kill()
        first.wait()
    house.faults.clear()
    house.sql("update procrastinate_workers set last_heartbeat = now() + interval '1 day'")
    with house.worker():
        until(lambda: house.sql("select count(*) from procrastinate_workers")[0][0] == 2)  # it has looked as it began
        assert any("make_document" in job for job in house.jobs("doing")), "one that shows signs of life keeps its job"
        assert len(house.papers()) < 2
        silent = f"now() - interval '{maintenance.DEAD_SECONDS + 1} seconds'"
        house.sql(
            f"update procrastinate_workers set last_heartbeat = {silent} where last_heartbeat > now() + interval '1 hour'"
        )
        until(lambda: len(house.papers()) == 2)
    assert house.jobs("doing") == []


def test_a_worker_counts_as_dead_and_its_jobs_are_looked_for_well_within_a_minute() -> None:
    defaults = {name: each.default for name, each in inspect.signature(Worker).parameters.items()}
    beats, fetches = defaults["update_heartbeat_interval"], defaults["fetch_job_polling_interval"]
    assert 3 * beats <= maintenance.DEAD_SECONDS, "two signs of life may be late without anybody being taken for dead"
    assert maintenance.DEAD_SECONDS + maintenance.EVERY_SECONDS + fetches < 60


def until(done: Callable[[], bool], seconds: float = 600) -> None:
    """Waits for something another process does; only what never comes takes so long, on however busy a machine."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_nobody_is_flooded_with_mail(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_TO_ADDRESS", 2)
    house.drain()
    found = outbox.letter(house.store, "provtele", "welcome", f"{house.order.ref}/1", SECRET, clock.now())
    assert found is not None
    second, third = (replace(found, id=f"{house.order.ref}/{n}", n=n) for n in (8, 9))
    assert outbox.claim(house.store, second, clock.now())
    outbox.sent(house.store, second, clock.now())
    for _ in range(3):
        with pytest.raises(outbox.Pending):
            outbox.claim(house.store, third, clock.now())
    assert house.sql(f"select 1 from effect where key = '{third.key}'") == []  # nothing has been taken on
    told = house.sql("select details->>'kind', details->>'n' from audit where what = 'mail.waits'")
    assert told == [("welcome", "9")], "who waits is told, once"
    with house.store.work(Scope("provtele", None, "test")) as work:
        assert Outcomes(work.session).mails(house.order.ref)["welcome", 9] == "mail.waits"
    assert outbox.claim(house.store, third, clock.now() + timedelta(days=1, minutes=1))


def test_mails_of_one_kind_keep_none_of_another_waiting_and_security_never_waits(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_TO_ADDRESS", 1)
    house.drain()
    found = outbox.letter(house.store, "provtele", "welcome", f"{house.order.ref}/1", SECRET, clock.now())
    assert found is not None
    for kind in ("order_received", "esim", "sign_invite", "sign_news"):
        assert outbox.claim(house.store, replace(found, kind=kind, id=f"{kind}/7"), clock.now()), kind
    for n in range(3):
        urgent = replace(found, kind="reset", id=f"r{n}", is_security=True)
        assert outbox.claim(house.store, urgent, clock.now())
        outbox.sent(house.store, urgent, clock.now())


def test_a_day_without_a_mail_server_uses_nothing_up(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_TO_ADDRESS", 1)
    house.mailbox.fault = "451"
    for _ in range(3):
        house.work()
        house.let_time_pass()
    assert house.mailbox.mails() == [] and house.sql("select key from throttle where key like 'mail:%'") == []
    house.mailbox.fault = "none"
    house.drain()
    assert sorted(mail["to"] for mail in house.mailbox.mails()) == MAILS
    assert house.sql("select what from audit where what = 'mail.waits'") == []

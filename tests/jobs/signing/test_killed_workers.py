"""Whoever dies in whatever moment, and however many seal at once: one signature, one sealed file, one mail each."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from tests.jobs.conftest import SECRET, House, Press
from tests.jobs.signing.signers import SIGNER, Phone, a_pdf, assert_one_of_each, at_broker, dies, happened, state
from webapp import clock
from webapp.domain.problem import Problem
from webapp.gateways.eid_standin import EidStandin
from webapp.gateways.mail import Server
from webapp.jobs.signing.signatures import seal_document
from webapp.jobs.worker_context import WorkerContext


@pytest.mark.slow
@pytest.mark.parametrize(
    "point",
    [
        "document.after_render",
        "document.after_seal",
        "seal.before_commit",
        "seal.after_commit",
        "mail.after_claim",
        "mail.before_data",
        "mail.after_250",
        "mail.before_commit",
    ],
)
def test_a_worker_killed_while_it_seals_leaves_one_paper(open_house: Callable[..., House], point: str) -> None:
    house = open_house()
    Phone(house).sign()
    house.faults[point] = "kill9"
    assert house.work() == -9
    assert state(house) == ("sealed" if point.startswith("mail") or point == "seal.after_commit" else "signed")
    house.faults.clear()
    house.let_time_pass()
    house.drain()
    assert_one_of_each(house, SIGNER, repeated=1 if point in {"mail.after_250", "mail.before_commit"} else 0)


@pytest.mark.slow
def test_a_request_killed_before_its_commit_has_done_nothing(open_house: Callable[..., House]) -> None:
    house = open_house()
    phone = Phone(house)
    phone.open()
    dies(house, "sign.after_consent", lambda: phone.consent("code_mail"))
    assert happened(house)[-1] == "fetched" and phone.visit().stage == "document" and house.jobs("todo") == []
    phone.consent("code_mail")
    house.drain()
    dies(house, "sign.before_commit", lambda: phone.give(phone.mailed_code()))
    assert state(house) == "waiting" and phone.visit().stage == "code" and house.jobs("todo") == []
    assert phone.give(phone.mailed_code()) is None
    house.drain()
    assert_one_of_each(house, SIGNER)


@pytest.mark.slow
def test_a_worker_killed_before_an_eid_counts_has_it_shown_again(
    open_house: Callable[..., House], provider: EidStandin
) -> None:
    """The broker gives a code's worth once: the signer is told, and shows the eID again."""
    house, phone = at_broker(open_house, provider)
    phone.from_broker(phone.to_broker())
    house.faults["sign.before_commit"] = "kill9"
    assert house.work() == -9 and state(house) == "waiting"
    house.faults.clear()
    house.let_time_pass()
    house.drain()
    assert phone.visit().problem == Problem("sign.eid.failed")
    phone.consent("eid")
    house.drain()
    phone.from_broker(phone.to_broker())
    house.drain()
    assert_one_of_each(house)


@pytest.mark.slow
def test_a_worker_killed_before_a_scan_counts_looks_again(open_house: Callable[..., House]) -> None:
    house = open_house()
    phone = Phone(house)
    phone.consent("paper")
    phone.upload(a_pdf(1))
    house.faults["sign.before_commit"] = "kill9"
    assert house.work() == -9 and state(house) == "waiting"
    house.faults.clear()
    house.let_time_pass()
    house.drain()
    assert_one_of_each(house)


def test_many_who_seal_the_same_at_once_leave_one_file(open_house: Callable[..., House]) -> None:
    house = open_house()
    Phone(house).sign()
    ((request,),) = house.sql("select id from signing_request")
    press, together = Press(None), threading.Barrier(4, timeout=300)

    def seal(*given: object) -> object:
        together.wait()  # all have read that it is to be sealed
        return press.seal(*given)  # type: ignore[arg-type]

    worker_context = WorkerContext(house.store, SECRET, press.draw, Server("127.0.0.1", house.mailbox.port), seal)  # type: ignore[arg-type]
    crowd = [
        threading.Thread(target=seal_document, args=(worker_context, "provtele", request, clock.now()))
        for _ in range(4)
    ]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join(30)
    house.drain()
    assert_one_of_each(house, SIGNER)

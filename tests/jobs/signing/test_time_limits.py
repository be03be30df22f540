"""Reminders and ends by the clock, addresses that take no mail, and people who will not sign: each told once, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.jobs.conftest import House
from tests.jobs.signing.signers import ORDERER, SIGNER, VISITOR, Phone, a_pdf, broken, happened, language_of, state
from webapp import clock
from webapp.domain.market import SWEDEN
from webapp.domain.porting.signers import SignerName
from webapp.domain.problem import Problem
from webapp.operations import outbox
from webapp.operations.desk import staff
from webapp.operations.signing import signature_requests, signature_status
from webapp.operations.signing.signing_access import Gone
from webapp.store.platform.scope import Scope
from webapp.web.signing import signature_view

# --- By the clock


def test_reminders_come_on_three_days_and_then_it_is_over(
    open_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house("da")
    start, phone = clock.now(), Phone(house)
    phone.open()
    link = phone.link

    def on_day(n: int, **more: int) -> list[str]:
        """Subjects of what has been mailed to the signer when the clock has come twice that day."""
        moment = start + timedelta(days=n, **more)
        monkeypatch.setattr(clock, "now", lambda: moment)
        for _ in range(2):
            staff.defer(house.store, "provtele", "remind_signers")
            staff.defer(house.store, "provtele", "expire_signings")
            house.drain()
        return [mail["subject"] for mail in phone.mails()[1:]]

    counts = [len(on_day(n, hours=1)) for n in (1, 2, 3, 5, 6, 9, 13)]
    assert counts == [0, 1, 1, 2, 2, 3, 3]
    mails = phone.mails()
    assert len({mail["headers"]["Message-ID"] for mail in mails}) == 4
    assert all(link in mail["text"] for mail in mails)
    assert {language_of(mail) for mail in mails} == {"da"} and mails[0]["subject"] != mails[1]["subject"]
    assert state(house) == "waiting"
    assert len(on_day(14, hours=1)) == 3 and state(house) == "expired"
    (told,) = [mail for mail in house.mailbox.mails() if mail["to"] == ORDERER][1:]
    assert language_of(told) == "da" and link not in told["text"]
    assert phone.signing.open_link(link, "192.0.2.1") is None and broken(house) == []
    with pytest.raises(AssertionError):
        phone.visit()
    phone.signing.new_link(SIGNER, "192.0.2.1")
    house.drain()
    phone.open()
    assert phone.link != link and state(house) == "waiting"
    phone.sign()
    house.drain()
    assert state(house) == "sealed" and broken(house) == []


@pytest.mark.parametrize(("working_days", "is_told"), [(7, True), (30, False)])
def test_the_mail_names_a_deadline_only_when_it_comes_before_the_links_end(
    open_house: Callable[..., House], working_days: int, is_told: bool
) -> None:
    wished = SWEDEN.after_working_days(SWEDEN.today(clock.now()), working_days)
    (mail,) = Phone(open_house(wished_date=wished)).mails()
    assert ("Skriv under senast" in mail["text"]) == is_told


def test_of_overdue_reminders_only_the_last_is_sent(
    open_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house()
    moment = clock.now() + timedelta(days=10)
    monkeypatch.setattr(clock, "now", lambda: moment)
    staff.defer(house.store, "provtele", "remind_signers")
    house.drain()
    assert len(Phone(house).mails()) == 2


def test_a_signature_before_the_reminder_goes_makes_it_needless(
    open_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house()
    moment = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: moment)
    house.mailbox.fault = "451"
    staff.defer(house.store, "provtele", "remind_signers")
    house.work()
    house.mailbox.fault = "none"
    phone = Phone(house)
    phone.consent("paper")
    phone.upload(a_pdf(1))
    house.work()
    house.let_time_pass()
    house.drain()
    assert len(phone.mails()) == 2, "the link and the copy"


# --- Addresses that take no mail


def test_an_address_that_takes_no_mail_is_told_once_and_corrected(open_house: Callable[..., House]) -> None:
    house = open_house(signer_email="asa@refused.example")
    assert house.sql("select state from signer") == [("bounced",)] and house.jobs("failed") == []
    house.sql("update procrastinate_jobs set status = 'todo', worker_id = null where args->>'id' <> ''")
    house.drain()
    received, told = [mail for mail in house.mailbox.mails() if mail["to"] == ORDERER]
    assert "asa@refused.example" in told["text"] and "asa@refused.example" not in received["text"]
    assert happened(house).count("bounced") == 1
    with house.store.work(Scope("provtele", None, "test")) as work:
        ((signer,),) = house.sql("select id from signer")
        assert signature_requests.correct_address(work, signer, SIGNER, clock.now()) is None
    house.drain()
    Phone(house).sign()
    house.drain()
    assert state(house) == "sealed" and broken(house) == []


@pytest.mark.parametrize("how", ["rcpt 554", "data 554", "our own gateway"])
def test_a_refusal_for_good_of_any_kind_reaches_whoever_ordered(open_house: Callable[..., House], how: str) -> None:
    house = open_house(signer_email="asa@refused.example")
    house.mailbox.fault = "none"
    ((signer,),) = house.sql("select id from signer")
    address = "asa@granit.example" if how != "our own gateway" else "asa@=?granit.example"
    house.sql(f"update signer set email = '{address}', state = 'waiting'")
    if how != "our own gateway":
        house.mailbox.fault = how  # type: ignore[assignment]
    house.sql("update procrastinate_jobs set status = 'todo', worker_id = null where task_name = 'mail_sign_invite'")
    house.work()
    assert house.sql("select state from signer") == [("bounced",)] and "sent" not in happened(house)
    with house.store.work(Scope("provtele", None, "test")) as work:
        (case,) = signature_status.cases(work, house.order.ref)
        assert case.signers[0].mail == "failed"
    seen_by_staff = [] if how != "data 554" else [f"mail_sign_invite {case.signers[0].signer.link}"]
    failed = [job for job in house.jobs("failed") if "news" not in job]
    assert failed == seen_by_staff, "what is not about the address is for staff, too"
    house.mailbox.fault = "none"
    house.sql(f"update signer set email = '{SIGNER}' where id = '{signer}'")
    house.sql("update procrastinate_jobs set status = 'todo', worker_id = null where task_name = 'mail_sign_invite'")
    house.drain()
    assert house.sql("select state from signer") == [("waiting",)] and happened(house).count("sent") == 1


def test_a_link_is_called_mailed_when_the_server_has_it_and_one_that_waits_is_told(
    open_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house()

    def standing() -> str:
        with house.store.work(Scope("provtele", None, "test")) as work:
            (case,) = signature_status.cases(work, house.order.ref)
            (shown,) = signature_view.of_order(work, house.order)
            assert shown.is_mailed == (case.signers[0].mail == "sent")
            assert shown.is_held == (case.signers[0].mail == "held")
            return case.signers[0].mail

    assert standing() == "sent"
    monkeypatch.setattr(outbox, "MOST_TO_ADDRESS", 1)
    ((signer,),) = house.sql("select id from signer")
    with house.store.work(Scope("provtele", None, "test")) as work:
        assert signature_requests.resend(work, signer, clock.now())
    assert standing() == "queued"
    house.work()
    assert standing() == "held"
    monkeypatch.undo()
    house.drain()
    assert standing() == "sent"


def test_whoever_waits_for_a_code_that_cannot_be_sent_is_told(open_house: Callable[..., House]) -> None:
    house = open_house()
    phone = Phone(house)
    phone.consent("code_mail")
    house.mailbox.fault = "refuse"
    house.work()
    house.mailbox.fault = "none"
    assert (phone.visit().stage, phone.visit().problem) == ("document", Problem("sign.code.unsent"))
    assert state(house) == "waiting" and house.jobs("failed") == []
    phone.sign()
    house.drain()
    assert state(house) == "sealed"


def test_an_address_that_ceases_to_exist_is_told_by_the_reminder(
    open_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house()
    house.sql("update signer set email = 'asa@refused.example'")
    moment = clock.now() + timedelta(days=2)
    monkeypatch.setattr(clock, "now", lambda: moment)
    staff.defer(house.store, "provtele", "remind_signers")
    house.drain()
    assert house.sql("select state from signer") == [("bounced",)] and house.jobs("failed") == []
    assert len([mail for mail in house.mailbox.mails() if mail["to"] == ORDERER]) == 2


def test_a_no_is_told_once_and_no_code_signs_any_more(open_house: Callable[..., House]) -> None:
    house = open_house("da")
    phone = Phone(house)
    phone.consent("code_mail")
    house.drain()
    code, before = phone.mailed_code(), phone.visit()
    assert phone.signing.decline(before, phone.link, "Vi bliver") is None
    house.drain()
    with pytest.raises(Gone):
        phone.signing.give_code(before, phone.link, code, phone.browser_binding, VISITOR)
    (told,) = [mail for mail in house.mailbox.mails() if mail["to"] == ORDERER][1:]
    assert "Vi bliver" in told["text"] and language_of(told) == "da"
    assert state(house) == "declined" and broken(house) == []


def test_who_has_signed_is_mailed_once_that_another_said_no(open_house: Callable[..., House]) -> None:
    house = open_house("da", signers=(SignerName("Bo Lind", "bo@granit.example"),))
    signed, refusing = Phone(house), Phone(house, "bo@granit.example", browser_binding="another")
    signed.sign()
    visit = refusing.open()
    assert refusing.signing.decline(visit, refusing.link, "") is None
    house.drain()
    house.sql("update procrastinate_jobs set status = 'todo', worker_id = null where task_name = 'mail_sign_over'")
    house.drain()
    *_, told = mails = [mail for mail in signed.mails() if "gælder ikke længere" in mail["subject"]]
    assert len({mail["headers"]["Message-ID"] for mail in mails}) == 1 and language_of(told) == "da"
    assert "har valgt ikke at gøre det" in told["text"] and "Bo" not in told["text"]
    assert [mail["subject"] for mail in refusing.mails()[1:]] == [] and broken(house) == []

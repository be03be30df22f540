"""From a mailed link to the sealed power of attorney, by code, by text message and by eID, with real workers and gateways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from tests.jobs.conftest import SMS_TOKEN, House
from tests.jobs.signing.signers import SIGNER, Phone, assert_one_of_each, at_broker, happened, language_of, state
from webapp import clock
from webapp.domain.problem import Problem
from webapp.gateways.eid_standin import NO_NUMBER, EidStandin
from webapp.gateways.sms_standin import SmsStandin
from webapp.operations.desk import staff
from webapp.store.platform.scope import Scope

# --- A code


@pytest.mark.parametrize("language", ["sv", "da"])
def test_by_a_mailed_code(open_house: Callable[..., House], language: str) -> None:
    house = open_house(language)
    phone = Phone(house)
    phone.open()
    assert (state(house), happened(house)) == ("waiting", ["opened_request", "sent", "fetched"])
    phone.sign()
    assert state(house) == "signed" and phone.visit().stage == "done" and not phone.visit().sealed
    house.drain()
    assert phone.visit().sealed
    assert_one_of_each(house, SIGNER)
    said = {language_of(mail) for mail in house.mailbox.mails()}
    assert said == {language}
    subjects = " ".join(mail["subject"] for mail in house.mailbox.mails())
    assert ("fuldmagt" if language == "da" else "fullmakt") in subjects.lower()


def test_every_job_once_more_changes_nothing(open_house: Callable[..., House]) -> None:
    house = open_house()
    Phone(house).sign()
    house.drain()
    before, told = house.papers(), happened(house)
    house.sql("update procrastinate_jobs set status = 'todo', worker_id = null where args->>'id' <> ''")
    house.drain()
    assert house.papers() == before and happened(house) == told
    assert_one_of_each(house, SIGNER)


def test_by_a_code_texted_to_the_number_that_moves(open_house: Callable[..., House], texts: SmsStandin) -> None:
    house = open_house("da")
    house.more = {"SKYLT_SMS_URL": texts.url, "SKYLT_SMS_TOKEN": SMS_TOKEN}
    phone = Phone(house)
    phone.consent("code_sms")
    texts.fault = "lost"  # taken, and the answer never arrives
    house.work()
    assert len(texts.messages()) == 1 and house.jobs("todo")
    texts.fault = "none"
    house.let_time_pass()
    house.drain()
    (first,) = texts.messages()
    assert (first["to"], first["from"]) == ("+46701740680", "Provtele")
    assert first["text"].startswith("Koden er") and first["text"].endswith(f"#{first['text'][9:15]}")
    assert phone.signing.another_code(phone.visit(), phone.link, phone.browser_binding) is None
    house.drain()
    first, second = texts.messages()
    assert first["key"] != second["key"], "a new attempt is a new message"
    old, code = (message["text"].rpartition("#")[2] for message in (first, second))
    assert phone.give(old) == Problem("sign.code.wrong", {"n": 4}) and phone.give(code) is None
    house.drain()
    assert_one_of_each(house)
    assert house.sql("select proof->>'phone_masked' from signer") == [("+46••••••680",)]
    taken = house.sql("select details->>'message_id' from signing_event where what = 'code_taken' order by seq")
    assert [id for (id,) in taken] == [first["id"], second["id"]]
    everywhere = str(house.sql("select * from signing_event")) + str(house.sql("select * from signing_proof"))
    assert code not in everywhere + str(house.sql("select args from procrastinate_jobs"))


def test_a_code_that_comes_too_late_is_not_sent(
    open_house: Callable[..., House], texts: SmsStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house()
    house.more = {"SKYLT_SMS_URL": texts.url, "SKYLT_SMS_TOKEN": SMS_TOKEN}
    phone, texts.fault = Phone(house), "500"
    phone.consent("code_sms")
    house.work()
    texts.fault = "none"
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    house.let_time_pass()
    house.drain()
    assert texts.messages() == [] and house.jobs("failed") == []


# --- eID


@pytest.mark.parametrize("dialect", ["idura", "signicat", "nets"])
def test_by_eid(open_house: Callable[..., House], provider: EidStandin, dialect: str) -> None:
    house, phone = at_broker(open_house, provider, dialect)
    assert phone.from_broker(phone.to_broker()) is None and phone.visit().stage == "waiting"
    house.drain()
    assert phone.visit().stage == "done"
    assert_one_of_each(house)
    ((proof,),) = house.sql("select proof from signer")
    assert proof["verified_name"] == "Åsa Öberg" and proof["provider"] in ("BankID", "MitID", "MitID Erhverv")
    ((login,),) = house.sql("select details from signing_event where what = 'eid_confirmed'")
    assert login["auth_time"] and len(login["subject"]) == 64
    for table in ("signer", "signing_proof", "signing_event", "audit", "procrastinate_jobs", "document"):
        assert NO_NUMBER not in str(house.sql(f"select t::text from {table} t"))


def test_the_phone_says_what_is_signed(open_house: Callable[..., House], provider: EidStandin) -> None:
    house, phone = at_broker(open_house, provider)
    url = phone.way_to_broker()
    assert url and "Fullmakt PT-7K4Q-2M-2, beställning PT-7K4Q-2M" in httpx.get(url).text
    assert house.jobs("failed") == []


def test_who_cancels_may_choose_again(open_house: Callable[..., House], provider: EidStandin) -> None:
    house, phone = at_broker(open_house, provider)
    assert phone.from_broker(phone.to_broker(person="cancel")) == Problem("sign.eid.cancelled")
    assert phone.visit().stage == "document" and state(house) == "waiting"
    phone.sign()
    house.drain()
    assert_one_of_each(house, SIGNER)


@pytest.mark.parametrize("lie", ["lower_acr", "wrong_nonce", "old_auth_time", "forged"])
def test_what_the_broker_says_wrongly_signs_nothing(
    open_house: Callable[..., House], provider: EidStandin, lie: str
) -> None:
    house, phone = at_broker(open_house, provider)
    came = phone.to_broker()
    assert phone.from_broker(came) is None
    provider.fault = lie  # type: ignore[assignment]
    house.drain()
    assert state(house) == "waiting" and house.jobs("failed") == []
    assert (phone.visit().stage, phone.visit().problem) == ("document", Problem("sign.eid.failed"))
    assert phone.from_broker(came) == Problem("sign.eid.old"), "an answer counts once"


def test_a_broker_that_is_away_is_waited_for(open_house: Callable[..., House], provider: EidStandin) -> None:
    house = open_house()
    house.more, phone = {"SKYLT_EID_STANDIN": provider.url}, Phone(house)
    phone.consent("eid")
    provider.fault = "down"
    house.work()
    assert phone.visit().stage == "eid" and phone.way_to_broker() == ""
    provider.fault = "none"
    house.let_time_pass()
    house.drain()
    assert phone.from_broker(phone.to_broker()) is None
    provider.fault = "hang_up"
    house.work()
    assert phone.visit().stage == "waiting" and state(house) == "waiting" and house.jobs("failed") == []
    provider.fault = "none"
    house.let_time_pass()
    house.drain()
    assert_one_of_each(house)


@pytest.mark.parametrize("back", [False, True])
def test_nobody_waits_for_ever_for_a_broker(
    open_house: Callable[..., House], provider: EidStandin, monkeypatch: pytest.MonkeyPatch, back: bool
) -> None:
    house = open_house()
    house.more, phone = {"SKYLT_EID_STANDIN": provider.url}, Phone(house)
    phone.consent("eid")
    if back:
        house.drain()
        assert phone.from_broker(phone.to_broker()) is None
    provider.fault = "down"
    house.work()
    later = clock.now() + timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    house.let_time_pass()
    house.drain()
    assert (phone.visit().stage, phone.visit().problem) == ("document", Problem("sign.eid.old"))
    assert house.jobs("failed") == []


def test_a_secret_that_nobody_set_is_seen_by_staff_and_told_to_the_signer(open_house: Callable[..., House]) -> None:
    house = open_house()
    phone = Phone(house)
    phone.consent("eid")
    house.work()
    assert (phone.visit().stage, phone.visit().problem) == ("document", Problem("sign.eid.failed"))
    with house.store.work(Scope("provtele", None, "test")) as work:
        assert [(each.kind, each.ref) for each in staff.troubles(work, house.order.ref)] == [
            ("prepare_eid", house.order.ref)
        ]
    phone.sign()
    assert staff.retry_failed(house.store, "provtele", None, clock.now()) == 1
    house.drain()
    assert_one_of_each(house, SIGNER)

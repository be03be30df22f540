"""The sealed power of attorney as strangers can hold it to what it says; while no seal can be had it waits, and everybody is told the truth."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable

import pytest

from tests.documents.reading import adrift, attachments_of, findings, text_of
from tests.documents.sealing import PASSWORD
from tests.full import FULL
from tests.jobs.conftest import House, keyring_of
from tests.jobs.signing.signers import SIGNER, Phone, a_picture, assert_one_of_each, broken, state
from webapp import clock
from webapp.documents.check import check
from webapp.documents.keys import CannotSeal
from webapp.domain.porting.signers import SignerName
from webapp.gateways.eid_standin import NO_NUMBER, EidStandin
from webapp.gateways.errors import Temporary
from webapp.gateways.timestamp_standin import TimestampStandin
from webapp.jobs.registry import MOST_FAILING
from webapp.operations.desk import staff
from webapp.operations.papers.document_verification import Seals

# --- What keeps a seal waiting


def test_while_no_seal_can_be_had_it_is_signed_and_says_so(open_house: Callable[..., House]) -> None:
    house = open_house()
    phone = Phone(house)
    phone.sign()
    house.sealing = Temporary("timestamp.down")
    for _ in range(3):
        house.work()
        house.let_time_pass()
    assert state(house) == "signed" and not phone.visit().sealed and phone.visit().stage == "done"
    assert house.sql("select state from order_line") == [("waiting_signature",)] and house.jobs("failed") == []
    assert house.sql("select kind, subject, over_at is null from alarm") == [("seal_trouble", "timestamp.down", True)]
    seal = f"seal_document {phone.visit().request.id}"
    house.sealing = CannotSeal("key.expired")
    for _ in range(MOST_FAILING + 1):  # for a key it waits without end
        house.work()
        assert seal in house.jobs("todo") and house.jobs("failed") == [] and state(house) == "signed"
        house.let_time_pass()
    house.sealing = CannotSeal("seal.invalid")
    house.work()
    assert house.jobs("failed") == [seal] and state(house) == "signed"
    house.sealing = None
    assert staff.retry_failed(house.store, "provtele", None, clock.now()) == 1
    house.drain()
    assert state(house) == "sealed" and house.sql("select 1 from alarm where over_at is null") == []
    told = [mail for mail in house.mailbox.mails() if mail["to"] == house.tenant.support.email]
    causes = ("timestamp.down", "key.expired", "seal.invalid")
    assert [[cause in mail["text"] for cause in causes] for mail in told] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ], "each cause once"


# --- Real paper


@pytest.mark.slow
@pytest.mark.parametrize("language", ["sv", "da"] if FULL else ["da"])
def test_the_sealed_paper_holds_and_says_everything(
    open_house: Callable[..., House], provider: EidStandin, authority: TimestampStandin, language: str
) -> None:
    """Two sign, one by eID and one by hand, while the authority is down; then it is up."""
    house = open_house(language, signers=(SignerName("Bo Ek", "bo@granit.example"),), real=True)
    house.more, scan = {"SKYLT_EID_STANDIN": provider.url}, a_picture("png", 300, 400)
    house.timestamp_url, authority.fault = authority.url, "down"
    first, second = Phone(house), Phone(house, "bo@granit.example")
    first.consent("eid")
    second.consent("paper")
    second.upload(scan)
    house.drain()
    assert first.from_broker(first.to_broker()) is None
    house.work()
    assert state(house) == "signed" and first.visit().stage == "done" and house.jobs("failed") == []
    assert any("seal_document" in job for job in house.jobs("todo"))
    authority.fault = "none"
    house.let_time_pass()
    house.drain()
    assert state(house) == "sealed" and broken(house) == [] and len(house.papers()) == 3

    ((shown, shown_sha),) = house.sql("select bytes, sha256 from document where kind = 'power_of_attorney'")
    ((sealed, digest, facts, code),) = house.sql(
        "select bytes, sha256, facts, verify_code from document where kind = 'power_of_attorney_signed'"
    )
    whole = bytes(sealed)
    verdict = check(whole, keyring_of("provtele").trust(), clock.now(), digest)
    assert (verdict.faults, verdict.sealed_by, verdict.level) == ((), "Provtele AB", "B-T") and facts["level"] == "B-T"
    assert findings(whole) == [] and adrift(whole) == []
    (house.folder / "paper.pdf").write_bytes(whole)
    said = subprocess.run(["pdfsig", house.folder / "paper.pdf"], capture_output=True, text=True).stdout
    assert "Signature is Valid." in said and "Total document signed" in said
    seals = Seals(keyring_of("provtele").place, PASSWORD)
    for phone in (first, second):
        copy = phone.signing.copy(phone.signer, phone.link, seals)
        assert copy and copy[1] == whole

    inside = attachments_of(whole)
    assert bytes(shown) in inside.values() and scan in inside.values() and len(inside) == 4
    (name,) = [name for name in inside if ("bevis" in name) and name.endswith(".json")]
    told = json.loads(inside[name])
    assert told["paper"]["shown_sha256"] == shown_sha and told["paper"]["verify_code"] == code
    assert told["paper"]["language"] == language and told["order"]["ref"] == house.order.ref
    one, two = told["signers"]
    assert (one["method"], one["verified_name"], one["provider"]) == ("eid", "Åsa Öberg", "BankID")
    assert one["auth_time"] and len(one["subject_sha256"]) == 64 and one["transaction"] and one["acr"]
    assert (two["method"], two["name"], two["email"]) == ("paper", "Bo Ek", "bo@granit.example")
    text = text_of(bytes(shown))
    for signer in (one, two):
        assert signer["address"] == "192.0.2.0/24" and signer["signed_at"] and signer["capacity"]
        assert len(signer["declared"]) >= 6
        for each in signer["declared"]:
            assert each["text"] in text and each["sha256"] == hashlib.sha256(each["text"].encode()).hexdigest()
    whats = {event["what"] for event in told["events"]}
    assert whats >= {"opened_request", "sent", "opened", "consented", "eid_confirmed", "scan_received", "signed"}
    assert any(event["details"].get("agent") == "Prov/1.0" for event in told["events"])
    assert any("@" in event["details"].get("message_id", "") for event in told["events"])
    before = ""
    for event in told["events"]:
        alone = {key: value for key, value in event.items() if key != "chain"}
        compact = json.dumps(alone, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        before = hashlib.sha256((before + compact).encode()).hexdigest()
        assert event["chain"] == before
    assert NO_NUMBER not in text_of(whole) + "".join(str(each) for each in inside.values())


@pytest.mark.slow
@pytest.mark.parametrize("point", ["document.after_seal", "seal.before_commit"] if FULL else ["seal.before_commit"])
def test_a_real_worker_killed_around_the_seal_leaves_one_valid_paper(
    open_house: Callable[..., House], point: str
) -> None:
    house = open_house(real=True)
    Phone(house).sign()
    house.faults[point] = "kill9"
    assert house.work() == -9 and len(house.papers()) == 2
    house.faults.clear()
    house.let_time_pass()
    house.drain()
    assert_one_of_each(house, SIGNER)
    ((sealed, digest),) = house.sql("select bytes, sha256 from document where kind = 'power_of_attorney_signed'")
    assert check(bytes(sealed), keyring_of("provtele").trust(), clock.now(), digest).is_valid

"""eID and paper: a job looks, the page waits, and only what the job says signs."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from tests.operations.conftest import SECRET, VISITOR, Opener, Room
from webapp.domain.problem import Problem
from webapp.domain.signing.identity import Identity
from webapp.domain.signing.rules import LARGEST_SCAN, Visitor
from webapp.operations.signing import signature_completion, signature_requests
from webapp.operations.signing.signing_access import Gone, SignerView
from webapp.web.signing.sign_view import eid_url

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


def who(room: Room) -> Identity:
    return Identity("Åsa Öberg", "Åsa", "Öberg", "BankID", "urn:grn:authn:se:bankid", room.now, "hash", "transaction-1")


def at_eid(room: Room) -> tuple[str, SignerView, str]:
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    assert room.consent(visit, link, method="eid") == {}
    [proof] = room.jobs(signature_requests.PREPARE_EID)[-1:]
    return link, room.visit(signer, link), proof


def test_by_eid(open_room: Opener) -> None:
    room = open_room(methods=("eid", "code_mail"))
    link, visit, proof = at_eid(room)
    assert visit.stage == "eid"
    assert eid_url(visit) == "", "the job has not found out where to send the browser"
    attempt = signature_completion.eid_to_prepare(room.store, room.slug, proof, room.now)
    assert attempt and len({attempt.state, attempt.nonce, attempt.verifier}) == 3
    signature_completion.eid_prepared(room.store, room.slug, proof, "https://eid.example/?state=1", room.now)
    assert signature_completion.eid_to_prepare(room.store, room.slug, proof, room.now) is None
    assert eid_url(room.visit(visit.signer, link)) == "https://eid.example/?state=1"
    assert eid_url(room.visit(visit.signer, link, "another")) == ""
    came = room.signing.eid_came_back
    assert came(visit, link, "seat", VISITOR, code="c", state="x") == Problem("sign.eid.failed"), "not our question"
    assert came(visit, link, "another", VISITOR, code="c", state=attempt.state) == Problem("sign.eid.old")
    assert came(visit, link, "seat", VISITOR, code="c", state=attempt.state) is None
    assert came(visit, link, "seat", VISITOR, code="c", state=attempt.state) == Problem("sign.eid.old"), "once"
    assert room.jobs(signature_requests.EXCHANGE_EID) == [proof]
    assert room.visit(visit.signer, link).stage == "waiting"
    asked = signature_completion.eid_attempt(room.store, room.slug, proof, room.now)
    assert asked and (asked.code, asked.nonce, asked.verifier) == ("c", attempt.nonce, attempt.verifier)
    assert signature_completion.eid_is(room.store, room.slug, proof, who(room), room.now)
    assert not signature_completion.eid_is(room.store, room.slug, proof, who(room), room.now)
    assert room.state() == "signed"
    assert room.signer().proof == {
        "provider": "BankID", "acr": "urn:grn:authn:se:bankid", "transaction": "transaction-1", "verified_name": "Åsa Öberg",
    }  # fmt: skip
    ready = signature_completion.to_seal(room.store, room.slug, room.signer().request, SECRET, room.now)
    assert ready and ready.paper.signatures[0].verified_name == "Åsa Öberg"
    assert room.seal()
    assert room.told().count("signed") == 1
    assert room.broken() == []


def test_eid_refused_cancelled_or_late_signs_nothing(open_room: Opener) -> None:
    room = open_room(methods=("eid", "code_mail"))
    link, visit, proof = at_eid(room)
    attempt = signature_completion.eid_to_prepare(room.store, room.slug, proof, room.now)
    assert attempt
    back = room.signing.eid_came_back(visit, link, "seat", VISITOR, code="", state=attempt.state, error="access_denied")
    assert back == Problem("sign.eid.cancelled")
    again = room.visit(visit.signer, link)
    assert (again.stage, again.problem) == ("document", Problem("sign.eid.cancelled"))
    link2 = link
    assert room.consent(again, link2, method="eid") == {}
    proof = room.jobs(signature_requests.PREPARE_EID)[-1]
    attempt = signature_completion.eid_to_prepare(room.store, room.slug, proof, room.now)
    assert attempt
    assert room.signing.eid_came_back(visit, link, "seat", VISITOR, code="c", state=attempt.state) is None
    signature_completion.eid_failed(room.store, room.slug, proof, "sign.eid.failed", room.now)
    assert room.visit(visit.signer, link).problem == Problem("sign.eid.failed")
    assert not signature_completion.eid_is(room.store, room.slug, proof, who(room), room.now)
    assert room.consent(again, link, method="eid") == {}
    proof = room.jobs(signature_requests.PREPARE_EID)[-1]
    room.later(minutes=15)
    assert signature_completion.eid_to_prepare(room.store, room.slug, proof, room.now) is None
    late = room.signing.eid_came_back(visit, link, "seat", VISITOR, code="c", state="x")
    assert late == Problem("sign.eid.old")
    assert (room.state(), room.jobs(signature_requests.SEAL)) == ("waiting", [])
    assert room.broken() == []


def test_what_comes_back_may_be_anything(open_room: Opener) -> None:
    room = open_room(methods=("eid",))
    link, visit, proof = at_eid(room)
    attempt = signature_completion.eid_to_prepare(room.store, room.slug, proof, room.now)
    assert attempt
    hostile = Visitor("nowhere", "a\x00b\ud800")
    came = room.signing.eid_came_back
    assert came(visit, link, "seat", hostile, code="c", state="\ud800\x00") == Problem("sign.eid.failed")
    assert came(visit, link, "seat\ud800", hostile, code="c", state=attempt.state) == Problem("sign.eid.old")
    why = came(visit, link, "seat", hostile, code="\x00", state=attempt.state, error="\x00\ud800<b>")
    assert why == Problem("sign.eid.failed")
    assert room.signing.consent(visit, link, room.form(visit), "seat", hostile) == {}


def test_what_the_broker_says_of_a_dead_request_signs_nothing(open_room: Opener) -> None:
    room = open_room(methods=("eid",))
    link, visit, proof = at_eid(room)
    attempt = signature_completion.eid_to_prepare(room.store, room.slug, proof, room.now)
    assert attempt
    assert room.signing.eid_came_back(visit, link, "seat", VISITOR, code="c", state=attempt.state) is None
    with room.work() as work:
        assert signature_requests.withdraw(work, visit.request.id, room.now)
    assert signature_completion.eid_attempt(room.store, room.slug, proof, room.now) is None
    assert not signature_completion.eid_is(room.store, room.slug, proof, who(room), room.now)
    assert room.state() == "withdrawn"
    assert room.broken() == []


def test_on_paper(open_room: Opener) -> None:
    room = open_room(methods=("paper",))
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    assert room.consent(visit, link) == {}
    room.later(days=2)
    visit = room.visit(signer, link)
    assert visit.stage == "scan", "printing and signing may take days"
    upload = room.signing.upload_scan
    assert upload(visit, link, b"<html>", "x.pdf", "seat", VISITOR) == Problem("sign.scan.kind")
    assert upload(visit, link, b"", "x.pdf", "seat", VISITOR) == Problem("sign.scan.kind")
    large = PNG + b"0" * LARGEST_SCAN
    assert upload(visit, link, large, "x.png", "seat", VISITOR) == Problem("sign.scan.large", {"n": 10})
    assert upload(visit, link, PNG, "../../x.pdf", "seat", VISITOR) is None
    [proof] = room.jobs(signature_requests.CHECK_SCAN)
    assert room.visit(signer, link).stage == "waiting"
    scan = signature_completion.scan_to_check(room.store, room.slug, proof)
    assert scan and (scan.kind, scan.content) == ("png", PNG)
    signature_completion.scan_is_bad(room.store, room.slug, proof, "sign.scan.unreadable", room.now)
    assert signature_completion.scan_to_check(room.store, room.slug, proof) is None
    again = room.visit(signer, link)
    assert (again.stage, again.problem) == ("scan", Problem("sign.scan.unreadable")), "another picture, no new reading"
    assert upload(again, link, b"%PDF-1.4 scan", "s.pdf", "seat", VISITOR) is None
    proof = room.jobs(signature_requests.CHECK_SCAN)[-1]
    assert signature_completion.scan_is_good(room.store, room.slug, proof, room.now)
    assert not signature_completion.scan_is_good(room.store, room.slug, proof, room.now)
    ready = signature_completion.to_seal(room.store, room.slug, signer.request, SECRET, room.now)
    assert ready and list(ready.scans.values()) == [b"%PDF-1.4 scan"]
    assert next(iter(ready.scans)).endswith("-scan-1.pdf")
    assert hashlib.sha256(b"%PDF-1.4 scan").hexdigest() in ready.paper.evidence
    assert room.seal()
    assert room.broken() == []


def test_a_scan_after_the_request_ended_is_not_taken(open_room: Opener) -> None:
    room = open_room(methods=("paper",))
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    assert room.consent(visit, link) == {}
    room.now += timedelta(days=14)
    with pytest.raises(Gone):
        room.signing.upload_scan(visit, link, PNG, "x.png", "seat", VISITOR)


def test_a_method_the_tenant_does_not_offer_is_refused(open_room: Opener) -> None:
    room = open_room(methods=("eid",))
    link = room.invite(room.signer())
    visit = room.visit(room.signer(), link)
    assert room.consent(visit, link, method="paper") == {"method": Problem("sign.method.missing")}
    assert room.signing.give_code(visit, link, "123456", "seat", VISITOR) == Problem("sign.code.old")


def test_attempts_are_counted_whatever_the_method(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    said = [room.consent(visit, link, method=("eid", "paper")[n % 2]) for n in range(41)]
    assert said[:40] == [{}] * 40
    assert said[40] == {"method": Problem("sign.attempts")}
    assert room.told().count("consented") == 40
    scan = room.signing.upload_scan(visit, link, b"%PDF-1.7", "a.pdf", "seat", VISITOR)
    assert scan == Problem("sign.attempts")
    room.later(days=1)
    assert room.consent(visit, link) == {}


def test_a_scan_that_leads_nowhere_is_not_kept(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    assert room.consent(visit, link, method="paper") == {}
    assert room.signing.upload_scan(visit, link, b"%PDF-1.7", "a.pdf", "seat", VISITOR) is None
    [scan] = room.jobs(signature_requests.CHECK_SCAN)
    with room.work() as work:
        assert work.signings.content(scan) == b"%PDF-1.7"
    assert room.consent(visit, link, "another seat") == {}
    with room.work() as work:
        assert work.signings.content(scan) is None
    assert not signature_completion.scan_is_good(room.store, room.slug, scan, room.now)

"""From the mailed link to the sealed paper: once, whatever is pressed twice; and everything that must not sign."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.operations.conftest import DENMARK, SEALS, SECRET, VISITOR, Opener, Room
from webapp.domain.problem import Problem
from webapp.faults import InjectedFault
from webapp.operations.people.sign_in import TooOften
from webapp.operations.signing import signature_completion, signature_requests, signing_mail_data
from webapp.operations.signing.signature import Signing
from webapp.operations.signing.signing_access import Gone


def earlier(room: Room, seconds: int) -> Signing:
    """The same place, of a request that came so much earlier."""
    return Signing(room.store, SECRET, room.tenant, room.now - timedelta(seconds=seconds))


def test_a_request_opens_with_its_paper_and_mails_a_link(open_room: Opener) -> None:
    room = open_room()
    [signer] = room.signers()
    assert (room.state(), signer.state, signer.name, signer.email) == (
        "waiting", "waiting", "Åsa Öberg", "asa@granit.example",
    )  # fmt: skip
    assert room.jobs(signature_requests.MAIL_INVITE) == [signer.link]
    assert room.told() == ["opened_request"]
    with room.work() as work:
        assert work.tokens.get(signer.link) is None, "a link lives from the moment it is mailed"


def test_from_link_to_seal(open_room: Opener) -> None:
    room = open_room({}, {})
    signer = room.signer()
    link = room.invite(signer)
    assert room.signing.open_link(link, "192.0.2.1") == signer.id
    visit = room.visit(signer, link)
    assert (visit.stage, visit.company, visit.paper.lines, visit.methods[0]) == (
        "document", "Granit & Gran AB", (1, 2), "code_mail",
    )  # fmt: skip
    assert room.consent(visit, link) == {}
    assert room.visit(signer, link).stage == "code"
    assert room.visit(signer, link, "another").stage == "document", "another device begins at the beginning"
    assert len(room.jobs(signature_requests.MAIL_CODE)) == 1
    assert room.lines() == {1: "waiting_signature", 2: "waiting_signature"}
    assert room.signing.give_code(visit, link, room.code(signer), "seat", VISITOR) is None
    assert room.state() == "signed"
    assert room.lines() == {1: "waiting_signature", 2: "waiting_signature"}, "only a sealed paper moves a line"
    assert len(room.jobs(signature_requests.SEAL)) == 1
    assert room.seal()
    assert room.state() == "sealed"
    assert room.lines() == {1: "ready", 2: "ready"}
    assert room.ports() == {1: "signed", 2: "signed"}
    assert room.told() == [
        "opened_request", "fetched", "opened", "consented", "code_sent", "code_confirmed", "signed", "sealed",
    ]  # fmt: skip
    assert room.jobs(signature_requests.MAIL_COPY) == [signer.id]
    assert len(room.jobs(signature_requests.MAIL_NEWS)) == 1
    assert not room.seal(), "sealed once"
    assert room.broken() == []


def test_the_used_link_is_dead_but_its_cookie_still_shows_the_end(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    before = room.visit(signer, link)
    room.sign(signer, link)
    assert room.signing.open_link(link, "192.0.2.1") is None
    after = room.visit(signer, link)
    assert (after.stage, after.is_signed, after.sealed) == ("done", True, False)
    document, content = room.signing.copy(signer.id, link, SEALS) or (None, b"")
    assert document and document.kind == "power_of_attorney"
    assert room.seal()
    document, content = room.signing.copy(signer.id, link, SEALS) or (None, b"")
    assert document and document.kind == "power_of_attorney_signed"
    assert content.startswith(b"%PDF-1.7 sealed")
    assert room.consent(before, link) == {}, "signed already: on to the end"
    for no in (lambda: room.signing.decline(before, link, ""), lambda: room.signing.not_me(before, link)):
        with pytest.raises(Gone):
            no()
    mailed = signature_completion.copy_due(room.store, room.slug, signer.id, SECRET, room.now)
    assert mailed and room.signing.open_link(mailed.secret, "192.0.2.1") == signer.id
    assert signature_completion.copy_due(room.store, room.slug, signer.id, SECRET, room.now) == mailed
    room.later(days=15)
    assert room.signing.visit(signer.id, link) is None
    assert room.broken() == []


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": " \u200d "}, "name", "sign.name.missing"),
        ({"name": ""}, "name", "sign.name.missing"),
        ({"name": "1234"}, "name", "sign.name.missing"),
        ({"name": "Åsa\x00Öberg"}, "name", "text.control"),
        ({"name": "Åsa \u202eÖberg"}, "name", "text.control"),
        ({"name": "Å" * 200}, "name", "text.long"),
        ({"capacity": ""}, "capacity", "sign.capacity.missing"),
        ({"capacity": "mobile_manager"}, "capacity", "sign.capacity.missing"),
        ({"declarations": frozenset({"owner"})}, "declarations", "sign.confirm.missing"),
        ({"method": "drawing"}, "method", "sign.method.missing"),
        ({"sha256": "0" * 64}, "sha256", "sign.document.changed"),
    ],
)
def test_a_form_that_says_too_little_signs_nothing(
    open_room: Opener, changes: dict[str, object], field: str, code: str
) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    problems = room.consent(visit, link, **changes)
    assert {name: problem.code for name, problem in problems.items()} == {field: code}
    assert room.jobs(signature_requests.MAIL_CODE) == []
    assert room.visit(signer, link).stage == "document"


def test_reading_changes_nothing_but_that_the_page_was_fetched_once(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    for _ in range(50):
        assert room.signing.open_link(link, "192.0.2.1") == signer.id
        room.visit(signer, link)
    assert room.told() == ["opened_request", "fetched"], "as a mail scanner does"
    assert (room.signer().state, room.state()) == ("waiting", "waiting")
    visit = room.visit(signer, link)
    for _ in range(2):
        assert room.consent(visit, link, name="")
    assert room.told() == ["opened_request", "fetched", "opened"], "a form is sent by a person, whatever stands in it"
    assert (room.signer().state, room.state()) == ("opened", "waiting")
    room.sign(room.signer(), link)


# --- Codes ---------------------------------------------------------------------------------------------------------


def test_a_code_has_five_tries_then_none(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    room.consent(visit, link)
    right = room.code(signer)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for left in (4, 3, 2, 1):
        assert room.signing.give_code(visit, link, wrong, "seat", VISITOR) == Problem("sign.code.wrong", {"n": left})
    assert room.signing.give_code(visit, link, wrong, "seat", VISITOR) == Problem("sign.code.over")
    assert room.signing.give_code(visit, link, right, "seat", VISITOR) == Problem("sign.code.over")
    assert room.signing.another_code(visit, link, "seat") is None
    assert room.signing.give_code(visit, link, right, "seat", VISITOR) == Problem("sign.code.wrong", {"n": 4})
    assert (
        room.signing.give_code(visit, link, f" {room.code(signer)[:3]} {room.code(signer)[3:]}", "seat", VISITOR)
        is None
    )
    assert room.state() == "signed"


def test_a_code_is_of_its_seat_its_signer_its_minutes_and_of_once(open_room: Opener) -> None:
    room = open_room(signers=("Berit Berg",))
    one, two = room.signers()
    first, second = room.invite(one), room.invite(two)
    mine, theirs = room.visit(one, first), room.visit(two, second)
    room.consent(mine, first)
    room.consent(theirs, second)
    code = room.code(one)
    assert room.signing.give_code(mine, first, code, "another seat", VISITOR) == Problem("sign.code.old")
    with pytest.raises(Gone):
        room.signing.give_code(mine, first, code, "", VISITOR)
    assert room.signing.give_code(theirs, second, code, "seat", VISITOR) == Problem("sign.code.wrong", {"n": 4})
    with pytest.raises(Gone):
        room.signing.give_code(theirs, first, code, "seat", VISITOR)
    room.later(minutes=10)
    assert room.signing.give_code(mine, first, code, "seat", VISITOR) == Problem("sign.code.old")
    assert signing_mail_data.code_due(room.store, room.slug, _proof(room, one), SECRET, room.now) is None
    assert room.visit(one, first).stage == "code", "a new code needs no new reading"
    assert room.signing.another_code(mine, first, "seat") is None
    assert room.signing.give_code(mine, first, room.code(one), "seat", VISITOR) is None
    assert [signer.state for signer in room.signers()] == ["signed", "opened"]
    room.later(hours=1)
    assert room.visit(two, second).stage == "document", "after an hour the paper is to be read again"


def _proof(room: object, signer: object) -> str:
    with room.work() as work:  # type: ignore[attr-defined]
        return str(work.signings.latest_proof(signer.id).id)  # type: ignore[attr-defined]


def test_no_more_than_five_codes_an_hour(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    assert room.consent(visit, link) == {}
    for _ in range(4):
        assert room.signing.another_code(visit, link, "seat") is None
    assert room.signing.another_code(visit, link, "seat") == Problem("sign.code.often")
    assert room.consent(visit, link) == {"method": Problem("sign.code.often")}
    assert room.signing.give_code(visit, link, room.code(signer), "seat", VISITOR) is None
    assert len(room.jobs(signature_requests.MAIL_CODE)) == 5


def test_no_more_than_fifteen_codes_a_day(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    assert room.consent(visit, link) == {}
    for _ in range(14):
        assert room.signing.another_code(visit, link, "seat") is None
        room.later(minutes=21)
    assert room.signing.another_code(visit, link, "seat") == Problem("sign.code.today")
    room.later(hours=20)
    visit = room.visit(signer, link)
    assert room.consent(visit, link) == {}
    assert len(room.jobs(signature_requests.MAIL_CODE)) == 16


def test_a_number_gets_ten_messages_a_day_from_whatever_order(open_room: Opener) -> None:
    room = open_room(
        {}, {"signer_name": "Bo Ek", "signer_email": "bo@granit.example"}, methods=("code_sms", "code_mail")
    )
    theirs = {signer.id: (signer, link := room.invite(signer), room.visit(signer, link)) for signer in room.signers()}
    one, other = theirs.values()
    same = replace(other[2], paper=one[2].paper)  # another order of the very number
    for signer, link, visit in (one, (*other[:2], same)):
        for _ in range(5):
            assert room.consent(visit, link, method="code_sms") == {}, signer
    room.later(hours=2)
    assert room.consent(one[2], one[1], method="code_sms") == {"method": Problem("sign.code.today")}
    assert room.consent(one[2], one[1], method="code_mail") == {}, "there are other ways"
    assert room.consent(other[2], other[1], method="code_sms") == {}, "another number is another matter"


def test_a_text_message_goes_to_the_number_that_moves(open_room: Opener) -> None:
    room = open_room(
        {"owner_type": "employee", "owner_id": "", "owner_name": "Per Person"}, market=DENMARK, methods=("code_sms",)
    )
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    assert visit.methods == ("code_sms",)
    assert visit.capacities == ("owner", "attorney")
    assert room.consent(visit, link) == {}
    [proof] = room.jobs(signature_requests.SMS_CODE)
    code = signing_mail_data.code_due(room.store, room.slug, proof, SECRET, room.now)
    assert code and code.to == room.order.lines[0].porting.e164  # type: ignore[union-attr]
    room.signing.give_code(visit, link, code.code, "seat", VISITOR)
    assert room.signer().proof == {"phone_masked": f"{code.to[:3]}•••••{code.to[-3:]}"}


def test_where_no_number_takes_messages_a_mail_stands_in(open_room: Opener) -> None:
    room = open_room({"kind": "fixed"}, methods=("code_sms", "code_mail", "paper"))
    link = room.invite(room.signer())
    assert room.visit(room.signer(), link).methods == ("code_mail", "paper")


# --- Several signers, several devices ------------------------------------------------------------------------------


def test_two_sign_at_their_own_pace(open_room: Opener) -> None:
    room = open_room(signers=("Berit Berg",))
    one, two = room.signers()
    room.sign(two)
    assert (room.state(), room.jobs(signature_requests.SEAL)) == ("waiting", [])
    assert not room.seal()
    room.sign(one)
    assert room.state() == "signed"
    assert len(room.jobs(signature_requests.SEAL)) == 1
    with room.work() as work:
        request = work.signings.of_order(room.order.ref)[0].id
    ready = signature_completion.to_seal(room.store, room.slug, request, SECRET, room.now)
    assert ready
    assert [(s.n, s.name) for s in ready.paper.signatures] == [(1, "Åsa Öberg"), (2, "Berit Berg")]
    assert ready.shown == b"%PDF-1.7 " + ready.paper.number.encode() + f" v1 {ready.paper.data_sha256}".encode()
    told = json.loads(ready.paper.evidence)
    assert told["paper"]["shown_sha256"] == ready.paper.shown_sha256
    assert [len(signer["declared"]) for signer in told["signers"]] == [6, 6]
    assert all(said["text"] for said in told["signers"][0]["declared"])
    assert told["signers"][0]["address"] == "192.0.2.0/24"
    assert ready == signature_completion.to_seal(room.store, room.slug, request, SECRET, room.now)
    assert room.broken() == []


def test_in_order_the_next_is_asked_when_the_one_before_has_signed(open_room: Opener) -> None:
    room = open_room(signers=("Berit Berg", "Cia Ceder"), in_order=True)
    one, two, three = room.signers()
    assert [one.state, two.state, three.state] == ["waiting", "queued", "queued"]
    assert len(room.jobs(signature_requests.MAIL_INVITE)) == 1
    room.later(days=10)
    room.sign(one)
    one, two, three = room.signers()
    assert [one.state, two.state, three.state] == ["signed", "waiting", "queued"]
    assert len(room.jobs(signature_requests.MAIL_INVITE)) == 2
    room.later(days=10)
    assert signature_requests.expire(room.store, room.slug, room.now) == 0, "whoever is asked has the whole time"
    room.sign(two)
    room.sign(room.signer(3))
    assert room.seal()
    assert room.broken() == []


def test_two_devices_at_once_make_one_signature_one_seal_and_one_mail(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    assert room.consent(visit, link) == {}
    code, answers = room.code(signer), []

    def press() -> None:
        answers.append(room.signing.give_code(visit, link, code, "seat", VISITOR))

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [None] * 6
    assert room.told().count("signed") == 1
    assert len(room.jobs(signature_requests.SEAL)) == 1
    sealed: list[bool] = []
    threads = [threading.Thread(target=lambda: sealed.append(room.seal())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sealed) == [False, False, False, True]
    assert len(room.jobs(signature_requests.MAIL_COPY)) == 1
    assert room.broken() == []


def test_a_second_device_takes_the_attempt_over(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    laptop, phone = room.visit(signer, link, "laptop"), room.visit(signer, link, "phone")
    room.consent(laptop, link, "laptop")
    old = room.code(signer)
    room.consent(phone, link, "phone")
    assert room.signing.give_code(laptop, link, old, "laptop", VISITOR) == Problem("sign.code.old")
    assert room.signing.give_code(phone, link, room.code(signer), "phone", VISITOR) is None
    assert room.signing.give_code(laptop, link, old, "laptop", VISITOR) is None, "signed: on to the end"


# --- Guessing ------------------------------------------------------------------------------------------------------


def test_guesses_are_throttled_by_network(open_room: Opener) -> None:
    room = open_room()
    link = room.invite(room.signer())
    for n in range(60):
        assert room.signing.open_link(f"guess-{n}", "192.0.2.1") is None
    with pytest.raises(TooOften):
        room.signing.open_link("guess", "192.0.2.1")
    assert room.signing.open_link(link, "198.51.100.1")
    assert room.signing.open_link(link[:-1], "198.51.100.1") is None


def test_a_link_opens_no_other_signer_and_no_other_tenant(open_room: Opener) -> None:
    room, other = open_room(signers=("Berit Berg",)), open_room()
    one, two = room.signers()
    link = room.invite(one)
    assert room.signing.visit(two.id, link) is None
    assert room.signing.copy(two.id, link, SEALS) is None
    assert other.signing.open_link(link, "192.0.2.9") is None
    assert other.signing.visit(one.id, link) is None


def test_nothing_in_the_database_opens_a_paper(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    room.consent(visit, link)
    code = room.code(signer)
    with room.work() as work:
        from webapp.store.platform.raw import raw

        everything = " ".join(
            str(row[0])
            for table in ("token", "signer", "signing_request", "signing_proof", "signing_event", "procrastinate_jobs")
            for row in raw(work.session, f"select to_jsonb(t)::text from {table} t", {})
        )
    assert link not in everything
    assert f'"{code}"' not in everything


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "missing"),
        ("  ", "missing"),
        ("12345", "short"),
        ("1234567", "short"),
        ("koden", "short"),
        ("12 34-5", "short"),
    ],
)
def test_what_can_be_no_code_costs_no_try(open_room: Opener, typed: str, code: str) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    assert room.consent(visit, link) == {}
    for _ in range(7):
        told = room.signing.give_code(visit, link, typed, "seat", VISITOR)
        assert told and told.code == f"sign.code.{code}"
    assert "code_wrong" not in room.told()
    assert room.signing.give_code(visit, link, room.code(signer), "seat", VISITOR) is None


# --- Two at once ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [1, 3 * 3600])
def test_the_attempt_that_commits_last_is_the_newest_whatever_clock_it_came_by(open_room: Opener, seconds: int) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    room.later(seconds=seconds)
    assert room.consent(visit, link) == {}  # came later, and was quicker
    room.later(seconds=-seconds)
    assert room.consent(visit, link) == {}
    first, second = room.jobs(signature_requests.MAIL_CODE)
    assert signing_mail_data.code_due(room.store, room.slug, first, SECRET, room.now) is None
    mailed = signing_mail_data.code_due(room.store, room.slug, second, SECRET, room.now)
    assert mailed and room.visit(signer, link).stage == "code"
    with room.work() as work:
        latest = work.signings.latest_proof(signer.id)
    assert latest and latest.id == second
    assert room.signing.give_code(visit, link, mailed.code, "seat", VISITOR) is None
    assert room.signer().state == "signed" and room.broken() == []


def test_five_new_codes_at_once_leave_one_that_lives(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    assert room.consent(visit, link) == {}
    start, answers = threading.Barrier(5), []

    def ask(n: int) -> None:
        signing = earlier(room, n)
        start.wait(timeout=300)
        answers.append(signing.another_code(visit, link, "seat"))

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    assert sorted(str(answer) for answer in answers) == sorted([*["None"] * 4, str(Problem("sign.code.often"))])
    codes = [
        signing_mail_data.code_due(room.store, room.slug, each, SECRET, room.now)
        for each in room.jobs(signature_requests.MAIL_CODE)
    ]
    [alive] = [code for code in codes if code]
    assert codes[-1] == alive and room.visit(signer, link).stage == "code"
    assert room.signing.give_code(visit, link, alive.code, "seat", VISITOR) is None


# --- A process that dies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", ["sign.after_consent", "sign.before_commit", "seal.before_commit"])
def test_whatever_dies_before_its_commit_has_not_happened(
    open_room: Opener, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    if point == "seal.before_commit":
        room.sign(signer, link)
    elif point == "sign.before_commit":
        assert room.consent(visit, link) == {}
    before = (
        room.state(),
        room.told(),
        room.lines(),
        room.jobs(signature_requests.MAIL_NEWS),
        room.jobs(signature_requests.SEAL),
    )
    monkeypatch.setenv("SKYLT_FAULTS", f"{point}=raise")
    with pytest.raises(InjectedFault):
        if point == "seal.before_commit":
            room.seal()
        elif point == "sign.before_commit":
            room.signing.give_code(visit, link, room.code(signer), "seat", VISITOR)
        else:
            room.consent(visit, link)
    monkeypatch.delenv("SKYLT_FAULTS")
    after = (
        room.state(),
        room.told(),
        room.lines(),
        room.jobs(signature_requests.MAIL_NEWS),
        room.jobs(signature_requests.SEAL),
    )
    assert before == after
    assert room.broken() == []
    if point != "seal.before_commit":
        room.sign(signer, link)
    assert room.seal()
    assert room.told().count("sealed") == 1
    assert room.broken() == []


def test_a_request_that_is_over_signs_nothing_even_should_a_link_have_survived(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    assert room.consent(visit, link) == {}
    code = room.code(signer)
    with room.work() as work:
        assert work.signings.change_state(
            signer.request, was=("waiting",), to="withdrawn", now=room.now
        )  # and nothing else
    for late in (
        lambda: room.consent(visit, link),
        lambda: room.signing.another_code(visit, link, "seat"),
        lambda: room.signing.give_code(visit, link, code, "seat", VISITOR),
        lambda: room.signing.decline(visit, link, ""),
    ):
        with pytest.raises(Gone):
            late()
    assert signing_mail_data.invite(room.store, room.slug, str(signer.link), SECRET, room.now) is None
    assert room.told()[-1] == "code_sent"

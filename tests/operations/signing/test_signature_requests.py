"""Asking, asking again and no longer asking: which links live, who is told, and what a no does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import NOW
from tests.operations.conftest import SECRET, VISITOR, Opener, Room
from webapp.domain.market import DENMARK, SWEDEN, Market
from webapp.domain.problem import Problem
from webapp.operations.people.sign_in import TooOften
from webapp.operations.signing import signature_requests, signing_mail_data
from webapp.operations.signing import signature_status as standing
from webapp.operations.signing.signing_access import Gone


def news(room: Room) -> list[str]:
    found = [signing_mail_data.news(room.store, room.slug, id) for id in room.jobs(signature_requests.MAIL_NEWS)]
    return [each.what for each in found if each]


def test_a_new_link_kills_the_old_one(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    old = room.invite(signer)
    visit = room.visit(signer, old)
    room.consent(visit, old)
    code = room.code(signer)
    with room.work() as work:
        assert signature_requests.resend(work, signer.id, room.now)
    assert room.signing.open_link(old, "192.0.2.1") is None
    assert room.signing.visit(signer.id, old) is None
    with pytest.raises(Gone):
        room.signing.give_code(visit, old, code, "seat", VISITOR)
    assert signer.link
    assert signing_mail_data.invite(room.store, room.slug, signer.link, SECRET, room.now) is None, (
        "a mail not sent yet is not sent"
    )
    fresh = room.signer()
    room.sign(fresh)
    assert room.state() == "signed"
    with room.work() as work:
        assert not signature_requests.resend(work, signer.id, room.now)
        assert signature_requests.correct_address(work, signer.id, "a@granit.example", room.now) == Problem("sign.over")
        assert not signature_requests.withdraw(work, fresh.request, room.now)
    assert room.broken() == []


def test_the_mail_may_be_written_twice_with_the_same_link(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    assert room.invite(signer) == room.invite(signer)
    assert signer.link
    signature_requests.mail_went(room.store, room.slug, signer.link, "<1@x>", room.now)
    with room.work() as work:
        [case] = standing.cases(work, room.order.ref)
    assert (case.signers[0].mail, case.signers[0].last.what if case.signers[0].last else "") == ("sent", "sent")


def test_an_address_that_bounces_is_corrected(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    old = room.invite(signer)
    assert signer.link
    signature_requests.mail_bounced(room.store, room.slug, signer.link, "550 no such user", room.now)
    signature_requests.mail_bounced(room.store, room.slug, signer.link, "550 no such user", room.now)
    assert (room.signer().state, news(room)) == ("bounced", ["bounced"])
    with room.work() as work:
        [case] = standing.cases(work, room.order.ref)
        assert case.signers[0].mail == "failed"
        assert signature_requests.correct_address(work, signer.id, "asa@", room.now) == Problem("email.shape")
        assert signature_requests.correct_address(work, signer.id, "asa.oberg@granit.example", room.now) is None
    assert room.signing.open_link(old, "192.0.2.1") is None
    fresh = room.signer()
    assert (fresh.state, fresh.email) == ("waiting", "asa.oberg@granit.example")
    room.sign(fresh)
    assert room.broken() == []


@pytest.mark.parametrize(("verb", "state"), [("decline", "declined"), ("not_me", "not_me")])
def test_a_no_ends_it_for_all(open_room: Opener, verb: str, state: str) -> None:
    room = open_room(signers=("Berit Berg",))
    one, two = room.signers()
    first, second = room.invite(one), room.invite(two)
    theirs = room.visit(two, second)
    room.consent(theirs, second)
    code = room.code(two)
    mine = room.visit(one, first)
    if verb == "decline":
        assert room.signing.decline(mine, first, "x" * 600) == Problem("sign.reason.long", {"n": 500})
        assert room.signing.decline(mine, first, "  Vi  stannar\n kvar ") is None
    else:
        room.signing.not_me(mine, first)
    assert (room.state(), room.signers()[0].state, room.signers()[1].state) == ("declined", state, "opened")
    assert room.signers()[0].reason == ("Vi stannar kvar" if verb == "decline" else "")
    assert news(room) == [state]
    assert room.jobs(signature_requests.MAIL_OVER) == [two.id], "the other one need not sign any more"
    told = signing_mail_data.over(room.store, room.slug, two.id)
    assert told and (told.signer.id, told.why) == (two.id, state)
    assert room.signing.open_link(first, "192.0.2.1") is None
    assert room.signing.open_link(second, "192.0.2.1") is None
    with pytest.raises(Gone):
        room.signing.give_code(theirs, second, code, "seat", VISITOR)
    with pytest.raises(Gone):
        room.signing.decline(mine, first, "")
    assert room.lines() == {1: "waiting_signature"}
    assert room.broken() == []


@pytest.mark.parametrize("how", ["declined", "withdrawn", "replaced"])
def test_who_has_signed_is_told_once_that_it_no_longer_counts(open_room: Opener, how: str) -> None:
    room = open_room(signers=("Berit Berg",))
    one, two = room.signers()
    room.sign(one)
    link = room.invite(two)
    if how == "declined":
        assert room.signing.decline(room.visit(two, link), link, "") is None
    with room.work() as work:
        if how == "withdrawn":
            assert signature_requests.withdraw(work, one.request, room.now)
        request = work.signings.get(one.request)
        assert request and signature_requests.replace(work, request, room.now)
    told = room.jobs(signature_requests.MAIL_OVER)
    assert told == ([one.id] if how == "declined" else [one.id, two.id])
    over = signing_mail_data.over(room.store, room.slug, one.id)
    assert over and over.signer.state == "signed"


@pytest.mark.parametrize("ending", ["sealed", "expired"])
def test_a_correction_tells_who_has_signed_what_is_sealed_or_has_expired(open_room: Opener, ending: str) -> None:
    room = open_room(signers=() if ending == "sealed" else ("Berit Berg",))
    one = room.signer()
    room.sign(one)
    if ending == "sealed":
        assert room.seal()
    else:
        room.later(days=15)
        assert signature_requests.expire(room.store, room.slug, room.now)
    assert room.jobs(signature_requests.MAIL_OVER) == []
    with room.work() as work:
        request = work.signings.get(one.request)
        assert request and request.state == ending and signature_requests.replace(work, request, room.now)
    assert room.jobs(signature_requests.MAIL_OVER) == [one.id], "the signature counted until now"


def test_what_is_withdrawn_cannot_be_signed(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    room.consent(visit, link)
    with room.work() as work:
        assert signature_requests.withdraw(work, signer.request, room.now)
        assert not signature_requests.withdraw(work, signer.request, room.now)
    assert room.jobs(signature_requests.MAIL_OVER) == [signer.id]
    with pytest.raises(Gone):
        room.signing.give_code(visit, link, room.code(signer), "seat", VISITOR)
    with room.work() as work:
        assert not signature_requests.resend(work, signer.id, room.now)
    assert room.state() == "withdrawn"
    assert room.broken() == []


def test_reminders_come_on_days_two_five_and_nine_each_once(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link, sent = room.invite(signer), {}
    for day in range(1, 14):
        room.later(days=1)
        signature_requests.remind(room.store, room.slug, room.now)
        signature_requests.remind(room.store, room.slug, room.now)
        sent[day] = room.jobs(signature_requests.MAIL_REMINDER)
    assert [sent[day] for day in (1, 2, 4, 5, 8, 9, 13)] == [
        [],
        [f"{signer.link}:1"],
        [f"{signer.link}:1"],
        [f"{signer.link}:{k}" for k in (1, 2)],
        [f"{signer.link}:{k}" for k in (1, 2)],
        [f"{signer.link}:{k}" for k in (1, 2, 3)],
        [f"{signer.link}:{k}" for k in (1, 2, 3)],
    ]
    found = signing_mail_data.reminder(room.store, room.slug, f"{signer.link}:3", SECRET, room.now)
    assert found and (found.secret, found.reminder) == (link, 3)
    room.sign(signer, link)
    assert signing_mail_data.reminder(room.store, room.slug, f"{signer.link}:3", SECRET, room.now) is None


def test_of_reminders_long_overdue_only_the_last_is_sent(open_room: Opener) -> None:
    room = open_room()
    room.later(days=6)
    assert signature_requests.remind(room.store, room.slug, room.now) == 1
    assert room.jobs(signature_requests.MAIL_REMINDER) == [f"{room.signer().link}:2"]


def test_after_two_weeks_it_has_expired_and_is_renewed_on_asking(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    old = room.invite(signer)
    room.later(days=14)
    assert room.signing.open_link(old, "192.0.2.1") is None, "the link is dead even before the job has looked"
    assert signature_requests.expire(room.store, room.slug, room.now) == 1
    assert signature_requests.expire(room.store, room.slug, room.now) == 0
    assert (room.state(), news(room)) == ("expired", ["expired"])
    room.signing.new_link("ASA@granit.example", "192.0.2.1")
    assert room.state() == "waiting"
    fresh = room.signer()
    assert fresh.link != signer.link
    room.sign(fresh)
    assert room.seal()
    assert {"expired", "renewed", "resent"} <= set(room.told())
    assert room.broken() == []


def test_who_has_signed_already_renews_nothing(open_room: Opener) -> None:
    """Looked at first, then renewed: else it would wait again, with no mail to whoever has not signed."""
    room = open_room(signers=("Berit Berg",))
    one, _ = room.signers()
    room.sign(one)
    room.later(days=15)
    assert signature_requests.expire(room.store, room.slug, room.now)
    with room.work() as work:
        assert not signature_requests.resend(work, one.id, room.now)
        assert signature_requests.correct_address(work, one.id, "a@granit.example", room.now) == Problem("sign.over")
    assert room.state() == "expired" and "renewed" not in room.told()


def test_a_paper_that_holds_no_longer_is_not_renewed(open_room: Opener) -> None:
    room = open_room()
    room.later(days=14)
    signature_requests.expire(room.store, room.slug, room.now)
    room.now = datetime(2027, 6, 1, tzinfo=UTC)
    with room.work() as work:
        assert not signature_requests.resend(work, room.signer().id, room.now)
    assert room.state() == "expired"


LAST_DAY = datetime(2027, 2, 19, tzinfo=UTC)
"""Until which the papers of these rooms hold."""


@pytest.mark.parametrize("market", [SWEDEN, DENMARK], ids=lambda market: market.code)
def test_a_paper_holds_until_midnight_where_its_seller_is(open_room: Opener, market: Market) -> None:
    room = open_room(market=market)
    room.later(days=14)
    signature_requests.expire(room.store, room.slug, room.now)
    room.now = LAST_DAY + timedelta(hours=23, minutes=30)  # half past midnight there
    with room.work() as work:
        assert not signature_requests.resend(work, room.signer().id, room.now)
    assert room.state() == "expired"
    room.now = LAST_DAY - timedelta(minutes=30)  # the first half hour of its last day
    with room.work() as work:
        assert signature_requests.resend(work, room.signer().id, room.now)
    assert room.state() == "waiting"


def test_no_link_outlives_its_paper(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    for days in range(12, 90, 12):  # asked for again and again
        room.now = NOW + timedelta(days=days)
        with room.work() as work:
            assert signature_requests.resend(work, signer.id, room.now)
    link = room.invite(room.signer())
    with room.work() as work:
        ends = work.signings.get(signer.request).expires_at
    assert ends == LAST_DAY + timedelta(hours=22, minutes=59, seconds=59), "the last second of the day on the paper"
    room.now = ends - timedelta(seconds=1)
    assert room.signing.visit(signer.id, link)
    room.now = ends + timedelta(seconds=1)
    assert room.signing.visit(signer.id, link) is None
    with room.work() as work:
        assert not signature_requests.resend(work, signer.id, room.now)
    assert signature_requests.expire(room.store, room.slug, room.now) == 1
    assert room.broken() == []


def test_asking_for_a_new_link_tells_nothing_and_is_throttled(open_room: Opener) -> None:
    room = open_room()
    before = room.signer().link
    for email in ("nobody@granit.example", "no address", "asa@granit.example\r\nBcc: x@y.example", ""):
        assert room.signing.new_link(email, "192.0.2.1") is None
    assert room.signer().link == before
    links = set()
    for _ in range(8):
        room.signing.new_link("asa@granit.example", "192.0.2.1")
        links.add(room.signer().link)
    assert len(links) == 5, "five an hour, and nobody is told"
    for n in range(30):
        try:
            room.signing.new_link(f"other{n}@granit.example", "192.0.2.1")
        except TooOften:
            break
    else:
        pytest.fail("one network address may not ask for ever")
    room.signing.new_link("other@granit.example", "198.51.100.7")


def test_of_one_address_all_that_waits_is_mailed(open_room: Opener) -> None:
    room = open_room({}, {"owner_name": "Berg AB"})
    before = {signer.link for signer in room.signers()}
    room.signing.new_link("asa@granit.example", "192.0.2.1")
    after = {signer.link for signer in room.signers()}
    assert len(after) == 2
    assert not before & after


def test_a_company_sees_and_touches_its_own_requests_only(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    with room.work("somebody-else") as work:
        assert standing.cases(work, room.order.ref) == ()
        assert standing.case(work, signer.request) is None
        assert not signature_requests.resend(work, signer.id, room.now)
        assert not signature_requests.withdraw(work, signer.request, room.now)
        assert signature_requests.correct_address(work, signer.id, "x@granit.example", room.now) == Problem("sign.over")
    with room.work(room.order.company.id) as work:
        assert standing.case(work, signer.request)
        assert signature_requests.resend(work, signer.id, room.now)


@pytest.mark.parametrize("state", ["declined", "withdrawn", "expired"])
def test_nobody_is_reminded_of_what_is_over(open_room: Opener, state: str) -> None:
    room = open_room(signers=("Berit Berg",))
    one, _ = room.signers()
    if state == "declined":
        link = room.invite(one)
        room.signing.decline(room.visit(one, link), link, "")
    elif state == "withdrawn":
        with room.work() as work:
            assert signature_requests.withdraw(work, one.request, room.now)
    room.later(days=14)
    signature_requests.expire(room.store, room.slug, room.now)
    assert room.state() == state
    assert signature_requests.remind(room.store, room.slug, room.now) == 0


def test_staff_are_told_what_looks_odd_about_a_signature(open_room: Opener) -> None:
    room = open_room({"owner_type": "employee", "owner_id": "", "owner_name": "Åsa Öberg"})

    def doubts(ordered_by: str) -> tuple[str, ...]:
        with room.work() as work:
            [case] = standing.cases(work, room.order.ref)
        return standing.doubts(case, ordered_by)

    assert doubts("buyer@granit.example") == ()
    assert doubts("ASA@granit.example") == ("own_address",)
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    assert room.consent(visit, link, name="  åsa  ÖBERG ") == {}
    room.signing.give_code(visit, link, room.code(signer), "seat", VISITOR)
    assert doubts("buyer@granit.example") == ()
    company = open_room()
    with company.work() as work:
        [case] = standing.cases(work, company.order.ref)
    assert standing.doubts(case, "asa@granit.example") == (), "a company's people order and sign"


def test_staff_are_told_of_another_name(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    assert room.consent(visit, link, name="Bo Ek") == {}
    room.signing.give_code(visit, link, room.code(signer), "seat", VISITOR)
    with room.work() as work:
        [case] = standing.cases(work, room.order.ref)
    assert standing.doubts(case, "") == ("other_name",)

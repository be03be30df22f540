"""A port corrected after it was placed: which paper is made anew, which signature is void, and what stays as it is."""

from __future__ import annotations

import threading
import time

import pytest

from tests.operations.conftest import SECRET, Opener, Room
from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.draft import Draft, Line
from webapp.domain.porting.ported_number import check_number
from webapp.domain.problem import Invalid, Problem
from webapp.operations import porting
from webapp.operations.papers import production
from webapp.operations.porting import Corrected, Correction
from webapp.operations.signing import issuing, signature_completion, signature_requests
from webapp.operations.signing import signature_status as standing
from webapp.operations.signing.signing_access import Gone
from webapp.store.subscriptions import Subscription


def correct(room: Room, n: int = 1, **what: str) -> Corrected:
    with room.work() as work:
        return porting.correct(work, room.tenant, room.order.ref, n, Correction(**what), room.now)


def versions(room: Room) -> list[tuple[str, int, str]]:
    with room.work() as work:
        cases = standing.cases(work, room.order.ref)
    return [(case.request.number[-1], case.request.version, case.state) for case in cases]


def test_the_date_alone_changes_no_paper(open_room: Opener) -> None:
    room = open_room()
    link = room.invite(room.signer())
    assert correct(room, wished_date="2026-12-10") == Corrected({}, new_paper=False)
    assert versions(room) == [("2", 1, "waiting")]
    assert room.jobs(production.MAKE_DOCUMENT) == []
    room.sign(room.signer(), link)
    assert room.seal()
    assert correct(room, wished_date="2026-12-15") == Corrected({}, new_paper=False)
    assert (versions(room), room.lines(), room.ports()) == ([("2", 1, "sealed")], {1: "ready"}, {1: "signed"})
    with room.work() as work:
        now = porting.present(work, room.order.ref, 1)
        assert now and now.wished_date == "2026-12-15"
        assert str(work.portings.of_order(room.order.ref)[0].wished_date) == "2026-12-15"
        assert work.orders.get(room.order.ref) == room.order, "what was agreed stays"
    assert room.broken() == []


@pytest.mark.parametrize("state", ["free", "held", "reserved", "allocated"])
def test_a_number_that_is_ours_is_refused_whichever_way_it_comes(open_room: Opener, state: str) -> None:
    """In the seller's own pool it would be handed out as new while it is being moved in."""
    room = open_room()
    e164 = f"+46709{int(room.slug[1:]):06}"
    with room.work() as work:
        work.numbers.add(e164, "mobile", "free" if state == "held" else state, None if state in "free held" else "c1")
        if state == "held":
            work.drafts.add(Draft("holds", "c1", "sv", room.tenant.revision, "p", "p", room.now, lines=(Line(1),)))
            assert work.numbers.hold(e164, "holds", now=room.now)
    ours = Problem("port.number.ours", {"n": show_msisdn(e164, room.tenant.market), "tenant": room.tenant.name})
    assert correct(room, number=e164).problems == {"port.number": ours}
    with room.work() as work:
        inventory = work.inventory("c1", draft=None, now=room.now)
        with pytest.raises(Invalid) as refused:
            check_number(e164, inventory, room.tenant.market, room.tenant.name)
    assert refused.value.problem == ours, "as when it is ordered"
    assert room.ports() == {1: "awaiting_signature"} and room.jobs(production.MAKE_DOCUMENT) == []


def test_a_series_with_a_number_of_the_sellers_pool_is_refused(open_room: Opener) -> None:
    first, last = "+46846500500", "+46846500509"
    room = open_room({"kind": "fixed", "e164": first, "first": first, "last": last})
    with room.work() as work:
        work.numbers.add("+46846500555", "fixed")
    found = correct(room, first="+46846500500", last="+46846500599")
    assert found.problems["port.last"].code == "port.series.ours"
    with room.work() as work:
        work.numbers.add("+46846500605", "fixed")
    found = correct(room, number="+46846500600", first="+46846500600", last="+46846500609")
    assert found.problems["port.last"].code == "port.series.ours"


def test_what_a_corrected_number_led_to_is_found_by_that_number(open_room: Opener) -> None:
    room = open_room()
    with room.work() as work:
        move = porting.present(work, room.order.ref, 1)
        assert move and move.number
        work.subscriptions.add_all([(_ordered(room), "Maja Lind", move.number)])
    assert correct(room, number="070-174 06 91") == Corrected({}, new_paper=True)
    with room.work() as work:
        for asked in ("070-174 06 91", "+46 (0)70 174 06 9", "06 91"):
            assert work.search.find("subscription", asked) == ["s1"], asked
            assert work.search.find("order", asked) == [room.order.ref], asked
        assert work.search.find("subscription", move.number) == [], "it is not shown with that one any more"
        assert work.search.find("order", move.number) == [room.order.ref], "what was ordered stands there still"
        assert work.search.find("subscription", "Maja") == ["s1"]


def _ordered(room: Room) -> Subscription:
    return Subscription(
        "s1", room.order.company.id, None, None, "mobile", "FJ-MOB", "ordered", room.order.ref, 1, room.now, {}
    )


@pytest.mark.parametrize(
    "what",
    [
        {"owner_name": "Granit och Gran AB"},
        {"owner_id": "559999-0024"},
        {"donor": "Riksförmedlingen"},
        {"owner_address": "Ny väg 1"},
    ],
)
def test_owner_and_donor_make_a_new_version_and_void_the_signature(open_room: Opener, what: dict[str, str]) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    room.sign(signer, link)
    assert room.seal()
    room.later(hours=1)
    assert correct(room, **what) == Corrected({}, new_paper=True)
    assert versions(room) == [("2", 1, "replaced")]
    assert (room.lines(), room.ports()) == ({1: "waiting_signature"}, {1: "awaiting_signature"})
    assert room.signing.visit(signer.id, link) is None, "what was signed holds no longer"
    assert room.jobs(production.MAKE_DOCUMENT) == [f"{room.order.ref}-2"]
    room.draw(f"{room.order.ref}-2")
    assert versions(room) == [("2", 2, "waiting"), ("2", 1, "replaced")]
    fresh = room.signer()
    room.sign(fresh)
    assert room.seal()
    with room.work() as work:
        papers = [d for d in work.documents.of_order(room.order.ref) if d.kind == "power_of_attorney"]
        new = papers[-1].facts["paper"]
        assert (new["version"], new["replaces"]) == (2, f"{room.order.ref}-2, version 1")
        assert papers[0].verify_code != papers[1].verify_code
        assert papers[-1].verify_code == production.verify_code(SECRET, room.slug, f"{room.order.ref}-2:2")
        assert [d.version for d in work.documents.of_order(room.order.ref) if d.kind == production.SIGNED] == [1, 2]
    assert room.lines() == {1: "ready"}
    assert room.broken() == []


def a_series(first: str, last: str) -> dict[str, str]:
    return {"e164": first, "kind": "fixed", "first": first, "last": last, "main": first}


def test_a_series_is_corrected_as_a_whole(open_room: Opener) -> None:
    room = open_room(a_series("+46846500900", "+46846500999"))
    right = {"first": "08-465 011 00", "last": "08-465 011 99", "main": "08-465 011 00"}
    assert set(correct(room, **right).problems) == {"port.number"}, "the old number is none of the new series"
    assert correct(room, **right, number="08-465 011 07") == Corrected({}, new_paper=True)
    with room.work() as work:
        now = porting.present(work, room.order.ref, 1)
        assert now and (now.number, now.first, now.last) == ("+46846501107", "+46846501100", "+46846501199")
        assert [work.portings.whereabouts(n, n) for n in ("+46846501150", "+46846500950")] == ["moving", ""]
    assert room.broken() == []


def test_a_wrong_series_corrects_nothing(open_room: Opener) -> None:
    room = open_room(a_series("+46846501200", "+46846501299"))
    with room.work() as work:
        work.numbers.add("+46846500150", "fixed")
        assert work.numbers.take_new("fixed", room.order.company.id, "+4684650015")
    taken = {"first": "08-465 001 00", "last": "08-465 001 99", "number": "08-465 001 00"}
    wrong: list[tuple[dict[str, str], str, str]] = [
        ({"last": "08-465 012 98"}, "port.last", "port.series.size"),
        ({"first": ""}, "port.first", "port.first.missing"),
        ({"first": "070-174 06 80"}, "port.first", "port.number.fixed"),
        ({"main": "08-465 013 00"}, "port.main", "port.main.outside"),
        (taken, "port.last", "port.series.ours"),
    ]
    for what, question, code in wrong:
        assert correct(room, **what).problems[question].code == code, what
    assert versions(room) == [("2", 1, "waiting")]


def test_the_owner_turns_out_to_be_a_person_or_a_company(open_room: Opener) -> None:
    room = open_room()
    person = {"owner_type": "employee", "owner_name": "Omar Said"}
    assert correct(room, **person, owner_id="559999-0016") == Corrected({}, new_paper=True)
    with room.work() as work:
        now = porting.present(work, room.order.ref, 1)
    assert now and (now.owner_type, now.owner_name, now.owner_id) == ("employee", "Omar Said", "")
    for owner_id in ("", None):
        problems = correct(room, owner_type="other", owner_id=owner_id).problems
        assert {question: why.code for question, why in problems.items()} == {"port.owner_id": "port.owner_id.missing"}
    assert correct(room, owner_type="other", owner_id="559999-0024") == Corrected({}, new_paper=True)


def test_a_link_of_the_paper_before_signs_nothing(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    visit = room.visit(signer, link)
    room.consent(visit, link)
    code = room.code(signer)
    correct(room, donor="Riksförmedlingen")
    with pytest.raises(Gone):
        room.signing.give_code(visit, link, code, "seat", None)  # type: ignore[arg-type]
    with pytest.raises(Gone):
        room.consent(visit, link)
    assert room.signing.open_link(link, "192.0.2.1") is None
    assert room.jobs(signature_requests.MAIL_OVER) == [signer.id]
    room.draw(f"{room.order.ref}-2")
    assert room.signers()[0].id != signer.id
    assert room.broken() == []


def test_another_number_is_moved_and_the_old_one_is_free(open_room: Opener) -> None:
    room, other = open_room(), open_room()
    was = room.order.lines[0].porting.e164  # type: ignore[union-attr]
    taken = other.order.lines[0].porting.e164  # type: ignore[union-attr]
    problem = correct(room, number=taken).problems["port.number"]
    assert problem.code == "port.number.elsewhere", "each room is another seller's"
    assert correct(room, number="08-12").problems == {"port.number": Problem("port.number.mobile")}
    assert correct(room, number="070-174 06 99") == Corrected({}, new_paper=True)
    with room.work() as work:
        assert work.portings.whereabouts(was, was) == ""
        assert work.portings.whereabouts("+46701740699", "+46701740699") == "moving"
    room.draw(f"{room.order.ref}-2")
    with room.work() as work:
        [case] = [case for case in standing.cases(work, room.order.ref) if case.is_current]
        assert case.numbers == ("070-174 06 99",)


@pytest.mark.parametrize(
    ("what", "question", "code"),
    [
        ({"donor": " "}, "port.operator", "port.operator.missing"),
        ({"owner_name": ""}, "port.owner_name", "port.owner_name.missing"),
        ({"owner_id": "123"}, "port.owner_id", "owner_id.se"),
        ({"owner_name": "Bo\u202eag"}, "port.owner_name", "text.control"),
        ({"wished_date": "2026-11-23"}, "port.date", "port.date.early"),
        ({"wished_date": "2026-12-12"}, "port.date", "port.date.weekend"),
        ({"wished_date": "2028-12-12"}, "port.date", "port.date.late"),
        ({"wished_date": "soon"}, "port.date", "port.date.shape"),
    ],
)
def test_bad_input_corrects_nothing(open_room: Opener, what: dict[str, str], question: str, code: str) -> None:
    room = open_room()
    problems = correct(room, **what).problems
    assert {name: problem.code for name, problem in problems.items()}.keys() == {question}
    if code != "owner_id.se":
        assert problems[question].code == code
    assert versions(room) == [("2", 1, "waiting")]
    with room.work() as work:
        assert all(port.facts is None for port in work.portings.of_order(room.order.ref))


def test_saying_the_same_again_is_no_correction(open_room: Opener) -> None:
    room = open_room()
    with room.work() as work:
        same = porting.present(work, room.order.ref, 1)
        assert same
        assert porting.correct(work, room.tenant, room.order.ref, 1, same, room.now) == Corrected({})
    assert versions(room) == [("2", 1, "waiting")]


def test_a_line_that_leaves_a_paper_gets_its_own_and_other_papers_are_left_alone(open_room: Opener) -> None:
    room = open_room({}, {"owner_name": "Berg AB"}, {})
    assert versions(room) == [("2", 1, "waiting"), ("3", 1, "waiting")]
    two = next(signer for signer in room.signers(f"{room.order.ref}-3"))
    link = room.invite(two)
    room.sign(two, link)
    assert correct(room, 3, owner_name="Tredje AB").new_paper
    assert sorted(room.jobs(production.MAKE_DOCUMENT)) == [f"{room.order.ref}-2", f"{room.order.ref}-4"]
    room.draw(f"{room.order.ref}-2")
    room.draw(f"{room.order.ref}-4")
    assert versions(room) == [("2", 2, "waiting"), ("2", 1, "replaced"), ("3", 1, "signed"), ("4", 1, "waiting")]
    with room.work() as work:
        lines = {c.request.number[-1]: c.lines for c in standing.cases(work, room.order.ref) if c.is_current}
    assert lines == {"2": (1,), "3": (2,), "4": (3,)}
    # … and comes back: its own paper is needed no more.
    assert correct(room, 3, owner_name="Granit & Gran AB").new_paper
    room.draw(f"{room.order.ref}-2")
    assert versions(room)[:2] == [("2", 3, "waiting"), ("2", 2, "replaced")]
    assert versions(room)[-1] == ("4", 1, "replaced")
    with room.work() as work:
        planned = [each.number[-1] for each, _ in production.progress(work, room.order, room.tenant, ()).papers]
    assert planned == ["1", "2", "3"]
    assert room.broken() == []


def test_a_paper_drawn_while_it_was_corrected_is_thrown_away(open_room: Opener) -> None:
    room = open_room(drawn=False)
    number = f"{room.order.ref}-2"
    found = production.paper_to_render(room.store, room.slug, number, SECRET)
    assert found
    correct(room, donor="Riksförmedlingen")
    assert not issuing.store_paper(room.store, room.slug, found[0], b"%PDF old", "old.pdf", room.now)
    room.draw(number)
    assert versions(room) == [("2", 2, "waiting")]


def test_somebody_else_signs(open_room: Opener) -> None:
    room = open_room({}, {})
    signer = room.signer()
    link = room.invite(signer)
    room.signing.decline(room.visit(signer, link), link, "Fel person")
    assert room.state() == "declined"
    with room.work() as work:
        assert porting.other_signer(work, signer.id, " ", "x", room.now).keys() == {"name", "email"}
        assert porting.other_signer(work, signer.id, "Bo Ek", "bo@granit.example", room.now) == {}
    assert room.jobs(production.MAKE_DOCUMENT) == [f"{room.order.ref}-2"]
    room.draw(f"{room.order.ref}-2")
    [fresh] = room.signers()
    assert (fresh.name, fresh.email, fresh.state) == ("Bo Ek", "bo@granit.example", "waiting")
    room.sign(fresh)
    assert room.seal()
    assert room.lines() == {1: "ready", 2: "ready"}
    with room.work() as work:
        assert porting.other_signer(work, fresh.id, "Ny", "ny@granit.example", room.now) == {
            "name": Problem("sign.over")
        }
    assert room.broken() == []


def test_the_same_person_can_be_asked_anew_after_a_no(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    link = room.invite(signer)
    room.signing.not_me(room.visit(signer, link), link)
    with room.work() as work:
        assert not signature_requests.resend(work, signer.id, room.now)
        assert porting.other_signer(work, signer.id, signer.name, signer.email, room.now) == {}
    room.draw(f"{room.order.ref}-2")
    assert versions(room) == [("2", 2, "waiting"), ("2", 1, "replaced")]


def test_a_corrected_address_outlives_the_next_version(open_room: Opener) -> None:
    room = open_room({}, {}, signers=("Berit Berg",))
    one = room.signer()
    with room.work() as work:
        assert signature_requests.correct_address(work, one.id, "ratt@granit.example", room.now) is None
    assert versions(room) == [("2", 1, "waiting")]
    assert correct(room, 1, donor="Riksförmedlingen").new_paper
    assert correct(room, 2, donor="Riksförmedlingen").new_paper
    room.draw(f"{room.order.ref}-2")
    assert [signer.email for signer in room.signers()] == ["ratt@granit.example", "berit@granit.example"]
    assert versions(room) == [("2", 3, "waiting"), ("2", 1, "replaced")], "the second correction overtook the first"


@pytest.mark.parametrize("how", ["declined", "withdrawn"])
def test_what_nobody_signs_any_more_is_asked_anew_by_any_correction(open_room: Opener, how: str) -> None:
    room = open_room()
    signer = room.signer()
    if how == "declined":
        link = room.invite(signer)
        room.signing.decline(room.visit(signer, link), link, "Fel dag")
    else:
        with room.work() as work:
            assert signature_requests.withdraw(work, signer.request, room.now)
    assert correct(room, wished_date="2026-12-15") == Corrected({}, new_paper=True)
    room.draw(f"{room.order.ref}-2")
    assert versions(room) == [("2", 2, "waiting"), ("2", 1, "replaced")]
    assert room.broken() == []


def test_a_correction_overtakes_the_seal(open_room: Opener) -> None:
    room = open_room()
    signer = room.signer()
    room.sign(signer)
    ready = signature_completion.to_seal(room.store, room.slug, signer.request, SECRET, room.now)
    assert ready
    assert correct(room, donor="Riksförmedlingen").new_paper
    kept = signature_completion.keep_sealed(
        room.store, room.slug, signer.request, ready.paper, b"%PDF", "s.pdf", {}, room.now
    )
    assert not kept
    assert signature_completion.to_seal(room.store, room.slug, signer.request, SECRET, room.now) is None
    with room.work() as work:
        assert [d.kind for d in work.documents.of_order(room.order.ref)] == ["power_of_attorney"]
    assert (room.lines(), room.ports()) == ({1: "waiting_signature"}, {1: "awaiting_signature"})
    assert room.broken() == []


def test_a_corrected_address_waits_for_a_correction_under_way(open_room: Opener) -> None:
    """Both hold the moves before the request: neither is thrown out for a deadlock."""
    room = open_room()
    signer, answers = room.signer(), []

    def address() -> None:
        with room.work() as work:
            answers.append(signature_requests.correct_address(work, signer.id, "ny@granit.example", room.now))

    other = threading.Thread(target=address)
    with room.work() as work:
        work.portings.lock(room.order.ref)
        other.start()
        time.sleep(0.5)  # it has come as far as it can
        assert work.signings.lock_if(signer.request, "waiting")
    other.join()
    assert answers == [None]


def test_a_paper_of_a_release_before_is_asked_for_by_saving_its_move_as_it_is(open_room: Opener) -> None:
    room = open_room(drawn=False)
    assert not correct(room, donor="Granlinjen").new_paper, "one that is still to be drawn will be asked for anyway"
    paper, _ = production.paper_to_render(room.store, room.slug, f"{room.order.ref}-2", SECRET) or (None, None)
    assert paper
    with room.work() as work:
        assert production.add(work, paper, b"%PDF-1.7", "old.pdf", {}, room.now)
    assert room.signers() == []
    assert correct(room, donor="Granlinjen").new_paper
    room.draw(f"{room.order.ref}-2")
    assert room.state() == "waiting"
    room.sign(room.signer())
    assert room.seal() and room.broken() == []

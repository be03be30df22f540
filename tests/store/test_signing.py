"""Requests for signatures in the database: whose they are, what cannot be undone, and what is told of damage."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.store.seed import NOW, document, fill, one, whole
from webapp.store.invariants import Broken, broken_promises
from webapp.store.platform.embedded import Databases
from webapp.store.platform.queue import conninfo
from webapp.store.platform.raw import raw
from webapp.store.platform.scope import OutsideScope
from webapp.store.platform.tables import SignerRow, SigningEventRow, SigningProofRow, SigningRequestRow
from webapp.store.signing import Proof, Request, Signer
from webapp.store.unit_of_work import Store, Work

SECRET = "a secret"
_numbers = itertools.count(1)


def request(work: Work, company: str = "north-a", **changes: object) -> tuple[Request, Signer]:
    """A request of one signer for a paper of its own."""
    n = next(_numbers)
    paper = dataclasses.replace(
        document(f"poa-{n}", company, f"REF-{company}"),
        kind="power_of_attorney", subject=f"R-{n}", facts={"lines": [1], "numbers": []},
    )  # fmt: skip
    assert work.documents.add(paper, b"%PDF")
    values = {
        "id": f"request-{n}", "company": company, "order": f"REF-{company}", "number": f"R-{n}", "version": 1,
        "document": paper.id, "state": "waiting", "in_order": False, "opened_at": NOW,
        "expires_at": NOW + timedelta(days=14), "changed_at": NOW, "sealed": None,
    }  # fmt: skip
    made = Request(**{**values, **changes})  # type: ignore[arg-type]
    signer = Signer(f"signer-{n}", company, made.id, 1, "Åsa", "Asa@x.test", "waiting", f"link-{n}", NOW, 0, None, None)
    work.signings.open(made, [signer])
    return made, signer


def proof(signer: Signer, **changes: object) -> Proof:
    values = {
        "id": f"proof-{next(_numbers)}", "company": signer.company, "signer": signer.id, "method": "code_mail", "state": "open",
        "browser_binding": b"seat", "name": "Åsa", "capacity": "owner", "declarations": ("owner",), "sha256": "h", "address": "192.0.2.0/24",
        "made_at": NOW, "expires_at": NOW, "tries": 0, "facts": {},
    }  # fmt: skip
    return Proof(**{**values, **changes})  # type: ignore[arg-type]


def test_what_was_written_is_read_back(store: Store) -> None:
    with store.work(whole("north")) as work:
        made, signer = request(work)
        begun = proof(signer)
        work.signings.begin_proof(begun, b"scan")
        work.signings.record_event(made, "opened", now=NOW, signer=signer.id, details={"a": 1})
    with store.work(one("north", "a")) as work:
        assert work.signings.get(made.id) == made
        assert work.signings.current(made.number) == made
        assert work.signings.signers(made.id) == (signer,)
        assert work.signings.by_link(str(signer.link)) == signer
        assert work.signings.latest_proof(signer.id) == begun
        assert work.signings.content(begun.id) == b"scan"
        assert [event.what for event in work.signings.history(made.id)] == ["opened"]
        assert signer in work.signings.of_address("asa@X.test")


@pytest.mark.parametrize("wall", ["store", "guard_only", "policies_only"])
def test_each_wall_alone_keeps_others_out(request: pytest.FixtureRequest, wall: str, store: Store) -> None:
    with store.work(whole("north")) as work:
        made, signer = globals()["request"](work)
        begun = proof(signer)
        work.signings.begin_proof(begun)
        work.signings.record_event(made, "opened", now=NOW)
    walled: Store = request.getfixturevalue(wall)
    for scope in (one("north", "b"), one("south", "a"), whole("south")):
        with walled.work(scope) as work:
            assert work.signings.get(made.id) is None
            assert work.signings.signer(signer.id) is None
            assert work.signings.proof(begun.id) is None
            assert work.signings.content(begun.id) is None
            assert work.signings.history(made.id) == []
            assert signer not in work.signings.of_address("asa@x.test")
            assert not work.signings.lock_if(made.id, "waiting")
            assert not work.signings.change_state(made.id, was=("waiting",), to="sealed", now=NOW)
            assert not work.signings.change_signer(signer.id, was=("waiting",), state="signed")
            assert work.signings.count_try(begun.id, 5) is None
            work.signings.void_proofs(signer.id)
    with store.work(whole("north")) as work:
        assert (work.signings.get(made.id), work.signings.proof(begun.id)) == (made, begun)


@pytest.mark.parametrize("row", [SigningRequestRow, SignerRow, SigningProofRow, SigningEventRow])
def test_nothing_is_seen_before_sign_in(store: Store, row: type) -> None:
    from sqlalchemy import select

    from webapp.store.platform.scope import Scope

    with store.work(Scope.doorstep("north")) as work:
        assert list(work.session.execute(select(row.id))) == []  # type: ignore[attr-defined]


def test_a_company_cannot_open_a_request_for_another(store: Store) -> None:
    with store.work(whole("north")) as work:
        made, signer = request(work)
    theirs = dataclasses.replace(made, id="planted", number="P-1")
    with pytest.raises(OutsideScope), store.work(one("north", "b")) as work:
        work.signings.open(theirs, [])
    with pytest.raises(IntegrityError), store.work(whole("north")) as work:
        work.signings.open(dataclasses.replace(theirs, company="north-b"), [])  # the paper is the first company's
    with pytest.raises(IntegrityError), store.work(whole("north")) as work:
        work.signings.begin_proof(proof(dataclasses.replace(signer, company="north-b")))


@pytest.mark.parametrize(
    "change", ["update signing_event set what = 'x'", "delete from signing_event", "delete from signer"]
)
def test_what_happened_cannot_be_changed(store: Store, change: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"), store.work(whole("north")) as work:
        raw(work.session, change, {})


def test_one_version_of_a_paper_is_asked_for_at_a_time(store: Store) -> None:
    with store.work(whole("north")) as work:
        made, _ = request(work)
    second = dataclasses.replace(made, id="second", version=2)
    with pytest.raises(IntegrityError), store.work(whole("north")) as work:
        work.signings.open(second, [])
    with store.work(whole("north")) as work:
        assert work.signings.change_state(made.id, was=("waiting",), to="replaced", now=NOW)
        work.signings.open(second, [])
        assert work.signings.current(made.number) == second


def test_one_attempt_is_under_way_at_a_time(store: Store) -> None:
    with store.work(whole("north")) as work:
        _, signer = request(work)
        work.signings.begin_proof(proof(signer))
    with pytest.raises(IntegrityError), store.work(whole("north")) as work:
        work.signings.begin_proof(proof(signer))
    with store.work(whole("north")) as work:
        work.signings.void_proofs(signer.id)
        work.signings.begin_proof(proof(signer, made_at=NOW + timedelta(minutes=1)))
        latest = work.signings.latest_proof(signer.id)
        assert latest and latest.state == "open"


def test_a_state_is_left_by_one_only(store: Store) -> None:
    with store.work(whole("north")) as work:
        made, signer = request(work)
        begun = proof(signer)
        work.signings.begin_proof(begun)
        assert work.signings.change_state(made.id, was=("waiting",), to="declined", now=NOW)
        assert not work.signings.change_state(made.id, was=("waiting",), to="signed", now=NOW)
        assert [work.signings.count_try(begun.id, 2) for _ in range(3)] == [1, 0, None]
        assert work.signings.fetch_once(signer.id, NOW)
        assert not work.signings.fetch_once(signer.id, NOW)
        assert work.signings.count_reminder(signer.id, was=0, to=2)
        assert not work.signings.count_reminder(signer.id, was=0, to=1)


# --- Damage --------------------------------------------------------------------------------------------------------

DAMAGE = {
    "update signing_request set state = 'sealed' where id = :request": "I7",
    "update signing_request set state = 'signed' where id = :request": "I7",
    "update signer set state = 'signed' where id = :signer": "I7",
    "update document set kind = 'power_of_attorney_signed' where id = :document": "I7",
    "update porting set state = 'signed' where id = 'north-a-port'": "I7",
    "update signing_request set state = 'withdrawn' where id = :request": "I12",
    "update signer set link = 'another' where id = :signer": "I12",
    "update signer set state = 'declined' where id = :signer": "I12",
    "update signing_request set state = 'lost' where id = :request": "I13",
    "update signer set state = 'lost' where id = :signer": "I13",
}


@pytest.fixture
def owner(empty: Store, fresh_databases: Databases) -> Iterator[psycopg.Connection]:
    """Somebody who may do anything to the database."""
    fill(empty)
    with psycopg.connect(conninfo(fresh_databases.owner_url), autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found(empty: Store, owner: psycopg.Connection, damage: str) -> None:
    with empty.work(whole("north")) as work:
        made, signer = request(work)
        work.tokens.issue(
            "sign", b"hash", now=NOW, expires_at=NOW + timedelta(days=14), subject=signer.id, company=signer.company,
            id=signer.link,
        )  # fmt: skip
    assert [each for each in broken_promises(empty, SECRET, NOW) if each.promise in ("I7", "I12", "I13")] == []
    ids = {"request": made.id, "signer": signer.id, "document": made.document}
    sql = damage
    for name, id in ids.items():
        sql = sql.replace(f":{name}", f"'{id}'")
    owner.execute(sql)  # type: ignore[call-overload]
    subject = next((id for name, id in ids.items() if f":{name}" in damage), "north-a-port")
    told = broken_promises(empty, SECRET, NOW)
    assert DAMAGE[damage] in {each.promise for each in told}
    if DAMAGE[damage] != "I12":
        assert Broken(DAMAGE[damage], "north", subject) in told


def test_a_link_besides_the_last_and_a_copy_of_what_is_unsigned_are_found(empty: Store) -> None:
    fill(empty)
    life = {"now": NOW, "expires_at": NOW + timedelta(days=14)}
    with empty.work(whole("north")) as work:
        _, signer = request(work)
        about = {**life, "subject": signer.id, "company": signer.company}
        work.tokens.issue("sign", b"last", **about, id=signer.link)  # type: ignore[arg-type]
        second = work.tokens.issue("sign", b"second", **about)  # type: ignore[arg-type]
        copy = work.tokens.issue("sign_copy", b"copy", **about)  # type: ignore[arg-type]
    told = [each.subject for each in broken_promises(empty, SECRET, NOW) if each.promise == "I12"]
    assert told == sorted([second, copy])


@pytest.mark.parametrize(
    ("job", "is_seen_to"),
    [("todo", True), ("doing", True), ("failed", True), ("succeeded", False), ("cancelled", False), ("", False)],
)
def test_what_is_signed_and_nobody_seals_is_found_after_an_hour(
    empty: Store, owner: psycopg.Connection, job: str, is_seen_to: bool
) -> None:
    with empty.work(whole("north")) as work:
        made, _ = request(work)
        if job:
            work.jobs.defer("seal_document", made.id)
        work.jobs.defer("seal_document", "another")
    owner.execute("update signing_request set state = 'signed', changed_at = %s", [NOW])
    owner.execute("update procrastinate_jobs set status = %s where args->>'id' = %s", [job or "todo", made.id])
    seal = Broken("I7", "north", made.id)
    owner.execute("update signer set state = 'signed'")

    def is_told(minutes: int) -> bool:
        with empty.engine.connect() as connection:
            rows = connection.exec_driver_sql("select * from broken_signings(%s)", (NOW + timedelta(minutes=minutes),))
            return seal in [Broken(*row) for row in rows]

    assert not is_told(60)
    assert is_told(61) is not is_seen_to

"""Signing in at the store's end: one round trip finds a session; what was revoked, used or overdone is over."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.builders import an_outline
from tests.store.seed import NOW, fill, one, whole
from webapp.store.platform.embedded import Databases
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def full(empty: Store) -> Store:
    fill(empty)
    return empty


def test_a_session_belongs_to_one_tenant_and_ends_when_revoked(full: Store) -> None:
    found = full.person_by_session("north", b"session-north-a")
    assert found and found.person.company
    assert (found.person.id, found.person.company.id) == ("north-a-person", "north-a")
    assert full.person_by_session("south", b"session-north-a") is None
    assert full.person_by_session("north", b"guess") is None
    with full.work(one("north", "a")) as work:
        assert work.sessions.touch(found.session, LATER)
        assert work.sessions.revoke(found.session, LATER) and not work.sessions.revoke(found.session, LATER)
    assert full.person_by_session("north", b"session-north-a") is None


def test_a_person_put_out_of_use_is_out_at_once(full: Store) -> None:
    with full.work(one("north", "a")) as work:
        assert work.people.set_active("north-a-person", False)
        assert not work.people.set_active("north-b-person", False)
    assert full.person_by_session("north", b"session-north-a") is None
    assert full.person_by_session("north", b"session-north-b")


def test_staff_have_no_company(full: Store) -> None:
    with full.work(Scope.doorstep("north")) as work:
        account = work.people.by_email("staff@north.test")
        assert account
        work.sessions.open(account, b"staff", NOW)
        work.sessions.open(account, b"staff at home", NOW)
    found = full.person_by_session("north", b"staff")
    assert found and found.person.company is None and found.person.is_staff
    with full.work(whole("north")) as work:
        work.sessions.revoke_all(account.id, LATER, but=found.session)
    assert full.person_by_session("north", b"staff")
    assert full.person_by_session("north", b"staff at home") is None


def test_a_token_is_used_once_and_in_time(full: Store) -> None:
    with full.work(Scope.doorstep("north")) as work:
        token = work.tokens.live("reset", b"token-north-a", NOW)
        assert token and token.person == "north-a-person"
        assert work.tokens.live("sign", b"token-north-a", NOW) is None
        assert work.tokens.live("reset", b"token-north-a", token.expires_at) is None
        assert work.tokens.live("reset", b"token-south-a", NOW) is None
        assert work.tokens.use(token, LATER) and not work.tokens.use(token, LATER)
        other = work.tokens.live("reset", b"token-north-b", NOW)
        assert other
        work.tokens.void("reset", NOW, person="north-b-person")
        assert not work.tokens.use(other, LATER)


def test_attempts_are_counted_in_windows(full: Store) -> None:
    with full.work(Scope.doorstep("north")) as work:
        hit = [work.throttle.hit("k", window=timedelta(minutes=5), now=NOW) for _ in range(3)]
        assert hit == [1, 2, 3]
        assert work.throttle.hit("k", window=timedelta(minutes=5), now=LATER) == 1
        work.throttle.forget("k")
        assert work.throttle.hit("k", window=timedelta(minutes=5), now=LATER) == 1


class Counter:
    """Stands between a store and its database, and counts how often an answer was waited for."""

    def __init__(self, folder: Path, target: str) -> None:
        self.rounds = 0
        self._target = target
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(folder / ".s.PGSQL.5432"))
        self._door.listen()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            client, _ = self._door.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._target)
            self._asked = False
            for source, sink, asking in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pump, args=(source, sink, asking), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, asking: bool) -> None:
        with suppress(BrokenPipeError):  # the other side has gone: so ends this one
            while data := source.recv(65536):
                if asking and not self._asked:
                    self.rounds += 1
                self._asked = asking
                sink.sendall(data)


@pytest.fixture
def counted(full: Store, fresh_databases: Databases) -> Iterator[tuple[Store, Counter]]:
    url = make_url(fresh_databases.app_url)
    with tempfile.TemporaryDirectory() as place:  # a socket's path may have 107 characters, and tmp_path has more
        counter = Counter(Path(place), f"{url.query['host']}/.s.PGSQL.5432")
        store = Store(url.set(query={"host": place}).render_as_string(), pool_size=1)
        yield store, counter
        store.close()


def test_a_partial_update_costs_six_round_trips(counted: tuple[Store, Counter]) -> None:
    store, counter = counted

    def update() -> None:
        assert store.person_by_session("north", b"session-north-a")
        with store.work(one("north", "a")) as work:
            things = work.things("north-a", ["north-a-draft"], now=NOW)
            things.lock_draft()
            draft = things.with_draft(line=1, basis="")
            assert draft
            assert work.drafts.save(replace(draft, rev=draft.rev + 1), draft.rev, {1: an_outline(1)})

    for _ in range(8):  # the driver prepares what it sees often
        update()
    counter.rounds = 0
    update()
    assert counter.rounds == 6  # who, begin with the scope, lock, read, write, commit

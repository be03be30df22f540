"""Anything that can be done to a request for signatures, in any order, against a model of a few plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.full import FULL
from tests.operations.conftest import SECRET, VISITOR, Opener, Room
from webapp.domain.signing.rules import INVITED
from webapp.operations import porting
from webapp.operations.papers import production
from webapp.operations.porting import Correction
from webapp.operations.signing import signature_requests, signing_mail_data
from webapp.operations.signing.signing_access import Gone

WHO = st.integers(0, 1)
DONORS = st.sampled_from(["Granlinjen", "Riksförmedlingen"])


@dataclass
class Model:
    """What ought to be. `links` are secrets by signer, the live one last; `hours` how old it is."""

    state: str = "waiting"
    version: int = 1
    signers: list[str] = field(default_factory=lambda: ["waiting", "waiting"])
    links: list[list[str]] = field(default_factory=lambda: [[], []])
    dead: set[str] = field(default_factory=set)
    invited: list[int] = field(default_factory=lambda: [0, 0])
    donor: str = "Granlinjen"
    hours: int = 0
    sealed: int = 0

    def kill(self, *who: int) -> None:
        for n in who or (0, 1):
            self.dead |= set(self.links[n])
            self.links[n] = []

    def asked_again(self, n: int) -> None:
        self.kill(n)
        self.signers[n], self.invited[n] = "waiting", self.hours

    def waits_for(self, n: int) -> bool:
        return self.state == "waiting" and self.signers[n] in INVITED

    def is_alive(self, n: int) -> bool:
        return bool(self.links[n]) and self.waits_for(n) and self.hours < self.invited[n] + 14 * 24


def machine(opened: Opener) -> type[RuleBasedStateMachine]:
    class SigningMachine(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.room: Room = opened(signers=("Berit Berg",))
            self.m = Model()

        def signer(self, n: int) -> Any:
            return self.room.signers()[n]

        @rule(n=WHO)
        def send(self, n: int) -> None:
            signer = self.signer(n) if self.room.signers() else None
            if not signer or not signer.link:
                return
            found = signing_mail_data.invite(self.room.store, self.room.slug, signer.link, SECRET, self.room.now)
            alive = self.m.waits_for(n) and self.m.hours < self.m.invited[n] + 14 * 24
            assert (found is not None) == alive
            if found and found.secret not in self.m.links[n]:
                self.m.links[n].append(found.secret)

        @rule(n=WHO)
        def look(self, n: int) -> None:
            if self.m.is_alive(n):
                assert self.room.signing.open_link(self.m.links[n][-1], "192.0.2.1") == self.signer(n).id
                self.room.visit(self.signer(n), self.m.links[n][-1])

        @rule(n=WHO, browser_binding=st.sampled_from(["laptop", "phone"]), right=st.booleans())
        def sign(self, n: int, browser_binding: str, right: bool) -> None:
            if not self.m.is_alive(n):
                return
            link, signer = self.m.links[n][-1], self.signer(n)
            visit = self.room.visit(signer, link, browser_binding)
            self.m.signers[n] = "opened"
            if self.room.consent(visit, link, browser_binding):
                self.room.later(hours=1)  # too many codes in this one
                self.m.hours += 1
                return
            code = self.room.code(signer) if right else "x"
            problem = self.room.signing.give_code(visit, link, code, browser_binding, VISITOR)
            assert (problem is None) == right
            if right:
                self.m.kill(n)
                self.m.signers[n] = "signed"
                if self.m.signers == ["signed", "signed"]:
                    self.m.state = "signed"

        @rule(n=WHO)
        def sign_with_what_is_dead(self, n: int) -> None:
            for link in sorted(self.m.dead)[-3:]:
                assert self.room.signing.open_link(link, "198.51.100.1") is None
                for signer in self.room.signers():
                    found = self.room.signing.visit(signer.id, link)
                    assert found is None or found.is_signed
                    if found:
                        with pytest.raises(Gone):
                            self.room.signing.decline(found, link, "")

        @rule(n=WHO)
        def resend(self, n: int) -> None:
            if not self.room.signers():
                return
            with self.room.work() as work:
                done = signature_requests.resend(work, self.signer(n).id, self.room.now)
            asked = self.m.signers[n] in INVITED
            assert done == (asked and self.m.state in ("waiting", "expired"))
            # An expired request waits again though this signer has signed already: nobody else was asked for.
            if done:
                self.m.state = "waiting"
                self.m.asked_again(n)

        @rule(n=WHO)
        def bounce(self, n: int) -> None:
            if not self.m.waits_for(n) or not self.signer(n).link:
                return
            signature_requests.mail_bounced(self.room.store, self.room.slug, self.signer(n).link, "550", self.room.now)
            self.m.signers[n] = "bounced"

        @rule(n=WHO)
        def decline(self, n: int) -> None:
            if not self.m.is_alive(n):
                return
            link = self.m.links[n][-1]
            self.room.signing.decline(self.room.visit(self.signer(n), link), link, "")
            self.m.signers[n], self.m.state = "declined", "declined"
            self.m.kill()

        @rule()
        def withdraw(self) -> None:
            if not self.room.signers():
                return
            with self.room.work() as work:
                done = signature_requests.withdraw(work, self.signer(0).request, self.room.now)
            assert done == (self.m.state in ("waiting", "expired"))
            if done:
                self.m.state = "withdrawn"
                self.m.kill()

        @rule(days=st.sampled_from([1, 6, 14]))
        def let_time_pass(self, days: int) -> None:
            self.room.later(days=days)
            self.m.hours += 24 * days

        @rule()
        def expire(self) -> None:
            count = signature_requests.expire(self.room.store, self.room.slug, self.room.now)
            over = self.m.state == "waiting" and self.m.hours >= max(self.m.invited) + 14 * 24
            assert count == over
            if over:
                self.m.state = "expired"
                self.m.kill()

        @rule()
        def seal(self) -> None:
            if self.room.signers():
                done = self.room.seal()
                assert done == (self.m.state == "signed")
                if done:
                    self.m.state, self.m.sealed = "sealed", self.m.sealed + 1

        @precondition(lambda self: self.m.version < 4)
        @rule(donor=DONORS)
        def correct(self, donor: str) -> None:
            with self.room.work() as work:
                found = porting.correct(
                    work, self.room.tenant, self.room.order.ref, 1, Correction(donor=donor), self.room.now
                )
            assert found.problems == {}
            is_over = self.m.state in ("declined", "withdrawn")  # then any correction asks anew
            assert found.new_paper == (is_over or donor != self.m.donor)
            if found.new_paper:
                self.m.kill()
                self.m.donor = donor
                self.room.draw(f"{self.room.order.ref}-2")
                self.m.state, self.m.version = "waiting", self.m.version + 1
                self.m.signers, self.m.invited = ["waiting", "waiting"], [self.m.hours] * 2

        @invariant()
        def it_is_as_it_ought_to_be(self) -> None:
            assert self.room.state() == self.m.state
            assert [signer.state for signer in self.room.signers()] == self.m.signers
            assert self.room.lines() == {1: "ready" if self.m.state == "sealed" else "waiting_signature"}
            with self.room.work() as work:
                papers = [d for d in work.documents.of_order(self.room.order.ref) if d.kind == production.SIGNED]
            assert len(papers) == self.m.sealed
            assert self.room.broken() == []

    return SigningMachine


@pytest.mark.slow
def test_signing_machine(open_room: Opener) -> None:
    run_state_machine_as_test(
        machine(open_room),
        settings=settings(
            max_examples=25 if FULL else 10,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[
                HealthCheck.too_slow,
                HealthCheck.data_too_large,
                HealthCheck.function_scoped_fixture,
            ],
        ),
    )

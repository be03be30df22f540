"""What is still to come of an order: a paper is known by its number and version, whatever the numbers on it look like."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import NOW, a_ported_line, a_porting, an_order
from webapp.domain.market import SWEDEN
from webapp.domain.stored_json import to_json
from webapp.l10n import Localizer
from webapp.store.porting import Port
from webapp.store.reading.cards import Event, OrderPage
from webapp.web.ordering.order_view import Next, history, to_come
from webapp.web.signing.signature_view import ShownCase

ORDER = an_order(
    a_ported_line(1), a_ported_line(2, porting=a_porting(e164="+46701740681", owner_name="Bo Ek", owner_type="other"))
)
PORTS = tuple(
    Port(f"p{line.n}", "c1", ORDER.ref, line.n, line.number or "", "awaiting_signature", None, {}, {}, NOW)
    for line in ORDER.lines
)


def a_case(n: int, state: str, *, version: int = 1) -> ShownCase:
    """The paper of line `n`, on which the number is written as an earlier release did."""
    return ShownCase(
        request=f"r{n}", number=f"{ORDER.ref}-{n + 1}", version=version, line=n, state=state,
        numbers=(f"+46 (0)70 174 06 8{n - 1}",), is_of_one_number=True, signers=(), signed=0, unsigned=f"d{n}", sealed="",
        expires_at=NOW + timedelta(days=30), may_withdraw=True, may_correct=True,
    )  # fmt: skip


def steps(*cases: ShownCase, ports: tuple[Port, ...] = PORTS) -> list[Next]:
    return list(to_come(Localizer("sv", market="SE"), OrderPage(ORDER, {}, (), ports, ()), cases, SWEDEN))


def kinds(found: list[Next]) -> list[str]:
    return [step.kind for step in found]


def test_a_paper_that_is_drawn_is_not_told_as_still_to_be_drawn() -> None:
    assert kinds(steps(a_case(1, "waiting"), a_case(2, "waiting")))[:3] == ["sign", "sign", "move"]
    assert [step.mode for step in steps(a_case(1, "bounced")) if step.kind == "sign"] == ["bounced", "waiting"]


@pytest.mark.parametrize(("state", "is_signed"), [("waiting", False), ("signed", True), ("sealed", True)])
def test_a_move_is_signed_when_the_paper_that_covers_it_is(state: str, is_signed: bool) -> None:
    assert [step.is_signed for step in steps(a_case(1, state), a_case(2, state)) if step.kind == "move"] == [is_signed]


def test_what_was_taken_back_does_not_move_and_its_neighbour_does() -> None:
    [move] = [step for step in steps(a_case(1, "withdrawn"), a_case(2, "waiting")) if step.kind == "move"]
    assert [number.replace("\xa0", " ") for number in move.numbers] == ["070-174 06 81"]


def test_what_was_taken_back_moves_again_by_the_next_version_of_its_paper() -> None:
    """Corrected, and not drawn yet: the case that was taken back is not the one that counts."""
    corrected = replace(
        PORTS[0], facts=to_json(a_porting(donor="Nynet")), paper=f"{ORDER.ref}-2", paper_version=2, paper_at=NOW
    )
    found = steps(a_case(1, "withdrawn"), a_case(2, "sealed"), ports=(corrected, PORTS[1]))
    assert sorted(step.is_signed for step in found if step.kind == "move") == [False, True]
    assert [step.mode for step in found if step.kind == "sign"] == ["waiting"]


def test_what_happened_stands_in_the_order_of_its_times() -> None:
    """A paper that took long is written down after a mail that was sent meanwhile; at one time, what was written first is first."""
    made, sent, failed = (
        Event(NOW + timedelta(minutes=minutes), what, ORDER.ref, "", "", "", {})
        for minutes, what in ((0, "document.made"), (1, "mail.sent"), (1, "mail.failed"))
    )
    found = OrderPage(ORDER, {}, (), (), ())
    latest_written_first = (made, failed, sent)
    assert history(replace(found, events=latest_written_first)) == (made, sent, failed)

"""The moves of an order as they stand: read with their corrections, written with the papers that cover them; judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from webapp.domain.ordering.order import Order, as_corrected
from webapp.domain.papers.coverage import Covered, first_covers
from webapp.domain.papers.facts import PowerOfAttorney
from webapp.domain.porting.porting import Porting
from webapp.domain.porting.porting_day import Wish
from webapp.domain.stored_json import from_json, to_json
from webapp.store.porting import Port
from webapp.store.unit_of_work import Work


@dataclass(frozen=True)
class PortingStatus:
    """`order` reads as corrected; `covers` says which version of which paper covers a line; `ports` are kept by line."""

    order: Order
    covers: Mapping[int, Covered]
    ports: Mapping[int, Port]


def as_they_stand(work: Work, order: Order, *, hold: bool = False) -> PortingStatus:
    """The moves of a placed order as they are now. `hold`: nobody else corrects one before this work ends."""
    if hold:
        work.portings.lock(order.ref)
    ports = {port.line: port for port in work.portings.of_order(order.ref)} if order.ports else {}
    moves = {line: from_json(Porting, port.facts) for line, port in ports.items() if port.facts}
    return PortingStatus(as_corrected(order, moves), covers_now(order, ports.values()), ports)


def covers_now(order: Order, ports: Iterable[Port]) -> dict[int, Covered]:
    """Which version of which paper covers each line that moves a number, corrections included."""
    return first_covers(order) | {
        port.line: Covered(port.paper, port.paper_version, port.paper_at)
        for port in ports
        if port.paper and port.paper_version and port.paper_at
    }


def wishes(paper: PowerOfAttorney, days: Mapping[int, date | None]) -> tuple[Wish, ...]:
    """What is wished for a paper's numbers. `days` by line, as they are now: one can be corrected without a new paper."""
    return tuple(
        Wish(move.kind, move.series is not None, day)
        for line, move in zip(paper.lines, paper.moves, strict=True)
        if (day := days.get(line))
    )


def write(work: Work, standing: PortingStatus, changed: Mapping[int, Porting], now: datetime) -> None:
    """Moves as they are from now on. Another number is written by Portings.renumber, which may be refused."""
    for n, porting in changed.items():
        port = standing.ports.get(n)
        if port is None:
            continue
        owner = {"type": porting.owner_type, "name": porting.owner_name, "id": porting.owner_id}
        signer = {"name": porting.signer_name, "email": porting.signer_email}
        work.portings.correct(
            port.id, now=now, facts=to_json(porting), wished_date=porting.wished_date,
            owner={**owner, "address": porting.owner_address}, signer=signer,
        )  # fmt: skip


def cover(work: Work, standing: PortingStatus, covers: Mapping[int, Covered]) -> None:
    """Which papers cover the moves from now on."""
    for n, covered in covers.items():
        if n in standing.ports:
            work.portings.cover(standing.ports[n].id, paper=covered.paper, version=covered.version, at=covered.at)

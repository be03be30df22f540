"""Which version of which paper covers a line of an order, when it is placed and after a correction; draws no paper."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from webapp.domain.ordering.order import Order, OrderLine
from webapp.domain.porting.porting import Porting, is_signed_of


def covers_after(
    before: Order,
    covers: Mapping[int, Covered],
    after: Order,
    now: datetime,
    made: Mapping[str, int] = MappingProxyType({}),
    again: frozenset[str] = frozenset(),
) -> dict[int, Covered]:
    """Which version of which paper covers each line after a correction.

    A paper keeps its number for as long as it covers the first of its lines that is left to it, and its version while
    all that is signed is the same (unless it is asked for `again`). What no paper covered before gets the next number.
    `made` are papers that were drawn, with their highest version: no number is given twice, though nothing is on it now.
    """
    was = {line.n: line.porting for line in before.ports}
    now_is = {line.n: line.porting for line in after.ports}
    before_lines: dict[str, set[int]] = {}
    for n, cover in covers.items():
        before_lines.setdefault(cover.paper, set()).add(n)
    groups = [[line.n for line in lines] for lines in by_owner_and_signer(after)]

    def is_same(lines: list[int]) -> bool:
        paper = covers[lines[0]].paper
        same = before_lines[paper] == set(lines) and paper not in again
        return same and all(_signed(was[n]) == _signed(now_is[n]) for n in lines)

    found: dict[int, Covered] = {}
    taken: set[str] = set()
    highest = max(int(paper.rpartition("-")[2]) for paper in (*before_lines, *made))
    # Those that stay as they are keep their papers first.
    for lines in sorted(groups, key=lambda group: not is_same(group)):
        mine = next((covers[n] for n in lines if covers[n].paper not in taken), None)
        if is_same(lines):
            cover = covers[lines[0]]
        elif mine is not None:
            cover = Covered(mine.paper, max(mine.version, made.get(mine.paper, 0)) + 1, now)
        else:
            highest += 1
            cover = Covered(f"{after.ref}-{highest}", 1, now)
        taken.add(cover.paper)
        found |= dict.fromkeys(lines, cover)
    return found


def _signed(porting: Porting | None) -> Porting | None:
    return is_signed_of(porting) if porting else None


@dataclass(frozen=True)
class Covered:
    """Which version of which paper covers a line, and since when that version is asked for."""

    paper: str
    version: int
    at: datetime


def first_covers(order: Order) -> dict[int, Covered]:
    """As the papers are numbered when an order is placed: after the confirmation, one per owner and set of signers."""
    return {
        line.n: Covered(f"{order.ref}-{at}", 1, order.placed_at)
        for at, lines in enumerate(by_owner_and_signer(order), 2)
        for line in lines
    }


def by_owner_and_signer(order: Order) -> Iterable[list[OrderLine]]:
    """The lines that share a power of attorney, paper by paper."""
    groups: dict[Hashable, list[OrderLine]] = {}
    for line in order.ports:
        assert line.porting is not None
        groups.setdefault(on_one_paper(line.porting), []).append(line)
    return groups.values()


def on_one_paper(port: Porting) -> Hashable:
    """What moves with the same value share a power of attorney: one owner, one set of signers.

    Whether the right to a number passes on divides as well, for it stands in the text and holds for every number.
    """
    owner = (port.owner_type, port.owner_name.casefold(), port.owner_id, port.owner_address.casefold())
    signers = [(signer.name.casefold(), signer.email.casefold()) for signer in port.all_signers]
    # Who signs alone or at the same time signs in any order.
    who = tuple(signers if port.in_order else sorted(signers))
    return (*owner, who, port.in_order, port.takeover)

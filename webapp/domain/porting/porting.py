"""The moves of an order as they are now: corrected after it was placed, and covered by papers that keep their numbers; changes no order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from webapp.domain.ordering.order import Order, Porting, porting_from_json
from webapp.domain.papers.paper import PaperSigner
from webapp.domain.papers.papers import Covered, by_owner_and_signer, first_covers

CORRECTABLE = ("awaiting_signature", "signed", "rejected")
"""States of a move in which what is asked for can still be changed here."""


def as_corrected(order: Order, moves: Mapping[int, Porting]) -> Order:
    """The order as it would read with these moves; for papers, never to be stored."""
    lines = tuple(replace(line, porting=moves.get(line.n, line.porting)) for line in order.lines)
    return replace(order, lines=lines)


def to_json(porting: Porting) -> dict[str, Any]:
    """A move as JSON; `from_json` reads it back equal."""
    return asdict(porting)


def from_json(data: dict[str, Any]) -> Porting:
    """The move that `to_json` wrote."""
    return porting_from_json(data)


def is_signed_of(porting: Porting) -> Porting:
    """What a signature is given for: all but when it moves and by which address a signer is reached."""
    names = tuple(PaperSigner(signer.name, "") for signer in porting.signers)
    unsigned = {
        "mode": "",
        "wished_date": "",
        "wished_hour": "",
        "customer_no": "",
        "present_icc": "",
        "signer_email": "",
    }
    return replace(porting, **unsigned, signers=names)  # type: ignore[arg-type]


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


def with_signer(porting: Porting, old: PaperSigner, new: PaperSigner) -> Porting:
    """The same move signed by somebody else, or by the same one at another address."""
    signers = tuple(new if _is(signer, old) else signer for signer in porting.all_signers)
    return replace(porting, signer_name=signers[0].name, signer_email=signers[0].email, signers=signers[1:])


def _is(one: PaperSigner, other: PaperSigner) -> bool:
    return (one.name.casefold(), one.email.casefold()) == (other.name.casefold(), other.email.casefold())


__all__ = [
    "CORRECTABLE", "Covered", "as_corrected", "covers_after", "first_covers", "from_json", "is_signed_of", "to_json",
    "with_signer",
]  # fmt: skip

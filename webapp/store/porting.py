"""Numbers on their way in: their state, their corrections, and the paper that covers each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.domain.numbers import Whereabouts
from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.tables import PORT_OVER, PortingRow

_P = PortingRow
_Place = Literal["", "seller", "elsewhere"]


@dataclass(frozen=True)
class Port:
    """A number on its way in. `owner` and `signer` are the domain's Porting facts."""

    id: str
    company: str
    order: str
    line: int
    e164: str
    state: str
    wished_date: date | None
    owner: Mapping[str, Any]
    signer: Mapping[str, Any]
    changed_at: datetime
    series_first: str | None = None  # of a series; its main number or another of it is e164
    series_last: str | None = None
    # Once something of the order's moves was corrected: the move as it is now, and the paper that covers it.
    facts: Mapping[str, Any] | None = None
    paper: str | None = None
    paper_version: int | None = None
    paper_at: datetime | None = None


_PORT = (
    *(_P.id, _P.company, _P.order, _P.line, _P.e164, _P.state, _P.wished_date, _P.owner, _P.signer, _P.changed_at),
    *(_P.series_first, _P.series_last, _P.facts, _P.paper, _P.paper_version, _P.paper_at),
)


class Portings(Repository):
    """Numbers on their way in."""

    def add(self, port: Port) -> bool:
        """A new one; False when somebody in the installation is moving the number, or one of the series, already."""
        return bool(self.add_all([port]))

    def add_all(self, ports: Sequence[Port]) -> set[int]:
        """The same for many; of which lines they were added."""
        rows = [{f.name: getattr(port, f.name) for f in fields(port)} for port in ports]
        added = raw(
            self.session,
            'insert into porting (tenant, id, company, "order", line, e164, state, wished_date, owner, signer, changed_at,'
            " series_first, series_last)"
            ' select :tenant, id, company, "order", line, e164, state, wished_date, owner, signer, changed_at,'
            " series_first, series_last from jsonb_to_recordset(cast(:rows as jsonb)) as r (id text, company text,"
            ' "order" text, line bigint, e164 text, state text, wished_date date, owner jsonb, signer jsonb,'
            " changed_at timestamptz, series_first text, series_last text) on conflict do nothing returning line",
            {"rows": json.dumps(rows, default=str)},
        )
        return set(added.scalars())

    def get(self, port: str) -> Port | None:
        """The porting of that id."""
        row = self.session.execute(select(*_PORT).where(_P.id == port)).one_or_none()
        return Port(*row) if row else None

    def of_order(self, order: str) -> list[Port]:
        """All of an order by line."""
        found = select(*_PORT).where(_P.order == order).order_by(_P.line)
        return [Port(*row) for row in self.session.execute(found)]

    def whereabouts(self, first: str, last: str) -> Literal["", "moving", "elsewhere"]:
        """Whether any of the numbers from the first to the last is on its way to this seller, or to another of the installation."""
        found = raw(self.session, "select port_whereabouts(:first, :last)", {"first": first, "last": last}).scalar()
        return "moving" if found == "seller" else "elsewhere" if found else ""

    def whereabouts_of(self, ranges: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Whereabouts]:
        """Where any of the numbers of each range, first to last, is: on its way, with this seller, or with another."""
        found: Any = raw(
            self.session,
            "select first, last, port_whereabouts(first, last), number_whereabouts(first, last)"
            " from unnest(cast(:first as text[]), cast(:last as text[])) as r (first, last) where :tenant <> ''",
            {"first": [first for first, _ in ranges], "last": [last for _, last in ranges]},
        )
        return {(first, last): _where(moving, lies) for first, last, moving, lies in found}

    def change_state(self, port: str, *, was: tuple[str, ...], to: str, now: datetime) -> bool:
        """From one of the states `was` to the next; False when it is in none of them."""
        return self.change(_P, _P.id == port, _P.state.in_(was), state=to, changed_at=now)

    def lock(self, order: str) -> None:
        """Until this work ends nobody else corrects a move of the order, or keeps a paper of it."""
        raw(
            self.session,
            'select 1 from porting where tenant = :tenant and "order" = :order for update',
            {"order": order},
        )

    def correct(self, port: str, *, now: datetime, **values: Any) -> bool:
        """Another wished_date, owner, signer or facts, while it is open."""
        if not set(values) <= {"wished_date", "owner", "signer", "facts"}:
            raise TypeError(f"of a porting only date, owner and signer change, not {sorted(values)}")
        return self.change(_P, _P.id == port, _P.state.not_in(PORT_OVER), changed_at=now, **values)

    def renumber(self, port: str, e164: str, first: str, last: str, *, now: datetime) -> bool:
        """Another number or series (empty: none) is moved; False when somebody in the installation is moving that already."""
        try:
            with self.session.begin_nested():
                return self.change(
                    _P, _P.id == port, _P.state.not_in(PORT_OVER), e164=e164, series_first=first or None, series_last=last or None,
                    changed_at=now,
                )  # fmt: skip
        except IntegrityError:
            return False

    def cover(self, port: str, *, paper: str, version: int, at: datetime) -> bool:
        """Which version of which paper covers it."""
        return self.change(_P, _P.id == port, paper=paper, paper_version=version, paper_at=at)


def _where(moving: _Place, lies: _Place) -> Whereabouts:
    """Of two answers the one to be told: where the number is on its way to this seller, that it is."""
    return "moving" if moving == "seller" else lies or moving

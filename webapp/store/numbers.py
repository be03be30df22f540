"""The seller's numbers and SIM cards: who has which, held by a draft for a while; each change is one conditional UPDATE."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlalchemy.engine import CursorResult

from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.tables import DraftRow, NumberRow, SimCardRow

HOLD = timedelta(minutes=30)
LONGEST_HOLD = timedelta(hours=24)


@dataclass(frozen=True)
class Number:
    """A number at the tenant that sells it. `company` None: in the seller's pool."""

    e164: str
    kind: str
    state: str
    company: str | None
    held_by: str | None
    held_until: datetime | None
    subscription: str | None


# Starts at a random place and passes by the rows that others are just taking, so that nobody waits for anybody.
TAKE_NEW = """
with edge as (
    select substr(min(e164), 2)::bigint as low, substr(max(e164), 2)::bigint as high from number
    where tenant = :tenant and company is null and state = 'free' and kind = :kind and e164 ^@ :prefix
), start as (
    select '+' || (low + floor(random() * (high - low + 1)))::bigint as at from edge
), taken as materialized (
    select e164 from (
        select * from (
            select e164 from number
            where tenant = :tenant and company is null and state = 'free' and kind = :kind and e164 ^@ :prefix
              and e164 >= (select at from start)
            order by e164 limit 1 for update skip locked
        ) onwards
        union all
        select * from (
            select e164 from number
            where tenant = :tenant and company is null and state = 'free' and kind = :kind and e164 ^@ :prefix
            order by e164 limit 1 for update skip locked
        ) from_the_first
    ) found limit 1
)
update number n set company = :owner, state = 'allocated' from taken
where n.tenant = :tenant and n.e164 = taken.e164 returning n.e164
"""

# The same for many at once: so many from that place on, and what lacks from the first.
TAKE_SOME = """
with edge as (
    select substr(min(e164), 2)::bigint as low, substr(max(e164), 2)::bigint as high from number
    where tenant = :tenant and company is null and state = 'free' and kind = :kind and e164 ^@ :prefix
), start as materialized (
    select '+' || (low + floor(random() * (high - low + 1)))::bigint as at from edge
), onwards as materialized (
    select e164 from number
    where tenant = :tenant and company is null and state = 'free' and kind = :kind and e164 ^@ :prefix
      and e164 >= (select at from start)
    order by e164 limit :count for update skip locked
), from_the_first as materialized (
    select e164 from number
    where tenant = :tenant and company is null and state = 'free' and kind = :kind and e164 ^@ :prefix
      and e164 < (select at from start)
    order by e164 limit (select :count - count(*) from onwards) for update skip locked
), taken as (
    select e164 from onwards union all select e164 from from_the_first
)
update number n set company = :owner, state = 'allocated' from taken
where n.tenant = :tenant and n.e164 = taken.e164 returning n.e164
"""

_N = NumberRow
_NUMBER = (_N.e164, _N.kind, _N.state, _N.company, _N.held_by, _N.held_until, _N.subscription)
_AT_REST = case((_N.company.is_(None), "free"), else_="reserved")
_UNHELD = {"state": _AT_REST, "held_by": None, "held_since": None, "held_until": None}


def to_be_had(draft: str | None, now: datetime) -> ColumnElement[bool]:
    """In the pool or reserved for the company, and held by nobody else (any more)."""
    held = and_(_N.state == "held", or_(_N.held_by == draft, _N.held_until <= now))
    return or_(_N.state.in_(("free", "reserved")), held)


class Numbers(Repository):
    """The scope's numbers, and the seller's pool."""

    def get(self, e164: str) -> Number | None:
        """The number as it stands."""
        row = self.session.execute(select(*_NUMBER).where(_N.e164 == e164)).one_or_none()
        return Number(*row) if row else None

    def add(self, e164: str, kind: str, state: str = "free", company: str | None = None) -> None:
        """A number the seller has got; `company` None puts it into the pool."""
        self.session.add(_N(tenant=self.scope.tenant, e164=e164, kind=kind, state=state, company=company))
        self.session.flush()

    def free(self, kind: str, prefix: str = "", *, now: datetime, after: str = "", limit: int = 20) -> list[str]:
        """Some numbers of the pool that can be had, in order, from the one after `after`."""
        found = select(_N.e164).where(
            _N.company.is_(None), _N.kind == kind, to_be_had(None, now), _N.e164 > after, _N.e164.op("^@")(prefix)
        )
        return list(self.session.scalars(found.order_by(_N.e164).limit(limit)))

    def hold(self, e164: str, draft: str, *, now: datetime) -> bool:
        """Keep a number for a draft for half an hour; False when somebody else has it. Holding again prolongs."""
        mine = and_(_N.held_by == draft, _N.state == "held", _N.held_until > now)
        since = case((mine, _N.held_since), else_=now)
        until = func.least(now + HOLD, since + LONGEST_HOLD)
        within = or_(~mine, _N.held_since + LONGEST_HOLD > now)
        held = {"state": "held", "held_by": draft, "held_since": since, "held_until": until}
        return self.change(_N, _N.e164 == e164, to_be_had(draft, now), within, **held)

    def prolong(self, draft: str, *, now: datetime) -> int:
        """Half an hour more for all a draft holds, at most a day from the first; how many it still holds."""
        statement = update(_N).where(self._holds(draft), _N.held_until > now)
        return self._count(statement.values(held_until=func.least(now + HOLD, _N.held_since + LONGEST_HOLD)))

    def held_by(self, draft: str, *, now: datetime) -> dict[str, datetime]:
        """The numbers a draft still holds, and until when."""
        found = select(_N.e164, _N.held_until).where(self._holds(draft), _N.held_until > now)
        return {e164: until for e164, until in self.session.execute(found) if until}

    def release(self, draft: str, *, only: Collection[str] | None = None) -> int:
        """Give back what a draft holds, or of it these numbers only; how many that were."""
        which = (_N.e164.in_(only),) if only is not None else ()
        return self._count(update(_N).where(self._holds(draft), *which).values(**_UNHELD))

    def _holds(self, draft: str) -> ColumnElement[bool]:
        """Held by a draft of the scope: numbers of the pool are everybody's to see, so who holds one must be asked of the draft."""
        return and_(_N.state == "held", _N.held_by.in_(select(DraftRow.id).where(DraftRow.id == draft)))

    def release_overdue(self, now: datetime) -> int:
        """Give back every number that is held past its time."""
        return self._count(update(_N).where(_N.state == "held", _N.held_until <= now).values(**_UNHELD))

    def take_new(self, kind: str, company: str, prefix: str = "") -> str | None:
        """Any free number of the pool goes to the company for good; None when there is none left."""
        values = {"kind": kind, "owner": company, "prefix": prefix}
        return raw(self.session, TAKE_NEW, values).scalar()

    def take_some(self, kind: str, company: str, prefix: str, count: int) -> list[str]:
        """The same for so many at once, in order; fewer when there are no more left."""
        values = {"kind": kind, "owner": company, "prefix": prefix, "count": count}
        return sorted(raw(self.session, TAKE_SOME, values).scalars())

    def allocate_all(self, numbers: Collection[str], company: str, *, draft: str | None, now: datetime) -> set[str]:
        """These numbers go to a company for good, but for those that another draft holds or that are in use; which did."""
        values = {"company": company, "state": "allocated", "held_by": None, "held_since": None, "held_until": None}
        mine = or_(_N.company.is_(None), _N.company == company)
        statement = update(_N).where(_N.e164.in_(numbers), mine, to_be_had(draft, now)).values(**values)
        return set(self.session.scalars(statement.returning(_N.e164), execution_options={"synchronize_session": False}))

    def allocate(self, e164: str, company: str, *, draft: str | None, now: datetime) -> bool:
        """A number goes to a company for good; False when another draft holds it or it is in use."""
        mine = or_(_N.company.is_(None), _N.company == company)
        values = {"company": company, "state": "allocated", "held_by": None, "held_since": None, "held_until": None}
        return self.change(_N, _N.e164 == e164, mine, to_be_had(draft, now), **values)

    def attach(self, e164: str, subscription: str) -> bool:
        """The subscription that uses an allocated number."""
        return self.change(_N, _N.e164 == e164, _N.state == "allocated", subscription=subscription)

    def whereabouts(self, first: str, last: str) -> Literal["", "seller", "elsewhere"]:
        """With whom any of the numbers from the first to the last lies, free or not; who moves them does not matter here."""
        found = raw(self.session, "select number_whereabouts(:first, :last)", {"first": first, "last": last}).scalar()
        return "seller" if found == "seller" else "elsewhere" if found else ""

    def _count(self, statement: object) -> int:
        result = self.session.execute(statement, execution_options={"synchronize_session": False})  # type: ignore[call-overload]
        assert isinstance(result, CursorResult)
        return result.rowcount


class SimCards(Repository):
    """Cards that lie with the seller (no company) or with a company."""

    def add(self, iccid: str, company: str | None = None, state: str = "in_stock") -> None:
        """A card that is there."""
        self.session.add(SimCardRow(tenant=self.scope.tenant, iccid=iccid, company=company, state=state))
        self.session.flush()

    def use(self, iccid: str, company: str) -> bool:
        """A card goes into use; False when it is in use already or another company's.

        A card nobody has registered is the company's own: sellers need not load their stock.
        """
        return bool(self.use_all([iccid], company))

    def use_all(self, iccids: Sequence[str], company: str) -> set[str]:
        """The same for many; which of them are in use from now on."""
        registered = raw(
            self.session,
            "update sim_card set state = 'used' where tenant = :tenant and company = :owner and iccid = any(:iccids)"
            " and state = 'in_stock' returning iccid",
            {"iccids": list(iccids), "owner": company},
        )
        taken = set(registered.scalars())
        unknown = raw(
            self.session,
            "insert into sim_card (tenant, iccid, company, state) select :tenant, iccid, :owner, 'used'"
            " from unnest(cast(:iccids as text[])) as iccid where not iccid_is_used(iccid)"
            " on conflict do nothing returning iccid",
            {"iccids": sorted(set(iccids) - taken), "owner": company},
        )
        return taken | set(unknown.scalars())

    def used(self, iccids: Sequence[str]) -> set[str]:
        """Which of these are in use anywhere in the installation."""
        found = raw(
            self.session,
            "select iccid from unnest(cast(:iccids as text[])) as iccid where iccid_is_used(iccid) and :tenant <> ''",
            {"iccids": list(iccids)},
        )
        return set(found.scalars())

    def is_used(self, iccid: str) -> bool:
        """Whether the card is in use anywhere in the installation."""
        return bool(raw(self.session, "select iccid_is_used(:iccid)", {"iccid": iccid}).scalar())

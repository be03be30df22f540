"""What a company has, loaded when a question of a draft asks for it; the stored twin of webapp.domain.people.Inventory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import select

from webapp.domain.numbers import Whereabouts
from webapp.domain.ordering.draft import Draft, NoOthers, Rest, line_from_json
from webapp.domain.people import Address, Employee, OwnNumber
from webapp.store.numbers import SimCards, to_be_had
from webapp.store.ordering.drafts import DRAFT, LINE, SUMS, StoredOthers, head_of, sums_of_row
from webapp.store.people.companies import Employees
from webapp.store.platform.raw import raw, raw_row
from webapp.store.platform.scope import ScopedSession
from webapp.store.platform.tables import NumberRow
from webapp.store.porting import Portings

MOST = 1000
LOOKED_AT = 25
"""Of a long draft so many lines are looked at to say in a list how far it is."""


def _things_of(holder: str, lines: str, by_name: str, new_users: str) -> str:
    """Everything in one round trip: a partial update asks for most of it, and a page of drafts for all of theirs at once.

    `new_users`: the lines whose new users are looked for among those the company has.
    """
    return f"""
(select json_build_array(id, name, street, zip, city) from company where tenant = :tenant and id = :owner),
(select json_agg(json_build_array(id, name, street, zip, city) order by {by_name}, id)
    from address where tenant = :tenant and company = :owner),
(select json_agg(json_build_array(e164, kind, holder) order by e164) from (
    select e164, kind, case when state = 'held' and held_until > :now then held_by end as holder from number
    where tenant = :tenant and company = :owner
        and (state in ('free', 'reserved') or state = 'held' and (held_by = {holder} or held_until <= :now))
    order by e164 limit {MOST}) own),
(select json_agg(json_build_array(e164, coalesce(person, '')) order by e164) from (
    select n.e164, (
        select concat_ws(' ', e.first, e.last) from subscription s
        join employee e on e.tenant = s.tenant and e.id = s.employee
        where s.tenant = n.tenant and s.id = n.subscription) as person
    from number n
    where n.tenant = :tenant and n.company = :owner and n.kind = 'fixed' and n.state = 'allocated'
    order by n.e164 limit {MOST}) used),
(select json_agg(json_build_array(id, first, last, email, coalesce(initials, ''), title, dept, cost_centre, employee_no))
    from employee where tenant = :tenant and company = :owner and id = any(array(
        select answers ->> 'user' from {lines}))),
(select json_agg(json_build_array(id, first, last, email, coalesce(initials, ''), title, dept, cost_centre, employee_no)
        order by id)
    from employee where tenant = :tenant and company = :owner and (lower(first), lower(last), lower(email)) in (
        select lower(coalesce(answers ->> 'user.first', '')), lower(coalesce(answers ->> 'user.last', '')),
            lower(coalesce(answers ->> 'user.email', '')) from {new_users}))
"""  # noqa: S608 - no value, only parts of the statement


_BY_NAME = "alphabet_key(name, 'sv') collate \"C\""
# Of long drafts only the first lines are looked at, as many as `Drafts.listing` reads.
_OF_DRAFTS = """(select l.answers from unnest(cast(:drafts as text[])) of(draft) cross join lateral (
    select answers from draft_line where tenant = :tenant and company = :owner and draft = of.draft and not removed
    order by n limit :most) l) looked_at"""
_ALONE = f"select {_things_of('any(:drafts)', _OF_DRAFTS, _BY_NAME, _OF_DRAFTS)}"
# One draft is named by its id and not by a list of one: for a list PostgreSQL plans anew at every call, which takes longer
# than the reading itself.
_IN_DRAFTS_ALPHABET = 'alphabet_key(name, d.language) collate "C"'
_NOBODYS = "(select cast(null as jsonb) as answers where false) nobodys"
_LOCK = "select 1 from draft where tenant = :tenant and company = :owner and id = :draft for update"


def _with_draft(which: str, new_users: str = _NOBODYS) -> str:
    """A draft with those of its lines that are wanted, what the others come to, and everything there is to choose from."""
    return f"""with at_hand as materialized (
    select * from draft_line l where l.tenant = :tenant and l.company = :owner and l.draft = :draft and {which}),
claimed as (select array(select unnest(claims) from at_hand) as here)
select {", ".join(f"d.{column}" for column in DRAFT)}, (select jsonb_agg({LINE} order by n) from at_hand l),
(select jsonb_build_array({SUMS}, jsonb_agg(jsonb_build_array(r.claims, coalesce(nullif(r.name, ''), r.n::text)) order by r.n desc)
    filter (where r.claims && (select here from claimed)))
    from draft_line r where r.tenant = :tenant and r.company = :owner and r.draft = :draft and not r.removed
    and r.n not in (select n from at_hand)),
(select coalesce(max(n), 0) from draft_line r where r.tenant = :tenant and r.company = :owner and r.draft = :draft),
(select here from claimed),
{_things_of("d.id", "at_hand", _IN_DRAFTS_ALPHABET, new_users)}
from draft d where d.tenant = :tenant and d.company = :owner and d.id = :draft"""  # noqa: S608 - no value, only parts


_WITH_LINE = _with_draft("l.n = :n", new_users="at_hand")
# The new users of many lines are looked for by themselves: beside lines whose number PostgreSQL cannot guess it would compare
# each of them with every user of the company.
_WITH_LINES, _WITH_ALL = map(_with_draft, ("l.n = any(:ns)", "true"))


@dataclass(frozen=True)
class _Things:
    addresses: tuple[Address, ...]
    numbers: tuple[tuple[OwnNumber, str | None], ...]  # reserved ones, each with the draft that holds it
    fixed: tuple[OwnNumber, ...]
    named: dict[str, Employee | None]  # users that the drafts' lines name
    persons: tuple[Employee, ...] = ()  # who are what the lines call new users


def _things(own: Any, addresses: Any, numbers: Any, fixed: Any, named: Any, persons: Any) -> _Things:
    """The columns of _THINGS as values."""
    return _Things(
        tuple(Address(*row) for row in [*([own] if own else []), *(addresses or [])]),
        tuple((OwnNumber(e164, kind, "reserved"), holder) for e164, kind, holder in numbers or []),
        tuple(OwnNumber(e164, "fixed", "allocated", user) for e164, user in fixed or []),
        {row[0]: Employee(*row) for row in named or []},
        tuple(Employee(*row) for row in persons or []),
    )


class CompanyInventory:
    """One company's things in one unit of work, read at most once for all the drafts that are looked at."""

    def __init__(self, session: ScopedSession, company: str, drafts: Sequence[str], now: datetime) -> None:
        self.session, self.company, self.now = session, company, now
        self._drafts = list(drafts)
        self._of: dict[str | None, StoredInventory] = {}
        self.looked: set[tuple[str, str]] = set()  # names and addresses of new users that have been looked for

    @cached_property
    def things(self) -> _Things:
        """What there is; the first who asks pays."""
        bound = {"owner": self.company, "drafts": self._drafts, "now": self.now, "most": LOOKED_AT}
        row: Any = raw(self.session, _ALONE, bound).one()
        return _things(*row)

    def with_draft(self, *, line: int | None = None, lines: Sequence[int] | None = None, basis: str) -> Draft | None:
        """The one draft that they are for, read in the same round trip; None when the company has no such draft.

        At hand are the line of that number, or these lines, or, where neither is named, all of them.
        """
        (draft_id,) = self._drafts
        values = {"owner": self.company, "draft": draft_id, "now": self.now, "basis": basis}
        if line is not None:
            row = raw_row(self.session, _WITH_LINE, {**values, "n": line})
        elif lines is not None:
            row = raw_row(self.session, _WITH_LINES, {**values, "ns": list(lines)})
        else:
            row = raw_row(self.session, _WITH_ALL, values)
        if row is None:
            return None
        head = row[: len(DRAFT)]
        own_lines, (summed, claimants), last_n, claims, *things = row[len(DRAFT) :]
        at_hand = [line_from_json(each) for each in own_lines or ()]
        known_claims = dict.fromkeys(claims, "")
        known_claims |= {claim: who for others, who in claimants or () for claim in others if claim in known_claims}
        sums = sums_of_row(summed)
        others = StoredOthers(self.session, draft_id, [each.n for each in at_hand], known_claims)
        known = self.__dict__.get("things")
        self.things = _things(*things)
        if line is None and at_hand:
            answers = [each.answers for each in at_hand]
            named = [(a.get("user.first", ""), a.get("user.last", ""), a.get("user.email", "")) for a in answers]
            found = Employees(self.session).persons(self.company, named)
            self.things = replace(self.things, persons=tuple(found))
        if known:  # other lines of it have been read before
            self.things.named.update(known.named)
            self.things = replace(self.things, persons=(*known.persons, *self.things.persons))
        for each in at_hand:  # who is named and not found has left: nobody asks again
            self.things.named.setdefault(each.answers.get("user", ""), None)
            first, last = each.answers.get("user.first", ""), each.answers.get("user.last", "")
            self.looked.add((f"{first} {last}".strip(), each.answers.get("user.email", "")))
        return head_of(head, at_hand, Rest(sums, last_n, others if sums.count else NoOthers()))

    def lock_draft(self) -> None:
        """Nobody else changes it until commit. What is read thereafter is as they left it, so this comes first."""
        (draft_id,) = self._drafts
        raw_row(self.session, _LOCK, {"owner": self.company, "draft": draft_id})

    def of(self, draft: str | None) -> StoredInventory:
        """As the questions of that draft see them."""
        if draft not in self._of:
            self._of[draft] = StoredInventory(self, draft)
        return self._of[draft]


class StoredInventory:
    """What can be chosen from in one draft."""

    def __init__(self, own: CompanyInventory, draft: str | None) -> None:
        self._own, self._draft = own, draft
        self._session, self._company = own.session, own.company
        self._others: dict[str, Employee | None] = {}
        # What `look_ahead` has found, by what was asked.
        self._whereabouts: dict[tuple[str, str], Whereabouts] = {}
        self._used: dict[str, bool] = {}
        self._initials: dict[str, Employee | None] = {}
        self._free: dict[tuple[str, str], bool] = {}

    def look_ahead(
        self,
        moves: Sequence[tuple[str, str]],
        iccids: Sequence[str],
        initials: Sequence[str],
        numbers: Sequence[tuple[str, str]],
    ) -> None:
        """Finds for many lines at once what each would ask for by itself.

        Numbers on their way (first and last), cards, initials, and numbers wished for (each with its kind).
        """
        if moves:
            self._whereabouts |= Portings(self._session).whereabouts_of(moves)
        if iccids:
            used = SimCards(self._session).used(iccids)
            self._used |= {iccid: iccid in used for iccid in iccids}
        if initials:
            owners = Employees(self._session).by_initials_all(self._company, initials)
            self._initials |= {each.lower(): owners.get(each.lower()) for each in initials}
        if numbers:
            n = NumberRow
            pool = (
                n.e164.in_([e164 for e164, _ in numbers]),
                n.company.is_(None),
                to_be_had(self._draft, self._own.now),
            )
            free = {(row.e164, row.kind) for row in self._session.execute(select(n.e164, n.kind).where(*pool))}
            self._free |= {each: each in free for each in numbers}

    @cached_property
    def employees(self) -> tuple[Employee, ...]:
        """All employees by name, for a short list; a long one is searched."""
        return tuple(Employees(self._session).listing(self._company))

    def reserved_numbers(self, kind: str) -> tuple[OwnNumber, ...]:
        """The company's own numbers of that kind that are free to use in this draft."""
        numbers = self._own.things.numbers
        return tuple(number for number, holder in numbers if number.kind == kind and holder in (None, self._draft))

    def fixed_numbers(self) -> tuple[OwnNumber, ...]:
        """The company's fixed numbers in use, to which a mobile can be paired."""
        return self._own.things.fixed

    def delivery_addresses(self) -> tuple[Address, ...]:
        """Saved addresses, the company's own first."""
        return self._own.things.addresses

    def employee(self, employee_id: str) -> Employee | None:
        """The employee of that id in this company."""
        named = self._own.things.named
        if not employee_id or employee_id in named:
            return named.get(employee_id)
        if employee_id not in self._others:  # just chosen, so no stored draft names them yet
            self._others[employee_id] = Employees(self._session).get(employee_id)
        return self._others[employee_id]

    def initials_of(self, initials: str) -> Employee | None:
        """Who uses these initials already."""
        if initials.lower() in self._initials:
            return self._initials[initials.lower()]
        return Employees(self._session).by_initials(self._company, initials)

    def person(self, first: str, last: str, email: str) -> Employee | None:
        """Whoever has this name and address already."""
        name = f"{first} {last}".strip()
        if (name, email) in self._own.looked:
            return next((each for each in self._own.things.persons if each.is_person(name, email)), None)
        return Employees(self._session).person(self._company, first, last, email)

    def whereabouts(self, first: str, last: str) -> Whereabouts:
        """Where any of the numbers from the first to the last is; empty when all of them may be moved in."""
        if (first, last) not in self._whereabouts:
            self._whereabouts |= Portings(self._session).whereabouts_of([(first, last)])
        return self._whereabouts[first, last]

    def is_iccid_used(self, iccid: str) -> bool:
        """Whether the SIM card is in use."""
        if iccid in self._used:
            return self._used[iccid]
        return SimCards(self._session).is_used(iccid)

    def is_free(self, e164: str, kind: str) -> bool:
        """Whether the seller has the number and nobody else holds it."""
        if (e164, kind) in self._free:
            return self._free[e164, kind]
        n = NumberRow
        pool = (n.e164 == e164, n.kind == kind, n.company.is_(None), to_be_had(self._draft, self._own.now))
        return self._session.scalar(select(n.e164).where(*pool)) is not None

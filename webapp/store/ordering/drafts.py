"""Drafts as the domain's values: read, written when nobody else did meanwhile, put away and thrown away."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.domain.ordering.draft import MOST_REMOVED, Draft, Line, Rest, Sums, line_from_json, line_to_json
from webapp.domain.ordering.line import MOVES
from webapp.domain.ordering.outline import Outline
from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw, raw_change, raw_rows
from webapp.store.platform.scope import ScopedSession
from webapp.store.platform.tables import DraftLineRow, DraftRow

_D, _L = DraftRow, DraftLineRow
_DRAFT = (
    _D.id,
    _D.company,
    _D.language,
    _D.tenant_revision,
    _D.created_by,
    _D.touched_by,
    _D.touched_at,
    _D.rev,
    _D.reference,
    _D.state,
    _D.price_seen,
)
DRAFT = tuple(column.key for column in _DRAFT)
"""The columns of a draft's head, in the order that `head_of` reads."""

LINE = "jsonb_build_object(" + ", ".join(f"'{column}', l.{column}" for column in line_to_json(Line(1))) + ")"
"""SQL for a line of `draft_line l` as `line_from_json` reads it."""

_OUTLINE = Outline._fields
_DERIVED = tuple(name for name in _OUTLINE if name not in {"n", "removed"})

SUMS = """jsonb_build_array(count(*), count(*) filter (where not r.is_complete), sum(r.monthly), sum(r.once), sum(r.minimum),
max(r.months), sum(r.parcels), count(*) filter (where r.is_bound), count(*) filter (where r.is_agreed),
count(*) filter (where r.is_awaiting), count(*) filter (where r.has_plan), count(*) filter (where r.lacks_data),
count(*) filter (where r.basis <> :basis))"""
"""SQL for what lines `r` come to, as `sums_of_row` reads it."""

# Written at every answer that is given, so it is spared what the ORM costs, and is one statement.
_HEAD = """update draft set rev = :rev, reference = :reference, language = :language,
tenant_revision = :tenant_revision, price_seen = :price_seen, touched_by = :touched_by, touched_at = :touched_at,
expires_at = :expires_at
where tenant = :tenant and id = :id and (cast(:company as text) is null or company = :company)
and rev = :expected and state = 'open'"""
_STORED = (*line_to_json(Line(1)), *_DERIVED)
_TYPES = (
    {"claims": "text[]", "subject": "text", "action": "text", "basis": "text", "name": "text", "digest": "text"}
    | dict.fromkeys(("answers", "resets", "touched", "confirmed"), "jsonb")
    | dict.fromkeys(
        ("removed", "is_complete", "is_bound", "is_agreed", "is_awaiting", "has_plan", "lacks_data"), "boolean"
    )
)
_AS = ", ".join(f"{name} {_TYPES.get(name, 'bigint')}" for name in _STORED)
_LINES = f"""insert into draft_line (tenant, company, draft, {", ".join(_STORED)})
select :tenant, cast(:owner as text), cast(:id as text), {", ".join(f"j.{name}" for name in _STORED)}
from jsonb_to_recordset(cast(:lines as jsonb)) as j ({_AS})"""  # noqa: S608 - no value, only names of columns
_OVER = f""" on conflict (tenant, draft, n) do update set {", ".join(f"{name} = excluded.{name}" for name in _STORED if name != "n")}"""
_SAVE = f"with head as ({_HEAD} returning id) {_LINES} where exists (select from head){_OVER}"
_OUTLINES = f"""update draft_line l set {", ".join(f"{name} = j.{name}" for name in _DERIVED)}
from jsonb_to_recordset(cast(:lines as jsonb)) as j ({_AS})
where l.tenant = :tenant and l.draft = :id and l.n = j.n and (l.answers, l.resets) = (j.answers, j.resets)"""  # noqa: S608 - as above


def head_of(row: Sequence[Any], lines: Iterable[Line] = (), rest: Rest | None = None) -> Draft:
    """A draft from its columns, with the lines at hand."""
    return Draft(**dict(zip(DRAFT, row, strict=True)), lines=tuple(lines), rest=rest or Rest())


def sums_of_row(row: Sequence[Any]) -> Sums:
    """What SUMS found."""
    return Sums(*(int(value or 0) for value in row))


def _values(draft: Draft) -> dict[str, Any]:
    return {
        "rev": draft.rev,
        "reference": draft.reference,
        "language": draft.language,
        "tenant_revision": draft.tenant_revision,
        "price_seen": draft.price_seen,
        "touched_by": draft.touched_by,
        "touched_at": draft.touched_at,
        "expires_at": draft.expires_at,
    }


_UNKNOWN = Outline(0, "", "", 0, False, "", 0, 0, 0, 0, 0, False, False, False, False, False, ())


def _rows(lines: Iterable[tuple[Line, Outline | None]]) -> str:
    """Lines with their outlines as the statements read them."""
    return json.dumps(
        [
            {**line_to_json(line), **{name: getattr(outline or _UNKNOWN, name) for name in _DERIVED}}
            for line, outline in lines
        ]
    )


class StoredOthers:
    """The lines of a draft that are not at hand (domain.ordering.draft.OtherLines), asked when somebody wants to know.

    `known` are answers to what the lines at hand claim already, which came with them.
    """

    def __init__(self, session: ScopedSession, draft: str, at_hand: Sequence[int], known: Mapping[str, str]) -> None:
        self._session, self._draft, self._at_hand, self._known = session, draft, list(at_hand), dict(known)

    def who(self, claim: str) -> str:
        """The first of them with that claim."""
        if claim not in self._known:
            row = self._found("and :claim = any(claims) order by n limit 1", claim=claim).first()
            self._known[claim] = (row.name or str(row.n)) if row else ""
        return self._known[claim]

    def moving(self) -> Iterable[tuple[str, str, str]]:
        """All that move a number."""
        for row in self._found(
            "and exists (select from unnest(claims) c where starts_with(c, :moves)) order by n", moves=MOVES
        ):
            for claim in row.claims:
                if claim.startswith(MOVES):
                    first, last = claim.removeprefix(MOVES).split()
                    yield first, last, row.name or str(row.n)

    def _found(self, which: str, **values: str) -> Any:
        return raw(
            self._session,
            f"select n, name, claims from draft_line where tenant = :tenant and (cast(:company as text) is null or company = :company) and draft = :draft and not removed"  # noqa: S608 - no value
            f" and n <> all(:at_hand) {which}",
            {"draft": self._draft, "at_hand": self._at_hand, **values},
        )


class Drafts(Repository):
    """Orders in the making."""

    def add(self, draft: Draft, outlines: Mapping[int, Outline] | None = None) -> None:
        """A new one with its lines."""
        fixed = {"id": draft.id, "company": draft.company, "created_by": draft.created_by, "state": draft.state}
        self.session.add(_D(tenant=self.scope.tenant, **fixed, **_values(draft)))
        self.session.flush()
        lines = _rows((line, (outlines or {}).get(line.n)) for line in draft.lines)
        raw(self.session, _LINES, {"owner": draft.company, "id": draft.id, "lines": lines})

    def get(self, draft: str) -> Draft | None:
        """The whole draft of that id, whatever its state."""
        row = self.session.execute(select(*_DRAFT).where(_D.id == draft)).one_or_none()
        if row is None:
            return None
        found = raw(
            self.session,
            f"select {LINE} from draft_line l where l.tenant = :tenant and l.draft = :draft order by l.n",  # noqa: S608
            {"draft": draft},
        )
        return head_of(row, map(line_from_json, found.scalars()))

    def save(self, draft: Draft, expected: int, outlines: Mapping[int, Outline] | None = None) -> bool:
        """Write a draft whose stored revision is `expected` and which is open, and of its lines those that are outlined.

        False when it is not so any more.
        """
        if draft.rev <= expected:
            raise ValueError("a changed draft has a higher revision")
        bound = {**_values(draft), "id": draft.id, "owner": draft.company, "expected": expected}
        lines = [(line, outlines[line.n]) for line in draft.lines if line.n in outlines] if outlines else []
        if not lines:
            return raw_change(self.session, _HEAD, bound)
        assert len(lines) == 1, "more lines are written by save_outlines, or at once when a draft is new"
        return raw_change(self.session, _SAVE, {**bound, "lines": _rows(lines)})

    def outlines(self, draft: str) -> list[Outline]:
        """What is remembered of each line, those taken out included; of what nobody has outlined the basis is empty."""
        found = raw_rows(
            self.session,
            f"select {', '.join(_OUTLINE)} from draft_line where tenant = :tenant and (cast(:company as text) is null or company = :company) and draft = :draft order by n",  # noqa: S608
            {"draft": draft},
        )
        return list(map(Outline._make, found))

    def save_outlines(self, draft: str, outlines: Iterable[tuple[Line, Outline]]) -> None:
        """Remember anew what follows from these answers, where they are still the same."""
        raw(self.session, _OUTLINES, {"id": draft, "lines": _rows(outlines)})

    def forget_removed(self, draft: str, but: int) -> None:
        """Of the lines that were taken out only the latest added can be put back; the one taken out last always can."""
        raw(
            self.session,
            "delete from draft_line where tenant = :tenant and draft = :draft and n in (select n from draft_line"
            " where tenant = :tenant and draft = :draft and removed and n <> :but order by n desc offset :most)",
            {"draft": draft, "but": but, "most": MOST_REMOVED - 1},
        )

    def listing(self, now: datetime, ids: Sequence[str], lines: int) -> list[Draft]:
        """Those of these drafts that are open, each with at most so many of its kept lines at hand."""
        found = select(*_DRAFT).where(_D.id.in_(ids), _D.state == "open", _D.expires_at > now)
        heads = list(self.session.execute(found))
        first: Any = raw(
            self.session,
            f"select d.id, array(select {LINE} from draft_line l where l.tenant = :tenant and l.draft = d.id"  # noqa: S608
            "   and not l.removed order by l.n limit :most) from unnest(cast(:ids as text[])) as d(id)",
            {"ids": [head.id for head in heads], "most": lines},
        )
        lines_of = {row[0]: row[1] for row in first}
        return [head_of(head, map(line_from_json, lines_of[head.id])) for head in heads]

    def mark_placed(self, draft: str) -> bool:
        """It has become an order; False when it had already, or is not open."""
        return self.change(_D, _D.id == draft, _D.state == "open", state="placed")

    def discard(self, draft: str) -> bool:
        """Put away, to be restored until it expires."""
        return self.change(_D, _D.id == draft, _D.state == "open", state="discarded")

    def restore(self, draft: str, now: datetime) -> bool:
        """Take it back."""
        return self.change(_D, _D.id == draft, _D.state == "discarded", _D.expires_at > now, state="open")

    def throw_away_expired(self, now: datetime, limit: int = 1000) -> int:
        """Delete what nobody has touched for so long; give back its numbers first (Numbers.release_overdue)."""
        return raw(
            self.session,
            "with gone as (delete from draft where tenant = :tenant and id in (select id from draft where"
            " tenant = :tenant and state <> 'placed' and expires_at <= :now"
            " and not exists (select from number n where n.tenant = draft.tenant and n.held_by = draft.id)"
            " limit :most for update skip locked) returning 1) select count(*) from gone",
            {"now": now, "most": limit},
        ).scalar_one()

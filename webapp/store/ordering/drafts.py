"""Drafts as the domain's values: read, written when nobody else did meanwhile, put away and thrown away."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.domain.ordering.draft import Draft, lines_from_json, lines_to_json
from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw, raw_change
from webapp.store.platform.tables import DraftRow

_D = DraftRow
_DRAFT = (
    _D.id,
    _D.company,
    _D.language,
    _D.tenant_revision,
    _D.created_by,
    _D.touched_by,
    _D.touched_at,
    _D.rev,
    _D.lines,
    _D.reference,
    _D.state,
    _D.price_seen,
)
DRAFT = tuple(column.key for column in _DRAFT)
"""The columns of a draft, in the order that `draft_of` reads."""

# Written at every answer that is given, so it is spared what the ORM costs.
_SAVE = """update draft set lines = cast(:lines as jsonb), rev = :rev, reference = :reference, language = :language,
tenant_revision = :tenant_revision, price_seen = :price_seen, touched_by = :touched_by, touched_at = :touched_at,
expires_at = :expires_at
where tenant = :tenant and id = :id and (cast(:company as text) is null or company = :company)
and rev = :expected and state = 'open'"""


def draft_of(row: Sequence[Any]) -> Draft:
    """A draft from its columns."""
    values = dict(zip(DRAFT, row, strict=True))
    return Draft(**{**values, "lines": lines_from_json(values["lines"])})


def _values(draft: Draft) -> dict[str, Any]:
    return {
        "lines": lines_to_json(draft.lines),
        "rev": draft.rev,
        "reference": draft.reference,
        "language": draft.language,
        "tenant_revision": draft.tenant_revision,
        "price_seen": draft.price_seen,
        "touched_by": draft.touched_by,
        "touched_at": draft.touched_at,
        "expires_at": draft.expires_at,
    }


class Drafts(Repository):
    """Orders in the making."""

    def add(self, draft: Draft) -> None:
        """A new one."""
        fixed = {"id": draft.id, "company": draft.company, "created_by": draft.created_by, "state": draft.state}
        self.session.add(_D(tenant=self.scope.tenant, **fixed, **_values(draft)))
        self.session.flush()

    def get(self, draft: str, *, for_update: bool = False) -> Draft | None:
        """The draft of that id, whatever its state; `for_update` keeps others from changing it until commit."""
        found = select(*_DRAFT).where(_D.id == draft)
        row = self.session.execute(found.with_for_update() if for_update else found).one_or_none()
        return draft_of(row) if row else None

    def save(self, draft: Draft, expected: int) -> bool:
        """Write a draft whose stored revision is `expected` and which is open; False when it is not so any more."""
        if draft.rev <= expected:
            raise ValueError("a changed draft has a higher revision")
        values = _values(draft)
        bound = {**values, "id": draft.id, "expected": expected, "lines": json.dumps(values["lines"])}
        return raw_change(self.session, _SAVE, bound)

    def listing(self, now: datetime) -> list[Draft]:
        """The open ones of the scope, the latest first."""
        found = select(*_DRAFT).where(_D.state == "open", _D.expires_at > now)
        return [draft_of(row) for row in self.session.execute(found.order_by(_D.touched_at.desc(), _D.id))]

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

"""The audit trail's writing end: who did what, for ever."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.scope import OutsideScope
from webapp.store.platform.tables import new_id


class Audit(Repository):
    """Who did what, for ever."""

    def write(
        self,
        what: str,
        subject: str,
        *,
        now: datetime,
        details: Mapping[str, Any] | None = None,
        company: str | None = None,
    ) -> None:
        """One row in the transaction of what it tells. The actor may be of another tenant: `tenant/person`."""
        self.write_all(what, [(subject, company, details or {})], now=now)

    def write_all(self, what: str, rows: Sequence[tuple[str, str | None, Mapping[str, Any]]], *, now: datetime) -> None:
        """The same act on many things at once: subject, company and details of each."""
        tenant, _, actor = self.scope.actor.rpartition("/")
        owners = [company or self.scope.company for _, company, _ in rows]
        if self.scope.company is not None and set(owners) - {self.scope.company}:  # the guard does not see what is raw
            raise OutsideScope("a trail is written for the company of the scope")
        raw(
            self.session,
            "insert into audit (tenant, id, company, actor, actor_tenant, what, subject, details, at)"
            " select :tenant, id, owner, :actor, :actor_tenant, :what, subject, cast(details as jsonb), :now from"
            " unnest(cast(:ids as text[]), cast(:owners as text[]), cast(:subjects as text[]), cast(:told as text[]))"
            " as rows (id, owner, subject, details)",
            {
                "ids": [new_id() for _ in rows],
                "owners": owners,
                "subjects": [subject for subject, _, _ in rows],
                "told": [json.dumps(dict(details)) for _, _, details in rows],
                "actor": actor,
                "actor_tenant": tenant or self.scope.tenant,
                "what": what,
                "now": now,
            },
        )

"""What is written beside every change: the audit trail, effects that happen once, jobs, and a tenant's revisions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from webapp import clock
from webapp.store.platform.base import Repository
from webapp.store.platform.queue import deferring
from webapp.store.platform.raw import driver_connection, raw, raw_row
from webapp.store.platform.scope import OutsideScope
from webapp.store.platform.tables import EffectRow, RevisionRow, new_id

LEASE = timedelta(minutes=2)  # longer than any gateway's time-out


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


class Effects(Repository):
    """Things done outside, each once in effect under a key of its own (`mail:order_received:REF`)."""

    def claim(self, key: str, message_id: str, *, now: datetime) -> str | None:
        """Take an effect on. Commit, do it under the message id returned, then finish(). None: it is done, or
        somebody else is at it. After a crash the next to claim gets the same message id again."""
        return raw(
            self.session,
            "insert into effect as e (tenant, key, state, message_id, at) values (:tenant, :key, 'claimed', :id, :now)"
            " on conflict (tenant, key) do update set at = :now where e.state = 'claimed' and e.at <= :stale"
            " returning message_id",
            {"key": key, "id": message_id, "now": now, "stale": now - LEASE},
        ).scalar()

    def finish(self, key: str, *, now: datetime) -> bool:
        """It is done; False when it was already."""
        return self.change(EffectRow, EffectRow.key == key, EffectRow.state == "claimed", state="done", at=now)

    def give_back(self, key: str) -> bool:
        """It has not been done, and may be claimed again at once."""
        return bool(
            raw(
                self.session,
                "delete from effect where tenant = :tenant and key = :key and state = 'claimed' returning 1",
                {"key": key},
            ).scalar()
        )

    def state(self, key: str) -> str | None:
        """claimed, done, or None when nobody has begun."""
        return self.session.scalar(select(EffectRow.state).where(EffectRow.key == key))


class Jobs(Repository):
    """The door to the queue."""

    def defer(self, kind: str, id: str, *, at: datetime | None = None, lock: str | None = None) -> None:
        """A job that exists if and only if this work commits. It carries the tenant and an id, nothing else.

        Jobs of equal `lock` run one after the other.
        """
        options: dict[str, Any] = {"schedule_at": clock.in_database(at)} if at else {}
        if lock:
            options["lock"] = f"{self.scope.tenant}:{lock}"
        task = deferring().configure_task(name=kind, connection=driver_connection(self.session), **options)
        task.defer(tenant=self.scope.tenant, id=id)


@dataclass(frozen=True)
class Revision:
    """What a tenant has published."""

    digest: str
    content: dict[str, Any]
    published_at: datetime


_REVISION = (RevisionRow.digest, RevisionRow.content, RevisionRow.published_at)


class Revisions(Repository):
    """A tenant's published revisions; processes listen on the channel `tenant_revision` for the tenant's name."""

    def publish(self, digest: str, content: dict[str, Any], *, now: datetime) -> bool:
        """Make this content current and tell the processes at commit; False when it is so already."""
        current = RevisionRow.current.is_(True)
        if self.session.scalar(select(RevisionRow.digest).where(current)) == digest:
            return False
        self.session.execute(
            update(RevisionRow).where(current).values(current=False), execution_options={"synchronize_session": False}
        )
        if not self.change(RevisionRow, RevisionRow.digest == digest, current=True, published_at=now):
            self.session.add(
                RevisionRow(tenant=self.scope.tenant, digest=digest, content=content, published_at=now, current=True)
            )
            self.session.flush()
        raw(self.session, "select pg_notify('tenant_revision', :tenant)", {})
        return True

    def current(self) -> Revision | None:
        """The one that serves."""
        if self.scope.at_door:
            return None  # nobody who has not signed in reads what a tenant has published
        # Asked of every tenant as a process starts, before the ORM has been of any use.
        row = raw_row(
            self.session,
            "select digest, content, published_at from tenant_revision where tenant = :tenant and current",
            {},
        )
        return Revision(*row) if row else None

    def get(self, digest: str) -> Revision | None:
        """One that served, as drafts and orders name theirs."""
        row = self.session.execute(select(*_REVISION).where(RevisionRow.digest == digest)).one_or_none()
        return Revision(*row) if row else None

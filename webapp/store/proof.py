"""Whether everything is as promised: the audit trail's chain, and the invariants over all tenants; it mends nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.store.base import Repository
from webapp.store.raw import raw
from webapp.store.scope import Scope
from webapp.store.tables import AuditLinkRow, AuditRow
from webapp.store.work import Store

BATCH = 5000
_A, _K = AuditRow, AuditLinkRow


@dataclass(frozen=True)
class Broken:
    """A promise (I1 to I13: docs/invariants.md) that does not hold, for whom and what."""

    promise: str
    tenant: str
    subject: str


class Chain(Repository):
    """Each link is the hash of the link before and of one audit row; the last of a batch is sealed with a secret."""

    def extend(self, secret: str, limit: int = BATCH) -> int:
        """Link the rows of transactions that are over; how many that were."""
        raw(self.session, "select pg_advisory_xact_lock(hashtext('audit ' || :tenant))", {})
        last = self.session.execute(select(_K.n, _K.hash).order_by(_K.n.desc()).limit(1)).one_or_none()
        n, hash = last or (0, b"")
        rows = raw(
            self.session,
            "select id from audit a where tenant = :tenant and xid < pg_snapshot_xmin(pg_current_snapshot())"
            " and not exists (select from audit_link k where k.tenant = a.tenant and k.row = a.id)"
            " order by seq limit :most",
            {"most": limit},
        )
        ids = list(rows.scalars())
        found = {row.id: row for row in self.session.scalars(select(_A).where(_A.id.in_(ids)))}
        for id in ids:
            n, hash = n + 1, _link(hash, found[id])
            seal = _seal(secret, n, hash) if id == ids[-1] else None
            self.session.add(_K(tenant=self.scope.tenant, n=n, row=id, hash=hash, seal=seal))
        self.session.flush()
        return len(ids)

    def broken(self, secret: str) -> list[str]:
        """Ids of the rows from which on the chain does not hold; empty when all do."""
        hash, expected, found = b"", 1, []
        links = select(_K, _A).outerjoin(_A, (_A.tenant == _K.tenant) & (_A.id == _K.row)).order_by(_K.n)
        link = None
        for link, row in self.session.execute(links, execution_options={"yield_per": 1000}):
            right = row is not None and link.n == expected and link.hash == _link(hash, row)
            if not right or (link.seal and not hmac.compare_digest(link.seal, _seal(secret, link.n, link.hash))):
                found.append(link.row)
            hash, expected = link.hash, link.n + 1
        if link is not None and not link.seal:
            found.append(link.row)  # the end of the last batch has been cut off
        return found


def _link(before: bytes, row: AuditRow) -> bytes:
    told: dict[str, Any] = {
        "id": row.id, "tenant": row.tenant, "company": row.company, "actor": row.actor, "what": row.what,
        "actor_tenant": row.actor_tenant, "subject": row.subject, "details": row.details, "at": row.at.isoformat(),
    }  # fmt: skip
    payload = hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=True).encode()).digest()
    return hashlib.sha256(before + payload).digest()


def _seal(secret: str, n: int, hash: bytes) -> bytes:
    return hmac.digest(f"audit chain {secret}".encode(), n.to_bytes(8, "big") + hash, "sha256")


def extend_chain(store: Store, tenant: str, secret: str) -> int:
    """Chain what the tenant's audit trail has grown by; how many rows that were. To be done every few minutes."""
    with store.work(Scope(tenant, None, "chain")) as work:
        return Chain(work.session).extend(secret)


def broken_promises(store: Store, secret: str, now: datetime) -> list[Broken]:
    """Every promise that does not hold, over all tenants."""
    with store.engine.connect() as connection:
        every = "select * from broken_invariants(%s) union all select * from broken_signings(%s) order by 1, 2, 3"
        rows = connection.exec_driver_sql(every, (now, now))
        found = [Broken(*row) for row in rows]
    for tenant in store.tenants():
        with store.work(Scope(tenant, None, "invariants")) as work:
            found += [Broken("I9", tenant, id) for id in Chain(work.session).broken(secret)]
    return found

"""Whether the audit trail is as it was written: its chain of hashes, extended and checked; it mends nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.scope import Scope
from webapp.store.platform.tables import AuditLinkRow, AuditRow
from webapp.store.unit_of_work import Store

BATCH = 5000
LATE = timedelta(hours=1)
"""No work takes so long from its moment to its commit: a row that tells of an earlier time than the batch before was put there."""
_A, _K = AuditRow, AuditLinkRow


@dataclass(frozen=True)
class Flaw:
    """A row of the audit trail that is not as it was written.

    changed: what it says; missing: it is gone; moved: it stands elsewhere; inserted: it came long after the time it tells; forged: its link
    was not made by us, or not when the head was kept; cut_out: links before it are gone; cut_off: those after it.
    """

    kind: str
    row: str
    told: str = ""


def _flaw(kind: str, id: str, row: AuditRow | None = None) -> Flaw:
    return Flaw(kind, id, f"{row.what} {row.subject} {row.at:%Y-%m-%d %H:%M:%S} UTC" if row else "")


@dataclass(frozen=True)
class Head:
    """A tenant's last link at some time: whoever has kept it can tell whether the chain up to there was exchanged."""

    tenant: str
    n: int
    hash: str


class AuditChain(Repository):
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

    def head(self) -> Head | None:
        """The last link, to be kept where nobody who can change the database can change it."""
        row = self.session.execute(select(_K.n, _K.hash).order_by(_K.n.desc()).limit(1)).one_or_none()
        return Head(self.scope.tenant, row.n, row.hash.hex()) if row else None

    def broken(self, secret: str, known: Head | None = None) -> list[Flaw]:
        """Everything that is not as it was written, in the order of the chain; empty when all is. `known` is a head that was kept."""
        start = datetime.min.replace(tzinfo=UTC)
        link, hash, expected, found = None, b"", 1, []
        seq, latest, before, ended = (
            0,
            start,
            start,
            True,
        )  # before: the latest moment told of in batches that were over
        links = select(_K, _A).outerjoin(_A, (_A.tenant == _K.tenant) & (_A.id == _K.row)).order_by(_K.n)
        for link, row in self.session.execute(links, execution_options={"yield_per": 1000}):
            if ended:
                seq, before = 0, latest
            if kind := _wrong(link, row, hash, expected, seq, before):
                found.append(_flaw(kind, link.row, row))
            if _is_forged(link, secret, known):
                found.append(_flaw("forged", link.row, row))
            hash, expected, ended = link.hash, link.n + 1, link.seal is not None
            if row is not None:
                seq, latest = row.seq, max(latest, row.at)
        last = link.row if link else ""
        if (link is not None and not link.seal) or (known and known.n >= expected):
            found.append(_flaw("cut_off", last))
        if link is not None:
            linked = select(_K.row).where(_K.row == _A.id).exists()
            late = select(_A).where(_A.at < latest - LATE, ~linked).order_by(_A.seq)
            found += [_flaw("inserted", row.id, row) for row in self.session.scalars(late)]
        return found


def _wrong(link: AuditLinkRow, row: AuditRow | None, hash: bytes, expected: int, seq: int, before: datetime) -> str:
    """What is wrong with a row in its place; empty when nothing is."""
    if link.n != expected:
        return "cut_out"
    if row is None:
        return "missing"
    if link.hash != _link(hash, row):
        return "changed"
    if row.seq <= seq:
        return "moved"
    return "inserted" if row.at + LATE < before else ""


def _is_forged(link: AuditLinkRow, secret: str, known: Head | None) -> bool:
    if link.seal and not hmac.compare_digest(link.seal, _seal(secret, link.n, link.hash)):
        return True
    return known is not None and known.n == link.n and known.hash != link.hash.hex()


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
        return AuditChain(work.session).extend(secret)


def flaws(store: Store, secret: str, known: Iterable[Head] = ()) -> list[tuple[str, Flaw]]:
    """What of any tenant's audit trail is not as it was written, by the chain and by heads that were kept."""
    kept, found = {head.tenant: head for head in known}, []
    for tenant in sorted({*store.tenants(), *kept}):
        with store.work(Scope(tenant, None, "verify")) as work:
            found += [(tenant, flaw) for flaw in AuditChain(work.session).broken(secret, kept.get(tenant))]
    return found


def heads(store: Store) -> list[Head]:
    """Every tenant's last link, to be kept elsewhere."""
    found = []
    for tenant in store.tenants():
        with store.work(Scope(tenant, None, "verify")) as work:
            if head := AuditChain(work.session).head():
                found.append(head)
    return found

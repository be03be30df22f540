"""Whether the invariants of docs/invariants.md hold over all tenants; it mends nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.store.audit_chain import AuditChain
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store


@dataclass(frozen=True)
class Broken:
    """A promise (I1 to I14: docs/invariants.md) that does not hold, for whom and what."""

    promise: str
    tenant: str
    subject: str


def broken_promises(store: Store, secret: str, now: datetime) -> list[Broken]:
    """Every promise that does not hold, over all tenants."""
    with store.engine.connect() as connection:
        every = "select * from broken_invariants(%s) union all select * from broken_signings(%s) order by 1, 2, 3"
        rows = connection.exec_driver_sql(every, (now, now))
        found = [Broken(*row) for row in rows]
    for tenant in store.tenants():
        with store.work(Scope(tenant, None, "invariants")) as work:
            found += [Broken("I9", tenant, flaw.row) for flaw in AuditChain(work.session).broken(secret)]
    return found

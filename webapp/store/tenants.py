"""A tenant's published revisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw, raw_row
from webapp.store.platform.tables import RevisionRow


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

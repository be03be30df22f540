"""Defers jobs in the transaction that needs them; knows no kind of job."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp import clock
from webapp.store.platform.base import Repository
from webapp.store.platform.queue import deferring
from webapp.store.platform.raw import driver_connection


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

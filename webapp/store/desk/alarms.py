"""What staff must see to: raised once, open until it is over; knows neither what it means nor who is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.tables import AlarmRow, new_id

_A = AlarmRow


@dataclass(frozen=True)
class Alarm:
    """One of a kind about a subject; `ref` is the order it is about, if any."""

    id: str
    kind: str
    subject: str
    ref: str
    details: Mapping[str, Any]
    raised_at: datetime
    over_at: datetime | None


_ALARM = (_A.id, _A.kind, _A.subject, _A.ref, _A.details, _A.raised_at, _A.over_at)


class Alarms(Repository):
    """A tenant's alarms; for staff and jobs."""

    def sound(
        self, kind: str, subject: str, *, now: datetime, ref: str = "", details: Mapping[str, Any] | None = None
    ) -> str | None:
        """A new one's id; None while one of this kind and subject is open."""
        found: str | None = raw(
            self.session,
            "insert into alarm (tenant, id, kind, subject, ref, details, raised_at)"
            " values (:tenant, :id, :kind, :subject, :ref, cast(:details as jsonb), :now)"
            " on conflict (tenant, kind, subject) where over_at is null do nothing returning id",
            {
                "id": new_id(),
                "kind": kind,
                "subject": subject,
                "ref": ref,
                "details": json.dumps(dict(details or {})),
                "now": now,
            },
        ).scalar()
        return found

    def get(self, alarm: str) -> Alarm | None:
        """The alarm of that id."""
        row = self.session.execute(select(*_ALARM).where(_A.id == alarm)).one_or_none()
        return Alarm(*row) if row else None

    def still_open(self, ref: str = "", limit: int = 100) -> list[Alarm]:
        """Those that wait for somebody, of one order or all, the latest first."""
        found = select(*_ALARM).where(_A.over_at.is_(None), *((_A.ref == ref,) if ref else ()))
        return [Alarm(*row) for row in self.session.execute(found.order_by(_A.raised_at.desc()).limit(limit))]

    def is_open(self, kind: str, subject: str) -> bool:
        """Whether one of this kind and subject waits for somebody."""
        found = select(_A.id).where(_A.over_at.is_(None), _A.kind == kind, _A.subject == subject)
        return self.session.scalar(found) is not None

    def over(self, kind: str, *, now: datetime, subject: str | None = None) -> int:
        """Ends those of a kind, or the one about a subject; how many there were."""
        ended = raw(
            self.session,
            "update alarm set over_at = :now where tenant = :tenant and kind = :kind and over_at is null"
            " and (cast(:subject as text) is null or subject = :subject) returning 1",
            {"kind": kind, "subject": subject, "now": now},
        )
        return len(ended.all())

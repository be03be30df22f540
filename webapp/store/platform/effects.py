"""Things done outside, each once in effect under a key of its own."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.tables import EffectRow

LEASE = timedelta(minutes=2)  # longer than any gateway's time-out


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

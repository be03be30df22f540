"""Contract summaries made before there is an order: asked for once for the same facts, filled once; knows no draft's content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.tables import SummaryRow, new_id

_S = SummaryRow


@dataclass(frozen=True)
class Summary:
    """One of a draft, without its bytes. `made_at` is None while it is being made."""

    id: str
    company: str
    draft: str
    fingerprint: str
    facts: Mapping[str, Any]
    asked_at: datetime
    made_at: datetime | None
    file_name: str | None


_SUMMARY = (_S.id, _S.company, _S.draft, _S.fingerprint, _S.facts, _S.asked_at, _S.made_at, _S.file_name)


class Summaries(Repository):
    """What customers have asked for as a paper."""

    def ask(
        self, draft: str, fingerprint: str, facts: Mapping[str, Any], *, now: datetime, company: str | None = None
    ) -> str | None:
        """The id of a new one to be made; None when these facts have been asked for already."""
        return raw(
            self.session,
            "insert into contract_summary (tenant, company, id, draft, fingerprint, facts, asked_at)"
            " values (:tenant, :owner, :id, :draft, :fingerprint, cast(:facts as jsonb), :now)"
            " on conflict (tenant, draft, fingerprint) do nothing returning id",
            {
                "owner": self.company_for(company),
                "id": new_id(),
                "draft": draft,
                "fingerprint": fingerprint,
                "facts": json.dumps(facts),
                "now": now,
            },
        ).scalar()

    def get(self, summary: str) -> Summary | None:
        """The one of that id."""
        return self._one(_S.id == summary)

    def of(self, draft: str, fingerprint: str) -> Summary | None:
        """The one of a draft with these facts."""
        return self._one(_S.draft == draft, _S.fingerprint == fingerprint)

    def fill(self, summary: str, content: bytes, file_name: str, *, now: datetime) -> bool:
        """It has been made; False when another worker was quicker, whose bytes then stand."""
        unmade = (_S.id == summary, _S.made_at.is_(None))
        return self.change(_S, *unmade, content=content, file_name=file_name, made_at=now)

    def content(self, summary: str) -> bytes | None:
        """Its bytes."""
        return self.session.scalar(select(_S.content).where(_S.id == summary))

    def _one(self, *where: Any) -> Summary | None:
        row = self.session.execute(select(*_SUMMARY).where(*where)).one_or_none()
        return Summary(*row) if row else None

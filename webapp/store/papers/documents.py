"""Documents with their bytes: made once, never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.search import Search
from webapp.store.platform.tables import DocumentRow

_D = DocumentRow


@dataclass(frozen=True)
class Document:
    """A paper without its bytes. `subject` is what of the order it is about: empty for the whole, or a porting's id."""

    id: str
    company: str
    order: str
    subject: str
    kind: str
    version: int
    title: str
    language: str
    sha256: str
    size: int
    verify_code: str
    made_at: datetime
    facts: Mapping[str, Any]

    @property
    def numbers(self) -> tuple[str, ...]:
        """The telephone numbers and series that a power of attorney covers, as they stand on it."""
        return numbers_on(self.facts)


def numbers_on(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The telephone numbers and series of a paper with these facts; none of one that moves nothing."""
    return tuple(move["number"] for move in facts.get("paper", {}).get("moves", ()))


_DOCUMENT = (
    _D.id,
    _D.company,
    _D.order,
    _D.subject,
    _D.kind,
    _D.version,
    _D.title,
    _D.language,
    _D.sha256,
    _D.size,
    _D.verify_code,
    _D.made_at,
    _D.facts,
)


class Documents(Repository):
    """Papers with their bytes; never changed."""

    def add(self, document: Document, content: bytes) -> bool:
        """Keep a paper; False when this version of it is there already (somebody else made it)."""
        is_new = bool(
            raw(
                self.session,
                'insert into document (tenant, id, company, "order", subject, kind, version, title, language, sha256, size,'
                " verify_code, made_at, facts, bytes) values (:tenant, :id, :owner, :order, :subject, :kind, :version,"
                " :title, :language, :sha256, :size, :verify_code, :made_at, cast(:facts as jsonb), :content)"
                ' on conflict (tenant, "order", kind, subject, version) do nothing returning 1',
                {
                    **{field.name: getattr(document, field.name) for field in fields(document)},
                    "owner": document.company,
                    "facts": json.dumps(document.facts),
                    "content": content,
                },
            ).scalar()
        )
        if is_new:
            texts = (document.order, str(document.facts.get("number", "")))
            numbers = document.facts.get("numbers", ())
            Search(self.session).index("document", document.id, document.company, texts, numbers)
        return is_new

    def get(self, document: str) -> Document | None:
        """The paper of that id."""
        return self._one(_D.id == document)

    def latest(self, order: str, kind: str, subject: str = "") -> Document | None:
        """The newest version of a paper."""
        found = select(*_DOCUMENT).where(_D.order == order, _D.kind == kind, _D.subject == subject)
        row = self.session.execute(found.order_by(_D.version.desc()).limit(1)).one_or_none()
        return Document(*row) if row else None

    def by_sha256(self, sha256: str) -> Document | None:
        """The paper whose bytes have this digest."""
        row = self.session.execute(select(*_DOCUMENT).where(_D.sha256 == sha256).limit(1)).one_or_none()
        return Document(*row) if row else None

    def of_order(self, order: str) -> list[Document]:
        """All papers of an order, every version."""
        found = select(*_DOCUMENT).where(_D.order == order)
        return [Document(*row) for row in self.session.execute(found.order_by(_D.kind, _D.subject, _D.version))]

    def content(self, document: str) -> bytes | None:
        """A paper's bytes."""
        return self.session.scalar(select(_D.content).where(_D.id == document))

    def batch(self, after: str, limit: int) -> list[tuple[Document, bytes]]:
        """Papers with their bytes in the order of their ids, from behind the one named; empty at the end."""
        found = select(*_DOCUMENT, _D.content).where(_D.id > after).order_by(_D.id).limit(limit)
        return [(Document(*row[:-1]), row[-1]) for row in self.session.execute(found)]

    def _one(self, *where: Any) -> Document | None:
        row = self.session.execute(select(*_DOCUMENT).where(*where)).one_or_none()
        return Document(*row) if row else None

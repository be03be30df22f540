"""A paper as lists show it: its columns, and how it stands among its versions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Case, ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.orm import aliased

from webapp.store.papers.documents import numbers_on
from webapp.store.platform.tables import CompanyRow as _C
from webapp.store.platform.tables import DocumentRow
from webapp.store.platform.tables import DocumentRow as _D

UNSIGNED, SIGNED = "power_of_attorney", "power_of_attorney_signed"


@dataclass(frozen=True)
class PaperCard:
    """A paper in a list, or in the index of a zip."""

    id: str
    order: str
    kind: str
    version: int
    language: str
    sha256: str
    size: int
    verify_code: str
    made_at: datetime
    company: str
    company_name: str
    org_id: str
    facts: Mapping[str, Any]
    standing: str

    @property
    def number(self) -> str:
        """Its own number."""
        return str(self.facts.get("number", ""))

    @property
    def numbers(self) -> tuple[str, ...]:
        """The telephone numbers and series it covers, as they stand on it."""
        return numbers_on(self.facts)

    @property
    def key_ends(self) -> datetime | None:
        """When the certificate of its seal does; None: no seal, or one made before this was kept."""
        kept = self.facts.get("key_ends")
        return datetime.fromisoformat(kept) if kept else None

    @property
    def file(self) -> str:
        """The name it was given."""
        return str(self.facts.get("file", ""))


_POWERS = (UNSIGNED, SIGNED)


CARD: tuple[Any, ...] = (
    _D.id, _D.order, _D.kind, _D.version, _D.language, _D.sha256, _D.size, _D.verify_code, _D.made_at, _D.company,
    func.coalesce(_C.name, ""), func.coalesce(_C.org_id, ""), _D.facts,
)  # fmt: skip
"""What PaperCard is made of, but for the standing."""


@cache
def _standing() -> Case[str]:
    """Which of STANDINGS. Made when it is first asked for: the names it gives its tables have the ORM configure itself."""
    newer, twin = aliased(_D), aliased(_D)
    of_same_thing = or_(newer.kind == _D.kind, and_(newer.kind.in_(_POWERS), _D.kind.in_(_POWERS)))
    has_newer = _there_is(newer, of_same_thing, newer.version > _D.version)
    has_been_signed = _there_is(twin, twin.kind == SIGNED, twin.version == _D.version)
    return case(
        (has_newer, "replaced"),
        (_D.kind == SIGNED, "signed"),
        (_D.kind != UNSIGNED, "current"),
        (has_been_signed, "signed_since"),
        else_="unsigned",
    )


def _there_is(other: type[DocumentRow], *which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Such a paper about the same thing. Not EXISTS: PostgreSQL may answer that by reading all papers of the installation at once."""
    same = and_(other.tenant == _D.tenant, other.order == _D.order, other.subject == _D.subject)
    return select(literal(1)).where(same, *which).limit(1).correlate(_D).scalar_subquery().is_not(None)

"""Papers chosen to be fetched together: the choice, and how each was found to be; makes no zip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, func, select

from webapp.store.papers.cards import CARD, PaperCard
from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.tables import CompanyRow, DocumentRow, ExportPaperRow, ExportRow, PersonRow

_X, _P, _D, _C, _N = ExportRow, ExportPaperRow, DocumentRow, CompanyRow, PersonRow


@dataclass(frozen=True)
class Export:
    """A choice of papers and how far it is. `looked` have been looked at, of which `bad` are left out."""

    id: str
    state: str
    asked_by: str  # the person's name
    asked: Mapping[str, Any]
    language: str
    asked_at: datetime
    expires_at: datetime
    total: int
    looked: int
    bad: int


@dataclass(frozen=True)
class Chosen:
    """A paper in its place, and what was found: None not looked at yet, "" whole."""

    n: int
    paper: PaperCard
    verdict: str | None


class Exports(Repository):
    """The tenant's."""

    def add(
        self,
        id: str,
        key: str,
        papers: Sequence[tuple[str, str]],
        *,
        asked_by: str,
        asked: Mapping[str, str],
        language: str,
        now: datetime,
        expires_at: datetime,
    ) -> bool:
        """A choice of papers with their standings; False when the same is there already."""
        row = raw(
            self.session,
            "insert into export (tenant, id, key, state, asked_by, asked, language, asked_at, expires_at) values"
            " (:tenant, :id, :key, 'making', :asked_by, (select coalesce(jsonb_object_agg(n, v), '{}') from"
            "  unnest(cast(:names as text[]), cast(:values as text[])) as asked (n, v)), :language, :now, :expires_at)"
            " on conflict (tenant, key) where state in ('making', 'ready') do nothing returning 1",
            {
                "id": id, "key": key, "asked_by": asked_by, "language": language, "now": now, "expires_at": expires_at,
                "names": list(asked), "values": list(asked.values()),
            },
        ).scalar()  # fmt: skip
        if row:
            raw(
                self.session,
                "insert into export_paper (tenant, export, n, document, standing)"
                " select :tenant, :id, n, document, standing from"
                " unnest(cast(:documents as text[]), cast(:standings as text[])) with ordinality as p (document, standing, n)",
                {"id": id, "documents": [id for id, _ in papers], "standings": [standing for _, standing in papers]},
            )
        return bool(row)

    def by_key(self, key: str) -> str | None:
        """The id of the one that is being made, or ready, from this choice."""
        return self.session.scalar(select(_X.id).where(_X.key == key, _X.state.in_(("making", "ready"))))

    def get(self, export: str) -> Export | None:
        """The one of that id."""
        return next(iter(self._some(_X.id == export)), None)

    def latest(self, now: datetime, limit: int = 5) -> list[Export]:
        """Those that can be had, the latest first."""
        return self._some(_X.expires_at > now, _X.state != "cancelled", limit=limit)

    def _some(self, *where: Any, limit: int = 1) -> list[Export]:
        looked, bad = func.count(_P.verdict), func.count().filter(_P.verdict != "")
        found = (
            select(
                _X.id, _X.state, func.coalesce(_N.name, ""), _X.asked, _X.language, _X.asked_at, _X.expires_at, func.count(_P.n), looked, bad
            )
            .outerjoin(_P, and_(_P.tenant == _X.tenant, _P.export == _X.id))
            .outerjoin(_N, and_(_N.tenant == _X.tenant, _N.id == _X.asked_by))
            .where(*where)
            .group_by(_X.tenant, _X.id, _N.name)
            .order_by(_X.asked_at.desc(), _X.id)
            .limit(limit)
        )  # fmt: skip
        return [Export(*row) for row in self.session.execute(found)]

    def papers(self, export: str) -> list[Chosen]:
        """All of them in their places."""
        found = (
            select(_P.n, _P.verdict, *CARD, _P.standing)
            .join(_D, and_(_D.tenant == _P.tenant, _D.id == _P.document))
            .outerjoin(_C, and_(_C.tenant == _D.tenant, _C.id == _D.company))
            .where(_P.export == export)
            .order_by(_P.n)
        )
        return [Chosen(n, PaperCard(*card), verdict) for n, verdict, *card in self.session.execute(found)]

    def unseen(self, export: str, limit: int) -> list[tuple[int, str]]:
        """Places and documents that have not been looked at yet."""
        found = select(_P.n, _P.document).where(_P.export == export, _P.verdict.is_(None))
        return [(n, document) for n, document in self.session.execute(found.order_by(_P.n).limit(limit))]

    def judge(self, export: str, verdicts: Mapping[int, str]) -> None:
        """What was found of some, by their places; whoever was quicker is right."""
        raw(
            self.session,
            "update export_paper p set verdict = found.verdict"
            " from unnest(cast(:places as bigint[]), cast(:verdicts as text[])) as found (n, verdict)"
            " where p.tenant = :tenant and p.export = :export and p.n = found.n and p.verdict is null",
            {"export": export, "places": list(verdicts), "verdicts": list(verdicts.values())},
        )

    def change_state(self, export: str, *, was: str, to: str) -> bool:
        """From a state to the next; False when it is not in it."""
        return self.change(_X, _X.id == export, _X.state == was, state=to)

    def throw_away_expired(self, now: datetime) -> int:
        """Deletes those past their time; how many."""
        gone = delete(_X).where(_X.expires_at <= now).returning(_X.id)
        return len(list(self.session.scalars(gone, execution_options={"synchronize_session": False})))

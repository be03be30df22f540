"""Papers fetched together: staff choose them, a job looks at each, and the zip is written anew whenever it is fetched. Reads no request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp import faults
from webapp.domain import spreadsheet
from webapp.domain.market import Market
from webapp.domain.numbers import show_company_id
from webapp.domain.problem import Problem
from webapp.domain.texts import msg
from webapp.l10n import Localizer
from webapp.operations.papers import zip_stream
from webapp.operations.papers.production import TITLES
from webapp.store.desk.job_status import Outcomes
from webapp.store.papers.cards import PaperCard
from webapp.store.papers.documents import Document
from webapp.store.papers.exports import Chosen, Export, Exports
from webapp.store.platform.scope import Scope
from webapp.store.platform.tables import new_id
from webapp.store.reading.document_reads import DocumentFilter, chosen
from webapp.store.unit_of_work import Store, Work, Working

MOST_PAPERS, MOST_BYTES = 2000, 500_000_000
LIVES = timedelta(days=7)
MAKE = "make_export"
BATCH = 20
INDEX = "index.csv"

IsWhole = Callable[[Document, bytes], bool]
"""Whether a paper is as it was made. Whoever answers no tells staff."""

STANDINGS: Mapping[str, str] = {
    "signed": msg("Signed"),
    "signed_since": msg("Signed afterwards"),
    "unsigned": msg("Not signed"),
    "current": msg("In force"),
    "replaced": msg("Replaced"),
}


class ChoiceChanged(RuntimeError):
    """A paper is no longer what it was when its zip was made ready."""


@dataclass(frozen=True)
class ExportProgress:
    """How far a choice of papers is. `failed` when the job gave up."""

    export: Export
    failed: bool

    @property
    def is_over(self) -> bool:
        """Whether nothing more will change by itself."""
        return self.failed or self.export.state != "making"


@dataclass(frozen=True)
class Ready:
    """A zip to be written: its papers with their names in it, and its index."""

    export: Export
    files: tuple[tuple[str, PaperCard], ...]
    index: bytes

    @property
    def size(self) -> int:
        """The bytes of the whole zip."""
        papers = ((name, paper.size) for name, paper in self.files)
        return zip_stream.size(((INDEX, len(self.index)), *papers))


# --- For pages ---------------------------------------------------------------------------------------------------


def ask(
    work: Work, asked: DocumentFilter, address: Mapping[str, str], by: str, language: str, now: datetime
) -> tuple[str, Problem | None]:
    """Exactly these papers as one zip: the id of what is being made of them, which is one however often it is asked for."""
    papers = chosen(work, asked, MOST_PAPERS + 1)
    if not papers:
        return "", Problem("export.nothing")
    if len(papers) > MOST_PAPERS or sum(size for _, size, _ in papers) > MOST_BYTES:
        return "", Problem("export.too_much", {"papers": MOST_PAPERS, "megabytes": MOST_BYTES // 1_000_000})
    exports, places = Exports(work.session), [(document, standing) for document, _, standing in papers]
    key = hashlib.sha256(json.dumps([by, language, places]).encode()).hexdigest()
    id = new_id()
    is_new = exports.add(
        id, key, places, asked_by=by, asked=address, language=language, now=now, expires_at=now + LIVES
    )
    if not is_new:
        return exports.by_key(key) or "", None
    work.audit.write("export.asked", id, now=now, details={"papers": len(papers)})
    work.jobs.defer(MAKE, id)
    return id, None


def progress(work: Work, export: str, now: datetime) -> ExportProgress | None:
    """How far it is; None when it does not exist (any more)."""
    found = Exports(work.session).get(export)
    if found is None or found.expires_at <= now:
        return None
    return ExportProgress(found, found.state == "making" and bool(Outcomes(work.session).failed_of_order(export)))


def latest(work: Work, now: datetime) -> tuple[Export, ...]:
    """Those that can be had."""
    return tuple(Exports(work.session).latest(now))


def cancel(work: Work, export: str, now: datetime) -> bool:
    """Stops what is being made; False when it is no longer."""
    stopped = Exports(work.session).change_state(export, was="making", to="cancelled")
    if stopped:
        work.audit.write("export.cancelled", export, now=now)
    return stopped


def fetch(work: Work, export: str, market: Market, words: Localizer, now: datetime) -> Ready | None:
    """What is to be written, and in the trail that each of these papers was fetched; None when it is not ready."""
    exports = Exports(work.session)
    found = exports.get(export)
    if found is None or found.state != "ready" or found.expires_at <= now:
        return None
    papers = exports.papers(export)
    whole = [each.paper for each in papers if not each.verdict]
    files = tuple(zip(zip_stream.names([INDEX, *(paper.file for paper in whole)])[1:], whole, strict=True))
    work.audit.write("export.fetched", export, now=now, details={"papers": len(files)})
    work.audit.write_all(
        "document.fetched",
        [(p.order, p.company, {"document": p.id, "kind": p.kind, "export": export}) for _, p in files],
        now=now,
    )
    names = {paper.id: name for name, paper in files}
    return Ready(found, files, _index(papers, names, market, words))


def write(ready: Ready, working: Callable[[], Working]) -> Iterator[bytes]:
    """The zip in pieces, a transaction each; breaks off (Changed) rather than hand over a paper that is not what it was."""

    def files() -> Iterator[tuple[str, bytes]]:
        yield INDEX, ready.index
        for name, paper in ready.files:
            with working() as work:
                content = work.documents.content(paper.id)
            if content is None or hashlib.sha256(content).hexdigest() != paper.sha256:
                raise ChoiceChanged(paper.id)
            yield name, content

    return zip_stream.pieces(files(), ready.export.asked_at)


def _index(papers: Sequence[Chosen], names: Mapping[str, str], market: Market, words: Localizer) -> bytes:
    """What lies in the zip, and what was left out and why."""
    _ = words.gettext
    headings = (
        _("File"), _("Document"), _("Number of the document"), _("Version"), _("State"), _("Order number"), _("Customer"),
        _("Company number"), _("Numbers"), _("Made"), _("Verification code"), "SHA-256", _("Remark"),
    )  # fmt: skip
    rows = (
        (
            names.get(p.id, ""), _(TITLES[p.kind]), p.number, p.version,
            _(STANDINGS[p.standing]), p.order, p.company_name, show_company_id(p.org_id, market),
            ", ".join(p.numbers), _when(p.made_at, market, words), p.verify_code, p.sha256,
            _("Left out: the file is not the one that was created. An alarm has been raised") if each.verdict else "",
        )
        for each in papers
        for p in (each.paper,)
    )  # fmt: skip
    return spreadsheet.write(headings, rows)


def _when(at: datetime, market: Market, words: Localizer) -> str:
    return f"{words.day_short(at.astimezone(market.zone))} {words.time(at)}"


# --- For jobs ----------------------------------------------------------------------------------------------------


def make(store: Store, tenant: str, export: str, is_whole: IsWhole, now: datetime) -> None:
    """Looks at every paper that has not been looked at yet; goes on where another worker died."""
    scope = Scope(tenant, None, "worker")
    while True:
        with store.work(scope) as work:
            exports = Exports(work.session)
            found = exports.get(export)
            if found is None or found.state != "making":
                return
            waiting = exports.unseen(export, BATCH)
            if not waiting:
                faults.point("export.before_ready")
                exports.change_state(export, was="making", to="ready")
                return
        verdicts = {}
        for n, document in waiting:
            with store.work(scope) as work:
                paper, content = work.documents.get(document), work.documents.content(document)
            verdicts[n] = "" if paper and content is not None and is_whole(paper, content) else "damaged"
        with store.work(scope) as work:
            Exports(work.session).judge(export, verdicts)
        faults.point("export.after_batch")


def expire(store: Store, tenant: str, now: datetime) -> int:
    """Forgets the choices past their time; how many."""
    with store.work(Scope(tenant, None, "worker")) as work:
        return Exports(work.session).throw_away_expired(now)

"""What an order sets in motion: its papers, each made once and kept with its digest, and the steps that follow; draws nothing itself."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from webapp import faults
from webapp.domain.ordering.order import Order, OrderLine
from webapp.domain.papers.contract_summary import ContractSummary, number_in, papers_in
from webapp.domain.papers.coverage import Covered, by_owner_and_signer, first_covers
from webapp.domain.papers.facts import Confirmation, Paper, PowerOfAttorney
from webapp.domain.papers.for_order import confirmation, power_of_attorney
from webapp.domain.porting.porting import Porting
from webapp.domain.stored_json import to_json
from webapp.domain.tenants.tenant import Tenant
from webapp.domain.texts import msg
from webapp.l10n import Localizer
from webapp.operations import outbox
from webapp.operations.papers import porting_status
from webapp.store.desk.job_status import Outcomes
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope
from webapp.store.platform.tables import new_id
from webapp.store.unit_of_work import Store, Work, Working
from webapp.tenancy.revision import tenant_from_json

WORKER = "worker"
MAKE_DOCUMENT = "make_document"
SIGNED = "power_of_attorney_signed"
"""The kind of a power of attorney that bears its signatures; the unsigned one stays beside it."""
TITLES: Mapping[str, str] = {
    SIGNED: msg("Signed power of attorney for number porting"),
    PowerOfAttorney.kind: msg("Power of attorney for number porting"),
    Confirmation.kind: msg("Order confirmation"),
    ContractSummary.kind: msg("Contract summary"),
}
"""What each kind of paper is called, on itself and on every page; staff choose among them in this order."""

_DRAWN_WITH: dict[tuple[str, str], Tenant] = {}
_MOST_KEPT = 64
"""A revision never changes: each is read once, for a page that is to be as fast as any other."""


class NotThere(LookupError):
    """The order or paper does not exist in this scope."""


@dataclass(frozen=True)
class Planned:
    """A paper that an order leads to, made already or not. `moves` are those it covers, `signer` who are to sign it."""

    number: str
    kind: str
    subject: str
    moves: tuple[Porting, ...] = ()
    signer: str = ""
    version: int = 1

    @property
    def title(self) -> str:
        """What it is called, as a msgid."""
        return TITLES[self.kind]


@dataclass(frozen=True)
class PaperProgress:
    """How far the papers and mails of an order have come."""

    papers: tuple[tuple[Planned, Document | None], ...]
    mails: tuple[outbox.Sending, ...]
    failed: frozenset[str] = field(default_factory=frozenset)  # numbers of papers that could not be made

    @property
    def done(self) -> int:
        """Papers that are there."""
        return sum(document is not None for _, document in self.papers)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will change by itself."""
        return self.done == len(self.papers) and all(mail.is_over for mail in self.mails)


def plan(order: Order, covers: Mapping[int, Covered] | None = None) -> tuple[Planned, ...]:
    """The papers of an order, the confirmation first, as domain.papers.for_order numbers them. `covers` once moves were corrected."""
    by_line = covers or first_covers(order)
    return (
        Planned(f"{order.ref}-1", Confirmation.kind, ""),
        *(_power_of_attorney(by_line[lines[0].n], lines) for lines in by_owner_and_signer(order)),
        *(Planned(number, ContractSummary.kind, "") for number in (number_in(order),) if number),
    )


def _power_of_attorney(cover: Covered, lines: list[OrderLine]) -> Planned:
    """It bears its own number as subject, for it covers several portings."""
    ports = tuple(line.porting for line in lines if line.porting)
    signers = ", ".join(signer.name for signer in ports[0].all_signers)
    return Planned(cover.paper, PowerOfAttorney.kind, cover.paper, ports, signers, cover.version)


def _subject(paper: Paper) -> str:
    return paper.number if isinstance(paper, PowerOfAttorney) else ""


def verify_code(secret: str, tenant: str, number: str) -> str:
    """The code printed on a paper: whoever holds the paper can ask for it, nobody can guess it. Such as 7K4Q-2M9P-XB3C."""
    made = hmac.digest(secret.encode(), f"verify:{tenant}:{number}".encode(), "sha256")
    text = base64.b32encode(made).decode().translate(str.maketrans("IO", "89"))[:12]
    return "-".join(text[at : at + 4] for at in (0, 4, 8))


def read_code(typed: str) -> str:
    """A code as somebody typed it, in the form in which it is stored."""
    text = "".join(sign for sign in typed.upper() if sign.isascii() and sign.isalnum()).translate(
        str.maketrans("IO", "89")
    )
    return "-".join((text[:4], text[4:8], text[8:])) if len(text) == 12 else ""


# --- For jobs ----------------------------------------------------------------------------------------------------


def fan_out_order(store: Store, tenant: str, ref: str, now: datetime) -> None:
    """Sets every step that follows an order going, once, in one transaction."""
    with worker_scope(store, tenant) as work:
        order, seller = order_and_seller(work, ref)
        key = f"carry_out:{ref}"
        if work.effects.claim(key, "", now=now) is None:
            return
        standing = porting_status.as_they_stand(work, order)
        for planned in plan(standing.order, standing.covers):
            work.jobs.defer(MAKE_DOCUMENT, planned.number)
        for due in outbox.due(order, seller):
            work.jobs.defer(due.job, due.id)
        work.effects.finish(key, now=now)
        faults.point("carry_out.before_commit")


def paper_to_render(store: Store, tenant: str, number: str, secret: str) -> tuple[Paper, Tenant] | None:
    """The facts of a paper and the tenant as it was when the order was placed; None when the paper is there already."""
    ref = number.rpartition("-")[0]
    with worker_scope(store, tenant) as work:
        order, seller = order_and_seller(work, ref)
        code = partial(verify_code, secret, tenant)
        paper = _paper(work, order, seller, number, code)
        if paper is None:
            raise NotThere(number)
        there = work.documents.latest(ref, paper.kind, _subject(paper))
        return None if there and there.version >= paper.version else (paper, seller)


def _paper(work: Work, order: Order, seller: Tenant, number: str, code: Callable[[str], str]) -> Paper | None:
    """One paper of an order by its number; a long order has hundreds, each of them a job's."""
    if number == f"{order.ref}-1":
        return confirmation(order, seller, code)
    if number == number_in(order):
        return papers_in(order, code)[0]
    standing = porting_status.as_they_stand(work, order)
    return power_of_attorney(number, standing.order, seller, code, standing.covers)


def add(
    work: Work, paper: Paper, content: bytes, file_name: str, seal: Mapping[str, str], now: datetime
) -> Document | None:
    """A paper among those of its order, with a row that tells of it; None when this version of it is there already."""
    order, seller = order_and_seller(work, paper.ref)
    document = Document(
        id=new_id(),
        company=order.company.id,
        order=order.ref,
        subject=_subject(paper),
        kind=SIGNED if paper.signed else paper.kind,
        version=paper.version,
        title=Localizer(paper.language).gettext(TITLES[SIGNED if paper.signed else paper.kind]),
        language=paper.language,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        verify_code=paper.verify_code,
        made_at=now,
        facts={**_facts(paper, seller, file_name), **seal},
    )
    if seal:
        work.alarms.over(outbox.SEAL_TROUBLE, now=now)  # it has mended
    if not work.documents.add(document, content):
        return None
    details = {"document": document.id, "kind": document.kind, "number": paper.number, "sha256": document.sha256}
    work.audit.write("document.made", order.ref, now=now, details=details, company=order.company.id)
    return document


def _facts(paper: Paper, seller: Tenant, file_name: str) -> dict[str, Any]:
    """What pages tell of a paper without opening it, and of one that is to be signed all that stands on it."""
    facts: dict[str, Any] = {"number": paper.number, "file": file_name, "data_sha256": paper.data_sha256}
    if isinstance(paper, PowerOfAttorney):
        facts |= {
            "numbers": [move.e164 for move in paper.moves],
            "signer": ", ".join(signer.name for signer in paper.signers),
            "lines": list(paper.lines),
            "valid_until": paper.valid_until.isoformat(),
            "paper": to_json(paper),  # of which the signed one is made anew
            "revision": seller.revision,  # of the tenant whose words stand on it
        }
    return facts


def seller_of(work: Work, order: Order) -> Tenant:
    """The tenant as it was when the order was placed; as it is now where that revision is not kept."""
    found = work.revisions.get(order.provenance.tenant_revision) or work.revisions.current()
    if found is None:
        raise NotThere(order.provenance.tenant_revision)
    return tenant_from_json(found.content)


def drawn_with(work: Work, document: Document, now_is: Tenant | None = None) -> Tenant:
    """The tenant whose words stand on a power of attorney, whatever it has published since. `now_is` saves a look."""
    digest = document.facts["revision"]
    if now_is and digest == now_is.revision:
        return now_is
    key = (work.scope.tenant, digest)
    kept = _DRAWN_WITH.get(key)
    if kept is None:
        found = work.revisions.get(digest)
        if found is None:
            raise NotThere(digest)
        kept = tenant_from_json(found.content)
        for oldest in list(_DRAWN_WITH)[: max(0, len(_DRAWN_WITH) + 1 - _MOST_KEPT)]:
            _DRAWN_WITH.pop(oldest, None)  # another thread may do the same
        _DRAWN_WITH[key] = kept
    return kept


def order_and_seller(work: Work, ref: str) -> tuple[Order, Tenant]:
    order = work.orders.get(ref)
    if order is None:
        raise NotThere(ref)
    return order, seller_of(work, order)


def worker_scope(store: Store, tenant: str) -> Working:
    return store.work(Scope(tenant, None, WORKER))


# --- For pages ---------------------------------------------------------------------------------------------------


def progress(work: Work, order: Order, tenant: Tenant, documents: Iterable[Document]) -> PaperProgress:
    """How far the papers and mails of an order have come. `documents` are those there are."""
    seller = tenant if tenant.revision == order.provenance.tenant_revision else seller_of(work, order)
    there = {(document.kind, document.subject, document.version): document for document in documents}
    standing = porting_status.as_they_stand(work, order)
    planned = plan(standing.order, standing.covers)
    papers = tuple((each, there.get((each.kind, each.subject, each.version))) for each in planned)
    jobs = Outcomes(work.session).failed_of_order(order.ref)
    failed = frozenset(job.id for job in jobs if job.kind == MAKE_DOCUMENT)
    return PaperProgress(papers, outbox.sendings(work, order, seller), failed)

"""How far the powers of attorney of an order have come, for those who wait for them; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.operations.signing.signature_requests import paper_of
from webapp.store.desk.job_status import Outcomes
from webapp.store.papers.documents import Document
from webapp.store.signing import Request, Signer, SigningEvent
from webapp.store.unit_of_work import Work


@dataclass(frozen=True)
class SignerStatus:
    """How far a signer has come, for those who wait. `mail` is of the last link: queued | held (until another day) | sent | failed."""

    signer: Signer
    last: SigningEvent | None
    mail: str


@dataclass(frozen=True)
class SignatureStatus:
    """One power of attorney of an order, in one version, with everybody who is to sign it."""

    request: Request
    document: Document
    sealed: Document | None
    signers: tuple[SignerStatus, ...]
    lines: tuple[int, ...]
    numbers: tuple[str, ...]  # as they stand on the paper: of a series the first and what the last ends in
    is_current: bool  # False: a newer version takes its place

    @property
    def state(self) -> str:
        """waiting | signed | sealed | declined | withdrawn | expired | replaced."""
        return self.request.state


def cases(work: Work, order: str) -> tuple[SignatureStatus, ...]:
    """All powers of attorney of an order by number, the newest version first."""
    requests = work.signings.of_order(order)
    if not requests:
        return ()
    documents = {document.id: document for document in work.documents.of_order(order)}
    signers, last, sent = work.signings.statuses(order)
    held = Outcomes(work.session).waiting(order)
    found = []
    for request in requests:
        document = documents[request.document]
        standings = tuple(
            SignerStatus(each, last.get(each.id), _mail(each, sent, held))
            for each in signers
            if each.request == request.id
        )
        lines, numbers = tuple(document.facts["lines"]), document.numbers
        is_current, sealed = request.state != "replaced", documents.get(request.sealed or "")
        found.append(SignatureStatus(request, document, sealed, standings, lines, numbers, is_current))
    return tuple(found)


def doubts(case: SignatureStatus, ordered_by_email: str) -> tuple[str, ...]:
    """What staff should look at before a number moves; nothing is held up by it.

    own_address: a private owner is to sign at the address of who ordered. other_name: the name that was signed, or that
    an eID vouches for, is not the one that was invited.
    """
    signers = [standing.signer for standing in case.signers]
    theirs = ordered_by_email.casefold()
    is_company = paper_of(case.document).giver_is_company
    found = {
        "own_address": not is_company and any(each.email.casefold() == theirs for each in signers),
        "other_name": any(
            _name(name) != _name(each.name)
            for each in signers
            for name in filter(None, (each.signed_name, each.proof.get("verified_name")))
        ),
    }
    return tuple(doubt for doubt, is_so in found.items() if is_so)


def _name(written: str) -> str:
    return " ".join(written.casefold().split())


def _mail(signer: Signer, sent: frozenset[str], held: frozenset[str]) -> str:
    if signer.state == "bounced":
        return "failed"
    return "sent" if signer.link in sent else "held" if signer.link in held else "queued"


def case(work: Work, request: str) -> SignatureStatus | None:
    """One of them."""
    found = work.signings.get(request)
    return next((each for each in cases(work, found.order) if each.request.id == request), None) if found else None

"""From signed to sealed: what jobs need to prove a signer, and to make a paper anew and keep it; draws, seals and calls nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from webapp import faults
from webapp.domain.papers.facts import PowerOfAttorney
from webapp.domain.signing.identity import Identity
from webapp.domain.signing.rules import EID, LINK_LIFE, PAPER
from webapp.domain.tenants.tenant import Tenant
from webapp.operations.papers import production
from webapp.operations.people.sign_in import hash_of
from webapp.operations.signing import signature_requests as signature_requests
from webapp.operations.signing.evidence import Evidence
from webapp.operations.signing.signature import take_signature
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope
from webapp.store.signing import Proof, Request, Signer
from webapp.store.unit_of_work import Store, Work, Working
from webapp.tenancy.revision import tenant_from_json


@dataclass(frozen=True)
class EidAttempt:
    """What the jobs of an eID login need. The redirect address is the tenant's base_url + /sign/eid."""

    proof: Proof
    signer: Signer
    paper: PowerOfAttorney
    tenant: Tenant
    state: str
    nonce: str
    verifier: str
    code: str = ""


@dataclass(frozen=True)
class Scan:
    """An uploaded scan to be checked; `kind` as its first bytes say: pdf, jpeg or png."""

    proof: Proof
    kind: str
    content: bytes


@dataclass(frozen=True)
class ToSeal:
    """A signed request, ready to be made into its sealed paper. `shown` are the bytes that were shown, `scans` by file name."""

    request: str
    paper: PowerOfAttorney  # with signatures, events, shown_sha256 and evidence
    seller: Tenant
    shown: bytes
    scans: Mapping[str, bytes]


@dataclass(frozen=True)
class Copy:
    """What the mail with the signed copy needs."""

    signer: Signer
    paper: PowerOfAttorney
    secret: str  # of the link: /sign/<secret>
    expires_at: datetime


# --- eID -----------------------------------------------------------------------------------------------------------


def eid_to_prepare(store: Store, tenant: str, proof: str, now: datetime) -> EidAttempt | None:
    """For the job that makes the address of the broker; None when it is made or too late."""
    found = _eid(store, tenant, proof, "open", now)
    return None if found is None or found.proof.facts.get("url") else found


def eid_prepared(store: Store, tenant: str, proof: str, url: str, now: datetime) -> None:
    """The browser can be sent there now."""
    with _worker_scope(store, tenant) as work:
        found = work.signings.proof(proof)
        if found and found.method == EID:
            work.signings.move_proof(proof, was=("open",), to="open", facts={**found.facts, "url": url})


def eid_attempt(store: Store, tenant: str, proof: str, now: datetime) -> EidAttempt | None:
    """What is to be exchanged; None when it has been done or is too late."""
    return _eid(store, tenant, proof, "asked", now)


def _eid(store: Store, tenant: str, proof: str, state: str, now: datetime) -> EidAttempt | None:
    """An attempt for which a broker was waited too long has failed: somebody may still look at the page."""
    with _worker_scope(store, tenant) as work:
        found = work.signings.proof(proof)
        if found is None or found.method != EID or found.state != state:
            return None
        late = found.expires_at <= now
    if late:
        eid_failed(store, tenant, proof, "sign.eid.old", now)
        return None
    with _worker_scope(store, tenant) as work:
        signer, _, document = _about(work, found)
        revision = work.revisions.current()
        assert revision is not None
        facts = {name: found.facts.get(name, "") for name in ("state", "nonce", "verifier", "code")}
        return EidAttempt(
            found, signer, signature_requests.paper_of(document), tenant_from_json(revision.content), **facts
        )


def eid_is(store: Store, tenant: str, proof: str, identity: Identity, now: datetime) -> bool:
    """The eID said who it was: signed. False when something else was quicker."""
    shown = {
        "provider": identity.provider,
        "acr": identity.acr,
        "transaction": identity.transaction,
        "verified_name": identity.name,
    }
    told = {**shown, "auth_time": identity.auth_time.isoformat(), "subject": identity.subject_hash}
    return _proven(store, tenant, proof, "eid_confirmed", shown, told, now)


def eid_failed(store: Store, tenant: str, proof: str, why: str, now: datetime) -> None:
    """The eID said no (a problem's code, as sign.eid.failed): the signer may try again or choose another method."""
    _refused(store, tenant, proof, "eid_failed", why, now, to="failed")


def code_failed(store: Store, tenant: str, proof: str, now: datetime) -> None:
    """The code can be sent to nobody there: the signer, who waits for it, is told, and may choose another method."""
    _refused(store, tenant, proof, "code_failed", "sign.code.unsent", now, to="failed")


# --- On paper ------------------------------------------------------------------------------------------------------


def scan_to_check(store: Store, tenant: str, proof: str) -> Scan | None:
    """The bytes that were uploaded; None when they have been checked."""
    with _worker_scope(store, tenant) as work:
        found = work.signings.proof(proof)
        content = work.signings.content(proof)
        if found is None or content is None or found.state != "asked":
            return None
        return Scan(found, found.facts["kind"], content)


def scan_is_good(store: Store, tenant: str, proof: str, now: datetime) -> bool:
    """A readable scan: signed. False when something else was quicker."""
    return _proven(store, tenant, proof, "scan_accepted", {}, {}, now)


def scan_is_bad(store: Store, tenant: str, proof: str, why: str, now: datetime) -> None:
    """Not a readable PDF or picture (a problem's code): the signer is asked for another."""
    _refused(store, tenant, proof, "scan_refused", why, now, to="open")


def _proven(
    store: Store, tenant: str, proof: str, what: str, shown: dict[str, str], told: dict[str, str], now: datetime
) -> bool:
    with _worker_scope(store, tenant) as work:
        found = work.signings.proof(proof)
        if found is None:
            return False
        signer, request, _ = _about(work, found)
        if not work.signings.lock_if(request.id, "waiting"):
            return False
        found = work.signings.proof(proof)
        if found is None or found.state != "asked":
            return False
        signature_requests.record_event(
            work, request, what, now, signer=signer, details={**told, "address": found.address}
        )
        done = take_signature(work, request, signer, found, shown, now)
        faults.point("sign.before_commit")
        return done


def _refused(store: Store, tenant: str, proof: str, what: str, why: str, now: datetime, *, to: str) -> None:
    with _worker_scope(store, tenant) as work:
        found = work.signings.proof(proof)
        if found is None:
            return
        signer, request, _ = _about(work, found)
        facts = {name: value for name, value in found.facts.items() if name not in ("code", "verifier")}
        if work.signings.move_proof(proof, was=("open", "asked"), to=to, facts={**facts, "why": why}):
            signature_requests.record_event(work, request, what, now, signer=signer, details={"why": why})


def _about(work: Work, proof: Proof) -> tuple[Signer, Request, Document]:
    signer = work.signings.signer(proof.signer)
    request = work.signings.get(signer.request) if signer else None
    document = work.documents.get(request.document) if request else None
    assert signer and request and document  # foreign keys see to it
    return signer, request, document


# --- The seal ------------------------------------------------------------------------------------------------------


def to_seal(store: Store, tenant: str, request: str, secret: str, now: datetime) -> ToSeal | None:
    """Everything the sealed paper is made of; None when it is sealed already, or no longer signed. `secret` makes its verify code.

    The same at every call, so that a job that runs twice makes the same paper.
    """
    with _worker_scope(store, tenant) as work:
        found = work.signings.get(request)
        if found is None or found.state != "signed":
            return None
        order, document = work.orders.get(found.order), work.documents.get(found.document)
        shown = work.documents.content(found.document)
        assert order and document and shown is not None
        seller, paper = production.drawn_with(work, document), signature_requests.paper_of(document)
        signers = work.signings.signers(request)
        scans = {}
        for proof in work.signings.proofs_used(request):
            content = work.signings.content(proof.id) if proof.method == PAPER else None
            if content is not None:
                n = next(signer.n for signer in signers if signer.id == proof.signer)
                scans[f"{paper.number}-scan-{n}.{proof.facts['kind']}"] = content
        told = Evidence(order, document, paper, signers, work.signings.history(request))
        code = production.verify_code(secret, tenant, f"{paper.number}:{paper.version}:signed")
        signed = replace(
            paper,
            verify_code=code,
            signatures=told.signatures(),
            events=told.events(),
            shown_sha256=document.sha256,
            evidence=told.for_machines(seller, code),
        )
        return ToSeal(request, signed, seller, shown, scans)


def keep_sealed(
    store: Store,
    tenant: str,
    request: str,
    paper: PowerOfAttorney,
    content: bytes,
    file_name: str,
    seal: Mapping[str, str],
    now: datetime,
) -> bool:
    """Stores the sealed paper; state, lines, portings, audit and mails in the same commit. False: another worker was quicker,
    or the paper has been replaced meanwhile."""
    with _worker_scope(store, tenant) as work:
        work.portings.lock(paper.ref)
        found = work.signings.get(request)
        if found is None or not work.signings.lock_if(request, "signed"):
            return False
        document = production.add(work, paper, content, file_name, seal, now)
        if document is None:
            return False
        work.signings.change_state(request, was=("signed",), to="sealed", now=now, sealed=document.id)
        for n in paper.lines:
            work.orders.move_line(found.order, n, was=("waiting_signature",), to="ready", now=now)
        for port in work.portings.of_order(found.order):
            if port.line in paper.lines:
                work.portings.change_state(port.id, was=("awaiting_signature",), to="signed", now=now)
        signature_requests.record_event(work, found, "sealed", now, details={"sha256": document.sha256, **seal})
        for signer in work.signings.signers(request):
            work.jobs.defer(signature_requests.MAIL_COPY, signer.id)
        faults.point("seal.before_commit")
    return True


def copy_due(store: Store, tenant: str, signer: str, secret: str, now: datetime) -> Copy | None:
    """The link to the signed copy for one who signed."""
    with _worker_scope(store, tenant) as work:
        one = work.signings.signer(signer)
        request = work.signings.get(one.request) if one else None
        if one is None or request is None or not work.signings.lock_if(request.id, "sealed") or request.sealed is None:
            return None
        document = work.documents.get(request.sealed)
        assert document is not None
        token = f"copy-{signer}"  # one a signer, so the job may run twice
        made = signature_requests.link_secret(secret, tenant, token)
        if work.tokens.get(token) is None:
            until = now + LINK_LIFE
            work.tokens.issue(
                signature_requests.COPY,
                hash_of(made),
                now=now,
                expires_at=until,
                subject=signer,
                company=one.company,
                id=token,
            )
        alive = work.tokens.live(signature_requests.COPY, hash_of(made), now)
        return Copy(one, signature_requests.paper_of(document), made, alive.expires_at) if alive else None


def _worker_scope(store: Store, tenant: str) -> Working:
    return store.work(Scope(tenant, None, signature_requests.WORKER))

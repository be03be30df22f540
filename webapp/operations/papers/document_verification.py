"""Whether a stored paper may be handed out, and what a paper in somebody's hand is; staff are told once of each that is not as it was made."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from webapp.domain.tenants.tenant import Tenant
from webapp.operations.outbox import PAPER_DAMAGED, SEAL_TROUBLE
from webapp.operations.papers.production import NotThere
from webapp.operations.people.sign_in import TooOften, network_of
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store, Verified

if TYPE_CHECKING:
    from webapp.documents.check import Verdict
    from webapp.documents.keys import Trust

WORKER = "worker"
MOST_CHECKS, CHECKS_IN = 60, timedelta(hours=1)
"""Papers one network address may ask about; sixty bits are not guessed at this pace."""
LARGEST = 10 * 1024 * 1024
BATCH = 50


class Damaged(RuntimeError):
    """A stored paper is not as it was made; it is not handed out."""


class CannotCheck(RuntimeError):
    """Whom to believe is not known here, so no sealed paper can be handed out, or the machine has no time; the code says which."""


@dataclass(frozen=True)
class Seals:
    """Where the keys lie, and beside them whom to believe. Only a single key file needs its password for that."""

    keys: Path | None = None
    password: str = field(default="", repr=False)

    def trust(self) -> Trust:
        """Whom to believe. Raises CannotCheck."""
        from webapp.documents.keys import CannotSeal, Keyring

        try:
            found = Keyring(self.keys, self.password).trust() if self.keys else None
        except CannotSeal as unreadable:
            raise CannotCheck(unreadable.code) from None
        if found is None or not found.seals:
            raise CannotCheck("trust.missing")
        return found


NO_SEALS = Seals()


def key_of(seller: Tenant) -> str:
    """Whose key seals its papers: the contract party's. Revisions of earlier releases name none."""
    return seller.signing.seal_key or seller.parent or seller.slug


# --- Stored papers -----------------------------------------------------------------------------------------------


def fetch(store: Store, seals: Seals, scope: Scope, ref: str, document: str, now: datetime) -> tuple[Document, bytes]:
    """A paper of an order for somebody who may see it, checked first, and a row that says so.

    Raises NotThere, Damaged, CannotCheck.
    """
    with store.work(scope) as work:
        found = work.documents.get(document)
        content = work.documents.content(document) if found else None
    if found is None or content is None or found.order != ref:
        raise NotThere(document)
    need_whole(store, seals, scope, found, content, now)
    details = {"document": found.id, "kind": found.kind}
    with store.work(scope) as work:
        work.audit.write("document.fetched", ref, now=now, details=details, company=found.company)
    return found, content


def need_whole(store: Store, seals: Seals, scope: Scope, document: Document, content: bytes, now: datetime) -> None:
    """Every way out asks this before bytes leave the house; no transaction is to be open. Raises Damaged, CannotCheck."""
    try:
        faults = faults_of(seals, document, content, now)
    except CannotCheck as blind:
        cannot_seal(store, scope.tenant, document.order, str(blind), now)
        raise
    if faults:
        _alarm(store, scope, document, faults, now, every_time=True)
        raise Damaged(document.id)


def faults_of(seals: Seals, document: Document, content: bytes, now: datetime) -> tuple[str, ...]:
    """What is wrong with a stored paper: of any its digest, of a sealed one also its seal. Raises CannotCheck."""
    if "level" not in document.facts:
        return () if hmac.compare_digest(hashlib.sha256(content).hexdigest(), document.sha256) else ("hash",)
    verdict = _checked(content, seals.trust(), now, document.sha256)
    if verdict.is_valid and verdict.sealed_by != document.facts["sealed_by"]:
        return ("untrusted",)  # a good seal, of somebody else
    return verdict.faults


def sweep(store: Store, seals: Seals, tenant: str, now: datetime) -> int:
    """Checks every paper of a tenant, some at a time; how many are bad. One that is good again is an alarm less."""
    scope, last, bad = Scope(tenant, None, WORKER), "", 0
    while True:
        with store.work(scope) as work:
            batch = work.documents.batch(last, BATCH)
            known = {alarm.subject for alarm in work.alarms.still_open(limit=10_000) if alarm.kind == PAPER_DAMAGED}
        for document, content in batch:
            try:
                faults = faults_of(seals, document, content, now)
            except CannotCheck as blind:
                cannot_seal(store, tenant, document.order, str(blind), now)
                raise
            if faults:
                bad += 1
                _alarm(store, scope, document, faults, now)
            elif document.id in known:
                with store.work(scope) as work:
                    work.alarms.over(PAPER_DAMAGED, subject=document.id, now=now)
                    _audit(work, "document.whole", document, now, {})
        if len(batch) < BATCH:
            return bad
        last = batch[-1][0].id


def _alarm(
    store: Store, scope: Scope, document: Document, faults: tuple[str, ...], now: datetime, *, every_time: bool = False
) -> None:
    """One alarm and one mail a paper; a refusal is told in the trail each time."""
    told = {"faults": list(faults), "kind": document.kind, "number": document.facts.get("number", "")}
    with store.work(Scope(scope.tenant, None, scope.actor)) as work:
        alarm = work.alarms.sound(PAPER_DAMAGED, document.id, ref=document.order, details=told, now=now)
        if alarm:
            work.jobs.defer(f"mail_{PAPER_DAMAGED}", alarm)
        if alarm or every_time:
            _audit(work, "document.refused", document, now, {"faults": list(faults)})


def _audit(work: Any, what: str, document: Document, now: datetime, more: Mapping[str, Any]) -> None:
    details = {"document": document.id, "kind": document.kind, **more}
    work.audit.write(what, document.order, now=now, details=details, company=document.company)


def cannot_seal(
    store: Store, tenant: str, ref: str, cause: str, now: datetime, *, wait: timedelta = timedelta()
) -> None:
    """Staff are told once a cause, until a seal succeeds; with `wait` by mail only if it lasts so long."""
    with store.work(Scope(tenant, None, WORKER)) as work:
        alarm = work.alarms.sound(SEAL_TROUBLE, cause, ref=ref, details={"cause": cause}, now=now)
        if alarm:
            work.jobs.defer(f"mail_{SEAL_TROUBLE}", alarm, at=now + wait if wait else None)
            work.audit.write("seal.failed", ref, now=now, details={"cause": cause})


# --- Papers in somebody's hand -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recognised:
    """What a file is. outcome: ours (a paper of this seller, whole), damaged (its bytes are known, its seal does not hold),
    altered (it bears a seal, and is not as it was sealed), elsewhere (whole, under a seal that we trust, and no paper of this
    seller's portal), foreign (a seal that we do not know), unsealed (no seal, and not known), unreadable (no PDF)."""

    outcome: str
    paper: Verified | None = None
    verdict: Verdict | None = None


def by_code(store: Store, tenant: str, code: str, address: str, now: datetime) -> Verified | None:
    """What a printed code stands for; None when no paper of this seller bears it. Raises TooOften."""
    _count(store, tenant, address, now)
    return store.document_by_code(tenant, code)


def by_bytes(store: Store, seals: Seals, tenant: str, content: bytes, address: str, now: datetime) -> Recognised:
    """What an uploaded file is. Raises TooOften, CannotCheck."""
    _count(store, tenant, address, now)
    return recognise(seals, store.document_by_sha256(tenant, hashlib.sha256(content).hexdigest()), content, now)


def recognise(seals: Seals, paper: Verified | None, content: bytes, now: datetime) -> Recognised:
    """The file as `paper`, whose bytes it is, or as a stranger's. Raises CannotCheck."""
    if paper is not None and not paper.level:
        return Recognised("ours", paper)
    if paper is not None:
        verdict = _checked(content, seals.trust(), now)
        return Recognised("ours" if verdict.is_valid else "damaged", paper, verdict)
    if not content.startswith(b"%PDF-"):
        return Recognised("unreadable")
    if b"/ByteRange" not in content:
        return Recognised("unsealed")
    from webapp.documents.sandboxed_check import Busy, check_apart

    try:
        verdict = check_apart(content, seals.trust(), now)
    except Busy:
        raise CannotCheck("check.busy") from None
    return Recognised(_outcome(verdict), None, verdict)


_CHANGED = {"unreadable", "not_whole", "altered", "several", "uncertified"}


def _outcome(verdict: Verdict) -> str:
    if verdict.is_valid:
        return "elsewhere"
    if "untrusted" in verdict.faults:
        return "foreign"
    if "unsealed" in verdict.faults:
        return "unsealed"
    return "altered" if _CHANGED & set(verdict.faults) else "foreign"


def _count(store: Store, tenant: str, address: str, now: datetime) -> None:
    caller = hashlib.sha256(network_of(address).encode()).hexdigest()[:16]
    with store.work(Scope.doorstep(tenant)) as work:
        if work.throttle.hit(f"verify:from:{caller}", window=CHECKS_IN, now=now) > MOST_CHECKS:
            raise TooOften(int(CHECKS_IN.total_seconds()))


def _checked(content: bytes, trust: Trust, now: datetime, sha256: str | None = None) -> Verdict:
    from webapp.documents.check import check

    return check(content, trust, now, sha256)

"""From signed to sealed: what jobs need to prove a signer, and to make a paper anew and keep it; draws, seals and calls nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from webapp.domain.paper import PowerOfAttorney
from webapp.domain.tenant import Tenant
from webapp.store.signings import Proof, Signer
from webapp.store.work import Store


@dataclass(frozen=True)
class EidAttempt:
    """What the job that exchanges an eID code needs. The redirect address is the tenant's base_url + /sign/eid."""

    proof: Proof
    signer: Signer
    tenant: Tenant
    code: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Scan:
    """An uploaded scan to be checked."""

    proof: Proof
    name: str
    content: bytes


@dataclass(frozen=True)
class Identity:
    """Who an eID login was, without any national identity number."""

    provider: str
    acr: str
    transaction: str
    name: str


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


def eid_attempt(store: Store, tenant: str, proof: str, now: datetime) -> EidAttempt | None:
    """What is to be exchanged; None when it has been done or is too late."""
    raise NotImplementedError


def eid_is(store: Store, tenant: str, proof: str, identity: Identity, now: datetime) -> bool:
    """The eID said who it was: signed. False when something else was quicker."""
    raise NotImplementedError


def eid_failed(store: Store, tenant: str, proof: str, why: str, now: datetime) -> None:
    """The eID said no (a problem's code, as sign.eid.failed): the signer may try again or choose another method."""
    raise NotImplementedError


def scan_to_check(store: Store, tenant: str, proof: str) -> Scan | None:
    """The bytes that were uploaded; None when they have been checked."""
    raise NotImplementedError


def scan_is_good(store: Store, tenant: str, proof: str, now: datetime) -> bool:
    """A readable scan: signed. False when something else was quicker."""
    raise NotImplementedError


def scan_is_bad(store: Store, tenant: str, proof: str, why: str, now: datetime) -> None:
    """Not a readable PDF or picture (a problem's code): the signer is asked for another."""
    raise NotImplementedError


def to_seal(store: Store, tenant: str, request: str, secret: str, now: datetime) -> ToSeal | None:
    """Everything the sealed paper is made of; None when it is sealed already, or no longer signed. `secret` makes its verify code."""
    raise NotImplementedError


def keep_sealed(
    store: Store, tenant: str, request: str, paper: PowerOfAttorney, content: bytes, file_name: str, now: datetime
) -> bool:
    """Stores the sealed paper; state, lines, portings, audit and mails in the same commit. False: another worker was quicker."""
    raise NotImplementedError


def copy_due(store: Store, tenant: str, signer: str, secret: str, now: datetime) -> Copy | None:
    """The link to the signed copy for one who signed."""
    raise NotImplementedError

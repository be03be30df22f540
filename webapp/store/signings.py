"""Powers of attorney on their way to a signature: requests, who is to sign, how they prove who they are, and what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Request:
    """One version of a power of attorney that is to be signed. `document` is the unsigned paper, `sealed` the signed one."""

    id: str
    company: str
    order: str
    number: str  # of the paper
    version: int
    document: str
    state: str
    in_order: bool
    opened_at: datetime
    expires_at: datetime
    changed_at: datetime
    sealed: str | None


@dataclass(frozen=True)
class Signer:
    """Somebody who is to sign, or has. `link` is the id of the token that was last mailed to them."""

    id: str
    company: str
    request: str
    n: int  # from 1, as the paper names them
    name: str
    email: str
    state: str
    link: str | None
    invited_at: datetime | None
    reminded: int
    opened_at: datetime | None
    signed_at: datetime | None
    # What they said and proved; empty before they sign.
    signed_name: str = ""
    capacity: str = ""
    declarations: tuple[str, ...] = ()
    method: str = ""
    address: str = ""
    proof: Mapping[str, Any] = field(default_factory=dict)  # provider, acr, transaction, verified_name, phone_masked
    reason: str = ""  # of who declined


@dataclass(frozen=True)
class Proof:
    """One attempt to show who signs: a code that was sent, an eID login, a scan. It carries the consent it completes."""

    id: str
    company: str
    signer: str
    method: str  # code_mail | code_sms | eid | paper
    state: str  # open | asked (a job is at it) | used | failed | void
    seat: bytes  # hash of the cookie it was begun with
    name: str
    capacity: str
    declarations: tuple[str, ...]
    sha256: str  # of the bytes consented to
    address: str
    made_at: datetime
    expires_at: datetime
    tries: int
    facts: Mapping[str, Any]  # eID: nonce, verifier, code; text message: number; scan: file name


@dataclass(frozen=True)
class Happening:
    """Something that happened to a request; never changed."""

    id: str
    request: str
    signer: str | None
    at: datetime
    what: str
    details: Mapping[str, Any]

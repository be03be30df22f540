"""Asking for signatures: requests opened with their paper, links resent, addresses corrected, reminders; writes no mail and shows no page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.domain.paper import PowerOfAttorney
from webapp.domain.problem import Problem
from webapp.store.papers import Document
from webapp.store.signings import Happening, Request, Signer
from webapp.store.work import Store, Work

# Kinds of jobs; what each carries as its id.
MAIL_INVITE = "mail_sign_invite"  # a link
MAIL_REMINDER = "mail_sign_reminder"  # link:k, the k-th reminder
MAIL_CODE, SMS_CODE = "mail_sign_code", "sms_sign_code"  # an attempt
MAIL_NEWS = "mail_sign_news"  # a happening that the company that ordered is to know
MAIL_COPY = "mail_sign_copy"  # a signer, once the paper is sealed
SEAL = "seal_document"  # a request
CHECK_SCAN = "check_scan"  # an attempt
EXCHANGE_EID = "exchange_eid"  # an attempt
REMIND, EXPIRE = "remind_signers", "expire_signings"  # by the clock, for a tenant

NEWS = ("declined", "not_me", "bounced", "expired", "sealed")
"""Happenings of which the company that ordered is told by mail."""


@dataclass(frozen=True)
class Standing:
    """How far a signer has come, for those who wait. `mail` is of the last link: queued | sent | failed."""

    signer: Signer
    last: Happening | None
    mail: str


@dataclass(frozen=True)
class Case:
    """One power of attorney of an order, in one version, with everybody who is to sign it."""

    request: Request
    document: Document
    sealed: Document | None
    signers: tuple[Standing, ...]
    lines: tuple[int, ...]
    numbers: tuple[str, ...]  # E.164
    is_current: bool  # False: a newer version takes its place

    @property
    def state(self) -> str:
        """waiting | signed | sealed | declined | withdrawn | expired | replaced."""
        return self.request.state


@dataclass(frozen=True)
class Invitation:
    """What the mail with a link needs. `reminder` 0: the first mail."""

    request: Request
    signer: Signer
    company: str  # the name of the company that ordered
    ordered_by: str
    paper: PowerOfAttorney
    secret: str  # of the link: /sign/<secret>
    expires_at: datetime
    reminder: int = 0


@dataclass(frozen=True)
class Code:
    """What the mail or text message with a code needs."""

    signer: Signer
    paper: PowerOfAttorney
    code: str
    to: str  # an e-mail address, or a number in E.164
    expires_at: datetime


@dataclass(frozen=True)
class News:
    """What the mail to the company that ordered needs; `what` is one of NEWS."""

    what: str
    request: Request
    signer: Signer | None
    to: str
    name: str
    language: str
    paper: PowerOfAttorney
    details: Mapping[str, Any]


# --- For the customer and for staff --------------------------------------------------------------------------------


def cases(work: Work, order: str) -> tuple[Case, ...]:
    """All powers of attorney of an order by number, the newest version first."""
    raise NotImplementedError


def case(work: Work, request: str) -> Case | None:
    """One of them."""
    raise NotImplementedError


def resend(work: Work, signer: str, now: datetime) -> bool:
    """A new link; the old one dies. False: nothing is waiting for this signer. Revives an expired request."""
    raise NotImplementedError


def correct_address(work: Work, signer: str, email: str, now: datetime) -> Problem | None:
    """Another e-mail address for a signer who has not signed; the old link dies, a new one is mailed."""
    raise NotImplementedError


def other_signer(work: Work, signer: str, name: str, email: str, now: datetime) -> dict[str, Problem]:
    """Somebody else signs instead: a new version of the paper, which names them. Problems by field (name, email)."""
    raise NotImplementedError


def withdraw(work: Work, request: str, now: datetime) -> bool:
    """No longer asked for; links die. False: it is signed already, or over."""
    raise NotImplementedError


# --- For jobs ------------------------------------------------------------------------------------------------------


def invite(store: Store, tenant: str, link: str, secret: str, now: datetime) -> Invitation | None:
    """What the mail of this link says; the link is made alive on the way. None: it has been replaced, or all is over."""
    raise NotImplementedError


def reminder(store: Store, tenant: str, id: str, secret: str, now: datetime) -> Invitation | None:
    """The same for a reminder (link:k); None when it has become needless."""
    raise NotImplementedError


def mail_went(store: Store, tenant: str, link: str, message_id: str, now: datetime) -> None:
    """The mail server has the invitation: noted as evidence."""
    raise NotImplementedError


def mail_bounced(store: Store, tenant: str, link: str, why: str, now: datetime) -> None:
    """The address takes no mail: the company that ordered is told, and corrects it."""
    raise NotImplementedError


def code_due(store: Store, tenant: str, proof: str, secret: str, now: datetime) -> Code | None:
    """The code of this attempt; None when it is too late."""
    raise NotImplementedError


def news(store: Store, tenant: str, happening: str) -> News | None:
    """What the company that ordered is told."""
    raise NotImplementedError


def remind(store: Store, tenant: str, now: datetime) -> int:
    """Defers every reminder that has fallen due; how many those were."""
    raise NotImplementedError


def expire(store: Store, tenant: str, now: datetime) -> int:
    """Requests whose links are all too old; how many those were."""
    raise NotImplementedError

"""What mails and text messages about signing tell, for the jobs that write them: links and codes are made here, and nowhere kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.domain.papers.facts import PowerOfAttorney
from webapp.domain.porting.porting_day import Wish
from webapp.domain.signing.rules import CODE_SMS, INVITED, LINK_LIFE
from webapp.operations.papers import porting_status
from webapp.operations.people.sign_in import hash_of
from webapp.operations.signing.signature_requests import SIGN, WORKER, code_of, link_secret, paper_of
from webapp.store.platform.scope import Scope
from webapp.store.signing import Request, Signer
from webapp.store.unit_of_work import Store, Work, Working


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
    wishes: tuple[Wish, ...]
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
    others_wait: bool = False  # another power of attorney of the order is not signed yet


@dataclass(frozen=True)
class Over:
    """What the mail to somebody whose signature is not needed, or no longer counts, needs.

    `why`: declined | not_me (by another signer), withdrawn, replaced.
    """

    why: str
    signer: Signer
    company: str
    paper: PowerOfAttorney


def invite(store: Store, tenant: str, link: str, secret: str, now: datetime) -> Invitation | None:
    """What the mail of this link says; the link is made alive on the way. None: it has been replaced, or all is over."""
    with _worker_scope(store, tenant) as work:
        signer = work.signings.by_link(link)
        if signer is None or not work.signings.lock_if(signer.request, "waiting"):
            return None
        signer = work.signings.by_link(link)
        if signer is None or signer.state not in INVITED or signer.invited_at is None:
            return None
        if work.tokens.get(link) is None:
            request = work.signings.get(signer.request)
            assert request is not None
            made = hash_of(link_secret(secret, tenant, link))
            until = min(signer.invited_at + LINK_LIFE, request.expires_at)  # no later than the paper itself holds
            work.tokens.issue(SIGN, made, now=now, expires_at=until, subject=signer.id, company=signer.company, id=link)
        return _invitation(work, signer, secret, now)


def reminder(store: Store, tenant: str, id: str, secret: str, now: datetime) -> Invitation | None:
    """The same for a reminder (link:k); None when it has become needless."""
    link, _, k = id.partition(":")
    with _worker_scope(store, tenant) as work:
        signer = work.signings.by_link(link)
        if signer is None or signer.state not in ("waiting", "opened"):
            return None
        return _invitation(work, signer, secret, now, int(k))


def _invitation(work: Work, signer: Signer, secret: str, now: datetime, reminder: int = 0) -> Invitation | None:
    made = link_secret(secret, work.scope.tenant, signer.link or "")
    token = work.tokens.live(SIGN, hash_of(made), now)
    request = work.signings.get(signer.request)
    order = work.orders.get(request.order) if request else None
    document = work.documents.get(request.document) if request else None
    if token is None or request is None or order is None or document is None:
        return None
    by, until, paper = order.ordered_by, token.expires_at, paper_of(document)
    days = {port.line: port.wished_date for port in work.portings.of_order(paper.ref)}
    wishes = porting_status.wishes(paper, days)
    return Invitation(request, signer, order.company.name, by, paper, made, until, wishes, reminder)


def code_due(store: Store, tenant: str, proof: str, secret: str, now: datetime) -> Code | None:
    """The code of this attempt; None when it is too late."""
    with _worker_scope(store, tenant) as work:
        found = work.signings.proof(proof)
        if found is None or found.state != "open" or found.expires_at <= now:
            return None
        signer = work.signings.signer(found.signer)
        request = work.signings.get(signer.request) if signer else None
        document = work.documents.get(request.document) if request else None
        if signer is None or document is None:
            return None
        to = found.facts["phone"] if found.method == CODE_SMS else signer.email
        return Code(signer, paper_of(document), code_of(secret, tenant, proof), to, found.expires_at)


def news(store: Store, tenant: str, happening: str) -> News | None:
    """What the company that ordered is told."""
    with _worker_scope(store, tenant) as work:
        found = work.signings.event(happening)
        request = work.signings.get(found.request) if found else None
        order = work.orders.get(request.order) if request else None
        document = work.documents.get(request.document) if request else None
        if found is None or request is None or order is None or document is None:
            return None
        signer = work.signings.signer(found.signer) if found.signer else None
        to, name, language = order.ordered_by_email, order.ordered_by, order.language
        others = (each for each in work.signings.of_order(request.order) if each.number != request.number)
        wait = any(each.state in ("waiting", "declined", "expired") for each in others)
        return News(found.what, request, signer, to, name, language, paper_of(document), found.details, wait)


def over(store: Store, tenant: str, signer: str) -> Over | None:
    """What somebody who was asked is told when the request is withdrawn, declined by another or replaced."""
    with _worker_scope(store, tenant) as work:
        one = work.signings.signer(signer)
        request = work.signings.get(one.request) if one else None
        order = work.orders.get(request.order) if request else None
        document = work.documents.get(request.document) if request else None
        if one is None or request is None or order is None or document is None:
            return None
        wrong = any(each.state == "not_me" for each in work.signings.signers(request.id))
        why = "not_me" if request.state == "declined" and wrong else request.state
        return Over(why, one, order.company.name, paper_of(document))


def _worker_scope(store: Store, tenant: str) -> Working:
    return store.work(Scope(tenant, None, WORKER))

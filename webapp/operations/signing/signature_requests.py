"""Asking for signatures: requests opened with their paper, links resent, addresses corrected, reminders; writes no mail and shows no page."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from webapp.domain.numbers import read_email
from webapp.domain.papers.facts import PowerOfAttorney
from webapp.domain.porting.porting import with_signer
from webapp.domain.porting.signers import SignerName
from webapp.domain.problem import Invalid, Problem
from webapp.domain.signing.rules import CODE_DIGITS, INVITED, LINK_LIFE, masked, reminders_due
from webapp.domain.stored_json import from_json
from webapp.operations.papers import porting_status
from webapp.operations.people.sign_in import hash_of
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope
from webapp.store.platform.tables import new_id
from webapp.store.signing import Request, Signer
from webapp.store.unit_of_work import Store, Work, Working
from webapp.tenancy.revision import tenant_from_json

WORKER = "worker"
SIGN, COPY = "sign", "sign_copy"  # purposes of links
ASKED = ("waiting", "opened")  # signers who have a link and have not answered

# Kinds of jobs; what each carries as its id.
MAIL_INVITE = "mail_sign_invite"  # a link
MAIL_REMINDER = "mail_sign_reminder"  # link:k, the k-th reminder
MAIL_CODE, SMS_CODE = "mail_sign_code", "sms_sign_code"  # an attempt
MAIL_NEWS = "mail_sign_news"  # a happening that the company that ordered is to know
MAIL_COPY = "mail_sign_copy"  # a signer, once the paper is sealed
MAIL_OVER = "mail_sign_over"  # a signer who need not sign any more, or whose signature no longer counts
SEAL = "seal_document"  # a request
CHECK_SCAN = "check_scan"  # an attempt
PREPARE_EID, EXCHANGE_EID = "prepare_eid", "exchange_eid"  # an attempt
REMIND, EXPIRE = "remind_signers", "expire_signings"  # by the clock, for a tenant

NEWS = ("declined", "not_me", "bounced", "expired", "sealed")
"""Happenings of which the company that ordered is told by mail."""


def link_secret(secret: str, tenant: str, token: str) -> str:
    """The secret of a link, made from its token's id: the job that mails it makes it again, so it is stored nowhere."""
    made = hmac.digest(secret.encode(), f"sign:{tenant}:{token}".encode(), "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def code_of(secret: str, tenant: str, proof: str) -> str:
    """The code of an attempt: drawn from its id with the installation's secret, so it too is stored nowhere."""
    made = hmac.digest(secret.encode(), f"sign-code:{tenant}:{proof}".encode(), "sha256")
    return f"{int.from_bytes(made) % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def paper_of(document: Document) -> PowerOfAttorney:
    """The facts of an unsigned paper, as they were when it was made."""
    return from_json(PowerOfAttorney, document.facts["paper"])


# --- With the paper --------------------------------------------------------------------------------------------------


def open_request(work: Work, document: Document, paper: PowerOfAttorney, now: datetime) -> Request:
    """Asks for the signatures that an unsigned paper wants, in the transaction that keeps it."""
    request = Request(
        id=new_id(), company=document.company, order=document.order, number=paper.number, version=document.version,
        document=document.id, state="waiting", in_order=paper.in_order and len(paper.signers) > 1, opened_at=now,
        expires_at=_links_end(work, document, now), changed_at=now, sealed=None,
    )  # fmt: skip
    before = work.signings.current(paper.number)
    if before:
        replace(work, before, now)
    signers = [
        Signer(
            id=new_id(), company=document.company, request=request.id, n=n, name=signer.name, email=signer.email,
            state="queued", link=None, invited_at=None, reminded=0, opened_at=None, signed_at=None,
        )
        for n, signer in enumerate(paper.signers, 1)
    ]  # fmt: skip
    work.signings.open(request, signers)
    record_event(work, request, "opened_request", now, details={"sha256": document.sha256, "version": document.version})
    for signer in signers[:1] if request.in_order else signers:
        send_link(work, request, signer, now)
    return request


def send_link(work: Work, request: Request, signer: Signer, now: datetime) -> None:
    """A link is on its way to a signer; every earlier one is dead. It comes alive in the job, which knows the secret."""
    close_links(work, signer, now)
    link = new_id()
    changed = {"state": "waiting", "link": link, "invited_at": now, "reminded": 0}
    if not work.signings.change_signer(signer.id, was=("queued", *INVITED), **changed):
        raise RuntimeError("a link for somebody who has signed")
    document = work.documents.get(request.document)
    assert document is not None
    work.signings.prolong(request.id, _links_end(work, document, now))
    work.jobs.defer(MAIL_INVITE, link)


def _links_end(work: Work, document: Document, now: datetime) -> datetime:
    """Until when links to a paper live that are sent now: no longer than the paper holds, by the days of its seller's country."""
    revision = work.revisions.current()
    assert revision is not None
    market = tenant_from_json(revision.content).market
    return min(now + LINK_LIFE, market.end_of(date.fromisoformat(document.facts["valid_until"])))


def close_links(work: Work, signer: Signer, now: datetime) -> None:
    """Neither a link nor a code nor a login of this signer leads anywhere any more."""
    work.tokens.void(SIGN, now, subject=signer.id)
    work.signings.void_proofs(signer.id)


def replace(work: Work, request: Request, now: datetime) -> bool:
    """A newer version of the paper takes this one's place: links are dead, a signature is void."""
    was = ("waiting", "signed", "sealed", "declined", "withdrawn", "expired")
    if not work.signings.change_state(request.id, was=was, to="replaced", now=now):
        return False
    asked = ASKED if request.state == "waiting" else ()
    signed = () if request.state in ("declined", "withdrawn") else ("signed",)  # they were told when it ended
    close(work, request, now, tells=(*asked, *signed))
    record_event(work, request, "replaced", now)
    return True


def close(work: Work, request: Request, now: datetime, *, tells: tuple[str, ...] = (), but: str = "") -> None:
    """Every link of a request dies. Signers in the states `tells` get a mail that it is over."""
    for signer in work.signings.signers(request.id):
        close_links(work, signer, now)
        work.tokens.void(COPY, now, subject=signer.id)
        if signer.state in tells and signer.id != but:
            work.jobs.defer(MAIL_OVER, signer.id)


def record_event(
    work: Work,
    request: Request,
    what: str,
    now: datetime,
    *,
    signer: Signer | None = None,
    details: Mapping[str, Any] | None = None,
) -> str:
    """In the history of the request, as evidence, and in the audit trail without personal data; whoever ordered is told."""
    id = work.signings.record_event(request, what, now=now, signer=signer.id if signer else None, details=details)
    about = {"request": request.id, "number": request.number, "version": request.version}
    if signer:
        about["signer"] = signer.id
    work.audit.write(f"signing.{what}", request.order, now=now, details=about, company=request.company)
    if what in NEWS:
        work.jobs.defer(MAIL_NEWS, id)
    return id


# --- For the customer and for staff --------------------------------------------------------------------------------


def resend(work: Work, signer: str, now: datetime) -> bool:
    """A new link; the old one dies. False: nothing is waiting for this signer. Revives an expired request."""
    found = _asked(work, signer, now)
    if found is None:
        return False
    request, one = found
    record_event(work, request, "resent", now, signer=one, details={"to": one.email})
    send_link(work, request, one, now)
    return True


def correct_address(work: Work, signer: str, email: str, now: datetime) -> Problem | None:
    """Another e-mail address for a signer who has not signed; the old link dies, a new one is mailed."""
    try:
        address = read_email(email)
    except Invalid as invalid:
        return invalid.problem
    known = work.signings.signer(signer)
    before = work.signings.get(known.request) if known else None
    if before:
        work.portings.lock(before.order)  # always before the request, as every correction does
    found = _asked(work, signer, now)
    if found is None:
        return Problem("sign.over")
    request, one = found
    work.signings.change_signer(one.id, was=INVITED, email=address)
    _sign_at(work, request, SignerName(one.name, one.email), SignerName(one.name, address), now)
    record_event(work, request, "address_corrected", now, signer=one, details={"was": one.email, "to": address})
    send_link(work, request, one, now)
    return None


def _sign_at(work: Work, request: Request, old: SignerName, new: SignerName, now: datetime) -> None:
    """So that a later version of the paper is mailed to the right address, too; this one stays as it was shown."""
    order = work.orders.get(request.order)
    assert order is not None
    standing = porting_status.as_they_stand(work, order)
    ours = {line.n: line.porting for line in standing.order.ports if standing.covers[line.n].paper == request.number}
    porting_status.write(work, standing, {n: with_signer(port, old, new) for n, port in ours.items() if port}, now)


def own_link(work: Work, signers: Iterable[Signer], email: str, secret: str, now: datetime) -> str | None:
    """The secret of the link that was mailed to whoever reads this with an account of that address; None when none is alive."""
    for signer in signers:
        if signer.email.casefold() == email.casefold() and signer.state in ASKED and signer.link:
            made = link_secret(secret, work.scope.tenant, signer.link)
            if work.tokens.live(SIGN, hash_of(made), now):
                return made
    return None


def withdraw(work: Work, request: str, now: datetime) -> bool:
    """No longer asked for; links die. False: it is signed already, or over."""
    found = work.signings.get(request)
    if found is None or not work.signings.change_state(request, was=("waiting", "expired"), to="withdrawn", now=now):
        return False
    close(work, found, now, tells=(*ASKED, "signed"))
    record_event(work, found, "withdrawn", now)
    return True


def _asked(work: Work, signer: str, now: datetime) -> tuple[Request, Signer] | None:
    """Somebody whose signature is waited for, held so that nothing else changes meanwhile; an expired request waits again."""
    one = work.signings.signer(signer)
    request = work.signings.get(one.request) if one else None
    if one is None or request is None or one.state not in INVITED:  # while nobody is asked, a signer's state stands
        return None
    document = work.documents.get(request.document)
    until = _links_end(work, document, now) if document else now
    if until <= now:  # the paper holds no longer
        return None
    if not work.signings.lock_if(request.id, "waiting"):
        if not work.signings.change_state(request.id, was=("expired",), to="waiting", now=now, expires_at=until):
            return None
        record_event(work, request, "renewed", now)
    one = work.signings.signer(signer)
    return (request, one) if one and one.state in INVITED else None


# --- For jobs ------------------------------------------------------------------------------------------------------


def mail_went(store: Store, tenant: str, link: str, message_id: str, now: datetime) -> None:
    """The mail server has the invitation: noted as evidence, once."""
    with _worker_scope(store, tenant) as work:
        signer = work.signings.by_link(link)
        request = work.signings.get(signer.request) if signer else None
        if signer is None or request is None:
            return
        work.signings.lock_if(request.id, request.state)
        work.signings.change_signer(signer.id, was=("bounced",), state="waiting")  # a refusal that was mended
        if not any(each.details.get("link") == link for each in work.signings.history(request.id)):
            details = {"to": signer.email, "message_id": message_id, "link": link}
            work.signings.record_event(request, "sent", now=now, signer=signer.id, details=details)


def text_went(store: Store, tenant: str, proof: str, message_id: str, now: datetime) -> None:
    """The gateway has the code: what it calls the message is noted as evidence, once, while the signature is waited for."""
    with _worker_scope(store, tenant) as work:
        found = work.signings.proof(proof)
        signer = work.signings.signer(found.signer) if found else None
        request = work.signings.get(signer.request) if signer else None
        if found is None or signer is None or request is None or not work.signings.lock_if(request.id, "waiting"):
            return
        if not any(each.details.get("attempt") == proof for each in work.signings.history(request.id)):
            details = {"to": masked(found.facts["phone"]), "message_id": message_id, "attempt": proof}
            work.signings.record_event(request, "code_taken", now=now, signer=signer.id, details=details)


def mail_bounced(store: Store, tenant: str, link: str, why: str, now: datetime) -> None:
    """The address takes no mail: the company that ordered is told, and corrects it."""
    with _worker_scope(store, tenant) as work:
        signer = work.signings.by_link(link)
        request = work.signings.get(signer.request) if signer else None
        if signer is None or request is None or not work.signings.lock_if(request.id, "waiting"):
            return
        if work.signings.change_signer(signer.id, was=("waiting", "opened"), state="bounced"):
            record_event(work, request, "bounced", now, signer=signer, details={"to": signer.email, "why": why[:200]})


def remind(store: Store, tenant: str, now: datetime) -> int:
    """Defers every reminder that has fallen due; how many those were."""
    count = 0
    with _worker_scope(store, tenant) as work:
        for signer in work.signings.to_remind(now):
            due = reminders_due(signer.invited_at, now) if signer.invited_at else 0
            # Of several that are overdue only the last is sent.
            if due <= signer.reminded or not work.signings.count_reminder(signer.id, was=signer.reminded, to=due):
                continue
            request = work.signings.get(signer.request)
            assert request is not None
            record_event(work, request, "reminded", now, signer=signer, details={"to": signer.email, "k": due})
            work.jobs.defer(MAIL_REMINDER, f"{signer.link}:{due}")
            count += 1
    return count


def expire(store: Store, tenant: str, now: datetime) -> int:
    """Requests whose links are all too old; how many those were."""
    with _worker_scope(store, tenant) as work:
        count = 0
        for id in work.signings.overdue(now):
            request = work.signings.get(id)
            if request and work.signings.change_state(id, was=("waiting",), to="expired", now=now):
                close(work, request, now)
                record_event(work, request, "expired", now)
                count += 1
    return count


def _worker_scope(store: Store, tenant: str) -> Working:
    return store.work(Scope(tenant, None, WORKER))

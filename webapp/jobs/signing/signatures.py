"""What happens around a signature when nobody waits for it: links, codes, logins, scans, reminders, the sealed paper; decides no state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from webapp import faults
from webapp.documents.attachments import signed_files
from webapp.domain.signing.identity import Begun
from webapp.domain.tenants.tenant import Eid
from webapp.domain.texts import msg
from webapp.gateways import eid as broker
from webapp.gateways import sms
from webapp.gateways.broker_profiles import BrokerRefused
from webapp.gateways.errors import Permanent
from webapp.gateways.mail import NoSuchAddress
from webapp.jobs.mail.mailing import send_mail
from webapp.jobs.papers.sealing import drawn_and_sealed
from webapp.jobs.signing.text_messages import code_text
from webapp.jobs.worker_context import WorkerContext
from webapp.l10n import Localizer
from webapp.operations.signing import signature_completion, signature_requests, signing_mail_data, signing_mails
from webapp.operations.signing.signature_completion import EidAttempt

# --- Asking --------------------------------------------------------------------------------------------------------


def mail_link(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Mails a link to whoever is to sign. A mail that will never be taken is told to whoever ordered, who can correct the address."""
    message_id = _to_signer(worker_context, tenant, signing_mails.INVITE, id, now)
    if message_id is not None:
        signature_requests.mail_went(worker_context.store, tenant, id, message_id, now)


def mail_reminder(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Mails the same link once more. An address may have ceased to exist meanwhile."""
    _to_signer(worker_context, tenant, signing_mails.REMINDER, id, now)


def _to_signer(worker_context: WorkerContext, tenant: str, kind: str, id: str, now: datetime) -> str | None:
    try:
        return send_mail(worker_context, tenant, kind, id, now)
    except Permanent as refused:  # by the server or by our own gateway, with whatever code
        signature_requests.mail_bounced(worker_context.store, tenant, id.partition(":")[0], refused.code, now)
        if not isinstance(refused, NoSuchAddress):
            raise  # not for the address: staff look, too
        return None


def mail_code(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Mails a code. Whoever waits for one that will never come is told."""
    try:
        send_mail(worker_context, tenant, signing_mails.CODE, id, now)
    except Permanent as refused:
        signature_completion.code_failed(worker_context.store, tenant, id, now)
        if not isinstance(refused, NoSuchAddress):
            raise


def remind(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Has those reminded who have not signed."""
    signature_requests.remind(worker_context.store, tenant, now)


def expire(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Closes what nobody signed in time."""
    signature_requests.expire(worker_context.store, tenant, now)


# --- Proving -------------------------------------------------------------------------------------------------------


def text_code(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Sends a code to the number that is moved. The gateway takes a message once under its attempt's id."""
    found = signing_mail_data.code_due(worker_context.store, tenant, id, worker_context.secret, now)
    seller = signing_mails.seller(worker_context.store, tenant)
    if found is not None and seller is not None:
        text = code_text(seller, found.paper.language, found.code)
        try:
            message_id = sms.send(worker_context.sms_server, found.to, seller.signing.sms_sender, text, id)
        except Permanent:
            signature_completion.code_failed(worker_context.store, tenant, id, now)
            raise
        signature_requests.text_went(worker_context.store, tenant, id, message_id, now)


def prepare_eid(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Finds out where the browser is to be sent."""
    attempt = signature_completion.eid_to_prepare(worker_context.store, tenant, id, now)
    if attempt is None:
        return
    with _failure_told(worker_context, tenant, id, now):
        begun = broker.begin(
            *_broker(worker_context, attempt),
            _redirect(attempt),
            language=attempt.paper.language,
            message=_message(attempt),
            state=attempt.state,
            nonce=attempt.nonce,
            verifier=attempt.verifier,
        )
    signature_completion.eid_prepared(worker_context.store, tenant, id, begun.url, now)


def exchange_eid(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Asks the broker who came back, and signs for them."""
    attempt = signature_completion.eid_attempt(worker_context.store, tenant, id, now)
    if attempt is None:
        return
    begun = Begun("", attempt.state, attempt.nonce, attempt.verifier)
    try:
        with _failure_told(worker_context, tenant, id, now):
            found = broker.finish(*_broker(worker_context, attempt), _redirect(attempt), attempt.code, begun, now)
    except BrokerRefused:  # nothing that staff could mend: whoever signs may try again
        return
    signature_completion.eid_is(worker_context.store, tenant, id, found, now)


@contextmanager
def _failure_told(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> Iterator[None]:
    """Whoever signs is told when it will not work, whatever becomes of the job."""
    try:
        yield
    except Permanent:
        signature_completion.eid_failed(worker_context.store, tenant, id, "sign.eid.failed", now)
        raise


def _broker(worker_context: WorkerContext, attempt: EidAttempt) -> tuple[Eid, str]:
    terms = attempt.tenant.signing.eid
    if terms is None:
        raise Permanent("eid.none")
    return worker_context.brokers.known(terms)


def _redirect(attempt: EidAttempt) -> str:
    return f"{attempt.tenant.base_url}/sign/eid"


def _message(attempt: EidAttempt) -> str:
    """What can be read on the phone: which paper it is that is signed."""
    paper = attempt.paper
    text = Localizer(paper.language).gettext(msg("Power of attorney %(paper)s, order %(order)s"))
    return text % {"paper": paper.number, "order": paper.ref}


def check_scan(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Looks whether people can open what was uploaded; if so it is signed."""
    scan = signature_completion.scan_to_check(worker_context.store, tenant, id)
    if scan is None:
        return
    if why := worker_context.why_not(scan.kind, scan.content):
        signature_completion.scan_is_bad(worker_context.store, tenant, id, f"sign.scan.{why}", now)
    else:
        signature_completion.scan_is_good(worker_context.store, tenant, id, now)


# --- Sealing -------------------------------------------------------------------------------------------------------


def seal_document(worker_context: WorkerContext, tenant: str, id: str, now: datetime) -> None:
    """Makes the signed paper anew from its frozen facts, with its evidence, seals it and keeps it."""
    ready = signature_completion.to_seal(worker_context.store, tenant, id, worker_context.secret, now)
    if ready is None:
        return
    attached = signed_files(ready.paper, ready.shown, Localizer(ready.paper.language), ready.scans)
    made = drawn_and_sealed(worker_context, tenant, ready.paper, ready.seller, now, attached)
    signature_completion.keep_sealed(
        worker_context.store, tenant, id, ready.paper, made.content, made.file_name, made.facts, now
    )
    faults.point("seal.after_commit")

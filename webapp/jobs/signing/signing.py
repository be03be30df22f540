"""What happens around a signature when nobody waits for it: links, codes, logins, scans, reminders, the sealed paper; decides no state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from webapp import faults
from webapp.documents.attached import riding
from webapp.domain.signing.identity import Begun
from webapp.domain.tenants.tenant import Eid
from webapp.domain.texts import msg
from webapp.gateways import eid as broker
from webapp.gateways import sms
from webapp.gateways.dialects import Refused
from webapp.gateways.mail import NoSuchAddress
from webapp.gateways.trouble import Permanent
from webapp.jobs.mail.mailing import send_mail
from webapp.jobs.papers.sealing import drawn_and_sealed
from webapp.jobs.signing.texting import code_text
from webapp.jobs.workshop import Workshop
from webapp.l10n import Words
from webapp.operations.signing import invitations, sealing, sign_facts, sign_letters
from webapp.operations.signing.sealing import EidAttempt

# --- Asking --------------------------------------------------------------------------------------------------------


def mail_link(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Mails a link to whoever is to sign. A mail that will never be taken is told to whoever ordered, who can correct the address."""
    message_id = _to_signer(shop, tenant, sign_letters.INVITE, id, now)
    if message_id is not None:
        invitations.mail_went(shop.store, tenant, id, message_id, now)


def mail_reminder(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Mails the same link once more. An address may have ceased to exist meanwhile."""
    _to_signer(shop, tenant, sign_letters.REMINDER, id, now)


def _to_signer(shop: Workshop, tenant: str, kind: str, id: str, now: datetime) -> str | None:
    try:
        return send_mail(shop, tenant, kind, id, now)
    except Permanent as refused:  # by the server or by our own gateway, with whatever code
        invitations.mail_bounced(shop.store, tenant, id.partition(":")[0], refused.code, now)
        if not isinstance(refused, NoSuchAddress):
            raise  # not for the address: staff look, too
        return None


def mail_code(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Mails a code. Whoever waits for one that will never come is told."""
    try:
        send_mail(shop, tenant, sign_letters.CODE, id, now)
    except Permanent as refused:
        sealing.code_failed(shop.store, tenant, id, now)
        if not isinstance(refused, NoSuchAddress):
            raise


def remind(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Has those reminded who have not signed."""
    invitations.remind(shop.store, tenant, now)


def expire(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Closes what nobody signed in time."""
    invitations.expire(shop.store, tenant, now)


# --- Proving -------------------------------------------------------------------------------------------------------


def text_code(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Sends a code to the number that is moved. The gateway takes a message once under its attempt's id."""
    found = sign_facts.code_due(shop.store, tenant, id, shop.secret, now)
    seller = sign_letters.seller(shop.store, tenant)
    if found is not None and seller is not None:
        text = code_text(seller, found.paper.language, found.code)
        try:
            message_id = sms.send(shop.sms_server, found.to, seller.signing.sms_sender, text, id)
        except Permanent:
            sealing.code_failed(shop.store, tenant, id, now)
            raise
        invitations.text_went(shop.store, tenant, id, message_id, now)


def prepare_eid(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Finds out where the browser is to be sent."""
    attempt = sealing.eid_to_prepare(shop.store, tenant, id, now)
    if attempt is None:
        return
    with _failure_told(shop, tenant, id, now):
        begun = broker.begin(
            *_broker(shop, attempt),
            _redirect(attempt),
            language=attempt.paper.language,
            message=_message(attempt),
            state=attempt.state,
            nonce=attempt.nonce,
            verifier=attempt.verifier,
        )
    sealing.eid_prepared(shop.store, tenant, id, begun.url, now)


def exchange_eid(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Asks the broker who came back, and signs for them."""
    attempt = sealing.eid_attempt(shop.store, tenant, id, now)
    if attempt is None:
        return
    begun = Begun("", attempt.state, attempt.nonce, attempt.verifier)
    try:
        with _failure_told(shop, tenant, id, now):
            found = broker.finish(*_broker(shop, attempt), _redirect(attempt), attempt.code, begun, now)
    except Refused:  # nothing that staff could mend: whoever signs may try again
        return
    sealing.eid_is(shop.store, tenant, id, found, now)


@contextmanager
def _failure_told(shop: Workshop, tenant: str, id: str, now: datetime) -> Iterator[None]:
    """Whoever signs is told when it will not work, whatever becomes of the job."""
    try:
        yield
    except Permanent:
        sealing.eid_failed(shop.store, tenant, id, "sign.eid.failed", now)
        raise


def _broker(shop: Workshop, attempt: EidAttempt) -> tuple[Eid, str]:
    terms = attempt.tenant.signing.eid
    if terms is None:
        raise Permanent("eid.none")
    return shop.brokers.known(terms)


def _redirect(attempt: EidAttempt) -> str:
    return f"{attempt.tenant.base_url}/sign/eid"


def _message(attempt: EidAttempt) -> str:
    """What can be read on the phone: which paper it is that is signed."""
    paper = attempt.paper
    text = Words(paper.language).gettext(msg("Power of attorney %(paper)s, order %(order)s"))
    return text % {"paper": paper.number, "order": paper.ref}


def check_scan(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Looks whether people can open what was uploaded; if so it is signed."""
    scan = sealing.scan_to_check(shop.store, tenant, id)
    if scan is None:
        return
    if why := shop.why_not(scan.kind, scan.content):
        sealing.scan_is_bad(shop.store, tenant, id, f"sign.scan.{why}", now)
    else:
        sealing.scan_is_good(shop.store, tenant, id, now)


# --- Sealing -------------------------------------------------------------------------------------------------------


def seal_document(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Makes the signed paper anew from its frozen facts, with its evidence, seals it and keeps it."""
    ready = sealing.to_seal(shop.store, tenant, id, shop.secret, now)
    if ready is None:
        return
    attached = riding(ready.paper, ready.shown, Words(ready.paper.language), ready.scans)
    made = drawn_and_sealed(shop, tenant, ready.paper, ready.seller, now, attached)
    sealing.keep_sealed(shop.store, tenant, id, ready.paper, made.content, made.file_name, made.facts, now)
    faults.point("seal.after_commit")

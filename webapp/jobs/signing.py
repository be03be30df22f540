"""What happens around a signature when nobody waits for it: links, codes, logins, scans, reminders, the sealed paper; decides no state."""

from __future__ import annotations

from datetime import datetime

from webapp.gateways.mail import NoSuchAddress
from webapp.jobs.mailing import send_mail
from webapp.jobs.workshop import Workshop
from webapp.operations import invitations, sign_letters


def mail_link(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Mails a link to whoever is to sign. An address that does not exist is told to whoever ordered, who can correct it."""
    try:
        message_id = send_mail(shop, tenant, sign_letters.INVITE, id, now)
    except NoSuchAddress as refused:
        invitations.mail_bounced(shop.store, tenant, id, str(refused), now)
        return
    if message_id is not None:
        invitations.mail_went(shop.store, tenant, id, message_id, now)


def remind(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Has those reminded who have not signed."""
    invitations.remind(shop.store, tenant, now)


def expire(shop: Workshop, tenant: str, id: str, now: datetime) -> None:
    """Closes what nobody signed in time."""
    invitations.expire(shop.store, tenant, now)

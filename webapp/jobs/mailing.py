"""Sends one mail: claim it, hand it over with no transaction open, and tell; only a crash between the two sends it twice, under one id."""

from __future__ import annotations

from datetime import datetime

from webapp import faults
from webapp.gateways.mail import Permanent, Sender, Temporary, Unmailable, build_mail, send
from webapp.jobs.letters import write
from webapp.jobs.workshop import Workshop
from webapp.operations import correspondence


def send_mail(shop: Workshop, tenant: str, kind: str, id: str, now: datetime) -> None:
    """Writes and sends a mail of that kind. Raises Temporary or Pending (again later), Permanent (somebody must look)."""
    letter = correspondence.letter(shop.store, tenant, kind, id, shop.secret, now)
    if letter is None or not correspondence.claim(shop.store, letter, now):
        return
    faults.point("mail.after_claim")
    sender = letter.tenant.mail
    try:
        words = write(letter)
        mail = build_mail(
            sender=Sender(sender.name, sender.address, sender.reply_to),
            to=letter.to,
            subject=words.subject,
            text=words.text,
            html=words.html,
            language=letter.language,
            message_id=letter.message_id,
            now=now,
        )
        send(shop.mail_server, mail)
    except Temporary:
        correspondence.not_sent(shop.store, letter, now)
        raise
    except (Permanent, Unmailable) as lasting:
        correspondence.not_sent(shop.store, letter, now, str(lasting))
        raise Permanent(str(lasting)) from None
    faults.point("mail.after_250")
    correspondence.sent(shop.store, letter, now)

"""Sends one mail: claim it, hand it over with no transaction open, and tell; only a crash between the two sends it twice, under one id."""

from __future__ import annotations

from datetime import datetime

from webapp import faults
from webapp.gateways.mail import Attachment, NoSuchAddress, Permanent, Sender, Temporary, Unmailable, build_mail, send
from webapp.jobs.mail.letters import write
from webapp.jobs.workshop import Workshop
from webapp.operations import correspondence
from webapp.operations.correspondence import Letter
from webapp.operations.signing import sign_letters

GIVEN_UP = "mail.given_up"
"""The server did not take it for as long as we wait: nobody tries any more, as if it had been refused for good."""


def send_mail(shop: Workshop, tenant: str, kind: str, id: str, now: datetime) -> str | None:
    """Writes and sends a mail of that kind; its Message-ID, also when it had been sent before, None when it is needless.

    Raises Temporary or Pending (again later), Permanent (somebody must look).
    """
    written_by = sign_letters if kind in sign_letters.KINDS else correspondence
    letter = written_by.letter(shop.store, tenant, kind, id, shop.secret, now)
    if letter is None:
        return None
    if correspondence.claim(shop.store, letter, now):
        faults.point("mail.after_claim")
        _hand_over(shop, letter, now)
        faults.point("mail.after_250")
        correspondence.sent(shop.store, letter, now)
    return letter.message_id


def _hand_over(shop: Workshop, letter: Letter, now: datetime) -> None:
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
            attachments=tuple(Attachment(name, content) for name, content in letter.attached),
        )
        send(shop.mail_server, mail)
    except Temporary as problem:
        if shop.is_last_try:
            correspondence.not_sent(shop.store, letter, now, GIVEN_UP)
            raise Permanent(GIVEN_UP, problem.code) from None
        correspondence.not_sent(shop.store, letter, now)
        raise
    except (Permanent, Unmailable) as problem:
        lasting = problem if isinstance(problem, Permanent) else _unmailable(str(problem))
        correspondence.not_sent(shop.store, letter, now, str(lasting))
        raise lasting from None


def _unmailable(header: str) -> Permanent:
    """Our own refusal to write a header means what the server's would: of the recipient's address, or of the mail."""
    return NoSuchAddress(header) if header == "To" else Permanent(header)

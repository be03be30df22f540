"""Sends one mail: claim it, hand it over with no transaction open, and tell; only a crash between the two sends it twice, under one id."""

from __future__ import annotations

from datetime import datetime

from webapp import faults
from webapp.gateways.mail import Attachment, NoSuchAddress, Permanent, Sender, Temporary, Unmailable, build_mail, send
from webapp.jobs.mail.mail_rendering import write
from webapp.jobs.worker_context import WorkerContext
from webapp.operations import outbox
from webapp.operations.outbox import Letter
from webapp.operations.signing import signing_mails

GIVEN_UP = "mail.given_up"
"""The server did not take it for as long as we wait: nobody tries any more, as if it had been refused for good."""


def send_mail(worker_context: WorkerContext, tenant: str, kind: str, id: str, now: datetime) -> str | None:
    """Writes and sends a mail of that kind; its Message-ID, also when it had been sent before, None when it is needless.

    Raises Temporary or Pending (again later), Permanent (somebody must look).
    """
    written_by = signing_mails if kind in signing_mails.KINDS else outbox
    letter = written_by.letter(worker_context.store, tenant, kind, id, worker_context.secret, now)
    if letter is None:
        return None
    if outbox.claim(worker_context.store, letter, now):
        faults.point("mail.after_claim")
        _hand_over(worker_context, letter, now)
        faults.point("mail.after_250")
        outbox.sent(worker_context.store, letter, now)
    return letter.message_id


def _hand_over(worker_context: WorkerContext, letter: Letter, now: datetime) -> None:
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
        send(worker_context.mail_server, mail)
    except Temporary as problem:
        if worker_context.is_last_try:
            outbox.not_sent(worker_context.store, letter, now, GIVEN_UP)
            raise Permanent(GIVEN_UP, problem.code) from None
        outbox.not_sent(worker_context.store, letter, now)
        raise
    except (Permanent, Unmailable) as problem:
        lasting = problem if isinstance(problem, Permanent) else _unmailable(str(problem))
        outbox.not_sent(worker_context.store, letter, now, str(lasting))
        raise lasting from None


def _unmailable(header: str) -> Permanent:
    """Our own refusal to write a header means what the server's would: of the recipient's address, or of the mail."""
    return NoSuchAddress(header) if header == "To" else Permanent(header)

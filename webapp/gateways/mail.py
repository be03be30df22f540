"""Mail by SMTP: builds a message to one recipient and hands it over, or says whether trying again may help. Knows no kind of mail."""

from __future__ import annotations

import re
import smtplib
import ssl
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage

from webapp import faults
from webapp.domain.numbers import read_email
from webapp.domain.problem import Invalid
from webapp.gateways.errors import Permanent, Temporary

TIMEOUT_SECONDS = 10  # each step; all ten together stay below the lease of an effect
LONGEST_HEADER = 200

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.-]{1,100}@[A-Za-z0-9.-]{1,253}>", re.ASCII)
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class Unmailable(ValueError):
    """What was to be written into a header must not stand there. The text names the header, never its content."""


class NoSuchAddress(Permanent):
    """The recipient's address takes no mail, whatever the code; whoever gave the address can correct it."""


@dataclass(frozen=True)
class Server:
    """Where mail is handed over. Without `user` nobody signs in."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False


@dataclass(frozen=True)
class Sender:
    """From whom a mail comes and who gets the answers."""

    name: str
    address: str
    reply_to: str


@dataclass(frozen=True)
class Attachment:
    """A file in a mail. Its name is ours: ASCII without spaces."""

    name: str
    content: bytes
    subtype: str = "pdf"


def build_mail(
    *,
    sender: Sender,
    to: str,
    subject: str,
    text: str,
    html: str,
    language: str,
    message_id: str,
    now: datetime,
    attachments: tuple[Attachment, ...] = (),
) -> EmailMessage:
    """The one way to a mail: exactly one recipient, the same words as text and as HTML. Raises Unmailable."""
    if not _MESSAGE_ID.fullmatch(message_id):
        raise Unmailable("Message-ID")
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = Address(_header("From", sender.name), addr_spec=_address("From", sender.address))
    mail["To"] = Address(addr_spec=_address("To", to))
    mail["Reply-To"] = Address(addr_spec=_address("Reply-To", sender.reply_to))
    mail["Subject"] = _header("Subject", subject)
    mail["Date"] = now
    mail["Message-ID"] = message_id
    mail["Content-Language"] = _header("Content-Language", language)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    # Not every server takes eight bits, and none takes lines of any length.
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    for attachment in attachments:
        if not _FILE_NAME.fullmatch(attachment.name):
            raise Unmailable("file name")
        mail.add_attachment(
            attachment.content, maintype="application", subtype=attachment.subtype, filename=attachment.name
        )
    return mail


def _header(name: str, text: str) -> str:
    if not text or len(text) > LONGEST_HEADER or "=?" in text:
        raise Unmailable(name)
    if any(unicodedata.category(sign) in _INVISIBLE for sign in text):
        raise Unmailable(name)
    return text


def _address(name: str, text: str) -> str:
    """One bare address, by the same reader as the forms have: whatever they take can be sent to."""
    try:
        address = read_email(text)
    except Invalid:
        raise Unmailable(name) from None
    if text != text.strip():
        raise Unmailable(name)
    return address


def send(server: Server, mail: EmailMessage) -> None:
    """Returns when the server has taken the mail; raises Permanent or Temporary. What follows its 250 changes nothing."""
    smtp: smtplib.SMTP | None = None
    try:
        smtp = _open(server)
        faults.point("mail.before_data")
        smtp.send_message(mail)
    except smtplib.SMTPRecipientsRefused as refused:
        code = next(iter(refused.recipients.values()))[0]
        raise _failure(code, NoSuchAddress) from None
    except smtplib.SMTPDataError as refused:
        raise _failure(refused.smtp_code) from None
    except (smtplib.SMTPException, OSError) as problem:
        # Not about this mail: the server is away, or refuses us. Its words may hold addresses and stay out of logs.
        raise Temporary(type(problem).__name__) from None
    finally:
        if smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()


def probe(server: Server) -> str:
    """What stands in the way of handing mail over; empty when nothing does. Sends nothing."""
    try:
        with _open(server) as smtp:
            smtp.noop()
    except (smtplib.SMTPException, OSError) as problem:
        return f"{server.host}:{server.port} cannot be used: {type(problem).__name__}"
    return ""


def _open(server: Server) -> smtplib.SMTP:
    smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    try:
        if server.starttls:
            smtp.starttls(context=ssl.create_default_context())
        if server.user:
            smtp.login(server.user, server.password)
    except (smtplib.SMTPException, OSError):
        smtp.close()
        raise
    return smtp


def _failure(code: int, lasting: type[Permanent] = Permanent) -> Exception:
    return lasting(f"SMTP {code}") if 500 <= code < 600 else Temporary(f"SMTP {code}")

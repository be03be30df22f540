"""What every job handler works with, put together once by the worker; holds no state of a job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from webapp.documents.keys import CannotSeal
from webapp.documents.scan import UNREADABLE
from webapp.gateways.eid import NO_BROKERS, Brokers
from webapp.gateways.mail import Server
from webapp.gateways.sms import NO_SMS, SmsServer
from webapp.operations.papers.document_verification import NO_SEALS, Seals
from webapp.store.unit_of_work import Store

if TYPE_CHECKING:
    from webapp.documents.sealed import Sealed


def _opens_nothing(kind: str, content: bytes) -> str:
    return UNREADABLE


def _no_seal(pdf: bytes, key_name: str, label: str, now: datetime) -> Sealed:
    raise CannotSeal("key.missing", "this worker has no keys")


@dataclass(frozen=True)
class WorkerContext:
    """The database, the secret from which codes and links are derived, the press, the seal, where mail, text messages and eID are, and what looks at scans.

    `draw(paper, seller, attached=())` gives the PDF and its file name.
    """

    store: Store
    secret: str
    draw: Callable[..., tuple[bytes, str]]
    mail_server: Server
    seal: Callable[[bytes, str, str, datetime], Sealed] = _no_seal
    seals: Seals = NO_SEALS
    sms_server: SmsServer = NO_SMS
    brokers: Brokers = NO_BROKERS
    why_not: Callable[[str, bytes], str] = _opens_nothing  # of a scan
    is_last_try: bool = False  # of this job: what is not done now is given up, and whom it concerns is told

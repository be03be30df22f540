"""Whether a sealed paper is whole and ours: one seal over the whole file, by a chain we trust, that forbids any change; it repairs nothing."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import Literal

from asn1crypto import cms  # type: ignore[import-untyped]
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from webapp.documents.keys import Trust
from webapp.documents.seal import APART, asn1

Fault = Literal[
    "hash",  # not the bytes that were stored
    "unreadable",  # no PDF, or a broken one
    "unsealed",
    "several",  # more than one seal
    "not_whole",  # bytes that the seal does not cover
    "altered",  # covered bytes changed, or the seal itself
    "untrusted",  # by a key that we do not know
    "expired",  # sealed before its certificate began or after it ended
    "uncertified",  # the seal does not forbid changes
    "future",  # sealed later than now
    "timestamp",  # its time-stamp is wrong, or by an authority that we do not know
]


@dataclass(frozen=True)
class Verdict:
    """What was found. The rest means something only where there are no faults."""

    faults: tuple[Fault, ...]
    sealed_by: str = ""  # as the certificate says
    sealed_at: datetime | None = None
    level: Literal["", "B-B", "B-T"] = ""  # B-T: an authority vouches for the time; B-B: its sealer alone says it
    key_ends: datetime | None = None  # when its certificate ends; after that B-B no longer shows which came first

    @property
    def is_valid(self) -> bool:
        """Whether the paper may be handed out as it is."""
        return not self.faults


def check(pdf: bytes, trust: Trust, now: datetime, sha256: str | None = None) -> Verdict:
    """Everything that is wrong with these bytes; with `sha256` also whether they are the stored ones. Never raises."""
    known: tuple[Fault, ...] = ()
    if sha256 is not None and not hmac.compare_digest(hashlib.sha256(pdf).hexdigest(), sha256):
        known = ("hash",)
    try:
        found = _examined(pdf, trust, now)
    except Exception:  # noqa: BLE001 - a hostile file may break its reader anywhere; what cannot be read is not valid
        return Verdict((*known, "unreadable"))
    return replace(found, faults=(*known, *found.faults))


def _examined(pdf: bytes, trust: Trust, now: datetime) -> Verdict:
    reader = PdfFileReader(BytesIO(pdf))
    fields = list(enumerate_sig_fields(reader, filled_status=True))
    if len(fields) != 1:
        return Verdict(("several" if fields else "unsealed",))
    name, _, field = fields[0]
    seal = EmbeddedPdfSignature(reader, field, name)
    at = seal.self_reported_timestamp
    if at is None:
        return Verdict(("altered",))
    # Without revocation data the question is whether the key was good when it sealed; papers outlive certificates.
    status = asyncio.run(
        async_validate_pdf_signature(
            seal,
            _roots(trust.seals, at),
            _roots(trust.timestamps, at),
            skip_diff=True,  # any later revision is a fault, whatever it did
        )
    )
    faults = _faults(pdf, seal, status, at, now)
    level: Literal["B-T", "B-B"] = "B-T" if status.timestamp_validity else "B-B"
    return Verdict(faults, _holder(seal), at, level, seal.signer_cert.not_valid_after)


def _faults(
    pdf: bytes, seal: EmbeddedPdfSignature, status: PdfSignatureStatus, at: datetime, now: datetime
) -> tuple[Fault, ...]:
    faults: list[Fault] = []
    if not _covers(pdf, seal):
        faults.append("not_whole")
    if not (status.intact and status.valid):
        faults.append("altered")
    elif not status.trusted:
        faults.append("expired" if status.trust_problem_indic in _OUT_OF_TIME else "untrusted")
    if seal.docmdp_level != MDPPerm.NO_CHANGES:
        faults.append("uncertified")
    if status.timestamp_validity and not _is_good(status.timestamp_validity, at):
        faults.append("timestamp")
    if at > now + APART:
        faults.append("future")
    return tuple(faults)


def _is_good(stamp: TimestampSignatureStatus, at: datetime) -> bool:
    return stamp.intact and stamp.valid and stamp.trusted and abs(stamp.timestamp - at) <= APART


_OUT_OF_TIME = {
    AdESIndeterminate.OUT_OF_BOUNDS_NO_POE,
    AdESIndeterminate.OUT_OF_BOUNDS_NOT_REVOKED,
}


def _covers(pdf: bytes, seal: EmbeddedPdfSignature) -> bool:
    """Every byte but the seal's own hexadecimal digits, and nothing hidden in the room that it left over."""
    start, first, second, rest = (int(each) for each in seal.byte_range)
    hole = pdf[first:second]
    padding = seal.pkcs7_content[len(cms.ContentInfo.load(seal.pkcs7_content).dump()) :]
    return (
        start == 0
        and second + rest == len(pdf)
        and (hole[:1], hole[-1:]) == (b"<", b">")
        and len(hole) == 2 * len(seal.pkcs7_content) + 2  # no blank between the digits
        and not any(padding)
    )


def _roots(certificates: tuple[x509.Certificate, ...], at: datetime) -> ValidationContext:
    return ValidationContext(trust_roots=[asn1(each) for each in certificates], moment=at, allow_fetching=False)


def _holder(seal: EmbeddedPdfSignature) -> str:
    subject = seal.signer_cert.subject.native
    holder: str = subject.get("organization_name") or subject.get("common_name", "")
    return holder

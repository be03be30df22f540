"""Seals a paper: one more revision with a signature field that keeps it PDF/A-3a and PDF/UA-1, certified against any change; it asks no network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Any

from asn1crypto import cms, x509  # type: ignore[import-untyped]
from cryptography import x509 as pyca
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps.api import TimeStamper
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from webapp.documents.keys import CannotSeal, SealKey

FIELD = "Seal"
PRINTED_AND_LOCKED = 132  # annotation flags 3 and 8
DIGEST = "sha256"
APART = timedelta(minutes=5)  # how far an authority's clock may be from ours
ROOM, ROOM_FOR_TIME = 1024, 12 * 1024  # bytes beside the certificates; a token with its chain takes 3 to 8 kB

Timestamp = Callable[[bytes], bytes]
"""A SHA-256 digest in, an RFC 3161 time-stamp token (DER) out; whatever it raises ends the sealing."""


@dataclass(frozen=True)
class Timestamper:
    """An authority and the roots that its tokens must lead to."""

    ask: Timestamp
    roots: tuple[pyca.Certificate, ...]


def seal(pdf: bytes, key: SealKey, now: datetime, label: str, timestamper: Timestamper | None = None) -> bytes:
    """The paper with the seal of the key's holder: PAdES B-T with a timestamper, else B-B. Raises CannotSeal.

    `label` names the seal to those who hear the paper, in its language. The given bytes are the result's beginning.
    """
    key.need_valid(now)
    try:
        writer = _Revision(BytesIO(pdf))
        _add_field(writer, label)
        session = PdfSigner(_TERMS, _signer(key), timestamper=_time_of(timestamper, now)).init_signing_session(
            writer, existing_fields_only=True
        )
        session.system_time = now
        ready = session.prepare_tbs_document(None, bytes_reserved=_room(key, timestamper))
        sealed = BytesIO()
        digest, _ = ready.digest_tbs_document(output=sealed)
        asyncio.run(ready.perform_signature(digest.document_digest, PdfCMSSignedAttributes(signing_time=now)))
    except SigningError as refused:
        raise CannotSeal("seal.refused", str(refused)) from refused
    except (PdfError, KeyError, IndexError) as unfit:
        raise CannotSeal("paper.unfit", f"not a tagged PDF: {unfit}") from unfit
    return sealed.getvalue()


_TERMS = PdfSignatureMetadata(
    field_name=FIELD,
    md_algorithm=DIGEST,
    certify=True,
    docmdp_permissions=MDPPerm.NO_CHANGES,
    subfilter=SigSeedSubFilter.PADES,
)


class _Revision(IncrementalPdfFileWriter):
    """Leaves the metadata as printed: written anew it would lose the PDF/A extension schema (pyHanko issue 755)."""

    def _update_meta(self) -> None:
        pass


def _add_field(writer: IncrementalPdfFileWriter, label: str) -> None:
    """An invisible widget on the first page that hangs in the structure tree; a field made by pyHanko would not."""
    root = writer.root
    if "/AcroForm" in root or "/Perms" in root:
        raise CannotSeal("seal.twice", "the paper has a signature field already")
    tree = root["/StructTreeRoot"]
    page: IndirectObject = _first_page(root)
    above: IndirectObject = _first(tree, "/K")
    parents = tree["/ParentTree"]["/Nums"]
    place = 1 + max(int(parents[at]) for at in range(0, len(parents), 2))

    widget = writer.add_object(
        _dictionary(
            Type=pdf_name("/Annot"),
            Subtype=pdf_name("/Widget"),
            FT=pdf_name("/Sig"),
            T=pdf_string(FIELD),
            TU=pdf_string(label),
            F=NumberObject(PRINTED_AND_LOCKED),
            Rect=ArrayObject(NumberObject(0) for _ in range(4)),
            P=page,
            StructParent=NumberObject(place),
        )
    )
    shown = _dictionary(Type=pdf_name("/OBJR"), Obj=widget, Pg=page)
    element = writer.add_object(
        _dictionary(
            Type=pdf_name("/StructElem"),
            S=pdf_name("/Form"),
            Alt=pdf_string(label),
            P=above,
            Pg=page,
            K=ArrayObject([shown]),
        )
    )
    document, leaf = above.get_object(), page.get_object()
    _append(writer, document, "/K", element)
    _append(writer, leaf, "/Annots", widget)
    leaf["/Tabs"] = pdf_name("/S")
    parents.extend([NumberObject(place), element])
    tree["/ParentTreeNextKey"] = NumberObject(place + 1)
    form = _dictionary(Fields=ArrayObject([widget]), SigFlags=NumberObject(3))
    root["/AcroForm"] = writer.add_object(form)
    for changed in (document, leaf, parents, tree, root):
        writer.update_container(changed)


def _first_page(root: Any) -> IndirectObject:
    pages = root["/Pages"]
    while True:
        reference: IndirectObject = pages["/Kids"].raw_get(0)
        pages = reference.get_object()
        if pages["/Type"] == "/Page":
            return reference


def _first(thing: DictionaryObject, name: str) -> Any:
    """The reference under that name, or the first of several."""
    held = thing.raw_get(name)
    return held.raw_get(0) if isinstance(held, ArrayObject) else held


def _append(writer: IncrementalPdfFileWriter, thing: DictionaryObject, name: str, added: Any) -> None:
    """To a list that may be absent, a single value, or an object of its own."""
    held = thing.get(name)
    if isinstance(held, ArrayObject):
        held.append(added)
        writer.update_container(held)
    else:
        thing[name] = ArrayObject([added] if held is None else [thing.raw_get(name), added])


def _dictionary(**entries: Any) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{name}"): value for name, value in entries.items()})


class _HeldKey(Signer):
    """Signs with a key that is already open; pyHanko's own signer deciphers and checks it at each signature."""

    def __init__(self, key: SealKey) -> None:
        certificates = SimpleCertificateStore()
        certificates.register_multiple(asn1(each) for each in key.chain)
        super().__init__(signing_cert=asn1(key.certificate), cert_registry=certificates, embed_roots=False)
        self._private = key.private

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if isinstance(self._private, RSAPrivateKey):
            return self._private.sign(data, PKCS1v15(), SHA256())
        return self._private.sign(data, ECDSA(SHA256()))


class _Time(TimeStamper):
    """Asks for one token and takes only one that is about this seal, honest about the time, and from whom we trust."""

    def __init__(self, timestamper: Timestamper, now: datetime) -> None:
        super().__init__()
        self._timestamper, self._now = timestamper, now

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        given = self._timestamper.ask(message_digest)
        if len(given) > ROOM_FOR_TIME:
            raise CannotSeal("timestamp.too_large", f"{len(given)} bytes")
        roots = [asn1(each) for each in self._timestamper.roots]
        try:
            token = cms.ContentInfo.load(given, strict=True)
            status = TimestampSignatureStatus(
                **await validate_tst_signed_data(
                    token["content"],
                    ValidationContext(trust_roots=roots, moment=self._now, allow_fetching=False),
                    lambda algorithm: message_digest if algorithm == md_algorithm else b"",
                )
            )
        except (ValueError, TypeError, KeyError, SignatureValidationError) as garbled:
            raise CannotSeal("timestamp.garbled", type(garbled).__name__) from garbled
        if not status.intact or not status.valid:
            raise CannotSeal("timestamp.invalid", "it is about something else, or its signature is wrong")
        if not status.trusted:
            raise CannotSeal("timestamp.untrusted", "its certificate leads to no root that we trust")
        if abs(status.timestamp - self._now) > APART:
            raise CannotSeal("timestamp.time", "its clock and ours are too far apart")
        return token


def _time_of(timestamper: Timestamper | None, now: datetime) -> _Time | None:
    return _Time(timestamper, now) if timestamper else None


@lru_cache(maxsize=64)
def _signer(key: SealKey) -> _HeldKey:
    return _HeldKey(key)


def _room(key: SealKey, timestamper: Timestamper | None) -> int:
    """Hexadecimal digits to leave free. Told beforehand, for finding it out would cost a second signature and token."""
    certificates = sum(len(each.public_bytes(Encoding.DER)) for each in (key.certificate, *key.chain))
    signature = (key.private.key_size + 7) // 8 * 2
    return 2 * (certificates + signature + ROOM + (ROOM_FOR_TIME if timestamper else 0))


def asn1(certificate: pyca.Certificate) -> x509.Certificate:
    """The same certificate as pyHanko wants it."""
    return x509.Certificate.load(certificate.public_bytes(Encoding.DER))

"""Whatever is done to a sealed paper, the check refuses it: by its seal alone where that can be seen, else by its digest."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from io import BytesIO

import pikepdf
import pytest
from asn1crypto import cms
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NumberObject, pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from tests.documents.reading import findings
from tests.documents.sealing import HOLDERS, LABEL, NOW, Sealed, hole, keyring, made_keyring, sealed_paper
from webapp.documents import seal as sealing
from webapp.documents.check import check
from webapp.documents.keys import Keyring, SealKey
from webapp.documents.own_ca import clock_of
from webapp.documents.seal import Timestamper, seal
from webapp.gateways.timestamp import Authority
from webapp.gateways.timestamp_standin import TimestampStandin

FILES = range(20 if os.environ.get("SKYLT_TEST_FULL") else 2)

Tamper = Callable[[Sealed, int], bytes]


def flipped(paper: Sealed, n: int) -> bytes:
    """One bit of what the seal covers; another place in each file."""
    at = 1000 + n * 1361 % (len(paper.printed) - 2000)
    return paper.whole[:at] + bytes([paper.whole[at] ^ 1]) + paper.whole[at + 1 :]


def appended(paper: Sealed, n: int) -> bytes:
    return paper.whole + b"\n% more\n"


def retitled(paper: Sealed, n: int) -> bytes:
    """A revision that touches nothing but the metadata."""
    writer = IncrementalPdfFileWriter(BytesIO(paper.whole))
    writer.update_root()
    return _written(writer)


def stamped(paper: Sealed, n: int) -> bytes:
    """A note on the first page."""
    writer = IncrementalPdfFileWriter(BytesIO(paper.whole))
    page, note = writer.root["/Pages"]["/Kids"][0], DictionaryObject()
    note[pdf_name("/Type")], note[pdf_name("/Subtype")] = pdf_name("/Annot"), pdf_name("/Text")
    note[pdf_name("/Rect")] = ArrayObject(NumberObject(side) for side in (50, 50, 70, 70))
    note[pdf_name("/Contents")] = pdf_string("Betald")
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page["/Annots"])
    writer.update_container(page)
    return _written(writer)


def given_other_data(paper: Sealed, n: int) -> bytes:
    """The order that rides inside, exchanged."""
    writer = IncrementalPdfFileWriter(BytesIO(paper.whole))
    stream = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"]["/F"]
    stream._data, stream._encoded_data = b'{"total": 0}', None
    writer.update_container(stream)
    return _written(writer)


def swapped(paper: Sealed, n: int) -> bytes:
    """Another good paper of the same operator: only its digest can tell."""
    return sealed_paper(n + 4).whole


def from_elsewhere(paper: Sealed, n: int) -> bytes:
    """A good paper of another installation."""
    return seal(paper.printed, _stranger().key("fjallton"), NOW, "Sigill")


def sealed_again(paper: Sealed, n: int) -> bytes:
    """A second seal by another key, with the prohibition overlooked."""
    signer = PdfSigner(PdfSignatureMetadata(field_name="More"), sealing._HeldKey(_stranger().key("fjallton")))
    signer._enforce_certification_constraints = lambda reader: None  # type: ignore[method-assign]
    signed = signer.sign_pdf(sealing._Revision(BytesIO(paper.whole)))
    return bytes(signed.getvalue())


def unsealed(paper: Sealed, n: int) -> bytes:
    """Cut back to what was printed, which is a good PDF."""
    return paper.printed


def emptied(paper: Sealed, n: int) -> bytes:
    """The seal taken out of its field and all written anew."""
    with pikepdf.open(BytesIO(paper.whole)) as opened:
        del opened.Root.AcroForm.Fields[0].V, opened.Root.Perms
        return _saved(opened)


def rewritten(paper: Sealed, n: int) -> bytes:
    """Opened and saved by another program, nothing changed."""
    with pikepdf.open(BytesIO(paper.whole)) as opened:
        return _saved(opened)


def cut(paper: Sealed, n: int) -> bytes:
    return paper.whole[: -1 - n * 700]


def stuffed(paper: Sealed, n: int) -> bytes:
    """Something hidden in the room that the seal left over; no signature covers it."""
    _, end = hole(paper.whole)
    return paper.whole[: end - 8] + b"deadbeef" + paper.whole[end:]


def forged(paper: Sealed, n: int) -> bytes:
    """A digit of the signature."""
    start, end = hole(paper.whole)
    at = start + len(paper.whole[start:end].rstrip(b"0")) - 20 - n
    return paper.whole[:at] + (b"1" if paper.whole[at : at + 1] != b"1" else b"2") + paper.whole[at + 1 :]


def late(paper: Sealed, n: int) -> bytes:
    """Sealed after the certificate had ended."""
    return seal(paper.printed, _lasting(paper.key), NOW + timedelta(days=4 * 365), "Sigill")


def foreseen(paper: Sealed, n: int) -> bytes:
    return seal(paper.printed, paper.key, NOW + timedelta(days=30), "Sigill")


def loosened(paper: Sealed, n: int) -> bytes:
    """By the right key, but as a seal that lets others change the paper."""
    signer = PdfSigner(replace(sealing._TERMS, certify=False), sealing._HeldKey(paper.key))
    writer = sealing._Revision(BytesIO(paper.printed))
    sealing._add_field(writer, "Sigill")
    session = signer.init_signing_session(writer, existing_fields_only=True)
    session.system_time = NOW
    ready = session.prepare_tbs_document(None, bytes_reserved=16384)
    digest, sealed = ready.digest_tbs_document()
    attributes = sealing.PdfCMSSignedAttributes(signing_time=NOW)
    asyncio.run(ready.perform_signature(digest.document_digest, attributes))
    return bytes(sealed.getvalue())


TAMPERED: dict[Tamper, set[str]] = {
    flipped: {"altered", "unreadable"},
    appended: {"not_whole"},
    retitled: {"not_whole"},
    stamped: {"not_whole"},
    given_other_data: {"not_whole"},
    swapped: set(),
    from_elsewhere: {"untrusted"},
    sealed_again: {"several"},
    unsealed: {"unsealed"},
    emptied: {"unsealed"},
    rewritten: {"not_whole", "altered", "unreadable"},
    cut: {"not_whole", "unreadable", "unsealed"},
    stuffed: {"not_whole"},
    forged: {"altered", "untrusted", "unreadable"},
    late: {"expired"},
    foreseen: {"future"},
    loosened: {"uncertified"},
}


@pytest.mark.parametrize("tamper", TAMPERED, ids=lambda tamper: tamper.__name__)
def test_it_is_refused(tamper: Tamper) -> None:
    for n in FILES:
        paper = sealed_paper(n)
        stored = hashlib.sha256(paper.whole).hexdigest()
        assert check(paper.whole, paper.trust, NOW, stored).is_valid, "what nobody touched is not refused"
        other = tamper(paper, n)
        assert other != paper.whole
        now = NOW + timedelta(days=5 * 365) if tamper is late else NOW
        assert "hash" in check(other, paper.trust, now, stored).faults
        seen = set(check(other, paper.trust, now).faults)
        assert seen & TAMPERED[tamper] or seen == TAMPERED[tamper], seen


def test_a_stripped_time_stamp_is_seen_by_the_digest() -> None:
    """It is not covered by the signature: what is left is a good seal of a lower level."""
    now, paper = NOW, sealed_paper(0)
    with TimestampStandin(clock_of(keyring().place, keyring().password)) as standin:
        stamper = Timestamper(Authority(standin.url).stamp, paper.trust.timestamps)
        stamped_one = seal(paper.printed, paper.key, now, LABEL["sv"], stamper)
    start, end = hole(stamped_one)
    content = cms.ContentInfo.load(bytes.fromhex(stamped_one[start:end].decode()))
    content["content"]["signer_infos"][0]["unsigned_attrs"] = None
    left = content.dump(force=True).hex().encode().ljust(end - start, b"0")
    stripped = stamped_one[:start] + left + stamped_one[end:]
    assert check(stripped, paper.trust, now).level == "B-B"
    assert check(stripped, paper.trust, now, hashlib.sha256(stamped_one).hexdigest()).faults == ("hash",)


def test_what_is_refused_by_its_seal_may_look_perfect_to_the_profiles() -> None:
    """So neither replaces the other."""
    assert findings(from_elsewhere(sealed_paper(0), 0)) == []


@pytest.mark.parametrize("junk", [b"", b"%PDF-1.7", b"\0" * 1000, b"%PDF-1.7\nstartxref\n9\n%%EOF", b"[" * 100_000])
def test_junk_is_refused_without_a_crash(junk: bytes) -> None:
    assert check(junk, keyring().trust(), NOW).faults == ("unreadable",)


@dataclass(frozen=True)
class _Lasting(SealKey):
    """A key that overlooks its end."""

    def need_valid(self, now: object) -> None:
        pass


def _lasting(key: SealKey) -> SealKey:
    return _Lasting(key.private, key.certificate, key.chain)


@lru_cache(maxsize=1)
def _stranger() -> Keyring:
    """The same names under a root that we do not know."""
    return made_keyring({"fjallton": HOLDERS["fjallton"]})


def _written(writer: IncrementalPdfFileWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _saved(opened: pikepdf.Pdf) -> bytes:
    out = BytesIO()
    opened.save(out)
    return out.getvalue()

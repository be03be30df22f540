"""Keys made for the tests, printed and sealed papers to go with them; shared by the tests of the seal."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from pyhanko.pdf_utils.reader import PdfFileReader

from tests.builders import TUESDAY
from tests.documents.reading import demo_tenant, papers_of, ported_order, printed
from webapp import clock
from webapp.documents.keys import Keyring, SealKey, Trust
from webapp.documents.own_ca import Holder, make_keys
from webapp.documents.seal import seal

NOW = TUESDAY  # the portal's time too: whoever asks it about these papers asks when they have just been sealed
PASSWORD = "öppna sesam"
HOLDERS = {"fjallton": Holder("Fjällton Telekom AB", "SE"), "baeltkom": Holder("Bæltkom A/S", "DK")}
LABEL = {"sv": "Elektronisk stämpel", "da": "Elektronisk segl"}


@lru_cache(maxsize=1)
def keyring() -> Keyring:
    """Both operators' keys under one root, made at the time of the papers."""
    return made_keyring(HOLDERS)


@lru_cache(maxsize=1)
def living_keyring() -> Keyring:
    """The same made at what time it is: for processes and authorities, which ask the clock."""
    return made_keyring(HOLDERS, at=clock.now())


def made_keyring(holders: Mapping[str, Holder], password: str = PASSWORD, at: datetime = NOW) -> Keyring:
    """A root of its own, and a key for each of these."""
    folder = Path(tempfile.mkdtemp(prefix="skylt-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    make_keys(folder, holders, at, password)
    return Keyring(folder, password)


@dataclass(frozen=True)
class Sealed:
    """A paper before and after."""

    tenant: str
    printed: bytes
    whole: bytes

    @property
    def key(self) -> SealKey:
        return keyring().key(self.tenant)

    @property
    def trust(self) -> Trust:
        return keyring().trust()


@lru_cache(maxsize=64)
def sealed_paper(n: int) -> Sealed:
    """One of many papers, no two alike: confirmations and powers of attorney, Swedish and Danish."""
    slug, language = (("fjallton", "sv"), ("baeltkom", "da"))[n // 2 % 2]
    tenant = demo_tenant(slug)
    paper = papers_of(ported_order(tenant, language), tenant)[n % 2]
    pdf = printed(replace(paper, verify_code=f"KOD-{n:04d}"), tenant)
    return Sealed(slug, pdf, seal(pdf, keyring().key(slug), NOW, LABEL[language]))


def hole(pdf: bytes) -> tuple[int, int]:
    """Where the seal's hexadecimal digits begin and end."""
    byte_range = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures[0].byte_range
    return int(byte_range[1]) + 1, int(byte_range[2]) - 1

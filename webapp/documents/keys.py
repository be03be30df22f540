"""The keys that seal papers and whom we trust: PKCS#12 by name, each loaded once in a process; it seals nothing itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12

SEALS, TIMESTAMPS = "trusted-seals.pem", "trusted-timestamps.pem"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}", re.ASCII)

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey


class CannotSeal(RuntimeError):
    """No seal was made; `code` tells why, the text is for whoever runs the machine and holds no secret."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(f"{code}: {text}" if text else code)
        self.code = code

    @property
    def waits(self) -> bool:
        """Whether a file that is put in its place mends it: papers wait for that, however long it takes."""
        return self.code.startswith(("key.", "trust."))


@dataclass(frozen=True)
class SealKey:
    """A private key with its certificate and those that lead from it to a root."""

    private: PrivateKey = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @property
    def expires(self) -> datetime:
        """When its certificate ends."""
        return self.certificate.not_valid_after_utc

    def need_valid(self, now: datetime) -> None:
        """Raises CannotSeal before its certificate begins and after it ended."""
        if now < self.certificate.not_valid_before_utc:
            raise CannotSeal("key.early", f"the certificate begins on {self.certificate.not_valid_before_utc:%Y-%m-%d}")
        if now > self.expires:
            raise CannotSeal("key.expired", f"the certificate ended on {self.expires:%Y-%m-%d}")


@dataclass(frozen=True)
class Trust:
    """The roots that seals and time-stamps must lead to. Apart, for a public time-stamp root also vouches for strangers."""

    seals: tuple[x509.Certificate, ...]
    timestamps: tuple[x509.Certificate, ...] = ()


@dataclass(frozen=True)
class Keyring:
    """Where keys lie: one PKCS#12 file for everybody, or a folder of `<name>.p12`. The roots lie beside them as PEM."""

    place: Path
    password: str = field(default="", repr=False)

    def key(self, name: str) -> SealKey:
        """The key of that name; a renewed file is seen. Raises CannotSeal."""
        if not _NAME.fullmatch(name):
            raise CannotSeal("key.missing", "no key can have that name")
        path = self.place / f"{name}.p12" if self.place.is_dir() else self.place
        try:
            state = path.stat()
        except OSError:
            raise CannotSeal("key.missing", f"there is no key file for {name}") from None
        return _loaded(path, self.password, state.st_mtime_ns, state.st_size)

    def trust(self) -> Trust:
        """Whom to believe. Without a list for seals, one file's own roots count; a folder must have the list."""
        beside = self.place if self.place.is_dir() else self.place.parent
        seals = _roots(beside / SEALS)
        if not seals and self.place.is_file():
            key = self.key("any")
            seals = tuple(each for each in key.chain if each.issuer == each.subject) or (key.certificate,)
        return Trust(seals, _roots(beside / TIMESTAMPS))


@lru_cache(maxsize=64)
def _loaded(path: Path, password: str, changed: int, size: int) -> SealKey:
    """Deciphering and checking an RSA key takes longer than sealing with it (`changed` and `size` only tell files apart)."""
    try:
        secret = password.encode() if password else None
        private, certificate, chain = pkcs12.load_key_and_certificates(path.read_bytes(), secret)
    except (OSError, ValueError, UnsupportedAlgorithm) as problem:
        why = "it cannot be read" if isinstance(problem, OSError) else "wrong password, or no PKCS#12"
        raise CannotSeal("key.unreadable", f"{path.name}: {why}") from None
    if not isinstance(private, PrivateKey) or certificate is None:
        raise CannotSeal("key.unreadable", f"{path.name} must hold an RSA or EC key and its certificate")
    if not _may_seal(certificate):
        raise CannotSeal("key.purpose", f"{path.name}: its certificate is not for sealing (nonRepudiation)")
    return SealKey(private, certificate, tuple(chain))


def _may_seal(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.content_commitment
    except x509.ExtensionNotFound:
        return False


def _roots(path: Path) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(path.read_bytes()))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError):
        raise CannotSeal("trust.unreadable", f"{path.name} must hold certificates as PEM") from None

"""The demo's and the tests' own certificate authority: makes seal keys and a clock that time-stamps; no production key comes from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from webapp.documents.keys import SEALS, TIMESTAMPS, PrivateKey

NAME = "Demo certificate authority"
CA_YEARS, KEY_YEARS = 20, 3
RENEW = timedelta(days=30)  # before its end
BITS = 3072
_CA, _CLOCK = "_ca.p12", "_clock.p12"  # no key can be asked for by such a name


@dataclass(frozen=True)
class Holder:
    """Whose seal it is: an operator's legal name and country."""

    name: str
    country: str


def make_keys(folder: Path, holders: Mapping[str, Holder], now: datetime, password: str) -> tuple[str, ...]:
    """A key for each name that has none that will hold for a while, and those to believe them by; safe to repeat. Tells which were made.

    Whom to believe only grows, so that papers sealed with earlier keys stay good.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = {name: holder for name, holder in holders.items() if not _holds(folder / f"{name}.p12", now, password)}
    clock_holds = _holds(folder / _CLOCK, now, password)
    if not wanted and clock_holds:
        return ()
    ca = _open_ca(folder, now, password)
    if not clock_holds:
        _keep(folder / _CLOCK, _issue(ca, Holder("Demo time-stamp authority", "SE"), now, clock=True), ca, password)
    for name, holder in wanted.items():
        _keep(folder / f"{name}.p12", _issue(ca, holder, now), ca, password)
    return tuple(wanted)


def _holds(path: Path, now: datetime, password: str, beyond: timedelta = RENEW) -> bool:
    """Whether there is a key, and its certificate is valid now and for a while longer."""
    if not path.exists():
        return False
    _, certificate, _ = pkcs12.load_key_and_certificates(path.read_bytes(), password.encode() or None)
    assert certificate is not None
    return certificate.not_valid_before_utc <= now and now + beyond < certificate.not_valid_after_utc


def clock_of(folder: Path, password: str) -> Callable[[bytes, datetime], bytes]:
    """pyHanko's dummy time-stamp authority: an RFC 3161 request and a time in, its answer out."""
    from asn1crypto import keys, tsp  # type: ignore[import-untyped]
    from asn1crypto import x509 as asn1
    from cryptography.hazmat.primitives.serialization import PrivateFormat
    from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

    private, certificate, _ = pkcs12.load_key_and_certificates(
        (folder / _CLOCK).read_bytes(), password.encode() or None
    )
    assert private is not None and certificate is not None
    held = keys.PrivateKeyInfo.load(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))
    shown = asn1.Certificate.load(certificate.public_bytes(Encoding.DER))

    def answer(request: bytes, at: datetime) -> bytes:
        asked = tsp.TimeStampReq.load(request)
        answered: bytes = DummyTimeStamper(shown, held, fixed_dt=at).request_tsa_response(asked).dump()
        return answered

    return answer


Pair = tuple[PrivateKey, x509.Certificate]


def _open_ca(folder: Path, now: datetime, password: str) -> Pair:
    path = folder / _CA
    if not _holds(path, now, password, beyond=timedelta(days=365 * KEY_YEARS)):  # it outlives the keys it vouches for
        private = ec.generate_private_key(ec.SECP256R1())
        name = _name(Holder(NAME, "SE"))
        builder = _builder(name, name, private, now, CA_YEARS)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        made = (private, builder.sign(private, hashes.SHA256()))
        for trusted in (SEALS, TIMESTAMPS):
            before = (folder / trusted).read_bytes() if (folder / trusted).exists() else b""
            (folder / trusted).write_bytes(before + made[1].public_bytes(Encoding.PEM))
        _keep(path, made, None, password)
        return made
    held, certificate, _ = pkcs12.load_key_and_certificates(path.read_bytes(), password.encode() or None)
    assert isinstance(held, PrivateKey) and certificate is not None
    return held, certificate


def _issue(ca: Pair, holder: Holder, now: datetime, *, clock: bool = False) -> Pair:
    private = rsa.generate_private_key(65537, BITS)
    builder = _builder(_name(holder), ca[1].subject, private, now, KEY_YEARS)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(ca[1].public_key()),  # type: ignore[arg-type]
        critical=False,
    )
    if clock:
        builder = builder.add_extension(_usage("digital_signature"), critical=True)
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(stamping, critical=True)
    else:
        builder = builder.add_extension(_usage("digital_signature", "content_commitment"), critical=True)
    return private, builder.sign(ca[0], hashes.SHA256())


def _builder(
    subject: x509.Name, issuer: x509.Name, private: PrivateKey, now: datetime, years: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # clocks of readers may lag behind
        .not_valid_after(now + timedelta(days=365 * years))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
    )


def _name(holder: Holder) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, holder.country),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, holder.name),
            x509.NameAttribute(NameOID.COMMON_NAME, holder.name),
        ]
    )


def _usage(*granted: str) -> x509.KeyUsage:
    every = (
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    )  # fmt: skip
    return x509.KeyUsage(**{each: each in granted for each in every})


def _keep(path: Path, pair: Pair, ca: Pair | None, password: str) -> None:
    cipher = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    chain = [ca[1]] if ca else None
    content = pkcs12.serialize_key_and_certificates(path.stem.encode(), pair[0], pair[1], chain, cipher)
    draft = path.with_suffix(".part")
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    draft.rename(path)

"""What the brokers of BankID and MitID call things, and how their claims become an Identity; personal identity numbers end here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from webapp.domain.signing.identity import Identity
from webapp.domain.tenants.tenant import Eid
from webapp.gateways.errors import Permanent

Claims = Mapping[str, Any]
LONGEST = 200


class BrokerRefused(Permanent):
    """The broker's answer proves nothing. `code` says why; whoever signs may begin anew.

    eid.code (used, too old, or not ours) eid.issuer eid.audience eid.expired eid.issued eid.nonce eid.signature eid.auth_time
    eid.acr eid.name eid.garbled
    """


@dataclass(frozen=True)
class BrokerProfile:
    """How one broker is asked for an eID, and in which claims it answers. The first claim that is there counts."""

    asks: str  # the parameter that chooses the eID
    told: tuple[
        tuple[str, str], ...
    ]  # claims that say which eID or level it was, each with what stands before it in `acr`
    scheme: tuple[str, ...]
    level: tuple[str, ...]
    transaction: tuple[str, ...]
    name: tuple[str, ...] = ("name",)
    signing: Callable[[str], dict[str, str]] = (
        lambda message: {}
    )  # that this is for signing, and what is read on the phone


def _idura_signing(message: str) -> dict[str, str]:
    return {"action": "sign", "login_hint": f"message:{base64.b64encode(message.encode()).decode()}"}


DIALECTS: Mapping[str, BrokerProfile] = {
    "idura": BrokerProfile(
        asks="acr_values",
        told=(("acr", ""), ("authenticationtype", "")),
        scheme=("identityscheme",),
        level=("acr", "authenticationtype"),
        transaction=("transactionId", "sid", "jti"),
        signing=_idura_signing,
    ),
    "signicat": BrokerProfile(
        asks="acr_values",
        told=(("idp_id", "idp:"), ("acr", ""), ("mitid_loa", "")),
        scheme=("idp_id",),
        level=("mitid_loa", "acr"),
        transaction=("mitid_transaction_id", "transaction_id", "sid", "jti"),
    ),
    "nets": BrokerProfile(
        asks="idp_values",
        told=(("idp", ""), ("loa", ""), ("acr", "")),
        scheme=("idp",),
        level=("loa", "acr"),
        transaction=("transaction_id", "sid", "jti"),
        name=("name", "nemlogin.name", "mitid.identity_name"),
    ),
}

PROVIDERS: Mapping[str, str] = {
    "sebankid": "BankID",
    "sbid": "BankID",
    "dkmitid": "MitID",
    "mitid": "MitID",
    "dkmitiderhverv": "MitID Erhverv",
    "mitid_erhverv": "MitID Erhverv",
    "mitid-erhverv": "MitID Erhverv",
}
"""The eIDs by the schemes that the brokers name."""


def auth_time(claims: Claims) -> datetime:
    """When the eID was shown; Refused when the broker does not say. Idura has also told it as text."""
    try:
        if "auth_time" in claims:
            return datetime.fromtimestamp(int(claims["auth_time"]), UTC)
        told = datetime.fromisoformat(claims["authenticationinstant"])
        return told if told.tzinfo else told.replace(tzinfo=UTC)
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        raise BrokerRefused("eid.auth_time") from None


def is_asked_for(eid: Eid, claims: Claims) -> bool:
    """Whether the eID is one of those asked for, or a special case of it (…:bankid admits …:bankid:same-device)."""
    accepted = eid.accept or eid.acr
    told = [f"{before}{claims[name]}" for name, before in DIALECTS[eid.dialect].told if claims.get(name)]
    return not accepted or any(one == each or one.startswith(f"{each}:") for one in told for each in accepted)


def identity(eid: Eid, secret: str, claims: Claims) -> Identity:
    """The mapper. It reads the claims it names and lets go of all others: ssn, nin, cpr and birthdate end here."""
    dialect = DIALECTS[eid.dialect]
    if not (name := name_of(eid, claims)):
        raise BrokerRefused("eid.name")
    scheme = _first(claims, dialect.scheme)
    return Identity(
        name=name,
        given_name=_text(claims.get("given_name")),
        family_name=_text(claims.get("family_name")),
        provider=PROVIDERS.get(scheme, scheme or str(urlsplit(eid.issuer).hostname)),
        acr=_first(claims, dialect.level),
        auth_time=auth_time(claims),
        # Keyed, because some brokers' subjects are so short that they could be found by trying.
        subject_hash=hmac.new(secret.encode(), f"{eid.issuer}\0{claims['sub']}".encode(), hashlib.sha256).hexdigest(),
        transaction=_first(claims, dialect.transaction),
    )


def name_of(eid: Eid, claims: Claims) -> str:
    whole = _first(claims, DIALECTS[eid.dialect].name)
    return whole or " ".join(filter(None, (_text(claims.get("given_name")), _text(claims.get("family_name")))))


def _first(claims: Claims, names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := _text(claims.get(name)))), "")


def _text(value: object) -> str:
    """One line of text that may stand on a paper; empty for anything else."""
    if not isinstance(value, str):
        return ""
    text = unicodedata.normalize("NFC", " ".join(value.split()))
    return text if len(text) <= LONGEST and not any(unicodedata.category(sign)[0] == "C" for sign in text) else ""

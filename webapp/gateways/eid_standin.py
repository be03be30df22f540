"""An OpenID provider for the demo and the tests that speaks as three brokers do, and can lie; anybody may be anybody here.

Its issuers are <url>/idura, <url>/signicat and <url>/nets. It knows every client that has the secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlencode

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from webapp import clock
from webapp.gateways.broker_profiles import DIALECTS
from webapp.gateways.eid import STANDIN_SECRET
from webapp.gateways.eid_persons import PERSONS, page
from webapp.gateways.outgoing import LARGEST
from webapp.gateways.standin import HttpStandin, ReceivedRequest, SentAnswer

Fault = Literal[
    "none", "down", "slow", "hang_up", "garbage", "huge", "moved",
    "lying_issuer", "elsewhere", "no_pkce",  # its description
    "wrong_nonce", "wrong_aud", "borrowed", "wrong_iss", "expired", "from_tomorrow", "old_auth_time", "no_auth_time", "lower_acr",
    "other_kid", "forged", "unsigned", "symmetric", "nameless", "wrong_at_hash",  # its tokens
    "other_subject",  # its userinfo
]  # fmt: skip
CODE_SECONDS = 60
NO_NUMBER = "000000000000"
"""Stands where brokers tell national numbers, so that tests see it go no further."""

_SCHEMES = {"bankid": ("sebankid", "sbid", "bankid"), "mitid": ("dkmitid", "mitid", "mitid")}


@dataclass(frozen=True)
class _Attempt:
    """What the browser was sent here with."""

    dialect: str
    client: str
    redirect_uri: str
    asked: dict[str, str]


@dataclass(frozen=True)
class _Grant:
    """A code's worth: who it was, when."""

    attempt: _Attempt
    given: str
    family: str
    at: datetime


class EidStandin(HttpStandin):
    """Listens from construction until `stop()`; `fault` may be changed at any time. `admits` says whom browsers are sent back to."""

    name = "eID"

    def __init__(self, admits: Callable[[str], bool], *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.fault: Fault = "none"
        self.asked: list[str] = []  # paths, as they came
        self._admits, self._turn = admits, Lock()
        self._keys, self._stranger = [_key("k1")], _key("other")
        self._attempts: dict[str, _Attempt] = {}
        self._codes: dict[str, _Grant] = {}
        self._tokens: dict[str, _Grant] = {}
        super().__init__(host=host, port=port)

    def rotate(self) -> None:
        """Sign with a new key from now on; the old one is forgotten."""
        self._keys = [_key(f"k{secrets.token_hex(4)}")]

    def answer(self, asked: ReceivedRequest) -> SentAnswer:
        self.asked.append(asked.path)
        match self.fault:
            case "down" | "moved":
                return SentAnswer(
                    {"down": 503, "moved": 302}[self.fault], b"", headers={"Location": "http://127.0.0.1:9/"}
                )
            case "slow":
                self.stopped.wait(60)
                return SentAnswer(0, hang_up=True)
            case "hang_up":
                return SentAnswer(0, hang_up=True)
            case "garbage" | "huge":
                return SentAnswer(200, b"<html>" if self.fault == "garbage" else b" " * (LARGEST * 4))
        dialect, _, rest = asked.path.lstrip("/").partition("/")
        if dialect not in DIALECTS:
            return SentAnswer(404)
        with self._turn:
            match (asked.method, rest):
                case ("GET", ".well-known/openid-configuration"):
                    return _json(self._description(dialect))
                case ("GET", "jwks"):
                    return _json(KeySet(list(self._keys)).as_dict(private=False))
                case ("GET", "authorize"):
                    return self._arrive(dialect, _fields(asked.query))
                case ("POST", "authorize"):
                    return self._choose(_fields(asked.body.decode()))
                case ("POST", "token"):
                    return self._redeem(dialect, asked)
                case ("GET", "userinfo"):
                    return self._tell(asked.headers.get("authorization", "").removeprefix("Bearer "))
        return SentAnswer(404)

    def _description(self, dialect: str) -> dict[str, Any]:
        issuer = f"{self.url}/{dialect}"
        return {
            "issuer": "https://eid.example" if self.fault == "lying_issuer" else issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": "http://127.0.0.1:9/token" if self.fault == "elsewhere" else f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": [
                "client_secret_post" if dialect == "nets" else "client_secret_basic"
            ],
            "code_challenge_methods_supported": ["plain" if self.fault == "no_pkce" else "S256"],
        }

    def _arrive(self, dialect: str, asked: dict[str, str]) -> SentAnswer:
        redirect_uri = asked.get("redirect_uri", "")
        if not self._admits(redirect_uri) or not asked.get("client_id"):
            return SentAnswer(400, b"redirect_uri", "text/plain")
        wanted = {"response_type": "code", "code_challenge_method": "S256"}
        if {name: asked.get(name) for name in wanted} != wanted or "openid" not in asked.get("scope", "").split():
            return _back(redirect_uri, {"error": "invalid_request", "state": asked.get("state", "")})
        attempt = secrets.token_urlsafe(16)
        self._attempts[attempt] = _Attempt(dialect, asked["client_id"], redirect_uri, asked)
        hint = asked.get("login_hint", "").removeprefix("message:")
        message = base64.b64decode(hint).decode() if "message:" in asked.get("login_hint", "") else ""
        scheme = asked.get(DIALECTS[dialect].asks, "eID")
        return SentAnswer(200, page(attempt, scheme, asked.get("ui_locales", ""), message), "text/html; charset=utf-8")

    def _choose(self, form: dict[str, str]) -> SentAnswer:
        attempt = self._attempts.pop(form.get("attempt", ""), None)
        if attempt is None:
            return SentAnswer(400, b"attempt", "text/plain")
        state = attempt.asked.get("state", "")
        given, _, family = form.get("name", "").strip().partition(" ")
        person = PERSONS.get(
            form.get("person", ""), (given, family) if form.get("person") == "other" and given else None
        )
        if person is None:
            return _back(attempt.redirect_uri, {"error": "access_denied", "state": state})
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Grant(attempt, *person, clock.now())
        return _back(attempt.redirect_uri, {"code": code, "state": state})

    def _redeem(self, dialect: str, asked: ReceivedRequest) -> SentAnswer:
        form = _fields(asked.body.decode())
        client, secret = form.get("client_id", ""), form.get("client_secret", "")
        if (header := asked.headers.get("authorization", "")).startswith("Basic "):
            client, _, secret = unquote(base64.b64decode(header[6:]).decode("latin1")).rpartition(":")
        if secret != STANDIN_SECRET:
            return _json({"error": "invalid_client"}, 401)
        grant = self._codes.pop(form.get("code", ""), None)  # whatever comes of it, a code is used once
        if grant is None or clock.now() - grant.at > timedelta(seconds=CODE_SECONDS):
            return _json({"error": "invalid_grant"}, 400)
        challenge = _b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        ours = (
            grant.attempt.dialect,
            grant.attempt.client,
            grant.attempt.redirect_uri,
            grant.attempt.asked.get("code_challenge"),
        )
        if ours != (dialect, client, form.get("redirect_uri"), challenge):
            return _json({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(24)
        self._tokens[access] = grant
        return _json(
            {"access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": self._token(grant, access)}
        )

    def _tell(self, access: str) -> SentAnswer:
        if (grant := self._tokens.get(access)) is None:
            return SentAnswer(401)
        whole = "" if self.fault == "nameless" else f"{grant.given} {grant.family}".strip()
        sub = "somebody" if self.fault == "other_subject" else _subject(grant)
        return _json({"sub": sub, "nemlogin.name": whole, "nemlogin.cpr": NO_NUMBER})

    # --- Tokens ------------------------------------------------------------------------------------------------------

    def _token(self, grant: _Grant, access: str) -> str:
        now, fault, attempt = int(clock.now().timestamp()), self.fault, grant.attempt
        at_hash = hashlib.sha256(b"other" if fault == "wrong_at_hash" else access.encode()).digest()[:16]
        claims: dict[str, Any] = {
            "iss": "https://eid.example" if fault == "wrong_iss" else f"{self.url}/{attempt.dialect}",
            "aud": "somebody-else" if fault in ("wrong_aud", "borrowed") else attempt.client,
            "sub": _subject(grant),
            "iat": now + (86_400 if fault == "from_tomorrow" else 0),
            "exp": now - 600 if fault == "expired" else now + 300,
            "auth_time": int(grant.at.timestamp()) - (3600 if fault == "old_auth_time" else 0),
            "nonce": "another" if fault == "wrong_nonce" else attempt.asked.get("nonce", ""),
            "at_hash": _b64(at_hash),
            "jti": secrets.token_hex(8),
        }
        if fault == "borrowed":  # made for another client, asked for by us
            claims["azp"] = attempt.client
        if fault == "no_auth_time":
            del claims["auth_time"]
        claims |= self._person(grant)
        match fault:
            case "unsigned":
                return _compact({"alg": "none"}, claims, b"")
            case "symmetric":  # the public key taken for a shared secret
                return _compact({"alg": "HS256", "kid": self._keys[0].kid}, claims, self._keys[0].as_pem(private=False))
            case "other_kid":
                return jwt.encode({"alg": "RS256", "kid": self._stranger.kid}, claims, self._stranger)
            case "forged":
                return jwt.encode({"alg": "RS256", "kid": self._keys[0].kid}, claims, self._stranger)
        return jwt.encode({"alg": "RS256", "kid": self._keys[0].kid}, claims, self._keys[0])

    def _person(self, grant: _Grant) -> dict[str, Any]:
        """Who it is, in the broker's words."""
        attempt = grant.attempt
        asked = attempt.asked.get(DIALECTS[attempt.dialect].asks, "").split()
        chosen = asked[0] if asked else "urn:grn:authn:dk:mitid:substantial"
        idura, signicat, nets = _SCHEMES["bankid" if "bankid" in chosen or "sbid" in chosen else "mitid"]
        lower = self.fault == "lower_acr"
        names = {
            "name": f"{grant.given} {grant.family}".strip(),
            "given_name": grant.given,
            "family_name": grant.family,
        }
        if self.fault == "nameless":
            names = {}
        match attempt.dialect:
            case "idura":
                told = (
                    "urn:grn:authn:dk:mitid:low"
                    if lower
                    else f"{chosen}:same-device"
                    if chosen.endswith("bankid")
                    else chosen
                )
                return names | {
                    "identityscheme": idura,
                    "acr": told,
                    "ssn": NO_NUMBER,
                    "cprNumberIdentifier": NO_NUMBER,
                }
            case "signicat":
                facts = {"idp_id": "password" if lower else signicat, "mitid_loa": "LOW" if lower else "SUBSTANTIAL"}
                return (
                    names
                    | facts
                    | {"nin": NO_NUMBER, "nin_type": "PERSON", "mitid_transaction_id": secrets.token_hex(8)}
                )
        return {"idp": "none" if lower else asked[0] if asked else nets, "loa": "Substantial",
                "transaction_id": secrets.token_hex(8), "mitid.cpr": NO_NUMBER}  # fmt: skip


def _subject(grant: _Grant) -> str:
    return "{" + hashlib.sha256(f"{grant.given} {grant.family}".encode()).hexdigest()[:32] + "}"


def _compact(header: dict[str, Any], claims: dict[str, Any], shared: bytes) -> str:
    """A token that no library would make."""
    signed = ".".join(_b64(json.dumps(part).encode()) for part in (header, claims))
    return f"{signed}.{_b64(hmac.new(shared, signed.encode(), hashlib.sha256).digest()) if shared else ''}"


def _b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _key(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def _fields(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


def _json(what: object, status: int = 200) -> SentAnswer:
    return SentAnswer(status, json.dumps(what).encode())


def _back(redirect_uri: str, what: dict[str, str]) -> SentAnswer:
    return SentAnswer(303, headers={"Location": f"{redirect_uri}?{urlencode(what)}"})

"""Asks a broker who somebody is, by OpenID Connect: code flow, PKCE, every answer checked; personal identity numbers end here. Knows no paper.

Only jobs call it. Every address comes from the tenant's issuer and lies on its host; nobody is followed elsewhere.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import KeySet

from webapp.domain.signing.identity import Begun, Identity
from webapp.domain.tenants.tenant import Eid
from webapp.gateways.broker_profiles import DIALECTS, BrokerRefused, auth_time, identity, is_asked_for, name_of
from webapp.gateways.errors import Permanent
from webapp.gateways.outgoing import client, failure, refusal, table

FRESH = timedelta(minutes=5)
"""How long ago somebody may have shown their eID when they sign by it."""
SKEW = 60
ALGORITHMS = ["RS256", "ES256"]
STANDIN_SECRET = "skylt-demo"  # noqa: S105 - what every tenant is to the stand-in of the demo


@dataclass(frozen=True)
class Brokers:
    """What brokers know this installation by. With `standin` (demo and tests) that one stands in for all of them."""

    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    standin: str = ""

    def known(self, eid: Eid) -> tuple[Eid, str]:
        """The broker as it is reached, and the client secret. Permanent when nobody has put the secret in its place."""
        if self.standin:
            return replace(eid, issuer=f"{self.standin}/{eid.dialect}"), STANDIN_SECRET
        if not (secret := self.secrets.get(eid.secret_env, "")):
            raise Permanent("eid.secret")
        return eid, secret


NO_BROKERS = Brokers()


def begin(
    eid: Eid, secret: str, redirect_uri: str, *, language: str, message: str = "",
    state: str = "", nonce: str = "", verifier: str = "", seconds: float = 15,
) -> Begun:  # fmt: skip
    """Where to send the browser. `message` is read on the phone where the broker can show one. Raises Temporary or Permanent.

    State, nonce and verifier are made here unless the attempt has them already.
    """
    dialect = DIALECTS[eid.dialect]
    with client(seconds) as http:
        found = _discover(http, eid)
        asks = {"nonce": nonce or generate_token(43), "ui_locales": language, "prompt": "login"}
        asks |= {"max_age": str(int(FRESH.total_seconds()))} | ({dialect.asks: " ".join(eid.acr)} if eid.acr else {})
        asks |= dialect.signing(message) if message else {}
        verifier = verifier or generate_token(64)
        url, state = _client(http, eid, secret, redirect_uri, found).create_authorization_url(
            found["authorization_endpoint"], state=state or generate_token(43), code_verifier=verifier, **asks
        )
    return Begun(url, state, asks["nonce"], verifier)


def finish(
    eid: Eid, secret: str, redirect_uri: str, code: str, begun: Begun, now: datetime, *, seconds: float = 15
) -> Identity:
    """Who came back with that code. The caller has held the state against `begun`. Raises Refused, Temporary or Permanent."""
    with client(seconds) as http:
        found = _discover(http, eid)
        tokens = _exchange(_client(http, eid, secret, redirect_uri, found), found, redirect_uri, code, begun.verifier)
        claims = _checked(str(tokens.get("id_token", "")), str(tokens.get("access_token", "")), eid,
                          _get(http, found["jwks_uri"]), begun.nonce, now)  # fmt: skip
        if not name_of(eid, claims) and (more := found.get("userinfo_endpoint")):
            told = _get(http, more, {"Authorization": f"Bearer {tokens.get('access_token', '')}"})
            if told.get("sub") != claims["sub"]:
                raise BrokerRefused("eid.garbled")
            claims = {**told, **claims}
    return identity(eid, secret, claims)


# --- Asking ------------------------------------------------------------------------------------------------------


class _Auth(httpx.Auth, ClientAuth):
    """Authlib's client authentication on an httpx request."""

    requires_request_body = True

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        headers = {name: value for name, value in request.headers.items() if name != "content-length"}
        url, headers, body = self.prepare(request.method, str(request.url), headers, request.content.decode())
        yield httpx.Request(request.method, url, headers=headers, content=body, extensions=request.extensions)


class _Client(OAuth2Client):
    client_auth_class = _Auth


def _client(http: httpx.Client, eid: Eid, secret: str, redirect_uri: str, found: Mapping[str, Any]) -> OAuth2Client:
    ways = _listed(found, "token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return _Client(
        session=http,
        client_id=eid.client_id,
        client_secret=secret,
        redirect_uri=redirect_uri,
        scope=" ".join(eid.scopes),
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if "client_secret_basic" in ways else "client_secret_post",
    )


def _discover(http: httpx.Client, eid: Eid) -> dict[str, Any]:
    """The broker's own description; Permanent when it speaks for another issuer or sends us to another host."""
    if not _is_safe(eid.issuer):
        raise Permanent("eid.address")
    found = _get(http, f"{eid.issuer.rstrip('/')}/.well-known/openid-configuration")
    ends = [found.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    ends += [found["userinfo_endpoint"]] if "userinfo_endpoint" in found else []
    if found.get("issuer") != eid.issuer or not all(_is_at(end, eid.issuer) for end in ends):
        raise Permanent("eid.discovery")
    if "S256" not in (_listed(found, "code_challenge_methods_supported") or ["S256"]):
        raise Permanent("eid.discovery")
    return found


def _is_safe(url: str) -> bool:
    """https; or plain http on this very machine, where the demo's provider stands."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1", "localhost"})


def _is_at(url: object, issuer: str) -> bool:
    try:
        return isinstance(url, str) and urlsplit(url)[:2] == urlsplit(issuer)[:2]
    except ValueError:
        return False


def _listed(found: Mapping[str, Any], name: str) -> list[Any]:
    told = found.get(name)
    return told if isinstance(told, list) else []


def _get(http: httpx.Client, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    try:
        response = http.get(url, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        raise failure("eid", problem) from None
    if response.status_code != httpx.codes.OK:
        raise refusal("eid", response)
    if not (found := table(response)):
        raise Permanent("eid.garbled")
    return found


def _exchange(
    client_: OAuth2Client, found: Mapping[str, Any], redirect_uri: str, code: str, verifier: str
) -> Mapping[str, Any]:
    client_.register_compliance_hook("access_token_response", _need_tokens)
    try:
        tokens: Mapping[str, Any] = client_.fetch_token(
            found["token_endpoint"],
            grant_type="authorization_code",
            code=code,
            redirect_uri=redirect_uri,
            code_verifier=verifier,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        raise failure("eid", problem) from None
    except AuthlibBaseError:
        raise Permanent("eid.garbled") from None
    return tokens


def _need_tokens(response: httpx.Response) -> httpx.Response:
    """The answer as it came, if it holds tokens; what else it says is told by its error's name."""
    told = table(response)
    if response.status_code == httpx.codes.OK and isinstance(told.get("id_token"), str):
        return response
    if told.get("error") == "invalid_grant":
        raise BrokerRefused("eid.code")
    if told.get("error") in {"invalid_client", "unauthorized_client"}:
        raise Permanent("eid.client")
    if response.status_code != httpx.codes.OK:
        raise refusal("eid", response)
    raise Permanent("eid.garbled")


# --- Believing ---------------------------------------------------------------------------------------------------

_WHY = {"iss": "eid.issuer", "aud": "eid.audience", "azp": "eid.audience", "nonce": "eid.nonce", "exp": "eid.expired",
        "iat": "eid.issued", "nbf": "eid.issued", "auth_time": "eid.auth_time"}  # fmt: skip


def _checked(
    token: str, access_token: str, eid: Eid, keys: dict[str, Any], nonce: str, now: datetime
) -> dict[str, Any]:
    """The claims of a token that this broker signed for us, for this attempt, just now, about an eID we asked for."""
    try:
        known = KeySet.import_key_set({"keys": [key for key in keys["keys"] if isinstance(key, dict)]})
        signed = jwt.decode(token, known, algorithms=ALGORITHMS)
    except (JoseError, ValueError, KeyError, TypeError):
        raise BrokerRefused("eid.signature") from None
    only = {"iss": {"essential": True, "value": eid.issuer}, "aud": {"essential": True, "value": eid.client_id}}
    claims = CodeIDToken(signed.claims, signed.header, only,
                         {"nonce": nonce, "client_id": eid.client_id, "access_token": access_token})  # fmt: skip
    try:
        claims.validate(now=int(now.timestamp()), leeway=SKEW)
    except ExpiredTokenError:
        raise BrokerRefused("eid.expired") from None
    except (InvalidClaimError, MissingClaimError) as wrong:
        raise BrokerRefused(_WHY.get(wrong.claim, "eid.garbled")) from None
    age = now - auth_time(claims)
    if not timedelta(seconds=-SKEW) <= age <= FRESH:
        raise BrokerRefused("eid.auth_time")
    if not is_asked_for(eid, claims):
        raise BrokerRefused("eid.acr")
    return dict(claims)

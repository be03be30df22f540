"""Time-stamps by RFC 3161 over HTTP: asks an authority once, and takes only an answer to this very question.

Whether the answer's signature leads to a root we trust is for the one who seals.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import httpx
from asn1crypto import algos, tsp  # type: ignore[import-untyped]

from webapp.gateways.errors import Permanent, Temporary
from webapp.gateways.outgoing import client, failure

SECONDS = 10
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
_PASSING = {"system_failure", "time_not_available"}


@dataclass(frozen=True)
class Authority:
    """Where time-stamps are asked for."""

    url: str
    seconds: float = SECONDS

    def stamp(self, digest: bytes) -> bytes:
        """The token (DER) for a SHA-256 digest. Raises Temporary or Permanent."""
        nonce = secrets.randbits(63) | 1 << 62
        return _token(self._ask(_question(digest, nonce)), digest, nonce)

    def _ask(self, question: bytes) -> bytes:
        try:
            with client(self.seconds) as http:
                response = http.post(self.url, content=question, headers={"Content-Type": QUERY, "Accept": REPLY})
        except (httpx.HTTPError, httpx.InvalidURL) as problem:
            raise failure("timestamp", problem) from None
        _need_ok(response)
        return response.content


def _question(digest: bytes, nonce: int) -> bytes:
    asked: bytes = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {
                "hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
                "hashed_message": digest,
            },
            "nonce": nonce,
            "cert_req": True,
        }
    ).dump()
    return asked


def _need_ok(response: httpx.Response) -> None:
    if response.status_code == httpx.codes.OK:
        return
    passing = response.is_server_error or response.status_code == httpx.codes.TOO_MANY_REQUESTS
    raise (Temporary("timestamp.down") if passing else Permanent("timestamp.refused", f"HTTP {response.status_code}"))


def _token(answer: bytes, digest: bytes, nonce: int) -> bytes:
    """The token of an answer that grants it, to this question."""
    try:
        read = tsp.TimeStampResp.load(answer, strict=True)
        status, reasons = read["status"]["status"].native, read["status"]["fail_info"].native or set()
        if status not in ("granted", "granted_with_mods"):
            raise (Temporary if reasons & _PASSING else Permanent)("timestamp.refused", f"{status} {sorted(reasons)}")
        token = read["time_stamp_token"]
        info = token["content"]["encap_content_info"]["content"].parsed
        imprint = info["message_imprint"]
        about = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
        echoed = info["nonce"].native
        given: bytes = token.dump()
    except (ValueError, TypeError, KeyError, AttributeError) as garbled:
        raise Permanent("timestamp.garbled", type(garbled).__name__) from None
    if about != ("sha256", digest):
        raise Permanent("timestamp.imprint", "it stamped something else")
    if echoed != nonce:
        raise Permanent("timestamp.nonce", "it answers another question, or an old one")
    return given

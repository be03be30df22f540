"""The door for JSON and forms over HTTP to outside systems: bounded in time and size, following nobody elsewhere. Knows no protocol."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

from webapp.gateways.errors import Permanent, Temporary

CONNECT_SECONDS = 5.0
SECONDS = 15.0  # all in all, however slowly an answer drips
LARGEST = 64 * 1024


class TooLarge(httpx.TransportError):
    """The answer is longer than any honest one, or packed so that its length cannot be told."""


class _Bounded(httpx.BaseTransport):
    """Takes the whole answer while there is time and room, so that no caller has to think of it."""

    def __init__(self, seconds: float) -> None:
        self._inner, self._seconds = httpx.HTTPTransport(trust_env=False), seconds

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        ends = time.monotonic() + self._seconds
        response = self._inner.handle_request(request)
        content = bytearray()
        try:
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise TooLarge("packed")
            for part in response.iter_raw():
                content += part
                if len(content) > LARGEST:
                    raise TooLarge(f"more than {LARGEST} bytes")
                if time.monotonic() > ends:
                    raise httpx.ReadTimeout("too slow")
        finally:
            response.close()
        return httpx.Response(response.status_code, headers=response.headers, content=bytes(content))

    def close(self) -> None:
        self._inner.close()


def client(seconds: float = SECONDS) -> httpx.Client:
    """A client for one errand. What it answers to a redirect is the redirect."""
    return httpx.Client(
        transport=_Bounded(seconds),
        timeout=httpx.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Skylt"},
        follow_redirects=False,
        trust_env=False,
    )


def failure(what: str, problem: httpx.HTTPError | httpx.InvalidURL) -> Exception:
    """What a call that brought no answer means to us. `what` names the system; its own words stay out."""
    if isinstance(problem, TooLarge):
        return Permanent(f"{what}.too_large")
    if isinstance(problem, httpx.TimeoutException):
        return Temporary(f"{what}.slow")
    if isinstance(problem, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return Permanent(f"{what}.address")
    return Temporary(f"{what}.down")


def refusal(what: str, response: httpx.Response) -> Exception:
    """What a status that is no success means: passing when it is about the system or about us, lasting when about what we asked."""
    passing = response.is_server_error or response.status_code in {401, 403, 408, 425, 429}
    return (Temporary if passing else Permanent)(f"{what}.refused", f"HTTP {response.status_code}")


def table(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer; empty when it is none."""
    try:
        found = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}

"""Text messages over HTTP: one JSON request with a key that makes it safe to repeat. Knows no operator and no reason to write.

POST {"to", "from", "text", "id"} with "Authorization: Bearer" and "Idempotency-Key"; the answer is 200, 201 or 202, or 409 when
the key is known, with {"id"}: what the gateway calls the message. docs/production.md tells it to who runs a gateway.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import httpx

from webapp import faults
from webapp.gateways.errors import Permanent, Temporary
from webapp.gateways.outgoing import SECONDS, client, failure, refusal, table

LONGEST = 160
"""One message; a longer one would be cut in two, and the last line of a code must stay with it."""

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{3,11}|\+[1-9][0-9]{6,14}", re.ASCII)
_ID = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)


class Unsendable(ValueError):
    """What was to be sent is no text message. The text names the field, never its content."""


@dataclass(frozen=True)
class SmsServer:
    """The gateway that takes text messages. Without an address there is none."""

    url: str
    token: str = field(default="", repr=False)
    seconds: float = SECONDS


NO_SMS = SmsServer("")


def length(text: str) -> int:
    """How many of the 160 signs of one message a text takes; 0 for a text that one message cannot hold as it is written."""
    if not set(text) <= _GSM | _GSM_TWICE:
        return 0
    return len(text) + sum(sign in _GSM_TWICE for sign in text)


def send(server: SmsServer, to: str, sender: str, text: str, id: str) -> str:
    """Returns what the gateway calls the message it has taken; raises Permanent, Temporary or Unsendable.

    Under one `id` a message is sent once, however often this is called.
    """
    if not _NUMBER.fullmatch(to):
        raise Unsendable("to")
    if not _SENDER.fullmatch(sender):
        raise Unsendable("from")
    if not 0 < length(text) <= LONGEST:
        raise Unsendable("text")
    if not server.url:
        raise Permanent("sms.none")
    faults.point("sms.before")
    headers = {"Authorization": f"Bearer {server.token}", "Idempotency-Key": id}
    message = {"to": to, "from": sender, "text": text, "id": id}
    try:
        with client(server.seconds) as http:
            response = http.post(server.url, json=message, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        raise failure("sms", problem) from None
    faults.point("sms.after")
    if response.status_code not in {200, 201, 202, 409}:
        raise refusal("sms", response)
    taken = table(response).get("id")
    if not isinstance(taken, str) or not _ID.fullmatch(taken):
        # Whether it was taken cannot be told. Asking again under the same key is safe, and then it can.
        raise Temporary("sms.garbled")
    return taken

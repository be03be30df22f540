"""A mail server for the demo and the tests: it lays each in a folder and sends nothing on.

Each mail becomes `<n>.eml` (the bytes) and `<n>.json` (to, subject, text, html, links, headers, sent_at).
Addresses at `refused.example` are refused for good, so that anybody can see what happens to a mail that does not arrive.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import socket
import time
from collections.abc import Coroutine
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from webapp import clock

Fault = Literal["none", "refuse", "rcpt 554", "data 554", "451", "hang"]
REFUSED = "refused.example"
LINK = re.compile(r"https?://[^\s<>\"')\]]+")


class _Listener(Controller):
    """Takes a socket that is already bound, so that the system may choose a free port."""

    listening: socket.socket

    def _create_server(self) -> Coroutine[Any, Any, asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self.listening)


class MailStandin:
    """Listens from construction until `stop()`; `fault` may be changed at any time."""

    def __init__(self, folder: Path, *, host: str = "127.0.0.1", port: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.fault: Fault = "none"
        self._numbers = itertools.count()
        listening = socket.create_server((host, port))
        self.port: int = listening.getsockname()[1]
        self._controller = _Listener(self, hostname=host, port=self.port, decode_data=False)
        self._controller.listening = listening
        self._controller.start()

    def stop(self) -> None:
        self._controller.stop(no_assert=True)

    def __enter__(self) -> MailStandin:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def mails(self) -> list[dict[str, Any]]:
        """What was caught, oldest first."""
        return [json.loads(path.read_text("utf-8")) for path in sorted(self.folder.glob("*.json"))]

    # aiosmtpd finds its hooks by these names
    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.fault == "refuse" or address.lower().endswith(f"@{REFUSED}"):
            return "550 5.1.1 no such mailbox"
        if self.fault == "rcpt 554":
            return "554 5.7.1 refused"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.fault == "data 554":
            return "554 5.6.0 refused"
        if self.fault == "451":
            return "451 4.3.0 try again later"
        if self.fault == "hang":
            await asyncio.sleep(3600)
        self._keep(cast(bytes, envelope.content), envelope.rcpt_tos)
        return "250 OK"

    def _keep(self, content: bytes, recipients: list[str]) -> None:
        name = f"{time.time_ns()}-{next(self._numbers):06d}"
        facts = read_mail(content, recipients)
        _write(self.folder / f"{name}.eml", content)
        _write(self.folder / f"{name}.json", json.dumps(facts, ensure_ascii=False, indent=1).encode())


def read_mail(content: bytes, recipients: list[str]) -> dict[str, Any]:
    """The facts of one mail as the demo mailbox shows them."""
    message = message_from_bytes(content, policy=policy.default)
    text, html = _body(message, "plain"), _body(message, "html")
    found = LINK.findall(text) + LINK.findall(html.replace("&amp;", "&"))
    return {
        "to": ", ".join(recipients),
        "subject": str(message["subject"] or ""),
        "text": text,
        "html": html,
        "links": list(dict.fromkeys(link.rstrip(".,;:!?") for link in found)),
        "headers": {name: str(value) for name, value in message.items()},
        "sent_at": clock.now().isoformat(),
    }


def _body(message: EmailMessage, kind: Literal["plain", "html"]) -> str:
    part = message.get_body(preferencelist=(kind,))
    return part.get_content() if part is not None else ""


def _write(path: Path, content: bytes) -> None:
    """Readers see the whole file or none."""
    draft = path.with_suffix(path.suffix + ".part")
    draft.write_bytes(content)
    draft.rename(path)

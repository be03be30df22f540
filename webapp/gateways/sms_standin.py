"""An SMS gateway for the demo and the tests: it lays each message in a folder as <n>.json and sends nothing on."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from webapp import clock
from webapp.gateways.outgoing import LARGEST
from webapp.gateways.standin import HttpStandin, ReceivedRequest, SentAnswer

Fault = Literal[
    "none", "refuse", "hang", "hang_up", "500", "429", "garbage", "huge", "packed", "moved",
    "lost",  # takes the message, and the answer never arrives
]  # fmt: skip
_WRONG = {"refuse": 422, "500": 500, "429": 429, "moved": 307}


class SmsStandin(HttpStandin):
    """Takes messages under `token`; `fault` may be changed at any time. `asked` counts the requests."""

    name = "text messages"

    def __init__(self, folder: Path, token: str, *, host: str = "127.0.0.1", port: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.token = folder, token
        self.fault: Fault = "none"
        self.asked = 0
        self._numbers = itertools.count()
        self._taking = Lock()
        self._taken: dict[str, str] = {each["key"]: each["id"] for each in self.messages()}
        super().__init__(host=host, port=port)

    def messages(self) -> list[dict[str, Any]]:
        """What was taken, oldest first: {to, from, text, id, key, sent_at}."""
        return [json.loads(path.read_text("utf-8")) for path in sorted(self.folder.glob("*.json"))]

    def answer(self, asked: ReceivedRequest) -> SentAnswer:
        self.asked += 1
        if self.fault in _WRONG:
            return SentAnswer(_WRONG[self.fault], b'{"error": "no"}', headers={"Location": "http://127.0.0.1:9/"})
        if self.fault == "hang":
            self.stopped.wait(60)
        if self.fault in ("hang", "hang_up"):
            return SentAnswer(0, hang_up=True)
        if self.fault in ("garbage", "huge", "packed"):
            body = {"garbage": b"<html>OK</html>", "huge": b" " * (LARGEST * 4), "packed": b"\x1f\x8b"}[self.fault]
            return SentAnswer(200, body, headers={"Content-Encoding": "gzip"} if self.fault == "packed" else {})
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return SentAnswer(401, b'{"error": "token"}')
        with self._taking:
            answer = self._take(asked)
        return SentAnswer(0, hang_up=True) if self.fault == "lost" else answer

    def _take(self, asked: ReceivedRequest) -> SentAnswer:
        message, key = json.loads(asked.body), asked.headers["idempotency-key"]
        if key in self._taken:
            return SentAnswer(409, json.dumps({"id": self._taken[key]}).encode())
        name = f"{time.time_ns()}-{next(self._numbers):06d}"
        facts = {**message, "id": f"sms-{name}", "key": key, "sent_at": clock.now().isoformat()}
        draft = self.folder / f"{name}.part"
        draft.write_text(json.dumps(facts, ensure_ascii=False, indent=1), "utf-8")
        draft.rename(self.folder / f"{name}.json")  # readers see the whole file or none
        self._taken[key] = facts["id"]
        return SentAnswer(202, json.dumps({"id": facts["id"]}).encode())

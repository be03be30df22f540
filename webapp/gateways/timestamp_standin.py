"""A time-stamp authority for the demo and the tests, over HTTP, that can be down, slow or lie; it knows no key: who starts it brings the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from asn1crypto import tsp  # type: ignore[import-untyped]

from webapp import clock
from webapp.gateways.outgoing import LARGEST
from webapp.gateways.standin import HttpStandin, ReceivedRequest, SentAnswer
from webapp.gateways.timestamp import REPLY

Clock = Callable[[bytes, datetime], bytes]
"""A request and a time in, the answer out."""

Fault = Literal[
    "none", "down", "refuse", "busy", "slow", "drip",
    "wrong_time", "wrong_digest", "wrong_nonce", "garbage", "huge", "hang_up", "moved",
]  # fmt: skip
_STATUS = {"down": 503, "busy": 429, "refuse": 403, "moved": 302}
LIE = timedelta(days=-400)


class TimestampStandin(HttpStandin):
    """`fault` may be changed at any time. `asked` counts the questions."""

    name = "time-stamps"

    def __init__(self, reply: Clock, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.fault: Fault = "none"
        self.asked = 0
        self._reply = reply
        super().__init__(host=host, port=port)

    def answer(self, asked: ReceivedRequest) -> SentAnswer:
        self.asked += 1
        if self.fault in _STATUS:
            return SentAnswer(_STATUS[self.fault], type=REPLY, headers={"Location": "http://127.0.0.1:9/"})
        if self.fault == "hang_up":
            return SentAnswer(0, hang_up=True)
        if self.fault in ("garbage", "huge"):
            return SentAnswer(200, b"<html>Hello</html>" if self.fault == "garbage" else b"\0" * (LARGEST * 4), REPLY)
        if self.fault == "slow":
            self.stopped.wait(60)
        question = tsp.TimeStampReq.load(asked.body)
        if self.fault == "wrong_digest":
            question["message_imprint"]["hashed_message"] = b"\1" * 32
        if self.fault == "wrong_nonce":
            question["nonce"] = 4711
        at = clock.now() + (LIE if self.fault == "wrong_time" else timedelta())
        return SentAnswer(200, self._reply(question.dump(force=True), at), REPLY, drip=self.fault == "drip")

"""A time-stamp authority for the demo and the tests, over HTTP, that can be down, slow or lie; it knows no key: who starts it brings the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Literal

from asn1crypto import tsp  # type: ignore[import-untyped]

from webapp import clock
from webapp.gateways.timestamp import LARGEST, REPLY

Clock = Callable[[bytes, datetime], bytes]
"""A request and a time in, the answer out."""

Fault = Literal[
    "none", "down", "refuse", "busy", "slow", "drip",
    "wrong_time", "wrong_digest", "wrong_nonce", "garbage", "huge", "hang_up", "moved",
]  # fmt: skip
LARGEST_QUESTION = 4096
LIE = timedelta(days=-400)


class TimestampStandin:
    """Listens from construction until `stop()`; `fault` may be changed at any time. `asked` counts the questions."""

    def __init__(self, answer: Clock, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.fault: Fault = "none"
        self.asked = 0
        self.stopped = Event()
        self._answer = answer
        self._server = ThreadingHTTPServer((host, port), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://{host}:{self._server.server_address[1]}/"
        Thread(target=self._server.serve_forever, args=(0.05,), name="time-stamps", daemon=True).start()

    def stop(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> TimestampStandin:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def reply(self, question: bytes) -> tuple[int, bytes]:
        """Status and body, by the fault of the hour."""
        self.asked += 1
        if self.fault in ("down", "busy", "refuse", "moved"):
            return {"down": 503, "busy": 429, "refuse": 403, "moved": 302}[self.fault], b""
        if self.fault == "garbage":
            return 200, b"<html>Hello</html>"
        if self.fault == "huge":
            return 200, b"\0" * (LARGEST * 4)
        if self.fault == "slow":
            self.stopped.wait(60)
        asked = tsp.TimeStampReq.load(question)
        if self.fault == "wrong_digest":
            asked["message_imprint"]["hashed_message"] = b"\1" * 32
        if self.fault == "wrong_nonce":
            asked["nonce"] = 4711
        at = clock.now() + (LIE if self.fault == "wrong_time" else timedelta())
        return 200, self._answer(asked.dump(force=True), at)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        standin = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = min(int(self.headers.get("Content-Length", 0)), LARGEST_QUESTION)
                question = self.rfile.read(length)
                if standin.fault == "hang_up":
                    self.close_connection = True
                    return
                status, body = standin.reply(question)
                try:
                    self._send(status, body)
                except OSError:
                    self.close_connection = True  # who asked has lost patience

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", REPLY)
                self.send_header("Content-Length", str(len(body)))
                if status == 302:
                    self.send_header("Location", "http://127.0.0.1:9/")
                self.end_headers()
                pace = 1 if standin.fault == "drip" else len(body) or 1
                for at in range(0, len(body), pace):
                    self.wfile.write(body[at : at + pace])
                    if standin.fault == "drip" and standin.stopped.wait(0.05):
                        return

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing: tests and the demo have their own log."""

        return Handler

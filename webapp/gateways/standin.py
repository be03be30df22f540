"""The frame of a stand-in that speaks HTTP: listens on loopback from construction until stop(); knows no system it stands in for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

LARGEST_QUESTION = 64 * 1024


@dataclass(frozen=True)
class ReceivedRequest:
    """One request."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]  # names in small letters
    body: bytes


@dataclass(frozen=True)
class SentAnswer:
    """One response. `hang_up`: none at all; `drip`: a byte at a time."""

    status: int
    body: bytes = b""
    type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    hang_up: bool = False
    drip: bool = False


class HttpStandin:
    """A subclass says what is answered, and may be told to fail."""

    name = "stand-in"

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.stopped = Event()
        self._server = ThreadingHTTPServer((host, port), self._handler())
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}"
        Thread(target=self._server.serve_forever, args=(0.05,), name=self.name, daemon=True).start()

    def answer(self, asked: ReceivedRequest) -> SentAnswer:
        raise NotImplementedError

    def stop(self) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        standin = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._do("GET")

            def do_POST(self) -> None:
                self._do("POST")

            def _do(self, method: str) -> None:
                length = min(int(self.headers.get("Content-Length", 0)), LARGEST_QUESTION)
                where = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = standin.answer(
                    ReceivedRequest(method, where.path, where.query, headers, self.rfile.read(length))
                )
                if answer.hang_up:
                    self.close_connection = True
                    return
                try:
                    self.send_response(answer.status)
                    for name, value in {
                        "Content-Type": answer.type,
                        "Content-Length": str(len(answer.body)),
                        "Cache-Control": "no-store",
                        **answer.headers,
                    }.items():
                        self.send_header(name, value)
                    self.end_headers()
                    pace = 1 if answer.drip else len(answer.body) or 1
                    for at in range(0, len(answer.body), pace):
                        self.wfile.write(answer.body[at : at + pace])
                        if answer.drip and standin.stopped.wait(0.05):
                            return
                except OSError:
                    self.close_connection = True  # who asked has lost patience

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing: tests and the demo have their own log."""

        return Handler

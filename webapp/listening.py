"""How a web process takes requests off the wire: a thread gets a request that has come whole, so whoever sends slowly keeps none busy.

Gunicorn's threaded worker reads in its threads and for as long as it takes: a few dozen connections that send a byte a
second would leave none for anybody else. Here its loop reads what has come, of all connections in turn, within limits.
"""

from __future__ import annotations

import io
import re
import selectors
import socket
import tempfile
import time
from functools import partial
from typing import IO, Any

from gunicorn.http import errors, wsgi
from gunicorn.workers.gthread import TConn, ThreadWorker

from webapp import logs

IDLE_SECONDS = 5.0  # until the first byte
HEAD_SECONDS = 10.0  # until the last byte of the header
SLOWEST = 20_000  # bytes a second of a body
SEND_SECONDS = 30.0  # until a browser has taken a piece of the answer
LINGER_SECONDS = 2.0  # until it has seen that we close
LONGEST_HEAD = 64 * 1024
MOST_KEPT = 16 * 1024 * 1024  # the largest file a form may bring, and what stands around it
MOST_READ = 64 * 1024 * 1024  # so much of a larger body is thrown away: a browser that still sends shows no page
IN_MEMORY = 1024 * 1024
_PIECE = 64 * 1024

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
_WAITS = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)

_REASONS = {
    errors.LimitRequestLine: (414, "URI Too Long"),
    errors.LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    errors.ExpectationFailed: (417, "Expectation Failed"),
    errors.UnsupportedTransferCoding: (501, "Not Implemented"),
}


class Refused(Exception):
    """A request that cannot be taken; its arguments are the status and the reason."""


class Inlet:
    """One whole request, for gunicorn's parser to read; after it there is nothing."""

    def __init__(self) -> None:
        self.request: IO[bytes] = io.BytesIO()

    def recv(self, size: int) -> bytes:
        """The next piece."""
        return self.request.read(size)


class Answer(wsgi.Response):
    """Gunicorn's, without the name of what sends it."""

    def default_headers(self) -> list[str]:
        """The first lines."""
        return [line for line in super().default_headers() if not line.startswith("Server:")]


wsgi.Response = Answer  # what it makes of every request


class Connection(TConn):
    """A browser's connection, with what has come of its next request."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.inlet = Inlet()
        self.got = bytearray()  # what has come and belongs to no request yet
        self.until: float | None = None  # when the request must have come; None before its first byte
        self._request: IO[bytes] | None = None
        self._left, self._keeps = 0, True

    def init(self) -> None:
        """A thread begins: it reads the request from the inlet, and sends with a limit."""
        first = not self.initialized
        super().init()
        self.sock.settimeout(SEND_SECONDS)
        if first:
            self.parser.unreader.sock = self.inlet

    def receive(self, now: float) -> bool:
        """Take what has come; whether the request is whole. Raises Refused; EOFError when there will be no more."""
        while True:
            if self._request is None and not self._begin():
                if len(self.got) > LONGEST_HEAD:
                    raise Refused(
                        *_REASONS[errors.LimitRequestHeaders if b"\n" in self.got else errors.LimitRequestLine]
                    )
            elif not self._left:
                self._finish()
                return True
            try:
                piece = self.sock.recv(_PIECE)
            except BlockingIOError:
                return False
            if not piece:
                raise EOFError
            if self.until is None:
                self.until = now + HEAD_SECONDS
            if self._request is None:
                self.got += piece
            else:
                self._take(piece)

    def _begin(self) -> bool:
        """Whether the header is whole; then it is known how long the body is."""
        end = self.got.find(b"\r\n\r\n") + 4
        if end < 4:
            return False
        head, rest = bytes(self.got[:end]), bytes(self.got[end:])
        if _CHUNKED.search(head):
            raise Refused(411, "Length Required")  # no browser sends a form without its length
        lengths = {int(length) for length in _LENGTH.findall(head)}
        length = lengths.pop() if len(lengths) == 1 else 0  # the parser refuses what contradicts itself
        if length and not rest and _WAITS.search(head):
            self.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            head = _WAITS.sub(b"\r\n", head)  # it has been told, once
        self._keeps = length <= MOST_KEPT
        self._left = min(length, MOST_READ)
        self._request = tempfile.TemporaryFile() if IN_MEMORY < length <= MOST_KEPT else io.BytesIO()  # noqa: SIM115
        self._request.write(head)
        self.got.clear()
        if self.until is not None:
            self.until += self._left / SLOWEST
        self._take(rest)
        return True

    def _take(self, piece: bytes) -> None:
        mine = piece[: self._left]
        if self._keeps and self._request is not None:
            self._request.write(mine)
        self._left -= len(mine)
        self.got += piece[len(mine) :]

    def _finish(self) -> None:
        assert self._request is not None
        self._request.seek(0)
        self.inlet.request.close()
        self.inlet.request, self._request, self.until = self._request, None, None


class Worker(ThreadWorker):
    """Gunicorn's, with whole requests."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._waiting: dict[Connection, float] = {}  # until when; the longest waiting first
        self._looked = 0.0

    def accept(self, listener: socket.socket) -> None:
        """A new connection; where there are too many, the one that has kept us waiting longest makes room."""
        try:
            client, address = listener.accept()
        except OSError as problem:
            if not isinstance(problem, BlockingIOError | ConnectionAbortedError):
                self.log.warning("no connection taken: %s", problem.strerror)
                self._make_room()
            return
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        self._read(Connection(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """The next request on a connection begins."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._read(conn)

    def handle(self, conn: Connection) -> Any:
        """In a thread: the request is there."""
        conn.data_ready = True
        return super().handle(conn)

    def finish_request(self, conn: Connection, fs: Any) -> None:
        """A thread is done with it."""
        if fs.cancelled() or fs.exception() or not fs.result():
            self._linger(conn)
        elif conn.got:  # the next request has come already
            conn.sock.setblocking(False)
            self._read(conn)
        else:
            super().finish_request(conn, fs)

    def murder_pending(self) -> None:
        """Those that took too long; when we stop, also those that have sent nothing."""
        now = time.monotonic()
        if now - self._looked < 0.5:
            return
        self._looked = now
        for conn, until in [*self._waiting.items()]:
            if until < now or not (self.alive or conn.until):
                if conn.until:
                    _answer(conn.sock, 408, "Request Timeout")
                self._drop(conn)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """A plain word to whoever sent it; the log quotes nothing of it."""
        if isinstance(exc, errors.ParseException):
            self.log.info("invalid request: %s", logs.told(exc))
            _answer(client, *_REASONS.get(type(exc), (400, "Bad Request")))
        else:
            self.log.error("a request failed outside the application: %s", logs.told(exc))
            _answer(client, 500, "Internal Server Error")

    def _more(self, conn: Connection, _: socket.socket) -> None:
        if conn in self._waiting:  # it may have made room for another meanwhile
            self._read(conn)

    def _read(self, conn: Connection) -> None:
        """Take what has come of a request; hand it to a thread when it is whole, else wait for more."""
        now = time.monotonic()
        try:
            whole = conn.receive(now)
        except Refused as refused:
            _answer(conn.sock, *refused.args)
            self._linger(conn)
        except (EOFError, OSError):
            self._drop(conn)
        else:
            if whole:
                self._forget(conn)
                self.enqueue_req(conn)
            else:
                self._wait(conn, conn.until or now + IDLE_SECONDS, self._more)

    def _linger(self, conn: Connection) -> None:
        """Say that we close, and close when that was seen: closed at once, the end of the answer might be lost."""
        conn.sock.setblocking(False)
        conn.until = None
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
        else:
            self._forget(conn)
            self._wait(conn, time.monotonic() + LINGER_SECONDS, self._throw_away)
            self._throw_away(conn)

    def _throw_away(self, conn: Connection, _: socket.socket | None = None) -> None:
        if conn not in self._waiting:
            return
        try:
            while conn.sock.recv(_PIECE):
                pass
        except BlockingIOError:
            return
        except OSError:
            pass
        self._drop(conn)

    def _wait(self, conn: Connection, until: float, then: Any) -> None:
        if conn not in self._waiting:
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(then, conn))
            self._waiting[conn] = until
        elif conn.until:
            self._waiting[conn] = until

    def _forget(self, conn: Connection) -> None:
        if self._waiting.pop(conn, None) is not None:
            self.poller.unregister(conn.sock)

    def _drop(self, conn: Connection) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.close()

    def _make_room(self) -> None:
        if slowest := next(iter(self._waiting), None):
            self._drop(slowest)


def _answer(client: socket.socket, status: int, reason: str) -> None:
    """What needs no application; lost when the connection takes it no more."""
    body = f"{status} {reason}\n"
    head = (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    try:
        client.send((head + body).encode())
    except OSError:
        return

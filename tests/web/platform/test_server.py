"""The server itself, as it is run: what it takes from the wire, what it answers without the application, and whom it lets wait."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.browsing import a_portal
from webapp.server import web_command, without_path
from webapp.settings import ROOT, Settings
from webapp.store.platform.embedded import Databases

HOST = "fjallton.localhost"


@pytest.fixture(scope="module")
def port(module_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with a_portal(module_databases), served(module_databases, tmp_path_factory.mktemp("served")) as port:
        yield port


@contextmanager
def served(databases: Databases, folder: Path, **environment: str) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    secret = "s" * 40
    settings = Settings(
        "demo", databases.app_url, databases.owner_url, secret, folder, port=port, web_workers=1, web_threads=4
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SKYLT_")}
    child = subprocess.Popen(
        web_command(settings), env=without_path({**clean, **environment} | settings.to_env()), cwd=ROOT
    )
    try:
        for _ in range(6000):
            with suppress(OSError):
                if ask(port, "/healthz")[0] == 200:
                    break
            time.sleep(0.1)
        yield port
    finally:
        child.terminate()
        child.wait(300)


def ask(
    port: int, path: str, method: str = "GET", body: bytes = b"", **headers: str
) -> tuple[int, str, dict[str, str]]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        named = {name.replace("__", "_"): value for name, value in headers.items()}
        connection.request(method, path, body or None, {"Host": f"{HOST}:{port}", **named})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.headers)


def raw(port: int, *pieces: bytes, pause: float = 0.05) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        got = b""
        with suppress(ConnectionError):
            while more := connection.recv(65536):
                got += more
        return got


@pytest.mark.parametrize("name", ["SCRIPT__NAME", "PATH__INFO", "REMOTE__USER", "SCRIPT-NAME"])
def test_no_header_moves_the_application(port: int, name: str) -> None:
    plain = ask(port, "/help")
    for value in ("/evil", "/help", "/", ""):
        answer = ask(port, "/help", **{name: value})
        assert answer[0] == 200 and "evil" not in answer[1] and len(answer[1]) == len(plain[1]), value
    assert ask(port, "/open/help", **{name: "/open"})[0] == 404, "past a proxy's rule for paths"


def test_the_environment_of_the_server_moves_it_neither() -> None:
    assert without_path({"SCRIPT_NAME": "/open", "PATH": "p"}) == {"PATH": "p"}


def test_a_scheme_is_believed_of_no_caller_unless_hops_are_set(port: int) -> None:
    for name in ("X-Forwarded-Proto", "X-Forwarded-Protocol", "X-Forwarded-Ssl"):
        location = ask(port, "/home", **{name: "https"})[2].get("Location", "")
        assert not location.startswith("https")
    assert ask(port, "/help", **{"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "off"})[0] == 200


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /help HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n", 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"GET /" + b"a" * 90_000, 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 150 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 90_000, 431),
        (b"POST /login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 411),
        (b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc", 400),
    ],
    ids=["line", "header", "long line", "endless line", "many headers", "endless header", "chunked", "two lengths"],
)
def test_what_is_no_request_gets_a_plain_word(port: int, request_line: bytes, status: int) -> None:
    head, _, body = raw(port, request_line).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), head
    assert b"server:" not in head.lower() and b"text/plain" in head
    assert body.startswith(str(status).encode()) and len(body) < 60 and b"<" not in body


def test_a_request_in_pieces_and_two_at_once_are_answered(port: int) -> None:
    get = f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\n".encode()
    last = b"Connection: close\r\n\r\n"
    assert raw(port, get[:9], get[9:], last).endswith(b"ok\n")
    both = raw(port, get + b"\r\n" + get + last)
    assert both.count(b"200 OK") == 2 and b"gunicorn" not in both
    post = f"POST /login HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 9\r\nExpect: 100-continue\r\n".encode()
    answer = raw(port, post + last, b"email", b"=asd")
    assert answer.startswith(b"HTTP/1.1 100 Continue") and answer.count(b"100 Continue") == 1
    assert b"HTTP/1.1 409" in answer, "no token; but it was read"


@pytest.mark.parametrize("length", [100_000, 3_000_000, 20_000_000])
def test_large_forms_get_an_answer(port: int, length: int) -> None:
    status, text, _ = ask(
        port, "/verify", "POST", b"a" * length, **{"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert status in (409, 413) and "<h1" in text


SLOW = {
    "header": (b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"a"),
    "body": (b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n", b"a"),
    "huge body": (b"POST /verify HTTP/1.1\r\nHost: a\r\nContent-Length: 900000000\r\n\r\n", b"a"),
    "nothing": (b"", b""),
    "answer never taken": (f"GET /assets/ HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode(), b""),
}


@pytest.mark.parametrize("how", SLOW)
def test_whoever_sends_a_byte_a_second_keeps_nobody_waiting(port: int, how: str) -> None:
    first, more = SLOW[how]
    with ExitStack() as stack:
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(48)]
        for each in slow:
            each.sendall(first)
        over = threading.Event()

        def trickle() -> None:
            while not over.wait(0.3):
                for each in slow:
                    with suppress(OSError):
                        each.sendall(more)

        sender = threading.Thread(target=trickle)
        sender.start()
        try:
            begun = time.monotonic()
            for _ in range(10):
                assert ask(port, "/help")[0] == 200
            assert time.monotonic() - begun < 40, "with a thread for each they would have waited for a minute"
        finally:
            over.set()
            sender.join()


def test_a_header_that_never_ends_is_ended(port: int) -> None:
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        answer = b""
        connection.settimeout(0.5)
        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        while not answer and time.monotonic() - begun < 300:
            with suppress(OSError):
                connection.sendall(b"a")
                answer = connection.recv(100)
    assert answer.startswith(b"HTTP/1.1 408 ")

"""Draws papers in a child process with a limit on time and memory: a paper that runs wild takes the child with it, never the worker."""

from __future__ import annotations

import os
import pickle  # between a process and its own child
import resource
import select
import struct
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

from webapp.domain.paper import Paper
from webapp.domain.tenant import Tenant

SECONDS = 60  # of wall clock; a thousand lines take eight on an idle machine
MEMORY = 2 * 1024**3  # of address space; a thousand lines need a tenth
PAPERS_A_CHILD = 200  # then a new one, whatever a library may have kept
_LENGTH = struct.Struct(">BQ")  # 1: the paper, 0: what went wrong; then how many bytes


class CannotDraw(RuntimeError):
    """The paper could not be made; the text tells why and holds no personal data."""


class Drawer:
    """One child, started when the first paper is wanted. Threads take turns."""

    def __init__(self, assets: Path, *, seconds: float = SECONDS) -> None:
        self._assets, self._seconds = assets, seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._papers = 0
        self._turn = threading.Lock()

    def __call__(self, paper: Paper, tenant: Tenant) -> tuple[bytes, str]:
        """The PDF and its file name. Raises CannotDraw."""
        with self._turn:
            child = self._ready()
            try:
                return self._ask(child, pickle.dumps((paper, tenant)))
            except (OSError, EOFError):
                self.close()
                raise CannotDraw("the child died") from None

    def close(self) -> None:
        """Ends the child."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    pipe.close()
            self._child = None

    def _ready(self) -> subprocess.Popen[bytes]:
        if self._child is not None and (self._child.poll() is not None or self._papers >= PAPERS_A_CHILD):
            self.close()
        if self._child is None:
            self._papers = 0
            # It ends by itself when the worker does, for then its standard input ends.
            command = [sys.executable, "-m", __name__, str(self._assets)]
            kept = {
                key: value
                for key, value in os.environ.items()
                if not key.startswith("SKYLT_") or key.endswith("FAULTS")
            }
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=kept, bufsize=0)
        self._papers += 1
        return self._child

    def _ask(self, child: subprocess.Popen[bytes], question: bytes) -> tuple[bytes, str]:
        assert child.stdin and child.stdout
        _send(child.stdin, 1, question)
        if not select.select([child.stdout], [], [], self._seconds)[0]:
            self.close()
            raise CannotDraw(f"it took longer than {self._seconds:g} s")
        good, answer = _receive(child.stdout)
        if not good:
            raise CannotDraw(answer.decode())
        name, _, content = answer.partition(b"\n")
        return content, name.decode()


def _send(pipe: IO[bytes], good: int, content: bytes) -> None:
    whole = memoryview(_LENGTH.pack(good, len(content)) + content)
    while whole:
        whole = whole[pipe.write(whole) or 0 :]


def _receive(pipe: IO[bytes]) -> tuple[int, bytes]:
    good, length = _LENGTH.unpack(_read(pipe, _LENGTH.size))
    return good, _read(pipe, length)


def _read(pipe: IO[bytes], length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        part = pipe.read(min(length - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


def main() -> None:
    """The child: papers in, PDFs out, until its standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from webapp.documents import file_name, render
    from webapp.l10n import Words

    assets = Path(sys.argv[1])
    asked, answers = os.fdopen(os.dup(0), "rb", 0), os.fdopen(os.dup(1), "wb", 0)
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    while True:
        try:
            paper, tenant = pickle.loads(_receive(asked)[1])  # noqa: S301 - written by our parent
        except EOFError:
            return
        words = Words(paper.language)
        try:
            content = render(paper, tenant, words, assets)
        except Exception as problem:  # noqa: BLE001 - told to the parent, which fails the job with it
            _send(answers, 0, f"{type(problem).__name__}: {problem}"[:500].encode())
        else:
            _send(answers, 1, file_name(paper, tenant, words).encode() + b"\n" + content)


if __name__ == "__main__":
    main()

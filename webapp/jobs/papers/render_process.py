"""Draws and seals papers in a child process with a limit on time and memory: a paper that runs wild takes the child with it, never the worker."""

from __future__ import annotations

import json
import os
import pickle  # to our own child; what comes back is JSON and bytes
import resource
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from webapp.documents.keys import CannotSeal, Keyring
from webapp.documents.scan import UNREADABLE, why_not
from webapp.documents.sealed import Sealed
from webapp.domain.papers.facts import Paper
from webapp.domain.tenants.tenant import Tenant
from webapp.gateways.errors import Permanent, Temporary
from webapp.gateways.timestamp import Authority

SECONDS = 60  # of wall clock; a thousand lines take eight on an idle machine, an authority is given up after ten
MEMORY = 2 * 1024**3  # of address space; a thousand lines need a tenth
PREFIX = "papers-"  # of folders for temporary files; then the worker's process number
PAPERS_A_CHILD = 200  # then a new one, whatever a library may have kept
_LENGTH = struct.Struct(">BQ")  # 1: a good answer, 0: what went wrong; then how many bytes


class CannotRender(RuntimeError):
    """The paper could not be made; the text tells why and holds no personal data."""


@dataclass(frozen=True)
class SealTools:
    """Where the keys lie, what opens them, and who is asked for the time; without keys nothing can be sealed."""

    keys: Path | None = None
    password: str = field(default="", repr=False)
    timestamp_url: str = ""


_REASONS: Mapping[str, Callable[[str, str], Exception]] = {
    "seal": CannotSeal,
    "temporary": Temporary,
    "permanent": Permanent,
    "draw": lambda code, text: CannotRender(text),
}


class RenderProcess:
    """One child, started when the first paper is wanted. Threads take turns."""

    def __init__(self, assets: Path, tools: SealTools = SealTools(), *, seconds: float = SECONDS) -> None:
        self._assets, self._tools, self._seconds = assets, tools, seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._place: tempfile.TemporaryDirectory[str] | None = (
            None  # for its temporary files, which a killed child leaves
        )
        self._papers = 0
        self._turn = threading.Lock()

    def draw(self, paper: Paper, tenant: Tenant, attached: tuple[Any, ...] = ()) -> tuple[bytes, str]:
        """The PDF and its file name. Raises CannotDraw."""
        told, content = self._ask("draw", paper, tenant, attached)
        return content, told["file"]

    def seal(self, pdf: bytes, key_name: str, label: str, now: datetime) -> Sealed:
        """The PDF with the seal of that key, checked. Raises CannotSeal, Temporary, Permanent, CannotDraw."""
        told, content = self._ask("seal", pdf, key_name, label, now)
        at, ends = (datetime.fromisoformat(told[of]) for of in ("at", "ends"))
        return Sealed(content, told["by"], at, told["level"], ends)

    def why_not(self, kind: str, content: bytes) -> str:
        """Why people could not open this scan (documents.scan); empty when they could. Never one that takes the child along."""
        try:
            told, _ = self._ask("open", kind, content)
        except CannotRender:
            return UNREADABLE
        return str(told["why_not"])

    def close(self) -> None:
        """Ends the child."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()
            for pipe in (self._child.stdin, self._child.stdout):
                if pipe is not None:
                    pipe.close()
            self._child = None
        if self._place is not None:
            self._place.cleanup()
            self._place = None

    def _ask(self, verb: str, *given: Any) -> tuple[dict[str, str], bytes]:
        with self._turn:
            try:
                return self._answer(self._ready(), pickle.dumps((verb, *given)))
            except (OSError, EOFError):
                self.close()
                raise CannotRender("the child died") from None

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
            _sweep()
            self._place = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", ignore_cleanup_errors=True)
            kept["TMPDIR"] = self._place.name
            self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=kept, bufsize=0)
            assert self._child.stdin
            _send(self._child.stdin, 1, pickle.dumps(self._tools))  # not in its command line, which others can read
        self._papers += 1
        return self._child

    def _answer(self, child: subprocess.Popen[bytes], question: bytes) -> tuple[dict[str, str], bytes]:
        assert child.stdin and child.stdout
        _send(child.stdin, 1, question)
        if not select.select([child.stdout], [], [], self._seconds)[0]:
            self.close()
            raise CannotRender(f"it took longer than {self._seconds:g} s")
        good, answer = _receive(child.stdout)
        head, _, content = answer.partition(b"\n")
        told: dict[str, str] = json.loads(head)
        if not good:
            raise _REASONS[told["kind"]](told["code"], told["text"])
        return told, content


def _sweep() -> None:
    """Removes the temporary files of workers that were killed together with their child."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except (ValueError, PermissionError):  # not ours to judge
            continue


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


# --- The child ---------------------------------------------------------------------------------------------------


def main() -> None:
    """Papers in, PDFs out, until its standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    assets = Path(sys.argv[1])
    asked, answers = os.fdopen(os.dup(0), "rb", 0), os.fdopen(os.dup(1), "wb", 0)
    os.dup2(2, 1)  # whatever a library prints must not be taken for an answer
    try:
        tools: SealTools = pickle.loads(_receive(asked)[1])  # noqa: S301 - written by our parent
        while True:
            verb, *given = pickle.loads(_receive(asked)[1])  # noqa: S301
            try:
                match verb:
                    case "draw":
                        told, content = _drawn(assets, *given)
                    case "seal":
                        told, content = _sealed(tools, *given)
                    case _:
                        told, content = _opened(*given), b""
            except Exception as problem:  # noqa: BLE001 - told to the parent, which fails the job with it
                _send(answers, 0, json.dumps(_reason(problem)).encode())
            else:
                _send(answers, 1, json.dumps(told).encode() + b"\n" + content)
    except EOFError:
        return


def _drawn(assets: Path, paper: Paper, tenant: Tenant, attached: tuple[Any, ...]) -> tuple[dict[str, str], bytes]:
    from webapp.documents.pdf_renderer import file_name, render
    from webapp.l10n import Localizer

    words = Localizer(paper.language)
    more = {"attached": attached} if attached else {}
    return {"file": file_name(paper, tenant, words)}, render(paper, tenant, words, assets, **more)


def _sealed(tools: SealTools, pdf: bytes, key_name: str, label: str, now: datetime) -> tuple[dict[str, str], bytes]:
    from webapp.documents.check import check
    from webapp.documents.seal import Timestamper, seal

    if tools.keys is None:
        raise CannotSeal("key.missing", "no place of keys is set")
    keys = Keyring(tools.keys, tools.password)  # which opens each key once in a process
    key, trust = keys.key(key_name), keys.trust()
    stamper = Timestamper(Authority(tools.timestamp_url).stamp, trust.timestamps) if tools.timestamp_url else None
    whole = seal(pdf, key, now, label, stamper)
    verdict = check(whole, trust, now)
    if not verdict.is_valid or verdict.sealed_at is None:
        raise CannotSeal("seal.invalid", ", ".join(verdict.faults))
    at, ends = verdict.sealed_at.isoformat(), key.expires.isoformat()
    return {"by": verdict.sealed_by, "at": at, "level": verdict.level, "ends": ends}, whole


def _opened(kind: str, content: bytes) -> dict[str, str]:
    return {"why_not": why_not(kind, content)}


def _reason(problem: Exception) -> dict[str, str]:
    for kind, what in (("seal", CannotSeal), ("temporary", Temporary), ("permanent", Permanent)):
        if isinstance(problem, what):
            return {"kind": kind, "code": problem.code, "text": str(problem).partition(": ")[2][:500]}
    return {"kind": "draw", "code": "", "text": f"{type(problem).__name__}: {problem}"[:500]}


if __name__ == "__main__":
    main()

"""Checks what a stranger hands in, in a child process with limits: a file made to break its reader breaks nothing else."""

from __future__ import annotations

import json
import os
import pickle  # to our own child; what comes back is JSON
import resource
import subprocess
import sys
from dataclasses import asdict
from datetime import datetime
from threading import Semaphore

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from webapp.documents.check import Verdict, check
from webapp.documents.keys import Trust

SECONDS = 15  # of the processor's time: what takes more was made to
PATIENCE = 60  # seconds by the clock: a machine that is busy says nothing of a file
MEMORY = 1024**3
AT_ONCE = 2

_turns = Semaphore(AT_ONCE)


class Busy(RuntimeError):
    """The machine has had no time for the file: nothing is known of it."""


def check_apart(pdf: bytes, trust: Trust, now: datetime) -> Verdict:
    """As `check` says it; what takes too much to read is unreadable. Raises Busy."""
    given = pickle.dumps((pdf, _der(trust), now, SECONDS))
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SKYLT_")}
    try:
        with _turns:
            done = subprocess.run(
                [sys.executable, "-m", __name__], input=given, capture_output=True, timeout=PATIENCE, env=kept
            )
        told = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise Busy from None
    except ValueError:
        return Verdict(("unreadable",))
    at, ends = (datetime.fromisoformat(told[of]) if told[of] else None for of in _MOMENTS)
    return Verdict(tuple(told["faults"]), told["sealed_by"], at, told["level"], ends)


_MOMENTS = ("sealed_at", "key_ends")


def _der(trust: Trust) -> tuple[list[bytes], list[bytes]]:
    seals, timestamps = (
        [each.public_bytes(Encoding.DER) for each in roots] for roots in (trust.seals, trust.timestamps)
    )
    return seals, timestamps


def main() -> None:
    """The child: one file in, one verdict out."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pdf, roots, now, seconds = pickle.load(sys.stdin.buffer)  # noqa: S301 - written by our parent
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    seals, timestamps = (tuple(load_der_x509_certificate(each) for each in of) for of in roots)
    verdict = check(pdf, Trust(seals, timestamps), now)
    told = asdict(verdict)
    told |= {name: told[name].isoformat() for name in _MOMENTS if told[name]}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()

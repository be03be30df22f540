"""Passwords as argon2id hashes, two at a time in a process; knows nobody they belong to."""

from __future__ import annotations

import threading
import unicodedata
from contextlib import nullcontext
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 200
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# 19 MiB each: without a limit a crowd at the door would take the machine's memory.
_TURN = threading.BoundedSemaphore(2)
_ONE_AT_A_TIME = threading.BoundedSemaphore(1)
_PATIENCE = 10.0


class Crowded(Exception):
    """Too many people are signing in at this very moment."""


def hashed(password: str) -> str:
    """What is stored of a password."""
    with _Turn():
        return _HASHER.hash(_normal(password))


def matches(password: str, stored: str | None, *, is_slow: bool = False) -> bool:
    """Whether it is the password that was hashed. Without a hash one is checked all the same, so that it takes as long.

    `is_slow`: one after the other, so that guesses at many accounts leave room for those who have another errand.
    """
    with _Turn(_ONE_AT_A_TIME) if is_slow else nullcontext(), _Turn():
        try:
            right = _HASHER.verify(stored or _nobodys(), _normal(password))
        except (VerificationError, InvalidHashError):
            return False
    return bool(stored) and right and len(password) <= LONGEST


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other costs than today's."""
    return _HASHER.check_needs_rehash(stored)


def _normal(password: str) -> str:
    return unicodedata.normalize("NFC", password)[:LONGEST]


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this one")


class _Turn:
    def __init__(self, turn: threading.BoundedSemaphore = _TURN) -> None:
        self._turn = turn

    def __enter__(self) -> None:
        if not self._turn.acquire(timeout=_PATIENCE):
            raise Crowded

    def __exit__(self, *_: object) -> None:
        self._turn.release()

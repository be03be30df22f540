"""A sealed paper and what its seal says; seals nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Sealed:
    """A sealed paper and what its seal says."""

    content: bytes
    by: str
    at: datetime | None  # None: what bears no seal at all
    level: str  # "B-T": an authority vouches for the time; "B-B": its sealer says it
    key_ends: datetime | None = None  # when the certificate of its key does

"""Who somebody proved to be by eID, and the attempt it answers; knows no broker, and has no place for a personal identity number."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Begun:
    """An attempt under way. The browser is sent to `url`; it must come back with `state`; the rest is kept for the exchange."""

    url: str = field(repr=False)
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Identity:
    """What a broker vouches for, checked."""

    name: str
    given_name: str  # empty where the broker tells only the whole name
    family_name: str
    provider: str  # "BankID", "MitID", "MitID Erhverv"; else the broker's own word
    acr: str  # how strongly, in the broker's words
    auth_time: datetime
    subject_hash: str  # the same person at the same broker has the same one; nobody can count back from it
    transaction: str  # the broker's own number of the event, for asking it later; may be empty

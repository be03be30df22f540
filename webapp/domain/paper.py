"""The facts on a paper, frozen: an order confirmation, a power of attorney; knows neither its look nor its words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

from webapp.domain.money import Money, Total

MOST_DETAILED_LINES = 50
"""A confirmation of more lines holds the summary; the details ride in its data attachment."""


@dataclass(frozen=True)
class Party:
    """Somebody named in a paper. `org_id` is as shown to people, empty for a private person; a sole trader's is masked."""

    name: str
    address: str
    org_id: str = ""
    vat_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What every paper carries. `data` is the JSON that rides inside it, and of which it prints the SHA-256."""

    kind: ClassVar[str]
    number: str  # the document's own: the order's reference and a running number
    ref: str
    language: str
    made_at: datetime
    verify_code: str
    seller: Party  # the party to the contract; an operator, never its reseller
    reseller: Party | None
    data: str
    version: int = 1
    replaces: str = ""  # number and version of the paper that this one corrects
    signed: ClassVar[bool | None] = None  # None: nobody is to sign it

    @property
    def data_name(self) -> str:
        """The file name of the attachment."""
        return f"{self.number}.json"

    @property
    def data_sha256(self) -> str:
        """The digest of the attachment's bytes."""
        return hashlib.sha256(self.data.encode()).hexdigest()


@dataclass(frozen=True)
class Item:
    """A charge of one line. `unit` and `amount` are None when another article's price includes it."""

    text: str
    period: str
    quantity: int
    unit: Money | None
    amount: Money | None


@dataclass(frozen=True)
class Line:
    """What one employee gets."""

    n: int
    user: str
    plan: str
    number: str  # empty: assigned later
    facts: tuple[tuple[str, str], ...]
    items: tuple[Item, ...]
    monthly: Money
    once: Money
    months: int  # of commitment, or of notice when not bound
    bound: bool
    ends: date | None  # the last bound day, counted from the wished start


@dataclass(frozen=True)
class Move:
    """A number on its way from another operator."""

    number: str
    e164: str
    user: str
    kind: str
    donor: str
    customer_no: str
    mode: str
    day: date | None
    hour: str
    owner: str
    signer: str

    @property
    def at(self) -> datetime | None:
        """The wished day and local hour; None when no hour was wished."""
        return datetime.combine(self.day, time(int(self.hour))) if self.day and self.hour else None


@dataclass(frozen=True)
class Usage:
    """A price per use, which no sum contains."""

    article: str
    unit: str
    ten_thousandths: int


@dataclass(frozen=True, kw_only=True)
class Confirmation(Paper):
    """What was agreed, read back to the customer."""

    kind: ClassVar[str] = "confirmation"
    customer: Party
    ordered_by: str
    ordered_by_role: str
    reference: str
    lines: tuple[Line, ...]
    order_items: tuple[Item, ...]
    monthly: Total
    once: Total
    minimum: Total
    vat_bp: int
    commitment_months: int | None  # None: none, or not the same for all lines
    is_bound: bool
    notice_months: int
    notice_months_bound: int
    price_list: str
    prices_from: date | None
    agreement: str | None
    agreement_list: str | None
    agreement_from: date | None
    moves: tuple[Move, ...]
    usage: tuple[Usage, ...]
    ships_cards: bool
    sends_esim: bool
    terms_version: str
    terms_sha256: str
    waivers: tuple[str, ...]

    @property
    def is_detailed(self) -> bool:
        """Whether every line's answers are printed."""
        return len(self.lines) <= MOST_DETAILED_LINES


@dataclass(frozen=True, kw_only=True)
class PowerOfAttorney(Paper):
    """What the owner of numbers lets the operator do. One owner, one signer, any number of numbers."""

    kind: ClassVar[str] = "power_of_attorney"
    signed: ClassVar[bool | None] = False
    giver: Party
    giver_is_company: bool
    customer: Party
    signer: str
    signer_email: str
    moves: tuple[Move, ...]
    terminate: bool
    info: bool
    transfer: bool
    valid_until: date
    cutoff: date | None  # the last day on which the move can be stopped, when its day is known
    cutoff_days: int
    lines: tuple[int, ...]  # the order's lines it covers

    @property
    def donor(self) -> str:
        """The operator the numbers are with; empty when they are with several (or none was named)."""
        return _the_only(move.donor for move in self.moves)

    @property
    def customer_no(self) -> str:
        """The customer number there; empty when numbers differ in it."""
        return _the_only(move.customer_no for move in self.moves) if self.donor else ""

    @property
    def has_one_wish(self) -> bool:
        """Whether all numbers are wished to move at the same time."""
        return len({(move.mode, move.day, move.hour) for move in self.moves}) == 1


def _the_only(values: Iterable[str]) -> str:
    found = set(values)
    return found.pop() if len(found) == 1 else ""

"""The facts on a paper, frozen: an order confirmation, a power of attorney; knows neither its look nor its words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar, Protocol

from webapp.domain.market import Market
from webapp.domain.money import Money, Total
from webapp.domain.numbers import MASK
from webapp.domain.ordering.order import Statement
from webapp.domain.porting.signers import SignerName
from webapp.domain.stored_json import Instant
from webapp.domain.tenants.catalogue import Usage
from webapp.domain.tenants.parties import Party

MOST_DETAILED_LINES = 50
"""A confirmation of more lines holds the summary; the details ride in its data attachment."""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What every paper carries. `data` is the JSON that rides inside it, and of which it prints the SHA-256."""

    kind: ClassVar[str]
    number: str  # the document's own: the order's reference and a running number
    ref: str
    language: str
    made_at: Instant
    verify_code: str
    seller: Party  # the party to the contract; an operator, never its reseller
    reseller: Party | None
    data: str
    version: int = 1
    replaces: str = ""  # number and version of the paper that this one corrects

    @property
    def signed(self) -> bool | None:
        """Whether it bears what it is to bear; None when nobody is to sign it."""
        return None

    @property
    def data_name(self) -> str:
        """The file name of the attachment."""
        return f"{self.number}.json"

    @property
    def data_sha256(self) -> str:
        """The digest of the attachment's bytes."""
        return hashlib.sha256(self.data.encode()).hexdigest()


@dataclass(frozen=True)
class PaperItem:
    """A charge of one line. `unit` and `amount` are None when another article's price includes it."""

    text: str
    period: str
    quantity: int
    unit: Money | None
    amount: Money | None


@dataclass(frozen=True)
class PaperLine:
    """What one employee gets."""

    n: int
    user: str
    plan: str
    number: str  # empty: assigned later
    facts: tuple[tuple[str, str], ...]
    items: tuple[PaperItem, ...]
    monthly: Money
    once: Money
    months: int  # of commitment, or of notice when not bound
    bound: bool
    ends: date | None  # the last bound day, if the wished start is kept; None where none was wished


@dataclass(frozen=True)
class Series:
    """Consecutive numbers that move as one, and the main number among them; E.164 and, to be read, as written."""

    first: str
    last: str
    main: str
    main_shown: str


@dataclass(frozen=True)
class Move:
    """A number, or a series, on its way from another operator. `number` is as written: "08-465 004 90–99" of a series."""

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
    signer: str  # the names, when there are several
    series: Series | None = None

    @property
    def at(self) -> datetime | None:
        """The wished day and local hour; None when no hour was wished."""
        return datetime.combine(self.day, time(int(self.hour))) if self.day and self.hour else None


@dataclass(frozen=True, kw_only=True)
class Confirmation(Paper):
    """What was agreed, read back to the customer."""

    kind: ClassVar[str] = "confirmation"
    customer: Party
    ordered_by: str
    ordered_by_role: str
    reference: str
    lines: tuple[PaperLine, ...]
    order_items: tuple[PaperItem, ...]
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
    summary: Statement | None = None  # what was said of the contract summary, where one is due

    @property
    def is_detailed(self) -> bool:
        """Whether every line's answers are printed."""
        return len(self.lines) <= MOST_DETAILED_LINES


@dataclass(frozen=True)
class Signature:
    """What one signer gave: who, as what, by which method, when and from where. `n` is the signer's place, from 1."""

    n: int
    name: str
    email: str
    capacity: str
    method: str  # code_mail | code_sms | eid | paper
    signed_at: Instant
    address: str  # the network's, not the machine's: /24 or /48
    provider: str = ""
    acr: str = ""
    transaction: str = ""
    verified_name: str = ""
    phone_masked: str = ""


@dataclass(frozen=True)
class EvidenceEvent:
    """Something that happened to a paper on its way. `details` is printed as it stands."""

    at: Instant
    what: str  # one of EVENTS, in documents.paper_templates
    who: str
    details: str = ""


@dataclass(frozen=True, kw_only=True)
class PowerOfAttorney(Paper):
    """What the owner of numbers lets the operator do. One owner, one set of signers, any number of numbers."""

    kind: ClassVar[str] = "power_of_attorney"
    giver: Party
    giver_is_company: bool
    customer: Party
    signers: tuple[SignerName, ...]
    in_order: bool  # one after the other, as named
    moves: tuple[Move, ...]
    terminate: bool
    info: bool
    transfer: bool
    valid_until: date
    cutoff: date | None  # the last day on which the move can be stopped, when its day is known
    cutoff_days: int
    lines: tuple[int, ...]  # the order's lines it covers
    legal_approved: bool  # whether the tenant's lawyers have approved these words
    compensated: bool = False  # whether the law gives a right to compensation for a delayed move
    signatures: tuple[Signature, ...] = ()
    events: tuple[EvidenceEvent, ...] = ()
    shown_sha256: str = ""  # of the bytes that were shown to those who signed
    evidence: str = ""  # JSON that rides inside once it is signed

    @property
    def signed(self) -> bool:
        """Whether it bears signatures."""
        return bool(self.signatures)

    @property
    def is_of_one_number(self) -> bool:
        """Whether only one number moves: no series, and no other number with it."""
        return len(self.moves) == 1 and self.moves[0].series is None

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


# --- In words ----------------------------------------------------------------------------------------------------


class Speaker(Protocol):
    """Whoever knows the texts of domain.texts in a language and a market."""

    def say(self, key: str, **params: object) -> str:
        """The text of that key."""


def declarations(paper: PowerOfAttorney, words: Speaker) -> tuple[tuple[str, str], ...]:
    """What signers declare, code and sentence: these very sentences stand on the paper and beside the boxes to tick."""
    donor = paper.donor or words.say("authority.donor")
    customer = paper.customer
    named = words.say("authority.party", name=customer.name, id=customer.org_id) if customer.org_id else customer.name
    codes: tuple[str, ...] = ("owner", "entitled", "correct", "charges", "only_numbers", "active")
    codes += ("compensation",) if paper.compensated else ()
    codes += ("transfer",) if paper.transfer else ()
    return tuple((code, words.say(f"authority.{code}", donor=donor, customer=named)) for code in codes)


def capacities(paper: PowerOfAttorney, market: Market) -> tuple[str, ...]:
    """In which capacities this paper can be signed, the most usual first. A firm that is its owner is signed for as a person is."""
    is_sole_trader = MASK in paper.giver.org_id
    return market.capacities_company if paper.giver_is_company and not is_sole_trader else market.capacities_private


def capacity_in_words(paper: PowerOfAttorney, capacity: str, words: Speaker) -> str:
    """A capacity as this paper says it: who owns a firm does not thereby own numbers privately."""
    of_company = capacity == "owner" and paper.giver_is_company
    return words.say("capacity.owner.company" if of_company else f"capacity.{capacity}")


def method_in_words(signature: Signature, words: Speaker) -> str:
    """How somebody signed, and of which kind that signature is."""
    return words.say(f"method.{signature.method}", phone=signature.phone_masked, provider=signature.provider)

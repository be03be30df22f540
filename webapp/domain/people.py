"""Companies and the people who order for them, with what each may do; knows nothing of passwords or sessions."""

from __future__ import annotations

from dataclasses import dataclass, field

from webapp.domain.numbers import Whereabouts

SMALL_SIZES = frozenset({"micro", "small", "unknown"})
"""Sizes that get the protection of small enterprises (directive (EU) 2018/1972 art. 102, 105); unknown counts as small."""

SIZES = ("micro", "small", "large", "unknown")
ROLES = ("owner", "konto", "member", "staff")


@dataclass(frozen=True)
class Address:
    """Where something can be sent. `zip` holds digits only."""

    id: str
    name: str
    street: str
    zip: str
    city: str


@dataclass(frozen=True)
class Company:
    """A business customer of one tenant."""

    id: str
    name: str
    org_id: str
    size: str  # micro | small | large | unknown
    agreement: str | None
    street: str
    zip: str
    city: str

    @property
    def is_small(self) -> bool:
        """Whether 36 months need an express waiver and a contract summary is due."""
        return self.size in SMALL_SIZES


@dataclass(frozen=True)
class Person:
    """Somebody who has signed in. Staff belong to no company."""

    id: str
    name: str
    email: str
    role: str
    language: str
    company: Company | None = None

    @property
    def may_order(self) -> bool:
        """The account owner and holders of the right "Konto" order; members only look."""
        return self.role in {"owner", "konto"}

    @property
    def is_staff(self) -> bool:
        """Works for the operator or reseller."""
        return self.role == "staff"


@dataclass(frozen=True)
class Employee:
    """A user of subscriptions. The fields a tenant does not ask for stay empty."""

    id: str
    first: str
    last: str
    email: str = ""
    initials: str = ""
    title: str = ""
    dept: str = ""
    cost_centre: str = ""
    employee_no: str = ""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}".strip()

    def is_person(self, name: str, email: str) -> bool:
        """The one rule of who is who, over lines and orders: the same name and the same address, in whatever case.

        Neither is enough alone: colleagues share a mailbox, and a name.
        """
        return (self.name.casefold(), self.email.casefold()) == (name.casefold(), email.casefold())


@dataclass(frozen=True)
class OwnNumber:
    """A number that belongs to the company."""

    e164: str
    kind: str  # mobile | fixed
    state: str
    user: str = ""


@dataclass(frozen=True)
class Inventory:
    """What a company has, as far as questions need it. Built eagerly in tests; the store's twin loads on demand."""

    reserved: tuple[OwnNumber, ...] = ()
    fixed: tuple[OwnNumber, ...] = ()
    addresses: tuple[Address, ...] = ()
    employees: tuple[Employee, ...] = ()
    ours: frozenset[str] = field(default_factory=frozenset)
    moving: frozenset[str] = field(default_factory=frozenset)  # on their way from another operator
    others: frozenset[str] = field(default_factory=frozenset)  # with other sellers of the installation
    used_iccids: frozenset[str] = field(default_factory=frozenset)
    seller_free: frozenset[str] = field(default_factory=frozenset)

    def reserved_numbers(self, kind: str) -> tuple[OwnNumber, ...]:
        """The company's own numbers of that kind that are free to use."""
        return tuple(number for number in self.reserved if number.kind == kind)

    def fixed_numbers(self) -> tuple[OwnNumber, ...]:
        """The company's fixed numbers in use, to which a mobile can be paired."""
        return self.fixed

    def delivery_addresses(self) -> tuple[Address, ...]:
        """Saved addresses, the company's own first."""
        return self.addresses

    def employee(self, employee_id: str) -> Employee | None:
        """The employee of that id in this company."""
        return next((employee for employee in self.employees if employee.id == employee_id), None)

    def initials_of(self, initials: str) -> Employee | None:
        """Who uses these initials already."""
        return next((e for e in self.employees if e.initials.casefold() == initials.casefold()), None)

    def person(self, first: str, last: str, email: str) -> Employee | None:
        """Whoever has this name and address already."""
        return next((each for each in self.employees if each.is_person(f"{first} {last}".strip(), email)), None)

    def whereabouts(self, first: str, last: str) -> Whereabouts:
        """Where any of the numbers from the first to the last is; empty when all of them may be moved in."""
        if _any_of(self.moving, first, last):
            return "moving"
        return "seller" if _any_of(self.ours, first, last) else "elsewhere" if _any_of(self.others, first, last) else ""

    def is_iccid_used(self, iccid: str) -> bool:
        """Whether the SIM card is in use."""
        return iccid in self.used_iccids

    def is_free(self, e164: str, kind: str) -> bool:
        """Whether the seller has the number and nobody else holds it."""
        return e164 in self.seller_free


def _any_of(numbers: frozenset[str], first: str, last: str) -> bool:
    return any(len(e164) == len(first) and first <= e164 <= last for e164 in numbers)

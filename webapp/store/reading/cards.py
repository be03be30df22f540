"""The values that pages are made from; knows no row and no page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from webapp.domain.money import Money
from webapp.domain.ordering.order import NEEDS_ACTION, Order
from webapp.store.ordering.orders import LineState
from webapp.store.papers.documents import Document
from webapp.store.porting import Port

# The state that needs most attention names the order.
_LABELS = (NEEDS_ACTION, "waiting_signature", "placed", "ready", "handed_over", "active", "cancelled")

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows, and the cursor that leads to the next ones if there are any."""

    rows: tuple[T, ...]
    next: str | None = None


@dataclass(frozen=True)
class DraftCard:
    """A draft in a list."""

    id: str
    lines: int
    reference: str
    touched_at: datetime
    expires_at: datetime
    touched_by: str  # the person's name


@dataclass(frozen=True)
class OrderCard:
    """An order in a list."""

    ref: str
    placed_at: datetime
    company: str
    company_name: str
    reference: str
    line_count: int
    monthly_net: Money
    once_net: Money
    states: Mapping[str, int] = field(default_factory=dict)  # how many lines are in which state
    users: tuple[str, ...] = ()  # of the first lines
    next_port: date | None = None

    @property
    def label(self) -> str:
        """The order's state: that of its lines which needs most attention."""
        return next((state for state in _LABELS if self.states.get(state)), "placed")


@dataclass(frozen=True)
class PortCard:
    """A number on its way in, in a list."""

    id: str
    order: str
    line: int
    e164: str
    state: str
    wished_date: date | None
    company_name: str
    user_name: str
    first: str = ""  # of a series, e164 being one of its numbers
    last: str = ""
    is_taken_back: bool = False  # nobody is asked to sign for it any more


@dataclass(frozen=True)
class Home:
    """What a customer comes back to."""

    drafts: tuple[DraftCard, ...]
    orders: tuple[OrderCard, ...]
    portings: tuple[PortCard, ...]


@dataclass(frozen=True)
class Event:
    """A row of the audit trail."""

    at: datetime
    what: str
    subject: str
    actor: str
    actor_tenant: str
    actor_name: str  # empty for jobs and other tenants' staff
    details: Mapping[str, Any]


@dataclass(frozen=True)
class OrderPage:
    """An order with all that has happened to it. `documents` are the newest versions."""

    order: Order
    states: Mapping[int, LineState]
    documents: tuple[Document, ...]
    portings: tuple[Port, ...]
    events: tuple[Event, ...]

    @property
    def label(self) -> str:
        """The order's state: that of its lines which needs most attention."""
        return next((s for s in _LABELS if any(line.state == s for line in self.states.values())), "placed")


@dataclass(frozen=True)
class SubscriptionCard:
    """A subscription in a list."""

    id: str
    company: str
    number: str | None
    employee: str | None
    user_name: str  # empty when nobody has it
    kind: str
    plan: str
    plan_name: str
    state: str
    order: str | None
    line: int | None
    created_at: datetime
    facts: Mapping[str, Any]
    moving: str | None = None  # the number that is on its way from another operator


@dataclass(frozen=True)
class NumberCard:
    """A number of a company."""

    e164: str
    kind: str
    state: str
    user_name: str
    subscription: str | None


@dataclass(frozen=True)
class UserCard:
    """A user account."""

    id: str
    name: str
    email: str
    role: str
    active: bool

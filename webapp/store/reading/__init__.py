"""What pages show, as frozen values: each read is a fixed number of statements, paged by key; it changes nothing."""

from webapp.store.reading.cards import (
    DraftCard,
    Event,
    Home,
    NumberCard,
    OrderCard,
    OrderPage,
    Page,
    PortCard,
    SubscriptionCard,
    UserCard,
)
from webapp.store.reading.company import addresses, companies, employees, numbers, subscription, subscriptions, users
from webapp.store.reading.orders import documents, drafts, events, home, order_page, orders, portings
from webapp.store.reading.papers import Asked, PaperCard, chosen, measured, papers
from webapp.store.reading.signatures import Awaited, awaited
from webapp.store.reading.trail import TrailRow, trail

__all__ = [
    "Asked", "Awaited", "DraftCard", "Event", "Home", "NumberCard", "OrderCard", "OrderPage", "Page", "PaperCard",
    "PortCard", "SubscriptionCard", "TrailRow", "UserCard", "addresses", "awaited", "chosen", "companies", "documents", "drafts",
    "employees", "events", "home", "measured", "numbers", "order_page", "orders", "papers", "portings",
    "subscription", "subscriptions", "trail", "users",
]  # fmt: skip

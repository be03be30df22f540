"""What pages show, as frozen values: each read is a fixed number of statements, paged by key; it changes nothing."""

from webapp.store.reading.cards import (
    DraftCard,
    Event,
    Home,
    NumberCard,
    OrderCard,
    OrderPage,
    Overview,
    Page,
    PortCard,
    SubscriptionCard,
    UserCard,
)
from webapp.store.reading.company import addresses, companies, employees, numbers, subscription, subscriptions, users
from webapp.store.reading.orders import documents, drafts, events, home, order_page, orders, overview, portings

__all__ = [
    "DraftCard", "Event", "Home", "NumberCard", "OrderCard", "OrderPage", "Overview", "Page", "PortCard",
    "SubscriptionCard", "UserCard", "addresses", "companies", "documents", "drafts", "employees", "events", "home",
    "numbers", "order_page", "orders", "overview", "portings", "subscription", "subscriptions", "users",
]  # fmt: skip

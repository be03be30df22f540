"""One process's way to its tenants and its database, and to the verbs of whoever has arrived; holds no state of a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.domain.people import Person
from webapp.domain.tenant import Tenant
from webapp.l10n import Words
from webapp.operations.people import Door, person_of
from webapp.operations.shop import Shop
from webapp.store.scope import Scope
from webapp.store.work import Store, Working
from webapp.tenancy.registry import Registry


@dataclass(frozen=True)
class Portal:
    """Handed to the web side at start; `secret` signs what rides through a browser."""

    store: Store
    tenants: Registry
    secret: str

    def shop(self, tenant: Tenant, person: Person, words: Words, now: datetime) -> Shop:
        """All that somebody who orders can do."""
        return Shop(self.store, self.secret, tenant, person, words, now)

    def work(self, tenant: Tenant, person: Person) -> Working:
        """A transaction in the person's own scope: their company, or for staff all companies of the tenant."""
        company = person.company.id if person.company else None
        return self.store.work(Scope(tenant.slug, company, person.id))

    def door(self, tenant: Tenant, now: datetime) -> Door:
        """What can be done before signing in."""
        return Door(self.store, self.secret, tenant.slug, now)

    def person_by_session(self, tenant: Tenant, token_hash: bytes, now: datetime) -> tuple[Person, str] | None:
        """Who is signed in with this token at this tenant, and the session's id."""
        return person_of(self.store, tenant.slug, token_hash, now)

    def who_may_order(self, tenant: Tenant, person: Person) -> tuple[str, ...]:
        """Names of those in the person's company who may order."""
        with self.work(tenant, person) as work:
            return tuple(a.name for a in work.people.listing() if a.role in {"owner", "konto"} and a.active)

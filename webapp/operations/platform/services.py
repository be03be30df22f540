"""One process's way to its tenants and its database, and to the verbs of whoever has arrived; holds no state of a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from webapp.domain.people import Person
from webapp.domain.tenants.tenant import Tenant
from webapp.l10n import Localizer
from webapp.operations.ordering.drafts import Ordering
from webapp.operations.papers import document_verification
from webapp.operations.papers.document_verification import NO_SEALS, Seals
from webapp.operations.people.sign_in import Authentication, person_of
from webapp.operations.signing.signature import Signing
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store, Working
from webapp.tenancy.registry import Registry


@dataclass(frozen=True)
class Services:
    """Handed to the web side at start; `secret` signs what rides through a browser."""

    store: Store
    tenants: Registry
    secret: str
    seals: Seals = NO_SEALS

    def ordering(self, tenant: Tenant, person: Person, words: Localizer, now: datetime) -> Ordering:
        """All that somebody who orders can do."""
        return Ordering(self.store, self.secret, tenant, person, words, now)

    def work(self, tenant: Tenant, person: Person) -> Working:
        """A transaction in the person's own scope: their company, or for staff all companies of the tenant."""
        return self.store.work(self._scope(tenant, person))

    def _scope(self, tenant: Tenant, person: Person) -> Scope:
        return Scope(tenant.slug, person.company.id if person.company else None, person.id)

    def paper(self, tenant: Tenant, person: Person, ref: str, document: str, now: datetime) -> tuple[Document, bytes]:
        """A paper of an order for somebody signed in, checked before it leaves. Raises NotThere, Damaged, CannotCheck."""
        return document_verification.fetch(self.store, self.seals, self._scope(tenant, person), ref, document, now)

    def door(self, tenant: Tenant, now: datetime) -> Authentication:
        """What can be done before signing in."""
        return Authentication(self.store, self.secret, tenant.slug, now)

    def signing(self, tenant: Tenant, now: datetime) -> Signing:
        """What somebody with a link to a paper can do."""
        return Signing(self.store, self.secret, tenant, now)

    def person_by_session(self, tenant: Tenant, token_hash: bytes, now: datetime) -> tuple[Person, str] | None:
        """Who is signed in with this token at this tenant, and the session's id."""
        return person_of(self.store, tenant.slug, token_hash, now)

    def who_may_order(self, tenant: Tenant, person: Person) -> tuple[str, ...]:
        """Names of those in the person's company who may order."""
        with self.work(tenant, person) as work:
            return tuple(a.name for a in work.people.listing() if a.role in {"owner", "konto"} and a.active)

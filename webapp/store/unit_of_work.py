"""The store's front door: opens one scoped unit of work at a time; knows where the aggregates are and no more."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError as Unreachable

from webapp.domain.people import Company, Person
from webapp.store.desk.alarms import Alarms
from webapp.store.numbers import Numbers, SimCards
from webapp.store.ordering.company_inventory import CompanyInventory, StoredInventory
from webapp.store.ordering.contract_summaries import Summaries
from webapp.store.ordering.drafts import Drafts
from webapp.store.ordering.orders import Orders
from webapp.store.papers.documents import Documents
from webapp.store.people.accounts import People, Sessions, Throttle, Tokens
from webapp.store.people.companies import Companies, Employees
from webapp.store.platform import driver
from webapp.store.platform.audit import Audit
from webapp.store.platform.effects import Effects
from webapp.store.platform.jobs import Jobs
from webapp.store.platform.outage import PATIENCE
from webapp.store.platform.queue import conninfo
from webapp.store.platform.schema import check_role
from webapp.store.platform.scope import GuardedSession, Scope, ScopedSession, UnguardedSession
from webapp.store.platform.search import Search
from webapp.store.porting import Portings
from webapp.store.signing import Signings
from webapp.store.subscriptions import Subscriptions
from webapp.store.tenants import Revisions

__all__ = ["SignedIn", "Store", "Unreachable", "Verified", "Work", "Working"]

_SETTINGS = "-c timezone=UTC -c statement_timeout=20s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"


class Work:
    """One transaction in one scope, with everything that can be done in it."""

    def __init__(self, session: ScopedSession) -> None:
        self.session = session
        self._things: dict[tuple[str, ...], CompanyInventory] = {}

    @property
    def scope(self) -> Scope:
        """Whose rows it is about."""
        return self.session.scope

    @cached_property
    def people(self) -> People:
        """User accounts."""
        return People(self.session)

    @cached_property
    def sessions(self) -> Sessions:
        """Login sessions."""
        return Sessions(self.session)

    @cached_property
    def tokens(self) -> Tokens:
        """Mailed single-use secrets."""
        return Tokens(self.session)

    @cached_property
    def throttle(self) -> Throttle:
        """Counts of attempts."""
        return Throttle(self.session)

    @cached_property
    def companies(self) -> Companies:
        """Customers and their addresses."""
        return Companies(self.session)

    @cached_property
    def employees(self) -> Employees:
        """Whom a company buys for."""
        return Employees(self.session)

    @cached_property
    def numbers(self) -> Numbers:
        """Telephone numbers."""
        return Numbers(self.session)

    @cached_property
    def sims(self) -> SimCards:
        """SIM cards."""
        return SimCards(self.session)

    @cached_property
    def drafts(self) -> Drafts:
        """Orders in the making."""
        return Drafts(self.session)

    @cached_property
    def orders(self) -> Orders:
        """What was agreed."""
        return Orders(self.session)

    @cached_property
    def documents(self) -> Documents:
        """Papers."""
        return Documents(self.session)

    @cached_property
    def portings(self) -> Portings:
        """Numbers on their way in."""
        return Portings(self.session)

    @cached_property
    def summaries(self) -> Summaries:
        """Contract summaries before the order."""
        return Summaries(self.session)

    @cached_property
    def signings(self) -> Signings:
        """Who is asked to sign what."""
        return Signings(self.session)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """What a company has."""
        return Subscriptions(self.session)

    @cached_property
    def effects(self) -> Effects:
        """Things done outside, once."""
        return Effects(self.session)

    @cached_property
    def audit(self) -> Audit:
        """Who did what."""
        return Audit(self.session)

    @cached_property
    def jobs(self) -> Jobs:
        """What is to be done later."""
        return Jobs(self.session)

    @cached_property
    def alarms(self) -> Alarms:
        """What staff must see to."""
        return Alarms(self.session)

    @cached_property
    def revisions(self) -> Revisions:
        """What the tenant has published."""
        return Revisions(self.session)

    @cached_property
    def search(self) -> Search:
        """Words that lead to things."""
        return Search(self.session)

    def inventory(self, company: str, *, draft: str | None, now: datetime) -> StoredInventory:
        """What a company has, for the questions of a draft."""
        return self.things(company, (draft,) if draft else (), now=now).of(draft)

    def things(self, company: str, drafts: Sequence[str], *, now: datetime) -> CompanyInventory:
        """The same for several drafts at once, read together, and only once."""
        key = (company, *drafts)
        if key not in self._things:
            self._things[key] = CompanyInventory(self.session, company, drafts, now)
        return self._things[key]


RECONNECT_SECONDS = 2


class Working:
    """A unit of work under way: committed when it ends well, else as if it had not been."""

    def __init__(self, session: ScopedSession) -> None:
        self._session = session

    def __enter__(self) -> Work:
        self._session.begin()
        return Work(self._session)

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        try:
            if failure is None:
                self._session.commit()
        finally:
            self._session.close()  # rolls back what was not committed


@dataclass(frozen=True)
class SignedIn:
    """A live login session and who it belongs to."""

    session: str
    created_at: datetime
    last_seen: datetime
    person: Person


@dataclass(frozen=True)
class Verified:
    """What the verify page may tell of a paper."""

    kind: str
    title: str
    language: str
    version: int
    newest: int
    sha256: str
    size: int
    made_at: datetime
    verify_code: str
    sealed_by: str  # empty: it bears no seal
    sealed_at: datetime | None
    level: str
    was_signed: bool  # it is the unsigned one of a paper that has been signed since
    key_ends: datetime | None  # when the certificate of its seal does; None: no seal, or one made before this was kept


class Store:
    """One database. `guard=False` is for tests that show the policies hold alone; they hold the other way round
    when the store is opened with the owner's address."""

    def __init__(self, database_url: str, *, pool_size: int = 10, guard: bool = True) -> None:
        self.engine = create_engine(
            database_url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=10,
            use_native_hstore=False,  # spares a look-up at each connection
            isolation_level="AUTOCOMMIT",  # a scoped session opens its transaction itself, and its scope with it
            hide_parameters=True,  # values are people's: no error may quote them
            connect_args={"options": _SETTINGS, "application_name": "skylt", **PATIENCE},
        )
        driver.watch(self.engine)
        self._closed = False
        self._session: type[ScopedSession] = GuardedSession if guard else UnguardedSession

    def check(self) -> None:
        """Refuses (UnsafeDatabase) to work with a role that could pass row-level security."""
        check_role(self.engine)

    def close(self) -> None:
        """Give all connections back to the database, for good."""
        self._closed = True
        self.engine.dispose()

    def work(self, scope: Scope, *, durable: bool = True) -> Working:
        """One unit of work: `with store.unit_of_work(scope) as work:`.

        One that is not durable does not wait for the disk: it is lost, whole, if the database's machine fails within
        the next second, unless a durable one has been committed since.
        """
        info = {"scope": scope, "durable": durable}
        return Working(self._session(self.engine, expire_on_commit=False, close_resets_only=False, info=info))

    def person_by_session(self, tenant: str, token_hash: bytes) -> SignedIn | None:
        """Who a session cookie belongs to, in one round trip that leaves no setting behind."""
        row = self._ask("select * from session_of(%s, %s)", tenant, token_hash)
        if row is None:
            return None
        session, created_at, last_seen, person, email, name, role, language, company, *facts = row
        of = Company(company, *facts) if company else None
        return SignedIn(session, created_at, last_seen, Person(person, name, email, role, language, of))

    def whose_link(self, tenant: str, token_hash: bytes, now: datetime) -> tuple[str, str] | None:
        """The signer a live link is for and the company it opens, in one round trip that leaves no setting behind."""
        row = self._ask("select * from signer_of_link(%s, %s, %s)", tenant, token_hash, now)
        return (str(row[0]), str(row[1])) if row else None

    def document_by_code(self, tenant: str, code: str) -> Verified | None:
        """What a printed verify code stands for."""
        return self._shown(tenant, code, "")

    def document_by_sha256(self, tenant: str, sha256: str) -> Verified | None:
        """The tenant's paper whose bytes have this digest."""
        return self._shown(tenant, "", sha256)

    def _shown(self, tenant: str, code: str, sha256: str) -> Verified | None:
        row = self._ask("select * from document_shown(%s, %s, %s)", tenant, code, sha256)
        return Verified(*row) if row else None

    def tenants(self) -> dict[str, str]:
        """Every tenant that has published, with the digest of its current revision."""
        with self.engine.connect() as connection:
            rows = connection.exec_driver_sql("select * from tenant_list()")
            return {row.tenant: row.digest for row in rows}

    def publications(self) -> Iterator[str]:
        """The name of every tenant as it publishes; blocks between them until the store is closed. An empty name after each connection:
        whatever was published before it has gone unheard."""
        while not self._closed:
            try:
                with psycopg.connect(conninfo(self.engine.url), autocommit=True) as connection:
                    connection.execute("listen tenant_revision")
                    yield ""
                    for heard in connection.notifies():
                        yield heard.payload
            except psycopg.OperationalError:
                time.sleep(RECONNECT_SECONDS)

    def _ask(self, sql: str, *values: Any) -> Any:
        with self.engine.connect() as connection:
            return driver.first_row(connection, sql, values)

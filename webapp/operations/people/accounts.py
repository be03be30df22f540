"""What whoever runs the installation does with user accounts: list, add, change, put away; nobody's own account page, and no mail."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from webapp.domain.market import MARKETS, Market
from webapp.domain.numbers import read_company_id, read_email
from webapp.domain.people import ROLES, Company
from webapp.domain.problem import Invalid
from webapp.operations.people import passwords
from webapp.store.people.accounts import Account
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store, Work

STAFF = "staff"


class AccountRefused(ValueError):
    """It cannot be done as asked; the message, for an operator's terminal, says why."""


class Accounts:
    """One tenant's accounts. `actor` stands in the audit trail."""

    def __init__(self, store: Store, tenant: str, actor: str, now: datetime) -> None:
        self._store, self._tenant, self._actor, self._now = store, tenant, actor, now

    def listing(self) -> tuple[tuple[Account, Company | None], ...]:
        """Every account by name, with its company; staff have none."""
        with self._work() as work:
            companies = {company.id: company for company in work.companies.listing()}
            return tuple((each, companies.get(each.company or "")) for each in work.people.listing())

    def add(self, email: str, name: str, role: str, language: str, company: str | None = None) -> str:
        """A new account's id. Its password is nobody's: the person chooses one by the link for lost passwords.

        `company` is a registration number or an id. Raises Invalid for an address that is none, Refused.
        """
        address = read_email(email).lower()
        stored = passwords.hashed(secrets.token_urlsafe(32))
        with self._work() as work:
            if work.people.by_email(address):
                raise AccountRefused(f"{address} has an account at {self._tenant} already")
            owner = _company(work, company) if company else None
            _check_role(role, owner.id if owner else None)
            person = work.people.add(
                email=address,
                name=name,
                role=role,
                language=language,
                password_hash=stored,
                company=owner.id if owner else None,
            )
            self._tell(work, "person.added", person, owner.id if owner else None, role=role)
            return person

    def set_role(self, email: str, role: str) -> None:
        """What the person may do from now on."""
        with self._work() as work:
            account = _account(work, email)
            _check_role(role, account.company)
            work.people.set_role(account.id, role)
            self._tell(work, "person.role", account.id, account.company, role=role, before=account.role)

    def set_password(self, email: str, password: str) -> None:
        """A new password; every session of the person ends."""
        if not passwords.SHORTEST <= len(password) <= passwords.LONGEST:
            raise AccountRefused(f"a password has {passwords.SHORTEST} to {passwords.LONGEST} characters")
        stored = passwords.hashed(password)
        with self._work() as work:
            account = _account(work, email)
            work.people.set_password(account.id, stored)
            work.sessions.revoke_all(account.id, self._now)
            self._tell(work, "person.password_set", account.id, account.company)

    def set_active(self, email: str, active: bool) -> None:
        """Whether the person may sign in; an inactive one is out at once."""
        with self._work() as work:
            account = _account(work, email)
            work.people.set_active(account.id, active)
            if not active:
                work.sessions.revoke_all(account.id, self._now)
            self._tell(work, "person.activated" if active else "person.deactivated", account.id, account.company)

    def _tell(self, work: Work, what: str, person: str, company: str | None, **details: str) -> None:
        work.audit.write(what, person, now=self._now, details=details, company=company)

    @contextmanager
    def _work(self) -> Iterator[Work]:
        with self._store.work(Scope(self._tenant, None, self._actor)) as work:
            yield work


def _account(work: Work, email: str) -> Account:
    account = work.people.by_email(email.strip())
    if account is None:
        raise AccountRefused(f"nobody at {work.scope.tenant} signs in as {email}")
    return account


def _company(work: Work, named: str) -> Company:
    digits = {*filter(None, (_company_id(named, market) for market in MARKETS.values()))}
    for company in work.companies.listing():
        if named == company.id or company.org_id in digits:
            return company
    raise AccountRefused(f"{work.scope.tenant} has no customer {named}")


def _company_id(named: str, market: Market) -> str:
    """The company number, however it is written; empty when it is none of that country."""
    try:
        return read_company_id(named, market)
    except Invalid:
        return ""


def _check_role(role: str, company: str | None) -> None:
    if role not in ROLES:
        raise AccountRefused(f"a role is one of {', '.join(ROLES)}")
    if (role == STAFF) != (company is None):
        raise AccountRefused("staff belong to no company, and everybody else to one")

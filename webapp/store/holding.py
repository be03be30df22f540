"""What a company has, loaded as the questions of a draft ask for it; the stored twin of webapp.domain.people.Holding."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from sqlalchemy import and_, func, select

from webapp.domain.people import Address, Employee, OwnNumber
from webapp.store.companies import Companies, Employees
from webapp.store.numbers import SimCards, to_be_had
from webapp.store.raw import raw
from webapp.store.scope import ScopedSession
from webapp.store.tables import EmployeeRow, NumberRow, SubscriptionRow

MOST = 1000


class StoredHolding:
    """One company's things in one unit of work, each kind read at most once."""

    def __init__(self, session: ScopedSession, company: str, draft: str | None, now: datetime) -> None:
        self._session = session
        self._company = company
        self._draft = draft
        self._now = now
        self._employees: dict[str, Employee | None] = {}

    @cached_property
    def _reserved(self) -> tuple[OwnNumber, ...]:
        n = NumberRow
        found = select(n.e164, n.kind).where(n.company == self._company, to_be_had(self._draft, self._now))
        rows = self._session.execute(found.order_by(n.e164).limit(MOST))
        return tuple(OwnNumber(e164, kind, "reserved") for e164, kind in rows)

    @cached_property
    def _fixed(self) -> tuple[OwnNumber, ...]:
        n, s, e = NumberRow, SubscriptionRow, EmployeeRow
        found = (
            select(n.e164, func.coalesce(func.concat_ws(" ", e.first, e.last), ""))
            .outerjoin(s, and_(s.tenant == n.tenant, s.id == n.subscription))
            .outerjoin(e, and_(e.tenant == s.tenant, e.id == s.employee))
            .where(n.company == self._company, n.kind == "fixed", n.state == "allocated")
        )
        rows = self._session.execute(found.order_by(n.e164).limit(MOST))
        return tuple(OwnNumber(e164, "fixed", "allocated", user) for e164, user in rows)

    @cached_property
    def _addresses(self) -> tuple[Address, ...]:
        companies = Companies(self._session)
        own = companies.get(self._company)
        first = (Address(own.id, own.name, own.street, own.zip, own.city),) if own else ()
        return (*first, *companies.addresses(self._company))

    @cached_property
    def employees(self) -> tuple[Employee, ...]:
        """All employees by name, for a short list; a long one is searched."""
        return tuple(Employees(self._session).listing(self._company))

    def reserved_numbers(self, kind: str) -> tuple[OwnNumber, ...]:
        """The company's own numbers of that kind that are free to use in this draft."""
        return tuple(number for number in self._reserved if number.kind == kind)

    def fixed_numbers(self) -> tuple[OwnNumber, ...]:
        """The company's fixed numbers in use, to which a mobile can be paired."""
        return self._fixed

    def delivery_addresses(self) -> tuple[Address, ...]:
        """Saved addresses, the company's own first."""
        return self._addresses

    def employee(self, employee_id: str) -> Employee | None:
        """The employee of that id in this company."""
        if employee_id not in self._employees:
            self._employees[employee_id] = Employees(self._session).get(employee_id)
        return self._employees[employee_id]

    def initials_of(self, initials: str) -> Employee | None:
        """Who uses these initials already."""
        return Employees(self._session).by_initials(self._company, initials)

    def is_ours(self, e164: str) -> bool:
        """Whether the number is in use in the installation, in the seller's pool, or about to come."""
        return bool(
            raw(
                self._session,
                "select not number_is_free(:e164) or port_is_open(:e164)"
                " or exists (select from number where tenant = :tenant and e164 = :e164)",
                {"e164": e164},
            ).scalar()
        )

    def is_iccid_used(self, iccid: str) -> bool:
        """Whether the SIM card is in use."""
        return SimCards(self._session).is_used(iccid)

    def is_free(self, e164: str, kind: str) -> bool:
        """Whether the seller has the number and nobody else holds it."""
        n = NumberRow
        pool = (n.e164 == e164, n.kind == kind, n.company.is_(None), to_be_had(self._draft, self._now))
        return self._session.scalar(select(n.e164).where(*pool)) is not None

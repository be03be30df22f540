"""Customer companies with their addresses and employees, as the domain's values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import func, select

from webapp.domain.people import Address, Company, Employee
from webapp.store.platform.alphabet import in_alphabet
from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.search import Search
from webapp.store.platform.tables import AddressRow, CompanyRow, EmployeeRow, new_id

_COMPANY = (
    CompanyRow.id,
    CompanyRow.name,
    CompanyRow.org_id,
    CompanyRow.size,
    CompanyRow.agreement,
    CompanyRow.street,
    CompanyRow.zip,
    CompanyRow.city,
)
_ADDRESS = (AddressRow.id, AddressRow.name, AddressRow.street, AddressRow.zip, AddressRow.city)
EMPLOYEE = (
    EmployeeRow.id,
    EmployeeRow.first,
    EmployeeRow.last,
    EmployeeRow.email,
    func.coalesce(EmployeeRow.initials, ""),
    EmployeeRow.title,
    EmployeeRow.dept,
    EmployeeRow.cost_centre,
    EmployeeRow.employee_no,
)


class Companies(Repository):
    """The tenant's customers; under a company's scope only itself."""

    def get(self, company: str) -> Company | None:
        """The company of that id."""
        row = self.session.execute(select(*_COMPANY).where(CompanyRow.id == company)).one_or_none()
        return Company(*row) if row else None

    def listing(self, language: str = "") -> list[Company]:
        """All by name, in the alphabet of that language."""
        by_name = in_alphabet(CompanyRow.name, language), CompanyRow.id
        return [Company(*row) for row in self.session.execute(select(*_COMPANY).order_by(*by_name))]

    def agreements(self) -> dict[str, int]:
        """The framework agreements that customers have, and how many have each; under "" those that have none."""
        found = select(func.coalesce(CompanyRow.agreement, "").label("code"), func.count()).group_by("code")
        return {code: int(count) for code, count in self.session.execute(found)}

    def add(self, company: Company) -> None:
        """A new customer."""
        self.session.add(CompanyRow(tenant=self.scope.tenant, **asdict(company)))
        self.session.flush()

    def addresses(self, company: str, language: str = "") -> list[Address]:
        """Saved delivery addresses by name, in the alphabet of that language."""
        by_name = in_alphabet(AddressRow.name, language), AddressRow.id
        found = select(*_ADDRESS).where(AddressRow.company == company).order_by(*by_name)
        return [Address(*row) for row in self.session.execute(found)]

    def add_address(self, address: Address, company: str | None = None) -> None:
        """Save an address."""
        row = AddressRow(tenant=self.scope.tenant, company=self.company_for(company), **asdict(address))
        self.session.add(row)
        self.session.flush()


class Employees(Repository):
    """The people a company buys subscriptions for."""

    def get(self, employee: str) -> Employee | None:
        """The employee of that id."""
        row = self.session.execute(select(*EMPLOYEE).where(EmployeeRow.id == employee)).one_or_none()
        return Employee(*row) if row else None

    def by_initials(self, company: str, initials: str) -> Employee | None:
        """Who has these initials in the company."""
        found = select(*EMPLOYEE).where(
            EmployeeRow.company == company, func.lower(EmployeeRow.initials) == initials.lower()
        )
        row = self.session.execute(found).one_or_none()
        return Employee(*row) if row else None

    def listing(self, company: str, language: str = "") -> list[Employee]:
        """All of a company by last name, in the alphabet of that language."""
        found = (
            select(*EMPLOYEE)
            .where(EmployeeRow.company == company)
            .order_by(in_alphabet(EmployeeRow.last, language), in_alphabet(EmployeeRow.first, language), EmployeeRow.id)
        )
        return [Employee(*row) for row in self.session.execute(found)]

    def by_initials_all(self, company: str, initials: Iterable[str]) -> dict[str, Employee]:
        """Who has them in the company, by initials in lower case."""
        sought = sorted({each.lower() for each in initials})
        found = select(*EMPLOYEE).where(EmployeeRow.company == company, func.lower(EmployeeRow.initials).in_(sought))
        rows = self.session.execute(found) if sought else ()
        return {each.initials.lower(): each for each in (Employee(*row) for row in rows)}

    def persons(self, company: str, named: Iterable[tuple[str, str, str]]) -> list[Employee]:
        """Whoever of the company has one of these first names, last names and addresses, whatever the case; the oldest id first."""
        sought = list(zip(*{tuple(text.lower() for text in each) for each in named}, strict=True))
        if not sought:
            return []
        found: Any = raw(
            self.session,
            "select e.id, e.first, e.last, e.email, coalesce(e.initials, ''), e.title, e.dept, e.cost_centre, e.employee_no"
            " from unnest(cast(:first as text[]), cast(:last as text[]), cast(:email as text[]))"
            "   as named (first, last, email) join employee e on lower(e.first) = named.first and lower(e.last) = named.last"
            "   and lower(e.email) = named.email where e.tenant = :tenant and e.company = :owner order by e.id",
            {"first": list(sought[0]), "last": list(sought[1]), "email": list(sought[2]), "owner": company},
        )
        return [Employee(*row) for row in found]

    def person(self, company: str, first: str, last: str, email: str) -> Employee | None:
        """Who has this name and address in the company (Employee.is_person); of several one, always the same."""
        found = select(*EMPLOYEE).where(
            EmployeeRow.company == company,
            func.lower(EmployeeRow.first) == first.lower(),
            func.lower(EmployeeRow.last) == last.lower(),
            func.lower(EmployeeRow.email) == email.lower(),
        )
        row = self.session.execute(found.order_by(EmployeeRow.id).limit(1)).one_or_none()
        return Employee(*row) if row else None

    def one_at_a_time(self, company: str) -> None:
        """Whoever else adds employees of the company waits until this work is done, and sees them."""
        lock = "select pg_advisory_xact_lock(hashtext('employees ' || :tenant || ' ' || :owner))"
        raw(self.session, lock, {"owner": company})

    def add(self, employee: Employee, company: str | None = None) -> str:
        """A new employee; the id. Ask who has the initials first, `one_at_a_time`: taken ones break the unique key."""
        made = replace(employee, id=employee.id or new_id())
        self.add_all([made], company)
        return made.id

    def add_all(self, employees: Sequence[Employee], company: str | None = None) -> None:
        """The same for many, who have their ids."""
        owner = self.company_for(company)
        rows = [{**asdict(each), "initials": each.initials or None} for each in employees]
        raw(
            self.session,
            "insert into employee (tenant, company, id, first, last, initials, title, email, dept, cost_centre, employee_no)"
            " select :tenant, :owner, id, first, last, initials, title, email, dept, cost_centre, employee_no"
            " from jsonb_to_recordset(cast(:rows as jsonb)) as r (id text, first text, last text, initials text, title text,"
            " email text, dept text, cost_centre text, employee_no text)",
            {"owner": owner, "rows": json.dumps(rows)},
        )
        Search(self.session).index_all("employee", [(each.id, owner, _words(each), ()) for each in employees])

    def update(self, employee: Employee) -> bool:
        """The same employee with other details."""
        row = self.session.get(EmployeeRow, (self.scope.tenant, employee.id))
        if row is None:
            return False
        for field, value in asdict(employee).items():
            setattr(row, field, (value or None) if field == "initials" else value)
        self.session.flush()
        Search(self.session).index("employee", row.id, row.company, _words(employee))
        return True


def _words(employee: Employee) -> tuple[str, ...]:
    """What an employee is found by."""
    return employee.first, employee.last, employee.initials, employee.email, employee.employee_no

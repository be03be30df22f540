"""Fills the demo tenants with customers, people, numbers and SIM cards, once; does nothing where it has been done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path

from stdnum import luhn

from webapp.documents import own_ca
from webapp.documents.own_ca import Holder
from webapp.domain.market import Market
from webapp.domain.people import Address, Company, Employee
from webapp.domain.tenants.tenant import Tenant
from webapp.operations.papers.document_verification import key_of
from webapp.operations.people import passwords
from webapp.operations.platform.demo_facts import DEMO, DemoCompany, DemoTenant, span
from webapp.store.platform.scope import Scope
from webapp.store.platform.tables import new_id
from webapp.store.subscriptions import Subscription
from webapp.store.unit_of_work import Store, Work

PASSWORD = "skylt-demo-2026"  # noqa: S105 - printed, and worth nothing outside the demo
ACTOR = "demo"


def seed(store: Store, tenants: Iterable[Tenant], now: datetime) -> tuple[str, ...]:
    """Seeds each tenant that the demo knows, in one transaction each; which ones were new."""
    fresh = []
    password_hash = ""
    for tenant in tenants:
        facts = DEMO.get(tenant.slug)
        if facts is None:
            continue
        with store.work(Scope(tenant.slug, None, ACTOR)) as work:
            if work.companies.listing():
                continue
            password_hash = password_hash or passwords.hashed(PASSWORD)
            _seller(work, tenant, facts, password_hash)
            for demo in facts.companies:
                _customer(work, tenant, demo, password_hash, now)
            work.audit.write("demo.seeded", tenant.slug, now=now)
        fresh.append(tenant.slug)
    return tuple(fresh)


def make_keys(folder: Path, password: str, tenants: Iterable[Tenant], now: datetime) -> tuple[str, ...]:
    """A seal for each party to a contract that has none; which were made."""
    parties = {key_of(tenant): Holder(tenant.contract_party.name, tenant.market.code) for tenant in tenants}
    return own_ca.make_keys(folder, parties, now, password)


def _seller(work: Work, tenant: Tenant, facts: DemoTenant, password_hash: str) -> None:
    work.people.add(
        email=f"operator@{tenant.slug}.example",
        name=facts.staff,
        role="staff",
        language=tenant.language,
        password_hash=password_hash,
    )
    for kind, first, last in facts.pool:
        for e164 in span(first, int(last) - int(first) + 1):
            work.numbers.add(e164, kind)


def _customer(work: Work, tenant: Tenant, demo: DemoCompany, password_hash: str, now: datetime) -> None:
    company = Company(new_id(), demo.name, demo.org_id, demo.size, demo.agreement, *demo.address)
    work.companies.add(company)
    work.companies.add_address(Address(new_id(), *demo.second_address), company.id)
    for local, name, role in demo.accounts:
        work.people.add(
            email=f"{local}@{tenant.slug}.example",
            name=name,
            role=role,
            language=tenant.language,
            password_hash=password_hash,
            company=company.id,
        )
    employees = [
        _employee(name, title, demo, tenant.market) for name, title in zip(demo.employees, demo.titles, strict=True)
    ]
    for employee in employees:
        work.employees.add(employee, company.id)
    for number, (e164, kind, user) in enumerate(_in_use(demo, employees)):
        _subscription(work, tenant, company, e164, kind, user, number, now)
    for e164 in demo.reserved:
        work.numbers.add(e164, _kind(e164, demo), "reserved", company.id)
    for digits in demo.sim_cards:
        work.sims.add(iccid(tenant, digits), company.id)


def iccid(tenant: Tenant, digits: str) -> str:
    """A SIM card's number by an issuer that does not exist, as long as the tenant's cards have it, with its check digit."""
    issuer = f"{tenant.market.iccid_country}99"
    number = issuer + digits.zfill(max(tenant.composition.iccid_digits) - len(issuer) - 1)
    return number + str(luhn.calc_check_digit(number))


def _employee(name: str, title: str, demo: DemoCompany, market: Market) -> Employee:
    first, last = name.split(" ", 1)
    plain = f"{first}.{last}".lower().translate(_ASCII)
    initials = (first[:1] + last[:2]).upper() if market.company_id == "cvr" else ""
    return Employee(new_id(), first, last, f"{plain}@{demo.domain}", initials, title)


_ASCII = str.maketrans({"å": "a", "ä": "a", "ö": "o", "ø": "o", "æ": "ae", "é": "e", "-": "", " ": ""})


def _in_use(demo: DemoCompany, employees: list[Employee]) -> Iterator[tuple[str, str, Employee | None]]:
    """Each number in use with who has it; the company's last one is assigned to nobody."""
    for kind, numbers in (("mobile", demo.mobile), ("fixed", demo.fixed)):
        for e164, employee in zip_longest(numbers, employees[: len(numbers)]):
            is_last = e164 == (*demo.mobile, *demo.fixed)[-1]
            yield e164, kind, None if is_last else employee


def _kind(e164: str, demo: DemoCompany) -> str:
    """A reserved number is of the kind of those in use that begin alike."""
    return "fixed" if any(e164[:-2] == each[:-2] for each in demo.fixed) else "mobile"


def _subscription(
    work: Work, tenant: Tenant, company: Company, e164: str, kind: str, employee: Employee | None, n: int, now: datetime
) -> None:
    plans = [plan for plan in tenant.catalogue.plans if plan.kind == kind]
    plan = plans[n % len(plans)]
    subscription = Subscription(
        id=new_id(),
        company=company.id,
        employee=employee.id if employee else None,
        number=e164,
        kind=kind,
        plan=plan.names[tenant.language],
        state="active",
        order=None,
        line=None,
        created_at=now - timedelta(days=200 - n),
        facts={
            "plan": plan.code,
            "data": plan.data[n % len(plan.data)] if plan.data else "",
            "months": 24 if company.agreement else 0,
        },
    )
    work.numbers.add(e164, kind, "allocated", company.id)
    work.subscriptions.add(subscription, employee.name if employee else "")
    work.numbers.attach(e164, subscription.id)

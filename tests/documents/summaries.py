"""Contract summaries of real orders at the demo tenants; tests of their facts and of their paper share them."""

from __future__ import annotations

from typing import Any

from tests.builders import NOW, a_company, a_danish_company
from tests.documents.reading import WORKED, demo_tenant
from webapp.domain.ordering.contract_summary import Facts, facts_of
from webapp.domain.ordering.draft import Draft, Line
from webapp.domain.ordering.line import OrderContext
from webapp.domain.ordering.quote import quote
from webapp.domain.papers.contract_summary import ContractSummary, paper_of
from webapp.domain.people import Inventory, Person
from webapp.domain.tenants.tenant import Tenant


def facts(name: str, language: str = "", copies: int = 1, **changed: str) -> tuple[Facts, Tenant]:
    """The facts of a worked order's summary for a small company, and the seller."""
    slug, agreement, answers, _ = WORKED[name]
    tenant = demo_tenant(slug)
    language = language or tenant.language
    of_market = a_danish_company if tenant.market.code == "DK" else a_company
    company = of_market(agreement=agreement, size="small")
    person = Person("p1", "Åsa Öberg", "asa@example.example", "owner", language, company)
    context = OrderContext(tenant, company, person, Inventory(), NOW, language)
    lines = tuple(Line(n, {**given, **changed}) for n, given in enumerate(answers * copies, 1))
    draft = Draft("d1", company.id, language, tenant.revision, person.id, person.id, NOW, lines=lines)
    forms = tuple(context.form(draft, line) for line in lines)
    return facts_of(forms, quote(forms)), tenant


def as_paper(of: Facts, **heading: Any) -> ContractSummary:
    """The facts as the paper of an order."""
    given = {"ref": "XX-7K4Q-2M", "made_at": NOW, "verify_code": "7K4Q-2M9P-XB3C", **heading}
    return paper_of(of, "XX-7K4Q-2M-S", **given)

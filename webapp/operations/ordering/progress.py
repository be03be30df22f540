"""How far a company's open drafts are; changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from webapp.domain.ordering.draft import Draft
from webapp.domain.ordering.journey import journey
from webapp.domain.ordering.line import OrderContext
from webapp.domain.people import Person
from webapp.domain.tenants.tenant import Tenant
from webapp.store.ordering.company_inventory import LOOKED_AT
from webapp.store.unit_of_work import Work


@dataclass(frozen=True)
class DraftProgress:
    """How far a draft is: the line to go on with (None: all are complete), and where in it."""

    line: int | None
    users: tuple[str, ...]
    done: int = 0
    steps: int = 0
    missing: int = 0
    plan: str = ""  # of the first line, as far as it is chosen


def progress(
    work: Work, tenant: Tenant, person: Person, language: str, now: datetime, ids: Sequence[str]
) -> dict[str, DraftProgress]:
    """How far each of these drafts of the person's company is that is open, by its id."""
    assert person.company is not None
    found = {}
    drafts = work.drafts.listing(now, ids, LOOKED_AT)
    things = work.things(person.company.id, [draft.id for draft in drafts], now=now)
    for draft in drafts:
        inventory: Any = things.of(draft.id)
        found[draft.id] = _progress(OrderContext(tenant, person.company, person, inventory, now, language), draft)
    return found


def _progress(context: OrderContext, draft: Draft) -> DraftProgress:
    users: list[str] = []
    plan = ""
    open_line: DraftProgress | None = None
    for line in draft.kept:
        form = context.form(draft, line)
        users += [form.user_name] if form.user_name else []
        plan = plan or (form.name(form.plan) if form.plan else "")
        if open_line is None and not form.is_complete:
            walk = journey(form)
            done = walk.place(walk.unanswered) - 1 if walk.unanswered else len(walk.steps)
            open_line = DraftProgress(line.n, (), done, len(walk.steps) if walk.is_countable else 0, len(form.missing))
    if open_line is None:
        return DraftProgress(None, tuple(users), plan=plan)
    return replace(open_line, users=tuple(users), plan=plan)

"""Subscriptions: what somebody has or is about to get."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.search import Search
from webapp.store.platform.tables import SubscriptionRow

_S = SubscriptionRow


@dataclass(frozen=True)
class Subscription:
    """What somebody has or is about to get. `facts` are its plan, data package and term as ordered."""

    id: str
    company: str
    employee: str | None
    number: str | None
    kind: str
    plan: str
    state: str
    order: str | None
    line: int | None
    created_at: datetime
    facts: Mapping[str, Any]


_SUBSCRIPTION = (
    _S.id,
    _S.company,
    _S.employee,
    _S.number,
    _S.kind,
    _S.plan,
    _S.state,
    _S.order,
    _S.line,
    _S.created_at,
    _S.facts,
)


class Subscriptions(Repository):
    """What a company has."""

    def add(self, subscription: Subscription, user_name: str = "") -> None:
        """A new one; found by its user and number."""
        values = {f.name: getattr(subscription, f.name) for f in fields(subscription)}
        self.session.add(_S(tenant=self.scope.tenant, **values))
        self.session.flush()
        numbers = [subscription.number] if subscription.number else []
        Search(self.session).index(
            "subscription", subscription.id, subscription.company, _texts(subscription, user_name), numbers
        )

    def add_all(self, of_order: Sequence[tuple[Subscription, str, str | None]]) -> None:
        """Everything an order's lines lead to, tied to its line and number; for many at once.

        Each with its user's name and the number by which it is found, which may still be elsewhere.
        """
        rows = [{f.name: getattr(subscription, f.name) for f in fields(subscription)} for subscription, *_ in of_order]
        raw(
            self.session,
            'insert into subscription (tenant, id, company, employee, number, kind, plan, state, "order", line, created_at,'
            ' facts) select :tenant, id, company, employee, number, kind, plan, state, "order", line, created_at, facts'
            " from jsonb_to_recordset(cast(:rows as jsonb)) as r (id text, company text, employee text, number text,"
            ' kind text, plan text, state text, "order" text, line bigint, created_at timestamptz, facts jsonb)',
            {"rows": json.dumps(rows, default=str)},
        )
        ids = [subscription.id for subscription, *_ in of_order]
        raw(
            self.session,
            "with ours as (select * from subscription where tenant = :tenant and id = any(:ids)),"
            " lines as (update order_line l set subscription = o.id from ours o"
            '   where l.tenant = o.tenant and l."order" = o."order" and l.n = o.line)'
            " update number n set subscription = o.id from ours o"
            " where n.tenant = o.tenant and n.company = o.company and n.e164 = o.number and n.state = 'allocated'",
            {"ids": ids},
        )
        Search(self.session).index_all(
            "subscription",
            [(s.id, s.company, _texts(s, user), [number] if number else []) for s, user, number in of_order],
        )

    def get(self, subscription: str) -> Subscription | None:
        """The subscription of that id."""
        row = self.session.execute(select(*_SUBSCRIPTION).where(_S.id == subscription)).one_or_none()
        return Subscription(*row) if row else None

    def renumber(self, order: str, line: int, number: str, instead_of: str) -> None:
        """Another number comes to what a line led to: it is found by that one."""
        for id, company in self.session.execute(select(_S.id, _S.company).where(_S.order == order, _S.line == line)):
            Search(self.session).renumber("subscription", id, company, number, instead_of)


def _texts(subscription: Subscription, user_name: str) -> list[str]:
    """What a list shows of it in words."""
    return [user_name, str(subscription.facts.get("plan_name", subscription.plan))]

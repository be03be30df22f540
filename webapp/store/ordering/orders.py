"""Orders as the domain's values: written once, read for ever; only a line's state moves on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.domain.ordering.order import Order
from webapp.domain.stored_json import from_json, to_json
from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.search import Search
from webapp.store.platform.tables import OrderLineRow, OrderRow

_O, _L = OrderRow, OrderLineRow


@dataclass(frozen=True)
class LineState:
    """How far a line of an order has come."""

    n: int
    state: str
    subscription: str | None
    failure: str | None
    changed_at: datetime


class Orders(Repository):
    """What was agreed."""

    def add(self, order: Order, states: Mapping[int, str] | None = None) -> tuple[Order, bool]:
        """Write an order and its lines (in `states`, else placed). When its draft is an order already: that one, and False."""
        mine = raw(
            self.session,
            'insert into "order" (tenant, ref, company, draft, placed_at, placed_by, language, reference, currency,'
            " monthly_net, once_net, line_count, world) values (:tenant, :ref, :owner, :draft, :placed_at, :placed_by,"
            " :language, :reference, :currency, :monthly_net, :once_net, :line_count, cast(:world as jsonb))"
            " on conflict (tenant, draft) do nothing returning ref",
            _order_values(order),
        ).scalar()
        if mine is None:
            there = self.by_draft(order.draft)
            assert there is not None
            return there, False
        rows = [
            {
                "n": line.n,
                "action": line.action,
                "state": (states or {}).get(line.n, "placed"),
                "answers": dict(line.answers),
                "user_name": line.user_name,
                "plan_name": line.plan_name,
                "number": line.number,
            }
            for line in order.lines
        ]
        raw(
            self.session,
            'insert into order_line (tenant, "order", company, changed_at, n, action, state, answers, user_name, plan_name,'
            " number) select :tenant, :ref, :owner, :at, n, action, state, answers, user_name, plan_name, number"
            " from jsonb_to_recordset(cast(:rows as jsonb)) as r (n bigint, action text, state text, answers jsonb,"
            " user_name text, plan_name text, number text)",
            {"ref": order.ref, "owner": order.company.id, "at": order.placed_at, "rows": json.dumps(rows)},
        )
        Search(self.session).index(
            "order",
            order.ref,
            order.company.id,
            (order.ref, order.reference, order.company.name, *(line.user_name for line in order.lines)),
            [line.number or (line.porting.e164 if line.porting else "") for line in order.lines],
        )
        return order, True

    def get(self, ref: str) -> Order | None:
        """The order of that reference, as it was agreed."""
        world = self.session.scalar(select(_O.world).where(_O.ref == ref))
        return from_json(Order, world) if world else None

    def by_draft(self, draft: str) -> Order | None:
        """The order a draft has become."""
        world = self.session.scalar(select(_O.world).where(_O.draft == draft))
        return from_json(Order, world) if world else None

    def states(self, ref: str) -> list[LineState]:
        """How far each line has come."""
        found = select(_L.n, _L.state, _L.subscription, _L.failure, _L.changed_at).where(_L.order == ref)
        return [LineState(*row) for row in self.session.execute(found.order_by(_L.n))]

    def renumber(self, ref: str, company: str, number: str) -> None:
        """Another number is moved than was ordered: the order is found by both, for both stand in it."""
        Search(self.session).renumber("order", ref, company, number)

    def move_line(
        self, ref: str, n: int, *, was: tuple[str, ...], to: str, now: datetime, failure: str | None = None
    ) -> bool:
        """A line goes from one of the states `was` to the next; False when it is in none of them."""
        line = (_L.order == ref, _L.n == n, _L.state.in_(was))
        return self.change(_L, *line, state=to, changed_at=now, failure=failure)


def _order_values(order: Order) -> dict[str, Any]:
    return {
        "ref": order.ref,
        "owner": order.company.id,
        "draft": order.draft,
        "placed_at": order.placed_at,
        "placed_by": order.ordered_by,
        "language": order.language,
        "reference": order.reference,
        "currency": order.quote.currency,
        "monthly_net": order.quote.monthly.net.minor,
        "once_net": order.quote.once.net.minor,
        "line_count": len(order.lines),
        "world": json.dumps(to_json(order)),
    }

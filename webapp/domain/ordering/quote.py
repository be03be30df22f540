"""What an order costs: one pure function from answered lines and price lists to rows and totals. The promise is in docs/pricing.md."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from webapp.domain.market import Market
from webapp.domain.money import Money, Total, summed, with_vat
from webapp.domain.ordering.draft import NOTHING, Sums
from webapp.domain.ordering.line import LineContext, OrderContext
from webapp.domain.ordering.questions.question import YES
from webapp.domain.tenants.catalogue import LIST, Charge, PriceList

ORDER = 0
"""The line number of charges that belong to the order as a whole."""


@dataclass(frozen=True)
class Row:
    """One charge on one line. `unit` is None when the article is included in another one's price."""

    line: int
    code: str
    text: str
    period: str  # "month" | "once"
    quantity: int
    unit: Money | None

    @cached_property
    def amount(self) -> Money | None:
        """Quantity times unit."""
        return self.unit * self.quantity if self.unit else self.unit


@dataclass(frozen=True)
class Commitment:
    """How long one line is paid for at least: months bound, or months of notice when it is not bound."""

    line: int
    months: int
    bound: bool


@dataclass(frozen=True)
class Quote:
    """Rows with their sums. `price_list` and `agreement` name the lists the amounts come from.

    Of lines that are not at hand there are no rows: `rest` says what they come to, and the totals hold it.
    """

    rows: tuple[Row, ...]
    commitments: tuple[Commitment, ...]
    price_list: str
    agreement: str | None
    currency: str
    vat_bp: int
    rest: Sums = NOTHING

    @cached_property
    def by_line(self) -> Mapping[int, tuple[Row, ...]]:
        """The rows of each line; an order of a thousand lines would else be read a thousand times."""
        found: dict[int, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.line, []).append(row)
        return {line: tuple(rows) for line, rows in found.items()}

    def of(self, period: str, line: int | None = None) -> Total:
        """The total by the month or once, of one line or of all."""
        rows = self.rows if line is None else self.by_line.get(line, ())
        amounts = [row.amount for row in rows if row.period == period and row.amount is not None]
        if line is None:
            amounts.append(Money(self.rest.monthly if period == "month" else self.rest.once, self.currency))
        return with_vat(summed(amounts, self.currency), self.vat_bp)

    @cached_property
    def monthly(self) -> Total:
        """What each month costs."""
        return self.of("month")

    @cached_property
    def once(self) -> Total:
        """What the start costs."""
        return self.of("once")

    @property
    def is_bound(self) -> bool:
        """Whether any line has a commitment."""
        return bool(self.rest.bound) or any(commitment.bound for commitment in self.commitments)

    @cached_property
    def minimum(self) -> Total:
        """The least that is paid: every line for its commitment or its notice period, and all charges at the start."""
        months = {c.line: c.months for c in self.commitments}
        # What the order as a whole costs, as long as any line.
        months[ORDER] = max(self.rest.months, *months.values(), 0)
        amounts = [Money(least(self.rows, months), self.currency), Money(self.rest.minimum, self.currency)]
        return with_vat(summed(amounts, self.currency), self.vat_bp)

    @property
    def commitment_months(self) -> int | None:
        """The commitment when all lines have the same one, else None."""
        every = {commitment.months for commitment in self.commitments if commitment.bound}
        alike = len(every) == 1 and all(commitment.bound for commitment in self.commitments)
        return next(iter(every)) if alike else None

    def without(self, lines: Collection[int]) -> Quote:
        """Without the rows of these lines; the totals are not those of an order any more."""
        rows = tuple(row for row in self.rows if row.line not in lines)
        return replace(self, rows=rows, commitments=tuple(c for c in self.commitments if c.line not in lines))

    def lines(self) -> tuple[int, ...]:
        """The line numbers in the quote."""
        return tuple(commitment.line for commitment in self.commitments)

    def to_json(self) -> dict[str, Any]:
        """The quote as JSON; `from_json` reads it back equal. Compact, for it rides in the review form."""
        return {
            "rows": [
                [r.line, r.code, r.text, r.period, r.quantity, r.unit.minor if r.unit is not None else None]
                for r in self.rows
            ],
            "commitments": [[c.line, c.months, c.bound] for c in self.commitments],
            "price_list": self.price_list,
            "agreement": self.agreement,
            "currency": self.currency,
            "vat_bp": self.vat_bp,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Quote:
        """The quote that `to_json` wrote."""
        currency = data["currency"]
        return cls(
            tuple(
                Row(line, code, text, period, quantity, None if unit is None else Money(unit, currency))
                for line, code, text, period, quantity, unit in data["rows"]
            ),
            tuple(Commitment(*commitment) for commitment in data["commitments"]),
            data["price_list"],
            data["agreement"],
            currency,
            data["vat_bp"],
        )

    def fingerprint(self) -> str:
        """SHA-256 over everything a customer could see of the quote, names of articles apart."""
        seen = self.to_json()
        seen["rows"] = [[line, code, *rest] for line, code, _text, *rest in seen["rows"]]
        return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()

    def differences(self, seen: Quote) -> tuple[Change, ...]:
        """What has changed since the quote that was seen, row by row; by the month also how long it is paid for."""
        old, new = seen._by_key(), self._by_key()
        keys = [*new, *(key for key in old if key not in new)]
        return tuple(
            Change(old[key][0] if key in old else None, new[key][0] if key in new else None)
            for key in keys
            if old.get(key, _ABSENT)[1:] != new.get(key, _ABSENT)[1:]
        )

    def _by_key(self) -> dict[tuple[int, str, str], tuple[Row | None, int, Money | None, Commitment | None]]:
        paid_for = {commitment.line: commitment for commitment in self.commitments}
        return {
            (r.line, r.code, r.period): (
                r,
                r.quantity,
                r.unit,
                paid_for.get(r.line) if r.period == "month" else None,
            )
            for r in self.rows
        }


_ABSENT = (None, 0, None, None)


def least(rows: Iterable[Row], months: Mapping[int, int]) -> int:
    """The least these rows cost, in minor units, when each line is paid for so many months."""
    return sum(
        row.amount.minor * (months[row.line] if row.period == "month" else 1) for row in rows if row.amount is not None
    )


@dataclass(frozen=True)
class Change:
    """A row as it was seen and as it is now; None where there is no such row."""

    before: Row | None
    after: Row | None

    @property
    def row(self) -> Row:
        """The row to name the article by."""
        return self.after or self.before  # type: ignore[return-value]


class NoPrices(LookupError):
    """No price list of the tenant is valid today."""


def quote(forms: Iterable[LineContext], rest: Sums = NOTHING) -> Quote:
    """What these lines, at least one, cost together with the rest. Answers still missing cost nothing yet; raises NoPrices."""
    forms = tuple(forms)
    if not forms:
        raise ValueError("a quote needs a line")
    context = forms[0].context
    if context.prices is None:
        raise NoPrices(context.tenant.slug)
    rows = [row for form in forms for row in line_rows(form)]
    rows += _order_rows(context, context.prices, rest.parcels + sum(map(parcels, forms)))
    market: Market = context.tenant.market
    agreed = rest.agreed or any(map(is_agreed, forms))
    return Quote(
        tuple(rows),
        tuple(map(commitment, forms)),
        context.prices.id,
        context.agreement.id if agreed and context.agreement else None,
        market.currency,
        market.vat_bp,
        rest,
    )


def commitment(form: LineContext) -> Commitment:
    """How long the line is paid for."""
    return Commitment(form.line.n, form.months or form.tenant.notice_months, bool(form.months))


def is_agreed(form: LineContext) -> bool:
    """Whether the line is priced by the framework agreement."""
    return form.price_source is not None and bool(form.price_source.agreement)


def parcels(form: LineContext) -> int:
    """How many cards are sent for the line."""
    return (form.value("sim") == "ship") + form.cards


def line_rows(form: LineContext) -> list[Row]:
    """What the line costs by itself; what the order costs as a whole is no line's."""
    n, rows = form.line.n, []
    if form.plan is not None:
        unit = form.price(form.plan.code) if form.plan.priced else None
        if unit is not None:  # else its price lies in the data package
            rows.append(Row(n, form.plan.code, form.name(form.plan), "month", 1, unit))
    if form.package is not None:
        unit = form.price(form.package.code) if form.package.priced else None
        if unit is not None or not form.package.priced:
            rows.append(Row(n, form.package.code, form.name(form.package), "month", 1, unit))
    for charge in form.tenant.catalogue.charges:
        if charge.level == "line" and (quantity := TRIGGERED[charge.trigger](form)):
            unit = _charge_price(form, charge)
            if unit is not None:
                rows.append(Row(n, charge.code, charge.names[form.context.language], charge.period, quantity, unit))
    free = min(form.cards, form.package.free_cards) if form.package else 0
    if free:
        card = next((c for c in form.tenant.catalogue.charges if c.trigger == "card_beyond_free"), None)
        if card:
            rows.append(Row(n, f"{card.code}:free", card.included_names[form.context.language], "month", free, None))
    return rows


def cause(form: LineContext, row: Row) -> str:
    """The question shown whose answer brings a row; empty when none is, as for what the operator has fixed."""
    code = row.code.removesuffix(":free")
    if form.package and code == form.package.code:
        questions: tuple[str, ...] = ("data",)
    else:
        trigger = next((charge.trigger for charge in form.tenant.catalogue.charges if charge.code == code), "plan")
        pulled = tuple(question for (question, _), triggers in CAUSED.items() if trigger in triggers)
        moved = ("number_source",) if trigger.startswith("port_") else pulled
        questions = ("product", "call_rate", "kind") if trigger == "plan" else moved
    return next((question for question in questions if question in form.visible_questions), "")


def surcharges(form: LineContext, question: str, answer: str) -> tuple[tuple[Charge, Money], ...]:
    """What an answer would cost besides, before it is given: each charge with its amount, also one of nought."""
    triggers = CAUSED.get((question, answer), ())
    if (question, answer) == ("number_source", "port"):
        triggers = (f"port_{_moved(form)}",)
    charges = (charge for charge in form.tenant.catalogue.charges if charge.trigger in triggers)
    priced = ((charge, _charge_price(form, charge)) for charge in charges)
    return tuple((charge, amount) for charge, amount in priced if amount is not None)


def _charge_price(form: LineContext, charge: Charge) -> Money | None:
    """A charge the agreement does not name, or one of the order, costs what the list says."""
    if charge.level == "order":
        return form.context.prices.amount(charge.code, charge.period, LIST) if form.context.prices else None
    agreed = form.price(charge.code, charge.period)
    if agreed is not None or form.context.prices is None:
        return agreed
    return form.context.prices.amount(charge.code, charge.period, LIST)


def _order_rows(context: OrderContext, prices: PriceList, sent: int) -> list[Row]:
    """Charges once an order; they are priced by the operator's own list, whatever the lines are bound to."""
    rows = []
    for charge in context.tenant.catalogue.charges:
        if charge.level != "order" or (charge.trigger == "shipping" and not sent):
            continue
        unit = prices.amount(charge.code, charge.period, LIST)
        if unit is None:
            continue
        if charge.free_over is not None and sent > charge.free_over:
            unit = Money(0, prices.currency)
        rows.append(Row(ORDER, charge.code, charge.names[context.language], charge.period, 1, unit))
    return rows


def _beyond_free(form: LineContext) -> int:
    return max(0, form.cards - form.package.free_cards) if form.package else 0


def _ports(kind: str) -> Callable[[LineContext], int]:
    return lambda form: int(form.value("number_source") == "port" and _moved(form) == kind)


def _moved(form: LineContext) -> str:
    """What a line moves: mobile, fixed, or a series, which costs what a series costs whatever its size."""
    return "series" if form.line_kind == "fixed" and form.value("port.first") else form.line_kind


TRIGGERED: dict[str, Callable[[LineContext], int]] = {
    "plan": lambda form: int(form.plan is not None),
    "pbx": lambda form: int(form.value("pbx") == "pbx"),
    "mex": lambda form: int(form.value("mex") == YES),
    "sim_card": lambda form: int(form.value("sim") in {"icc", "ship"}),
    "esim": lambda form: int(form.value("sim") == "esim"),
    "card_beyond_free": _beyond_free,
    "port_mobile": _ports("mobile"),
    "port_fixed": _ports("fixed"),
    "port_series": _ports("series"),
    "specific_number": lambda form: int(form.value("number_source") == "specific"),
    "on_request": lambda form: 0,
}
"""How many times a charge of the line level is due, by its trigger."""

CAUSED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("pbx", "pbx"): ("pbx",),
    ("mex", YES): ("mex",),
    ("sim", "icc"): ("sim_card",),
    ("sim", "ship"): ("sim_card", "shipping"),
    ("sim", "esim"): ("esim",),
    ("number_source", "specific"): ("specific_number",),
    ("data_cards", "1"): ("card_beyond_free", "shipping"),
}
"""The triggers of charges that an answer pulls by itself, so that its price can stand beside it."""

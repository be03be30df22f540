"""Where a line stands: which questions it has, what answers them, which step comes next; derived from answers, stores nothing."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from webapp.domain import numbers
from webapp.domain.market import Market
from webapp.domain.money import Money
from webapp.domain.ordering.draft import Draft, Line
from webapp.domain.ordering.questions.catalogue import QUESTIONS
from webapp.domain.ordering.questions.question import Option
from webapp.domain.people import Company, Inventory, Person
from webapp.domain.tenants.catalogue import LIST, MONTHS, DataPackage, Plan, PriceList
from webapp.domain.tenants.tenant import Composition, Tenant

_REVISION = "1"  # of what is remembered of a line (outline.py): another number has it found anew

LONGEST = 24
"""Months a small company can be bound for unless it expressly waives that limit (directive (EU) 2018/1972 art. 105)."""

DERIVED = ("kind", "call_rate")
"""What has an answer though nobody asks: it follows from the product, or from what is sold at all."""

CLAIMED = ("specific_number", "reserved_number", "icc", "user.initials")
"""Questions whose answer one line of a draft can have."""

MOVES = "port: "
"""What a claim to move a number in begins with; the first and the last number follow."""

BY_LAW = frozenset({"waiver_36"})
"""Questions that no tenant can make optional."""


@dataclass(frozen=True)
class OrderContext:
    """Who orders from whom and when: all that the lines of one draft have in common."""

    tenant: Tenant
    company: Company
    person: Person
    inventory: Inventory
    now: datetime
    language: str
    lists: tuple[PriceList | None, PriceList | None] | None = None  # to be priced by, when not by today's

    @cached_property
    def today(self) -> date:
        """The local day in the tenant's market."""
        return self.tenant.market.today(self.now)

    @cached_property
    def prices(self) -> PriceList | None:
        """The price list valid today."""
        return self.lists[0] if self.lists else self.tenant.prices_on(self.today)

    @cached_property
    def agreement(self) -> PriceList | None:
        """The company's framework agreement as valid today."""
        return self.lists[1] if self.lists else self.tenant.agreement_on(self.company.agreement, self.today)

    @cached_property
    def basis(self) -> str:
        """What a line's price and completeness follow from besides its answers; when it is another, both are found anew."""
        lists = (each.id if each else "" for each in (self.prices, self.agreement))
        return "|".join((_REVISION, self.tenant.revision, *lists, self.company.size))

    def form(self, draft: Draft, line: Line) -> LineContext:
        """One line of the draft as its questions see it."""
        return LineContext(self, draft, line)


class LineContext:
    """One line with everything its questions may ask about. Built for one reading of the answers and then thrown away."""

    def __init__(self, context: OrderContext, draft: Draft, line: Line) -> None:
        self.context: OrderContext = context
        self.draft: Draft = draft
        self.line: Line = line
        self.tenant: Tenant = context.tenant
        self.company: Company = context.company
        self.inventory: Inventory = context.inventory
        self.composition: Composition = context.tenant.composition
        self._values: dict[str, str] = {}
        self._choices: dict[str, tuple[Option, ...]] = {}
        self._applies: dict[str, bool] = {}

    def with_line(self, line: Line) -> LineContext:
        """The same desk and draft with other answers."""
        return LineContext(self.context, self.draft.with_line(line), line)

    def stored(self, draft: Draft) -> LineContext:
        """The same answers in the draft as it has been stored; what is derived of them holds on."""
        form = copy(self)
        form.draft, form.line = draft, draft.line(self.line.n) or self.line
        return form

    # What questions ask of it

    @property
    def market(self) -> Market:
        """The tenant's market."""
        return self.tenant.market

    @property
    def today(self) -> date:
        """The local day."""
        return self.context.today

    def name(self, article: Plan | DataPackage) -> str:
        """The article's name in the language of the form."""
        return article.names[self.context.language]

    @property
    def line_kind(self) -> str:
        """The kind of number this line needs; a mobile one until we know."""
        return "fixed" if self.value("kind") == "fixed" else "mobile"

    @property
    def person_email(self) -> str:
        """The address of the person who orders."""
        return self.context.person.email

    @cached_property
    def user_name(self) -> str:
        """The name of whoever gets the line, as far as known."""
        if self.value("user_mode") == "existing":
            employee = self.inventory.employee(self.value("user"))
            return employee.name if employee else ""
        return f"{self.value('user.first')} {self.value('user.last')}".strip()

    @cached_property
    def known_user(self) -> str:
        """The name of a new user who is one already, in the company or on another line of this draft; empty when it is not so."""
        if self.value("user_mode") != "new" or not self.user_name:
            return ""
        first, last, email = (self.value(f"user.{part}") for part in ("first", "last", "email"))
        if self.asks("user.email") and not email:
            return ""
        if known := self.inventory.person(first, last, email):
            return known.name
        return self._claimed_by(_new_user(self.user_name, email))

    @property
    def signer_name(self) -> str:
        """Who is to sign the power of attorney, as far as known."""
        named = {"me": self.context.person.name, "employee": self.user_name}
        return named.get(self.value("port.signatory"), "") or self.value("port.signer_name")

    @cached_property
    def user_email(self) -> str:
        """The address of whoever gets the line, as far as known."""
        if self.value("user_mode") == "existing":
            employee = self.inventory.employee(self.value("user"))
            return employee.email if employee else ""
        return self.value("user.email")

    @cached_property
    def cards(self) -> int:
        """How many data cards are wanted."""
        return int(self.value("data_cards") or 0)

    @cached_property
    def _candidates(self) -> tuple[Plan, ...]:
        """The plans that the answers so far leave open."""
        plans = self.tenant.catalogue.plans
        if self.asks("product"):
            wanted = self.value("product")
            return tuple(plan for plan in plans if not wanted or plan.code == wanted)
        kind, rate = self.value("kind"), self.value("call_rate")
        return tuple(p for p in plans if (not kind or p.kind == kind) and (not rate or p.call_rate == rate))

    @cached_property
    def plan(self) -> Plan | None:
        """The one plan that the answers select; None until they do."""
        return self._candidates[0] if len(self._candidates) == 1 else None

    @cached_property
    def package(self) -> DataPackage | None:
        """The data package chosen, with its quota of free cards."""
        code = self.value("data")
        return self.tenant.catalogue.package(code) if code else None

    @cached_property
    def months(self) -> int:
        """The commitment in months, LIST when there is none or none is chosen yet."""
        return int(self.value("months") or LIST) if self.value("binding") == "agreement" else LIST

    def _months_in(self, prices: PriceList | None) -> frozenset[int]:
        """The commitments at which a list has what is being chosen."""
        if prices is None:
            return frozenset()
        return frozenset(months for code in self._codes for months in prices.months_for(code))

    @cached_property
    def _codes(self) -> tuple[str, ...]:
        """The articles that bear the price of what is being chosen."""
        return tuple(code for plan in self._candidates for code in ((plan.code,) if plan.priced else plan.data))

    @cached_property
    def months_offered(self) -> tuple[int, ...]:
        """The commitments the framework agreement offers for what is being chosen.

        More than 24 months only to a company that may be bound so long, or that is asked to waive its right.
        """
        longest = LONGEST if self.company.is_small and not self.asks("waiver_36") else max(MONTHS)
        return tuple(sorted(m for m in self._months_in(self.context.agreement) if LIST < m <= longest))

    @property
    def is_listed(self) -> bool:
        """Whether what is being chosen can be had without commitment."""
        return LIST in self._months_in(self.context.prices)

    @cached_property
    def price_source(self) -> PriceList | None:
        """The list this line is priced by: the agreement when bound, else the operator's list."""
        return self.context.agreement if self.value("binding") == "agreement" else self.context.prices

    @property
    def awaits_months(self) -> bool:
        """Whether the line is bound and it is not said yet for how long: what is shown is a least price."""
        return self.price_source is not None and bool(self.price_source.agreement) and self.months == LIST

    @cached_property
    def shown_months(self) -> int:
        """The one commitment all prices are shown for: that chosen; until then where what is being chosen is cheapest."""
        source = self.price_source
        if source is None or not self.awaits_months:
            return self.months

        def rank(months: int) -> tuple[int, int, int]:
            amounts = [source.amount(code, "month", months) for code in self._codes]
            return amounts.count(None), sum(amount.minor for amount in amounts if amount), months

        return min(self.months_offered, key=rank, default=LIST)

    def price(self, code: str, period: str = "month") -> Money | None:
        """What an article costs on this line now; None when it is not offered so.

        Until a commitment is chosen it is that of `shown_months`, or of the shortest one that offers the article.
        """
        source = self.price_source
        if source is None:
            return None
        tried = (self.shown_months, *(self.months_offered if self.awaits_months else ()))
        amounts = (source.amount(code, period, months) for months in tried)
        return next((amount for amount in amounts if amount is not None), None)

    def varies(self, code: str, period: str) -> bool:
        """Whether an article's price depends on the commitment that is still to be chosen."""
        source = self.price_source if self.awaits_months else None
        amounts = {source.amount(code, period, months) for months in self.months_offered} if source else set()
        return len(amounts - {None}) > 1

    def bound_price(self, months: int) -> Money | None:
        """What the chosen plan costs a month at another commitment; None when no plan is chosen or it has no price."""
        plan, prices = self.plan, self.context.agreement if months else self.context.prices
        return prices.amount(plan.code, "month", months) if plan and prices and plan.priced else None

    def binding_price(self, binding: str) -> Money | None:
        """What the chosen plan costs a month at least when it is bound, or when it is not."""
        commitments = ((self.months,) if self.months else self.months_offered) if binding == "agreement" else (LIST,)
        amounts = [amount for months in commitments if (amount := self.bound_price(months)) is not None]
        return min(amounts, key=lambda amount: amount.minor, default=None)

    @cached_property
    def claims(self) -> tuple[str, ...]:
        """What no other line of the draft may have, too: numbers, a card, initials, a new user. A parked answer claims nothing."""
        found = [f"{question}:{value.casefold()}" for question in CLAIMED if (value := self.value(question))]
        if self.value("user_mode") == "new" and self.user_name:
            found.append(_new_user(self.user_name, self.user_email))
        if number := self.value("port.number"):
            ends = (self.value("port.first") or number, self.value("port.last") or number)
            found.append(f"{MOVES}{' '.join(ends)}")
        return tuple(found)

    @property
    def called(self) -> str:
        """How other lines call this one: by its user, else by its number."""
        return self.user_name or str(self.line.n)

    def elsewhere(self, question: str, value: str) -> str:
        """How the other line of this draft is called that has the same answer; empty when none has."""
        return self._claimed_by(f"{question}:{value.casefold()}")

    def moving_elsewhere(self) -> Iterator[tuple[str, str, str]]:
        """The first and the last number (E.164) that each other line moves in, and how it is called."""
        for form in self._at_hand():
            for claim in form.claims:
                if claim.startswith(MOVES):
                    first, last = claim.removeprefix(MOVES).split()
                    yield first, last, form.called
        yield from self.draft.rest.others.moving()

    def _claimed_by(self, claim: str) -> str:
        here = (form.called for form in self._at_hand() if claim in form.claims)
        return next(here, "") or self.draft.rest.others.who(claim)

    def _at_hand(self) -> Iterator[LineContext]:
        return (self.context.form(self.draft, other) for other in self.draft.kept if other.n != self.line.n)

    def offers(self, question: str, value: str) -> bool:
        """Whether the tenant has left this answer in (not whether it fits now)."""
        allowed = self.composition.options.get(question)
        return allowed is None or value in allowed

    # What the flow asks of it

    def asks(self, question: str) -> bool:
        """Whether the tenant asks it, on any line."""
        return question in self.composition.questions

    def applies(self, question: str) -> bool:
        """Whether the question makes sense for the answers so far, asked or not."""
        if question not in self._applies:
            self._applies[question] = QUESTIONS[question].applies(self)
        return self._applies[question]

    def _possible(self, question: str) -> tuple[Option, ...]:
        """The possible answers that the tenant has left in, unpriced: prices depend on answers that depend on these."""
        if question not in self._choices:
            source = QUESTIONS[question].options
            every = source(self) if source else ()
            order = self.composition.options.get(question)
            if order is not None:
                every = tuple(sorted((o for o in every if o.value in order), key=lambda o: order.index(o.value)))
            self._choices[question] = every
        return self._choices[question]

    def options(self, question: str) -> tuple[Option, ...]:
        """The answers possible now, with their price, in the tenant's order; empty for free answers."""
        amount = QUESTIONS[question].amount
        return tuple(Option(o.value, o.text, amount(o.value, self)) for o in self._possible(question))

    def visible(self, question: str) -> bool:
        """Whether the question is shown: asked by the tenant, applicable, and with more than one possible answer.

        What was answered and had to be taken away is asked again even if one answer is left.
        """
        if not self.asks(question) or question in self.composition.fixed or not self.applies(question):
            return False
        spec = QUESTIONS[question]
        return spec.own or not spec.is_choice or len(self._possible(question)) > (question not in self.line.resets)

    def value(self, question: str) -> str:
        """The answer that counts: fixed by the tenant, given, inherited, or the only one possible. Empty when none does."""
        if question not in self._values:
            self._values[question] = self._value(question)
        return self._values[question]

    def _value(self, question: str) -> str:
        if question in self.composition.fixed:
            return self.composition.fixed[question] if self.applies(question) else ""
        if question in DERIVED and self.asks("product"):
            return (getattr(self.plan, question) or "") if self.plan else ""
        if not (self.asks(question) or question in DERIVED) or not self.applies(question):
            return ""
        if question in self.line.resets:
            return ""  # nothing stands in for an answer that was taken away
        spec, given = QUESTIONS[question], self.line.answers.get(question, "")
        if spec.is_choice:
            possible = {option.value for option in self._possible(question)}
            if given in possible:
                return given
            if len(possible) == 1 and not spec.own:
                return next(iter(possible))
            inherited = spec.inherit(self)
            return inherited if inherited in possible else ""
        if question == "port.number" and given and not self.fits_kind(given):
            return ""  # parked: it counts again as soon as the line is of its kind
        return given or spec.inherit(self)

    def fits_kind(self, e164: str) -> bool:
        """Whether a number can be used on a line of this kind."""
        return numbers.number_kind(e164) in {self.line_kind, "either"}

    def is_required(self, question: str) -> bool:
        """Whether it must be answered."""
        return QUESTIONS[question].required and (question not in self.composition.optional or question in BY_LAW)

    @cached_property
    def visible_questions(self) -> tuple[str, ...]:
        """All questions shown for this line, in the order they are asked."""
        return tuple(question for question in self.composition.asked if self.visible(question))

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """The questions that still need an answer; also an optional one whose answer was refused: it was meant to be given."""
        return tuple(
            q for q in self.visible_questions if (self.is_required(q) or self._is_refused(q)) and not self.value(q)
        )

    def _is_refused(self, question: str) -> bool:
        return question in self.line.resets and not QUESTIONS[question].is_choice

    @property
    def is_complete(self) -> bool:
        """Whether the line can be ordered: nothing is missing, and the answers select what has a price."""
        return not self.missing and self._is_priced

    @property
    def _is_priced(self) -> bool:
        """Whether everything that is chosen is offered at exactly the commitment that is chosen."""
        source, plan = self.price_source, self.plan
        if source is None or plan is None or bool(source.agreement) != bool(self.months):
            return False
        articles = [article for article in (plan, self.package) if article is not None and article.priced]
        return bool(articles) and all(source.amount(a.code, "month", self.months) is not None for a in articles)

    def answers(self) -> dict[str, str]:
        """Every answer that counts, fixed and inherited ones too; parked ones stay behind."""
        counted = (*DERIVED, *self.composition.fixed, *self.composition.asked)
        every = {question: self.value(question) for question in counted}
        return {question: value for question, value in every.items() if value}

    def show(self, question: str) -> ShownQuestion:
        """How the answer reads back: a text, or the option whose words the catalogue holds."""
        value = self.value(question)
        spec = QUESTIONS[question]
        if not value:
            return ShownQuestion()
        if spec.control in {"checkbox", "switch"}:
            return ShownQuestion(option="yes")
        if spec.is_choice:
            chosen = next((o for o in self._possible(question) if o.value == value), None)
            if chosen and chosen.text:
                return ShownQuestion(text=chosen.text)
            return ShownQuestion(option=value)
        if spec.control == "date":
            return ShownQuestion(day=date.fromisoformat(value))
        return ShownQuestion(text=spec.show(value, self))


def _new_user(name: str, email: str) -> str:
    return f"user:{name.casefold()} {email.casefold()}"


@dataclass(frozen=True)
class ShownQuestion:
    """An answer for reading: a `text` as it stands, a `day`, or an `option` to be worded; all empty when unanswered."""

    text: str = ""
    option: str = ""
    day: date | None = None

    def __bool__(self) -> bool:
        return bool(self.text or self.option or self.day)


# --- Where we are ------------------------------------------------------------------------------------------------

"""The strict thing: what was agreed, frozen with its world; `place` is the only way from a draft to an order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator

from webapp.domain.ordering.draft import Draft
from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.questions.question import YES
from webapp.domain.ordering.quote import Quote
from webapp.domain.people import Company, Person
from webapp.domain.porting.porting import Porting
from webapp.domain.porting.signers import read_signers
from webapp.domain.stored_json import Instant


@dataclass(frozen=True)
class Statement:
    """What somebody expressly said about a text: the words as they were shown, of which text and version, who and when."""

    choice: str
    text: str
    version: str
    sha256: str
    by: str
    at: Instant


LINE_STATES = ("placed", "waiting_signature", "ready", "handed_over", "active", "failed", "cancelled")

NEEDS_ACTION = "needs_action"
TOLD_STATES = (NEEDS_ACTION, *(state for state in LINE_STATES if state != "failed"))
"""States as they are told, of lines and of orders: it failed, or its paper was declined, withdrawn, not delivered or not signed in time."""


class Incomplete(ValueError):
    """The draft cannot be placed: these lines lack these answers (line number -> question ids)."""

    def __init__(self, missing: Mapping[int, tuple[str, ...]]) -> None:
        super().__init__(f"{len(missing)} lines lack answers")
        self.missing = missing


@dataclass(frozen=True)
class Fact:
    """A question and its answer in the words the customer read, in the order's language."""

    question: str
    label: str
    value: str


@dataclass(frozen=True)
class OrderLine:
    """What one employee gets, agreed. `facts` are all visible answers in the order they were asked."""

    n: int
    answers: Mapping[str, str]
    facts: tuple[Fact, ...]
    user_name: str
    user_email: str
    plan: str
    plan_name: str
    data: str | None
    months: int  # 0: no commitment
    number_source: str
    number: str | None  # E.164; None until a new one is assigned at placing
    porting: Porting | None = None
    action: str = "add"
    subject: str | None = None

    @property
    def kind(self) -> str:
        """mobile, fixed or broadband."""
        return self.answers["kind"]


@dataclass(frozen=True)
class Provenance:
    """Which versions of everything the order was made under."""

    tenant_revision: str
    flow_version: int
    price_list: str
    agreement: str | None
    terms_version: str
    terms_sha256: str
    waivers: tuple[str, ...] = ()  # texts of the waivers that were ticked, as shown
    summary: Statement | None = None  # what a small company said of the contract summary
    summary_facts: Mapping[str, Any] | None = (
        None  # of the contract summary that was accepted (domain.ordering.contract_summary)
    )


@dataclass(frozen=True)
class Order:
    """What a company agreed to. It never changes; what happens afterwards lives elsewhere and points here."""

    ref: str
    draft: str
    company: Company
    ordered_by: str
    ordered_by_email: str
    ordered_by_role: str
    language: str
    placed_at: Instant
    reference: str
    lines: tuple[OrderLine, ...]
    quote: Annotated[Quote, PlainValidator(Quote.from_json), PlainSerializer(Quote.to_json, when_used="json")]
    provenance: Provenance

    def line(self, n: int) -> OrderLine:
        """The line of that number; KeyError when there is none."""
        return {line.n: line for line in self.lines}[n]

    @property
    def ports(self) -> tuple[OrderLine, ...]:
        """The lines whose number comes from another operator."""
        return tuple(line for line in self.lines if line.porting)


def place(
    draft: Draft,
    forms: tuple[LineContext, ...],
    quote: Quote,
    facts: Mapping[int, tuple[Fact, ...]],
    numbers: Mapping[int, str | None],
    ref: str,
    waivers: tuple[str, ...],
    now: datetime,
    summary: Statement | None = None,
    summary_facts: Mapping[str, Any] | None = None,
) -> Order:
    """The order this draft becomes; raises Incomplete. `numbers` are what each line was given, `facts` its words."""
    missing = {form.line.n: form.missing for form in forms if not form.is_complete}
    if missing or not forms:
        raise Incomplete(missing)
    lines = tuple(line.n for line in draft.kept)
    if not lines == tuple(form.line.n for form in forms) == quote.lines():
        raise ValueError("the forms and the quote are not those of the draft's lines")
    context = forms[0].context
    person: Person = context.person
    terms = context.tenant.legal_text("terms", draft.language)
    return Order(
        ref=ref,
        draft=draft.id,
        company=context.company,
        ordered_by=person.name,
        ordered_by_email=person.email,
        ordered_by_role=person.role,
        language=draft.language,
        placed_at=now,
        reference=draft.reference,
        lines=tuple(_line(form, facts[form.line.n], numbers.get(form.line.n)) for form in forms),
        quote=quote,
        provenance=Provenance(
            tenant_revision=context.tenant.revision,
            flow_version=context.tenant.composition.version,
            price_list=quote.price_list,
            agreement=quote.agreement,
            terms_version=terms.version,
            terms_sha256=terms.sha256,
            waivers=waivers,
            summary=summary,
            summary_facts=summary_facts,
        ),
    )


def _line(form: LineContext, facts: tuple[Fact, ...], number: str | None) -> OrderLine:
    plan = form.plan
    assert plan is not None  # is_complete has seen to it
    return OrderLine(
        n=form.line.n,
        answers=form.answers(),
        facts=facts,
        user_name=form.user_name,
        user_email=form.user_email,
        plan=plan.code,
        plan_name=form.name(plan),
        data=form.package.code if form.package else None,
        months=form.months,
        number_source=form.value("number_source"),
        number=number,
        porting=porting_of(form) if form.value("number_source") == "port" else None,
        action=form.line.action,
        subject=form.line.subject,
    )


def porting_of(form: LineContext) -> Porting:
    """The move that the answers ask for, as far as they go."""
    day = form.value("port.date")
    # A tenant that asks only for the owner's name and address (Denmark's short form) means: the owner signs.
    name = form.signer_name or form.value("port.owner_name")
    return Porting(
        e164=form.value("port.number"),
        kind=form.line_kind,
        donor=form.value("port.operator"),
        customer_no=form.value("port.customer_no"),
        present_icc=form.value("port.present_icc"),
        owner_type=form.value("port.owner_type") or "other",
        owner_name=form.value("port.owner_name"),
        owner_id=form.value("port.owner_id"),
        owner_address=form.value("port.owner_address"),
        signer_name=name,
        signer_email=form.value("port.email"),
        mode=form.value("port.mode") or ("date" if day else "asap"),
        wished_date=date.fromisoformat(day) if day else None,
        wished_hour=form.value("port.hour"),
        takeover=form.value("port.takeover") == YES,
        signers=read_signers(form.value("port.signers")),
        in_order=form.value("port.in_order") == YES,
        first=form.value("port.first"),
        last=form.value("port.last"),
        main=form.value("port.main"),
    )


def as_corrected(order: Order, moves: Mapping[int, Porting]) -> Order:
    """The order as it would read with these moves; for papers, never to be stored."""
    lines = tuple(replace(line, porting=moves.get(line.n, line.porting)) for line in order.lines)
    return replace(order, lines=lines)

"""The contract summary as a paper: before the order, and among the order's own; what it says is in domain.ordering.contract_summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from webapp.domain.canonical_json import as_json
from webapp.domain.ordering.contract_summary import ACCEPTED, Facts
from webapp.domain.ordering.order import Order
from webapp.domain.papers.facts import Paper
from webapp.domain.stored_json import from_json, to_json


@dataclass(frozen=True, kw_only=True)
class ContractSummary(Paper):
    """The summary as a paper: before the order under a number of its own, then under the order's."""

    kind: ClassVar[str] = "contract_summary"
    facts: Facts
    fingerprint: str


def paper_of(facts: Facts, number: str, **heading: Any) -> ContractSummary:
    """The facts as a paper. Heading: ref, made_at, verify_code."""
    return ContractSummary(
        number=number,
        language=facts.language,
        seller=facts.provider,
        reseller=facts.reseller,
        data=as_json({"number": number, "kind": ContractSummary.kind, **to_json(facts)}),
        facts=facts,
        fingerprint=facts.fingerprint(),
        **heading,
    )


def number_in(order: Order) -> str:
    """The number of an order's contract summary; empty when it needs none."""
    said = order.provenance.summary
    return f"{order.ref}-S" if said and said.choice == ACCEPTED and order.provenance.summary_facts else ""


def papers_in(order: Order, verify_code: Callable[[str], str]) -> tuple[ContractSummary, ...]:
    """The summary that was accepted with the order, as a paper; none where none was due or it was waived."""
    number, facts = number_in(order), order.provenance.summary_facts
    if not number or facts is None:
        return ()
    heading = {"ref": order.ref, "made_at": order.placed_at, "verify_code": verify_code(number)}
    return (paper_of(from_json(Facts, facts), number, **heading),)

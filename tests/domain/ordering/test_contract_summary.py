"""The contract summary's facts: complete, the same on every day, other when anything in them is other, and of a bounded size."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, replace

import pytest

from tests.builders import NOW, a_tenant, an_order
from tests.documents.summaries import as_paper, facts
from webapp.domain.ordering import contract_summary
from webapp.domain.ordering import order as orders
from webapp.domain.ordering.contract_summary import SECTIONS, Facts, sections
from webapp.domain.ordering.order import Statement
from webapp.domain.papers.contract_summary import number_in, papers_in
from webapp.domain.stored_json import from_json, to_json

NAMES = pytest.mark.parametrize("name", ["A", "B", "C", "D"])


@NAMES
def test_facts_come_back_from_json_equal(name: str) -> None:
    found, _ = facts(name)
    back = from_json(Facts, json.loads(json.dumps(to_json(found))))
    assert back == found and back.fingerprint() == found.fingerprint()


@NAMES
def test_everything_in_it_counts_for_the_fingerprint(name: str) -> None:
    found, _ = facts(name)
    for field in fields(found):
        value = getattr(found, field.name)
        other = (
            value[1:] or ("x",) if isinstance(value, tuple) else found.minimum if value == found.once else found.once
        )
        if value is not None and other != value:
            changed = contract_summary.as_json(
                {**to_json(found), field.name: json.loads(json.dumps(other, default=vars))}
            )
            assert hashlib.sha256(changed.encode()).hexdigest() != found.fingerprint(), field.name


def test_the_worked_order_of_bæltkom() -> None:
    found, tenant = facts("C")
    assert found.provider.name == tenant.legal.name and found.reseller is None
    assert [(s.name, s.count) for s in found.services] == [("Mobil med fri tale, Mobilpakke L: 60\u00a0GB", 1)]
    assert (found.monthly.gross.minor, found.once.net.minor, found.minimum.net.minor) == (31125, 13700, 910100)
    assert [(t.months, t.bound, t.count) for t in found.terms] == [(36, True, 1)]
    assert found.has_internet and all(getattr(found, name) for name in SECTIONS)
    included = [charge for charge in found.charges if charge.unit is None]
    assert [(charge.quantity, charge.amount) for charge in included] == [(1, None)]
    assert sum(c.amount.minor for c in found.charges if c.amount and c.period == "month") == found.monthly.net.minor


def test_the_reseller_is_named_and_the_operator_is_the_party() -> None:
    found, tenant = facts("B")
    assert found.provider.name == tenant.contract_party.name != tenant.legal.name
    assert found.reseller and found.reseller.name == tenant.legal.name and found.email == tenant.support.email
    assert {use.unit for use in found.usage} >= {"minute", "sms"}, "what is paid by use is told"


def test_what_is_alike_is_counted() -> None:
    one, _ = facts("D")
    many, _ = facts("D", copies=100)
    assert [service.count for service in many.services] == [300] and many.count == 300
    assert len(many.charges) == len(one.charges) and many.terms[0].count == 300
    assert many.monthly.net.minor == 100 * one.monthly.net.minor
    assert many.fingerprint() != one.fingerprint()


def test_the_language_is_part_of_what_was_read() -> None:
    assert facts("A", "sv")[0].fingerprint() != facts("A", "da")[0].fingerprint()
    assert facts("A", "sv")[0].fingerprint() == facts("A", "sv")[0].fingerprint()


def test_a_seller_that_has_said_nothing_yet() -> None:
    # a revision published before there were summaries
    tenant = a_tenant()
    bare = replace(tenant, legal_texts=tuple(text for text in tenant.legal_texts if text.name != "summary"))
    assert contract_summary.said_of(bare, "sv") == ("", {})
    assert contract_summary.said_of(tenant, "da")[0] == "2026-01-01"


def test_sections_of_a_text() -> None:
    text = "# Title\n\nlost\n\n## speeds\n\nOne\nline.\n\nTwo.\n\n## other\nThree.\n"
    assert sections(text) == {"speeds": ("One line.", "Two."), "other": ("Three.",)}
    assert sections("") == {}


def the_order(choice: str) -> orders.Order:
    """An order whose customer has said this of its summary."""
    found, _ = facts("A")
    said = Statement(choice, "Vi har fått", found.version, found.fingerprint(), "Åsa Öberg", NOW)
    order = an_order()
    kept = to_json(found) if choice == "accepted" else None
    return replace(order, provenance=replace(order.provenance, summary=said, summary_facts=kept))


def test_an_order_keeps_what_was_said() -> None:
    for choice in ("accepted", "waived"):
        order = the_order(choice)
        assert from_json(orders.Order, json.loads(json.dumps(to_json(order)))) == order
    [paper] = papers_in(the_order("accepted"), lambda number: f"CODE-{number}")
    assert paper.number == "PT-7K4Q-2M-S" and paper.verify_code == "CODE-PT-7K4Q-2M-S"
    assert paper.facts == facts("A")[0] and paper.made_at == the_order("accepted").placed_at
    assert papers_in(the_order("waived"), str) == () and number_in(the_order("waived")) == ""
    assert papers_in(an_order(), str) == ()


def test_an_order_of_an_earlier_release_is_read() -> None:
    data = to_json(an_order())
    del data["provenance"]["summary"], data["provenance"]["summary_facts"]
    assert from_json(orders.Order, data) == an_order()


def test_the_papers_data_are_its_facts() -> None:
    found, _ = facts("A")
    paper = as_paper(found)
    data = json.loads(paper.data)
    assert data.pop("number") == paper.number and data.pop("kind") == "contract_summary"
    assert from_json(Facts, data) == found and paper.fingerprint == found.fingerprint()

"""Which papers an order gets and what stands on them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from tests.builders import a_company, a_danish_company, a_line, a_ported_line, a_porting, a_quote, a_tenant, an_order
from webapp.domain.market import DENMARK
from webapp.domain.ordering.order import Fact, Order
from webapp.domain.ordering.quote import Commitment
from webapp.domain.papers.facts import Confirmation, Paper, PowerOfAttorney
from webapp.domain.papers.for_order import papers_for
from webapp.domain.stored_json import from_json
from webapp.domain.tenants.tenant import Tenant


def papers(order: Order, tenant: Tenant | None = None) -> tuple[Paper, ...]:
    return papers_for(order, tenant or a_tenant(), lambda number: f"code of {number}")


def confirmation(order: Order, tenant: Tenant | None = None) -> Confirmation:
    first = papers(order, tenant)[0]
    assert isinstance(first, Confirmation)
    return first


def authorities(order: Order, tenant: Tenant | None = None) -> tuple[PowerOfAttorney, ...]:
    return tuple(paper for paper in papers(order, tenant) if isinstance(paper, PowerOfAttorney))


def authority(order: Order, tenant: Tenant | None = None) -> PowerOfAttorney:
    (only,) = authorities(order, tenant)
    return only


def ported(*ports: dict[str, object]) -> Order:
    lines = [
        a_ported_line(n, porting=a_porting(**{"e164": f"+4670174060{n}", **port}))  # type: ignore[arg-type]
        for n, port in enumerate(ports, 1)
    ]
    return an_order(*lines)


def test_an_order_without_ports_gets_its_confirmation_only() -> None:
    (only,) = papers(an_order())
    assert (only.kind, only.number, only.verify_code, only.version) == (
        "confirmation", "PT-7K4Q-2M-1", "code of PT-7K4Q-2M-1", 1,
    )  # fmt: skip
    assert only.signed is None


def test_one_owner_and_signer_share_a_power_of_attorney() -> None:
    found = authority(ported({}, {"donor": "Riksförmedlingen"}))
    assert [move.number for move in found.moves] == ["070-174 06 01", "070-174 06 02"]
    assert found.lines == (1, 2) and found.number == "PT-7K4Q-2M-2" and found.signed is False
    assert found.donor == "" and found.customer_no == "", "they differ, so the table tells"


@pytest.mark.parametrize(
    "other",
    [{"signer_name": "Bo Ek"}, {"signer_email": "bo@granit.example"}, {"owner_name": "Bo Ek"}, {"takeover": True}],
)
def test_another_owner_signer_or_scope_needs_its_own(other: dict[str, object]) -> None:
    found = authorities(ported({}, other, {}))
    assert [each.lines for each in found] == [(1, 3), (2,)]
    assert [each.number for each in found] == ["PT-7K4Q-2M-2", "PT-7K4Q-2M-3"]


def test_letters_cases_of_a_name_make_no_other_owner() -> None:
    assert len(authorities(ported({}, {"owner_name": "GRANIT & GRAN AB"}))) == 1


def test_the_contract_is_the_operators_and_the_reseller_is_named() -> None:
    operator = a_tenant()
    legal = replace(operator.legal, name="Återbolaget AB", org_id="559999-1022")
    reseller = a_tenant(slug="ater", parent="provtele", legal=legal, contract_party=operator.legal)
    for paper in papers(ported({}), reseller):
        assert paper.seller.name == "Provtele AB" and paper.seller.org_id == "559999-1014"
        assert paper.reseller and paper.reseller.name == "Återbolaget AB"
    assert confirmation(an_order(), operator).reseller is None


def test_clauses_are_the_tenants() -> None:
    tenant = a_tenant()
    plain = replace(tenant, porting=replace(tenant.porting, terminate=False, info=False))
    found = authority(ported({}), plain)
    assert (found.terminate, found.info, found.transfer) == (False, False, False)
    assert authority(ported({"takeover": True})).transfer


def test_a_short_form_still_names_the_company_in_full() -> None:
    """Denmark's form asks for a name and an address only."""
    company = a_danish_company()
    port = a_porting(e164="+4520000050", owner_type="other", owner_id="", owner_address="", owner_name=company.name)
    found = authority(
        an_order(a_ported_line(porting=port), tenant=a_tenant(DENMARK), company=company), a_tenant(DENMARK)
    )
    assert (found.giver.org_id, found.giver.address) == ("99000007", "Ny Vestergade 7, 8000 Aarhus C")
    assert found.giver_is_company


def test_a_private_owner_has_no_number_of_his_own() -> None:
    found = authority(ported({"owner_type": "employee", "owner_name": "Bo Ek", "owner_id": ""}))
    assert not found.giver_is_company and found.giver.org_id == ""


def test_a_sole_traders_number_is_masked() -> None:
    trader = "8001019999"
    order = replace(ported({"owner_id": trader}), company=a_company(org_id=trader))
    tenant = a_tenant()
    sole = replace(tenant.legal, org_id="800101-9999", vat_id="SE800101999901")
    for paper in papers(order, replace(tenant, legal=sole, contract_party=sole)):
        party = paper.customer if isinstance(paper, Confirmation) else paper.giver  # type: ignore[attr-defined]
        assert party.org_id == "800101-****"
        assert (paper.seller.org_id, paper.seller.vat_id) == ("800101-****", "")
    assert trader not in authority(order).data


def test_cards_show_their_last_digits() -> None:
    facts = (
        Fact("icc", "ICC", "8946 9900 0000 0000 016"),
        Fact("port.present_icc", "ICC", "8946990000000000024"),
        Fact("data_cards", "Datasim", "1"),
    )
    found = confirmation(an_order(a_line(facts=facts))).lines[0]
    assert [value for _, value in found.facts] == ["… 000016", "… 000024", "1"]


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        ("2026-12-01", 24, date(2028, 11, 30)),
        ("2026-12-31", 2, date(2027, 2, 28)),
        ("2027-01-31", 1, date(2027, 2, 28)),
        ("2027-01-30", 13, date(2028, 2, 29)),
        ("2026-12-15", 12, date(2027, 12, 14)),
    ],
)
def test_a_commitment_ends_on_its_last_bound_day(start: str, months: int, last: date) -> None:
    line = a_line(months=months, answers={"kind": "mobile", "start_date": start})
    assert confirmation(an_order(line)).lines[0].ends == last


def test_a_commitment_whose_start_nobody_wished_has_no_last_day() -> None:
    line = confirmation(an_order(a_line(months=24, answers={"kind": "mobile"}))).lines[0]
    assert line.bound and line.ends is None


def test_without_commitment_nothing_ends() -> None:
    line = a_line(months=0)
    order = an_order(line, quote=a_quote((line,), commitments=(Commitment(1, 1, False),)))
    found = confirmation(order)
    assert found.lines[0].ends is None and not found.is_bound and found.commitment_months is None


def test_sums_are_the_quotes() -> None:
    order = an_order(a_line(1), a_line(2))
    found = confirmation(order)
    assert (found.monthly, found.once, found.minimum) == (
        order.quote.monthly, order.quote.once, order.quote.minimum,
    )  # fmt: skip
    assert found.monthly.gross.minor == 59250 and found.lines[1].monthly.minor == 23700
    assert found.agreement == "RAM" and found.agreement_list == "provtele/RAM/2026-01-01"


def test_usage_prices_are_those_of_the_plans_ordered() -> None:
    assert confirmation(an_order()).usage == ()
    metered = confirmation(an_order(a_line(plan="VAR", plan_name="Mobil Rörlig")))
    assert [(use.article, use.unit, use.ten_thousandths) for use in metered.usage] == [
        ("Mobil Rörlig", "minute", 5900), ("Mobil Rörlig", "sms", 5900),
    ]  # fmt: skip


@pytest.mark.parametrize(("lines", "detailed"), [(50, True), (51, False)])
def test_above_fifty_lines_the_summary_is_enough(lines: int, detailed: bool) -> None:
    assert confirmation(an_order(*(a_line(n) for n in range(1, lines + 1)))).is_detailed is detailed


def test_an_authority_holds_ninety_days_and_outlives_a_far_wish() -> None:
    assert authority(ported({})).valid_until == date(2027, 2, 19)
    assert authority(ported({"wished_date": date(2027, 9, 1)})).valid_until == date(2027, 10, 1)


def test_the_cutoff_is_counted_in_working_days() -> None:
    assert authority(ported({"wished_date": date(2026, 12, 28)})).cutoff == date(2026, 12, 22), "eves do not count"
    assert authority(ported({"mode": "asap", "wished_date": None})).cutoff is None
    first = authority(ported({"wished_date": date(2026, 12, 28)}, {"wished_date": date(2026, 12, 3)}))
    assert first.cutoff == date(2026, 12, 1), "the first move rules"


def test_the_order_rides_in_its_confirmation() -> None:
    order = ported({"takeover": True})
    assert from_json(Order, json.loads(confirmation(order).data)) == order


def test_an_authority_carries_its_own_facts_and_no_others() -> None:
    order = ported({}, {"signer_name": "Bo Ek"})
    data = json.loads(authorities(order)[0].data)
    assert [move["e164"] for move in data["moves"]] == ["+46701740601"]
    assert data["giver"]["name"] == "Granit & Gran AB" and data["terminate"] is True
    assert data["valid_until"] == "2027-02-19" and data["made_at"] == "2026-11-21T13:05:00+00:00"
    assert "Bo Ek" not in authorities(order)[0].data


def test_equal_orders_make_equal_papers() -> None:
    assert papers(ported({}, {})) == papers(ported({}, {}))

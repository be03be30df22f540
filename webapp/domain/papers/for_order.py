"""Which papers an order needs, and what stands on each; knows neither how a paper looks nor in which words it speaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from webapp.domain.canonical_json import as_json
from webapp.domain.market import Market
from webapp.domain.numbers import show_company_id, show_msisdn, show_postcode
from webapp.domain.ordering.order import Order, OrderLine
from webapp.domain.ordering.quote import Commitment
from webapp.domain.papers.coverage import Covered, by_owner_and_signer, first_covers
from webapp.domain.papers.facts import (
    Confirmation,
    Move,
    Paper,
    PaperItem,
    PaperLine,
    PowerOfAttorney,
    Series,
)
from webapp.domain.porting.porting import Porting
from webapp.domain.porting.series import show_moving
from webapp.domain.stored_json import to_json
from webapp.domain.tenants.catalogue import Usage
from webapp.domain.tenants.parties import Party, party_of
from webapp.domain.tenants.tenant import Tenant

VALID_AFTER_MOVE = timedelta(days=30)
"""A power of attorney outlives a far wished day by this much, should the move be put off."""

_SHOWN_OF_ICC = 6
_CARDS = {"icc", "port.present_icc", "eid"}


def papers_for(
    order: Order, tenant: Tenant, verify_code: Callable[[str], str], covers: Mapping[int, Covered] | None = None
) -> tuple[Paper, ...]:
    """One confirmation, then a power of attorney per owner and set of signers. `verify_code` gives a document number its code.

    `covers` once moves were corrected; the order then reads as corrected.
    """
    by_line = covers or first_covers(order)
    numbers = (by_line[lines[0].n].paper for lines in by_owner_and_signer(order))
    asked = (power_of_attorney(number, order, tenant, verify_code, covers) for number in numbers)
    return (confirmation(order, tenant, verify_code), *(paper for paper in asked if paper))


def power_of_attorney(
    number: str,
    order: Order,
    tenant: Tenant,
    verify_code: Callable[[str], str],
    covers: Mapping[int, Covered] | None = None,
) -> PowerOfAttorney | None:
    """The one of that number; None when no lines are covered by it. The others of a long order are not worked out."""
    by_line = covers or first_covers(order)
    lines = next((lines for lines in by_owner_and_signer(order) if by_line[lines[0].n].paper == number), None)
    return _power_of_attorney(order, tenant, lines, by_line[lines[0].n], verify_code) if lines else None


# --- The order confirmation --------------------------------------------------------------------------------------


def confirmation(order: Order, tenant: Tenant, verify_code: Callable[[str], str]) -> Confirmation:
    """What was agreed, as a paper."""
    number, quote = f"{order.ref}-1", order.quote
    prices = next((each for each in tenant.price_lists if each.id == quote.price_list), None)
    agreement = order.company.agreement if quote.agreement else None
    agreed = next((p for p in tenant.agreements.get(agreement or "", ()) if p.id == quote.agreement), None)
    plans = {line.plan: line.plan_name for line in order.lines}
    sims = {line.answers.get("sim") for line in order.lines}
    commitments = {commitment.line: commitment for commitment in quote.commitments}
    return Confirmation(
        number=number,
        ref=order.ref,
        language=order.language,
        made_at=order.placed_at,
        verify_code=verify_code(number),
        seller=party_of(tenant.contract_party, tenant.market),
        reseller=party_of(tenant.legal, tenant.market) if tenant.parent else None,
        data=as_json(to_json(order)),
        customer=_customer(order, tenant.market),
        ordered_by=order.ordered_by,
        ordered_by_role=order.ordered_by_role,
        reference=order.reference,
        lines=tuple(_line(order, line, commitments[line.n], tenant.market) for line in order.lines),
        order_items=_items(order, 0),
        monthly=quote.monthly,
        once=quote.once,
        minimum=quote.minimum,
        vat_bp=quote.vat_bp,
        commitment_months=quote.commitment_months,
        is_bound=quote.is_bound,
        notice_months=tenant.notice_months,
        notice_months_bound=tenant.notice_months_bound,
        price_list=quote.price_list,
        prices_from=prices.valid_from if prices else None,
        agreement=agreement,
        agreement_list=quote.agreement,
        agreement_from=agreed.valid_from if agreed else None,
        moves=tuple(_move(line, tenant.market) for line in order.ports),
        usage=tuple(
            Usage(plans[use.code], use.unit, use.ten_thousandths)
            for use in (prices.usage if prices else ())
            if use.code in plans
        ),
        ships_cards="ship" in sims or any(_count(line, "data_cards") for line in order.lines),
        sends_esim="esim" in sims,
        terms_version=order.provenance.terms_version,
        terms_sha256=order.provenance.terms_sha256,
        waivers=order.provenance.waivers,
        summary=order.provenance.summary,
    )


def _count(line: OrderLine, question: str) -> int:
    return int(line.answers.get(question) or 0)


def _line(order: Order, line: OrderLine, commitment: Commitment, market: Market) -> PaperLine:
    number = line.porting.e164 if line.porting else line.number
    data = next((row.text for row in order.quote.by_line.get(line.n, ()) if row.code == line.data), "")
    start = _start(line)
    return PaperLine(
        n=line.n,
        user=line.user_name,
        plan=", ".join(dict.fromkeys(filter(None, (line.plan_name, data)))),
        number=show_msisdn(number, market) if number else "",
        facts=tuple((fact.label, _shown(fact.question, fact.value)) for fact in line.facts),
        items=_items(order, line.n),
        monthly=order.quote.of("month", line.n).net,
        once=order.quote.of("once", line.n).net,
        months=commitment.months,
        bound=commitment.bound,
        ends=_months_after(start, commitment.months) - timedelta(days=1) if commitment.bound and start else None,
    )


def _items(order: Order, n: int) -> tuple[PaperItem, ...]:
    rows = order.quote.by_line.get(n, ())
    return tuple(PaperItem(row.text, row.period, row.quantity, row.unit, row.amount) for row in rows)


def _shown(question: str, value: str) -> str:
    """A card's number with its last digits only: enough to tell cards apart, too little to take one over."""
    digits = "".join(filter(str.isdigit, value))
    return f"… {digits[-_SHOWN_OF_ICC:]}" if question in _CARDS and len(digits) > _SHOWN_OF_ICC else value


def _start(line: OrderLine) -> date | None:
    if line.porting:
        return line.porting.wished_date
    wished = line.answers.get("start_date")
    return date.fromisoformat(wished) if wished else None


def _months_after(day: date, months: int) -> date:
    """The same day so many months on; the first of the next month where that month has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    try:
        return day.replace(year=day.year + years, month=month + 1)
    except ValueError:
        return date(day.year + years, month + 2, 1)  # only days 29 to 31 come here, never those of December


# --- The power of attorney ---------------------------------------------------------------------------------------


def _power_of_attorney(
    order: Order, tenant: Tenant, lines: list[OrderLine], cover: Covered, verify_code: Callable[[str], str]
) -> PowerOfAttorney:
    number, version = cover.paper, cover.version
    port, market = lines[0].porting, tenant.market
    assert port is not None
    giver, is_company = _giver(port, order, market)
    moves = tuple(_move(line, market) for line in lines)
    days = [move.day for move in moves if move.day]
    made, cutoff_days = market.today(cover.at), market.porting.cutoff_days
    valid_until = max([made + timedelta(days=market.porting.valid_days), *(day + VALID_AFTER_MOVE for day in days)])
    cutoff = market.before_working_days(min(days), cutoff_days) if days else None
    return with_data(
        PowerOfAttorney(
            number=number,
            ref=order.ref,
            language=order.language,
            made_at=cover.at,
            verify_code=verify_code(number if version == 1 else f"{number}:{version}"),
            version=version,
            replaces=f"{number}, version {version - 1}" if version > 1 else "",
            seller=party_of(tenant.contract_party, market),
            reseller=party_of(tenant.legal, market) if tenant.parent else None,
            data="",
            giver=giver,
            giver_is_company=is_company,
            customer=_customer(order, market),
            signers=port.all_signers,
            in_order=port.in_order,
            moves=moves,
            terminate=tenant.porting.terminate,
            info=tenant.porting.info,
            transfer=port.takeover,
            valid_until=valid_until,
            cutoff=cutoff if cutoff and cutoff >= made else None,
            cutoff_days=cutoff_days,
            lines=tuple(line.n for line in lines),
            legal_approved=tenant.porting.legal_approved,
            compensated=market.porting.compensated,
        )
    )


_OWN = frozenset({"data", "verify_code", "signatures", "events", "shown_sha256", "evidence", "legal_approved"})


def with_data(paper: PowerOfAttorney) -> PowerOfAttorney:
    """The paper with the attachment that its facts make: whoever changes a fact of an unsigned one does this last."""
    facts = {name: value for name, value in to_json(paper).items() if name not in _OWN}
    return replace(paper, data=as_json({**facts, "kind": paper.kind}))


def _giver(port: Porting, order: Order, market: Market) -> tuple[Party, bool]:
    """The owner as the donor knows it. The ordering company is named in full though a short form asked its name only."""
    own = port.owner_type == "company" or port.owner_name.casefold() == order.company.name.casefold()
    org_id = port.owner_id or (order.company.org_id if own else "")
    address = port.owner_address or (_customer(order, market).address if own else "")
    is_company = bool(org_id) or own
    return Party(port.owner_name, address, show_company_id(org_id, market) if org_id else ""), is_company


def _move(line: OrderLine, market: Market) -> Move:
    port = line.porting
    assert port is not None
    series = (
        Series(port.first, port.last, port.main or port.first, show_msisdn(port.main or port.first, market))
        if port.first
        else None
    )
    return Move(
        number=show_moving(port, market),
        e164=port.e164,
        user=line.user_name,
        kind=port.kind,
        donor=port.donor,
        customer_no=port.customer_no,
        mode=port.mode,
        day=port.wished_date,
        hour=port.wished_hour,
        owner=port.owner_name,
        signer=", ".join(signer.name for signer in port.all_signers),
        series=series,
    )


# --- Parties -----------------------------------------------------------------------------------------------------


def _customer(order: Order, market: Market) -> Party:
    company = order.company
    address = f"{company.street}, {show_postcode(company.zip, market)} {company.city}"
    return Party(company.name, address, show_company_id(company.org_id, market))

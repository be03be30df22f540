"""The price promise of docs/pricing.md: the worked orders, a second reckoning of a thousand drafts, what a change changes."""

from __future__ import annotations

import json
import random
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import FrameType

import pytest

from tests.builders import NOW, a_line, a_quote
from tests.domain.ordering.order_contexts import COMPLETE, PORT, ROOT, SLUGS, TENANTS, context, forms, priced
from tests.domain.ordering.price_oracle import Rows, Shelf, Wish
from webapp.domain.money import Money, Total
from webapp.domain.ordering.quote import (
    CAUSED,
    ORDER,
    TRIGGERED,
    Commitment,
    NoPrices,
    Quote,
    Row,
    cause,
    quote,
    surcharges,
)
from webapp.domain.tenants.catalogue import Charge, Price
from webapp.tenancy.folders import load


def figures(total: Total) -> tuple[int, int, int]:
    return total.net.minor, total.vat.minor, total.gross.minor


# --- The worked orders of the domain facts, to the öre and the øre -----------------------------------------------


def test_order_a() -> None:
    order = priced(context("fjallton"), {
        "kind": "mobile", "binding": "agreement", "months": "24", "call_rate": "flat", "data": "FJ-D40",
        "number_source": "new", "sim": "icc", "pbx": "pbx", "mex": "yes", "data_cards": "1",
    })  # fmt: skip
    assert figures(order.monthly) == (237_00, 59_25, 296_25)
    assert figures(order.once) == (49_00, 12_25, 61_25)
    assert figures(order.minimum) == (5737_00, 1434_25, 7171_25)
    assert order.is_bound and order.commitment_months == 24


def test_order_b() -> None:
    order = priced(context("skarvox", agreement=False), {
        "kind": "mobile", "binding": "none", "call_rate": "metered", "data": "SX-D5", "data_cards": "1",
        "number_source": "specific", "specific_number": "+46701740641", "sim": "icc", "pbx": "standalone",
    })  # fmt: skip
    assert figures(order.monthly) == (149_00, 37_25, 186_25)
    assert figures(order.once) == (839_00, 209_75, 1048_75)
    assert order.agreement is None and not order.is_bound and order.commitment_months is None


def test_order_c() -> None:
    order = priced(context("baeltkom", size="small"), {
        "product": "BK-MOBIL", "data": "BK-L", "binding": "agreement", "months": "36", "waiver_36": "yes",
        "number_source": "new", "pbx": "pbx", "data_cards": "2",
    })  # fmt: skip
    assert figures(order.monthly) == (249_00, 62_25, 311_25)
    assert figures(order.once) == (137_00, 34_25, 171_25)
    assert figures(order.minimum) == (9101_00, 2275_25, 11376_25)


def test_danish_worked_order_row_by_row() -> None:
    one = {
        "product": "KF-M", "binding": "agreement", "months": "12", "number_source": "port", "sim": "esim",
        "pbx": "standalone",
    }  # fmt: skip
    order = priced(context("klitfon"), one, one, one)
    assert figures(order.monthly) == (447_00, 111_75, 558_75)
    assert figures(order.once) == (0, 0, 0)
    assert figures(order.minimum) == (5364_00, 1341_00, 6705_00)


def test_vat_once_on_the_sum() -> None:
    """VAT is taken once on the net sum, half up."""
    # guard: by row it would be 27,99
    rows = tuple(Row(n, "X", "X", "month", 1, Money(3730, "SEK")) for n in (1, 2, 3))
    made = Quote(rows, tuple(Commitment(n, 1, False) for n in (1, 2, 3)), "p", None, "SEK", 2500)
    assert figures(made.monthly) == (111_90, 27_98, 139_88)
    assert figures(made.of("month", 1)) == (37_30, 9_33, 46_63), "a line shown alone has its own VAT"


# --- The promise itself ------------------------------------------------------------------------------------------


def test_every_sentence_of_the_promise_is_held_by_a_test() -> None:
    """What docs/pricing.md says in bold stands word for word at the test that holds it."""
    here = Path(__file__).parents[1]
    told = _plain("".join(path.read_text() for path in here.rglob("test_*.py")))
    promised = re.findall(r"\*\*(.+?)\*\*", (here.parents[1] / "docs/pricing.md").read_text(), re.DOTALL)[1:]
    assert len(promised) > 15
    assert not [sentence for sentence in promised if _plain(sentence).rstrip(".") not in told]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


# --- A second reckoning ------------------------------------------------------------------------------------------

SHELVES = {slug: Shelf.read(ROOT, slug) for slug in SLUGS}


def wish(shelf: Shelf, slug: str, dice: random.Random) -> Wish:
    """Something that can be ordered there."""
    code, plan = dice.choice(list(shelf.plans.items()))
    mobile, pbx = plan["kind"] == "mobile", dice.random() < 0.6
    sims = {"baeltkom": ["ship"]}.get(slug, ["icc", "ship", "esim"])
    data = dice.choice(plan["data"]) if plan.get("data") else ""
    sources = ["new", "port"] if slug in {"baeltkom", "klitfon"} else ["new", "reserved", "specific", "port"]
    return Wish(
        code,
        months=dice.choice([0, *shelf.months_of(code)]),
        data=data,
        cards=dice.randint(0, shelf.max_cards) if data else 0,
        sim=dice.choice(sims) if mobile else "",
        number=dice.choice(sources),
        pbx=pbx,
        mex=mobile and pbx and slug in {"fjallton", "skarvox"} and dice.random() < 0.5,
    )


def answers(slug: str, shelf: Shelf, wished: Wish, dice: random.Random) -> dict[str, str]:
    """The same as answers, among others that do not count: what is parked and what nobody asked for is never priced."""
    plan = shelf.plans[wished.plan]
    given = {
        "kind": plan["kind"],
        "call_rate": plan.get("call_rate", "metered"),
        "product": wished.plan,
        "binding": "agreement" if wished.months else "none",
        "months": str(wished.months or 24),
        "data": wished.data or dice.choice(list(shelf.data)),
        "data_cards": str(wished.cards or (0 if wished.data else 3)),
        "sim": wished.sim or "ship",
        "number_source": wished.number,
        "specific_number": "+46701740605",
        "pbx": "pbx" if wished.pbx else "standalone",
        "mex": "yes" if wished.mex or not wished.pbx else "",
        "price": "0",
        "unit": "1",
    }
    return {question: value for question, value in given.items() if value}


def reckoned(made: Quote) -> Rows:
    return {
        (row.line, row.code, row.period): (row.quantity, row.unit.minor if row.unit is not None else None)
        for row in made.rows
    }


@pytest.mark.parametrize("slug", SLUGS)
def test_a_thousand_drafts_cost_what_the_files_say(slug: str) -> None:
    """A thousand drafts cost what the files say.

    A charge that the agreement does not name costs what the list says.
    """
    # guard: parking, free cards, order charges, agreement before list, VAT, minimum: each switched off goes red here
    dice, shelf, at = random.Random(f"skylt {slug}"), SHELVES[slug], context(slug)
    for _ in range(250):
        wishes = [wish(shelf, slug, dice) for _ in range(dice.randint(1, 4))]
        made = priced(at, *(answers(slug, shelf, wished, dice) for wished in wishes))
        bill = shelf.bill(wishes)
        assert reckoned(made) == bill.rows, wishes
        totals = (figures(made.monthly), figures(made.once), figures(made.minimum))
        assert totals == (bill.monthly, bill.once, bill.minimum), wishes


@pytest.mark.parametrize(
    ("slug", "file", "code", "column"),
    [
        ("fjallton", "prices/2026-01-01.csv", "FJ-D40", "list"),
        ("fjallton", "agreements/FJ-RAM/2026-01-01.csv", "FJ-MOB-FLAT", "24"),
        ("baeltkom", "prices/2026-01-01.csv", "BK-SHIP", "list"),
        ("baeltkom", "agreements/BK-RAMME/2026-01-01.csv", "BK-DDK", "36"),
        ("klitfon", "prices/2026-01-01.csv", "KF-SIM", "list"),
    ],
)
def test_changing_one_amount_changes_exactly_that(slug: str, file: str, code: str, column: str, tmp_path: Path) -> None:
    """Changing one amount changes exactly that."""
    root = Path(shutil.copytree(ROOT, tmp_path / "tenants"))
    path = root / slug / file
    lines = path.read_text().splitlines()
    at, nth = next(n for n, line in enumerate(lines) if line.startswith(f"{code};")), lines[0].split(";").index(column)
    cells = lines[at].split(";")
    cells[nth] = f"{int(cells[nth].split(',')[0]) + 1},{cells[nth].split(',')[1]}"
    path.write_text("\n".join([*lines[:at], ";".join(cells), *lines[at + 1 :]]) + "\n")
    changed, shelf = load(root, "test", NOW).tenants[slug], Shelf.read(root, slug)

    dice, seen = random.Random(f"one amount {slug}"), 0
    for _ in range(60):
        wishes = [wish(shelf, slug, dice) for _ in range(dice.randint(1, 4))]
        given = [answers(slug, shelf, wished, dice) for wished in wishes]
        before, after = priced(context(slug), *given), priced(context(slug, tenant=changed), *given)
        assert reckoned(after) == shelf.bill(wishes).rows
        moved = after.differences(before)
        assert (after.fingerprint() != before.fingerprint()) == bool(moved)
        for change in moved:
            assert change.before and change.after and change.before.unit is not None and change.after.unit is not None
            assert change.row.code == code and (change.after.unit - change.before.unit).minor == 100
        seen += len(moved)
    assert seen, "the drafts never met the amount"


# --- Charges of the order, cards, what is included ---------------------------------------------------------------

CARDS = {**COMPLETE["baeltkom"], "data": "BK-XL"}


@cache
def _shipping(cards: int) -> int | None:
    made = priced(context("baeltkom"), {**CARDS, "data_cards": str(cards)}, CARDS)
    return next((row.unit.minor for row in made.rows if row.line == ORDER and row.unit is not None), None)


def test_shipping_is_paid_once_an_order_and_is_free_above_five_cards() -> None:
    """Charges of the order are due once, by the operator's own list, whatever the lines are bound to."""
    # guard: free_over. Two SIM cards are sent with each of these
    assert [_shipping(cards) for cards in (0, 3, 4)] == [39_00, 39_00, 0]
    fixed = {**COMPLETE["baeltkom"], "product": "BK-FIX"}
    assert not [row for row in priced(context("baeltkom"), fixed).rows if row.line == ORDER], "nothing is sent"


def test_free_cards_are_told_and_cost_nothing() -> None:
    """Free cards are told and cost nothing, counted anew when the package changes."""
    made = priced(context("baeltkom"), {**CARDS, "data_cards": "3"})
    rows = {row.code: row for row in made.rows if row.line == 1}
    assert (rows["BK-DDK"].quantity, rows["BK-DDK"].amount) == (1, Money(39_00, "DKK"))
    assert (rows["BK-DDK-SIM"].quantity, rows["BK-DDK-SIM"].amount) == (1, Money(49_00, "DKK"))
    assert (rows["BK-DDK:free"].quantity, rows["BK-DDK:free"].amount) == (2, None)
    assert (rows["BK-DDK"].text, rows["BK-DDK:free"].text) == ("Datadelingskort", "Datadelingskort, inkluderet")
    smaller = priced(context("baeltkom"), {**CARDS, "data": "BK-L", "data_cards": "3"})
    assert {r.code: r.quantity for r in smaller.rows}["BK-DDK"] == 2, "counted anew when the package changes"


def test_what_is_free_says_zero_and_what_is_included_says_so() -> None:
    made = priced(context("klitfon"), COMPLETE["klitfon"])
    assert {r.code: r.amount for r in made.rows if r.period == "once"} == {
        "KF-START": Money(0, "DKK"), "KF-ESIM": Money(0, "DKK"),
    }  # fmt: skip
    assert next(r for r in made.rows if r.code == "KF-M-DATA").amount is None


def test_a_monthly_charge_of_the_order_is_paid_as_long_as_any_line() -> None:
    # guard: order rows in Quote.minimum
    tenant = TENANTS["klitfon"]
    care = Charge("KF-CARE", {"da": "Service", "sv": "Service"}, "order", "month", "order")
    prices = tenant.price_lists[0]
    listed = replace(prices, prices={**prices.prices, ("KF-CARE", "month"): Price({0: 10_00}, "order")})
    with_care = replace(
        tenant,
        price_lists=(listed,),
        catalogue=replace(tenant.catalogue, charges=(*tenant.catalogue.charges, care)),
    )
    bound = {**COMPLETE["klitfon"], "binding": "agreement", "months": "12"}
    made = priced(context("klitfon", tenant=with_care), bound, COMPLETE["klitfon"])
    assert made.monthly.net.minor == 149_00 + 165_00 + 10_00
    assert made.minimum.net.minor == 12 * 149_00 + 165_00 + 12 * 10_00
    assert made.commitment_months is None, "one line is bound, the other is not"


def test_an_unbound_line_is_paid_for_its_notice() -> None:
    """The least total cost."""
    made = priced(context("fjallton"), COMPLETE["fjallton"])
    assert made.minimum.net == made.monthly.net + made.once.net
    assert made.commitments == (Commitment(1, 1, False),)


def test_the_price_never_comes_from_what_was_sent() -> None:
    """The price never comes from what was sent."""
    # guard: only the price lists are asked
    plain = priced(context("fjallton"), COMPLETE["fjallton"])
    forged = {"price": "0", "FJ-D15": "1", "unit": "1", "amount": "0,01", "months": "36", "product": "FJ-D1"}
    assert priced(context("fjallton"), {**COMPLETE["fjallton"], **forged}) == plain


def test_the_company_without_the_agreement_pays_the_list() -> None:
    """The agreement is the company's."""
    # guard: the agreement is the company's, whatever the answers say
    bound = {**COMPLETE["fjallton"], "binding": "agreement", "months": "24"}
    assert priced(context("fjallton", agreement=False), bound) == priced(
        context("fjallton", agreement=False), COMPLETE["fjallton"]
    )


@pytest.mark.parametrize("slug", SLUGS)
def test_every_trigger_of_a_line_is_counted(slug: str) -> None:
    assert {c.trigger for c in TENANTS[slug].catalogue.charges if c.level == "line"} <= set(TRIGGERED)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("size", ["large", "small"])
def test_one_basis_a_box_until_the_months_are_chosen(slug: str, size: str) -> None:
    """Until the months are chosen, every price is that of one commitment, the cheapest, and says "from".

    The start fee of the open list stood beside the monthly price of the agreement.
    """
    at = context(slug, size=size)
    plan = at.tenant.catalogue.plans[0]
    chosen = {"product": plan.code, "kind": plan.kind, "call_rate": plan.call_rate or "", "binding": "agreement"}
    (open_,) = forms(at, chosen)
    assert open_.awaits_months and len(open_.months_offered) > 1
    bound = {months: forms(at, chosen | {"months": str(months)}) for months in open_.months_offered}
    of_months = {months: quote(line) for months, line in bound.items()}
    shown = quote((open_,))
    assert shown.rows == of_months[open_.shown_months].rows, "the very rows of one commitment"
    assert shown.agreement == of_months[open_.shown_months].agreement is not None
    assert shown.monthly.net.minor == min(made.monthly.net.minor for made in of_months.values()), "from is the least"
    assert not any(line.varies(row.code, row.period) for [line] in bound.values() for row in shown.rows)


@pytest.mark.parametrize("slug", SLUGS)
def test_what_stands_at_an_answer_is_what_the_quote_adds_for_it(slug: str) -> None:
    """What an answer costs besides stands at that answer: every charge of a line comes by a choice, or with the plan."""
    at = context(slug)
    plan = next(plan for plan in at.tenant.catalogue.plans if plan.data)
    base = {"product": plan.code, "kind": plan.kind, "call_rate": plan.call_rate or "", "binding": "none"}
    base |= {"data": plan.data[0]} if plan.data else {}
    for question, answer in CAUSED | {("number_source", "port"): ()}:
        with_it = base | ({"pbx": "pbx"} if question == "mex" else {}) | {question: answer}
        without = {name: value for name, value in with_it.items() if name != question}
        (line,) = forms(at, without)
        if not (line.applies(question) and line.asks(question)):
            continue
        due = {(r.code, r.period, r.unit) for r in priced(at, without).rows}  # shipping, when a card is sent already
        added = {(r.code, r.period, r.unit) for r in priced(at, with_it).rows if r.unit is not None} - due
        free = line.package.free_cards if question == "data_cards" and line.package else 0
        if not free:
            charges = surcharges(line, question, answer)
            told_of = {(charge.code, charge.period, amount) for charge, amount in charges}
            assert added == told_of - due, (question, answer)
    told = {trigger for triggers in CAUSED.values() for trigger in triggers}
    sold = {charge.trigger for charge in at.tenant.catalogue.charges}
    assert sold <= told | {"plan", "on_request", "port_mobile", "port_fixed", "port_series"}


def test_each_row_stands_at_the_question_that_brings_it() -> None:
    answers = {
        "kind": "mobile", "binding": "none", "call_rate": "flat", "data": "FJ-D40", "number_source": "specific",
        "specific_number": "+46701740641", "sim": "ship", "pbx": "pbx", "mex": "yes", "data_cards": "2",
    }  # fmt: skip
    (line,) = forms(context("fjallton"), answers)
    found = {row.code: cause(line, row) for row in quote((line,)).rows if row.line == 1}
    assert found == {
        "FJ-MOB-FLAT": "call_rate", "FJ-START": "call_rate", "FJ-D40": "data", "FJ-MEX": "mex", "FJ-SIM": "sim",
        "FJ-NUMBER": "number_source", "FJ-DSIM": "data_cards", "FJ-DSIM:free": "data_cards",
    }  # fmt: skip
    (moved,) = forms(context("fjallton"), {**answers, **PORT})
    assert "number_source" in {cause(moved, row) for row in quote((moved,)).rows}


def test_commitments_are_offered_shortest_first() -> None:
    prices = replace(TENANTS["fjallton"].price_lists[0], prices={("X", "month"): Price({36: 3, 0: 9, 12: 6}, "line")})
    assert prices.months_for("X") == (0, 12, 36) and prices.months_for("Y") == ()
    assert prices.amount("X", "month", 24) is None and prices.amount("X", "once", 12) is None


def test_no_list_no_price() -> None:
    early = context("fjallton", now=datetime(2025, 12, 31, 12, tzinfo=UTC))
    with pytest.raises(NoPrices):
        priced(early, COMPLETE["fjallton"])
    with pytest.raises(ValueError, match="a line"):
        quote([])


def test_what_has_no_price_is_no_row_that_says_included() -> None:
    """What has no price is no row that says included."""
    tenant = TENANTS["fjallton"]
    prices = tenant.price_lists[0]
    bare = replace(prices, prices={k: v for k, v in prices.prices.items() if k[0] not in {"FJ-FIX", "FJ-START"}})
    at = context("fjallton", tenant=replace(tenant, price_lists=(bare,)), agreement=False)
    assert priced(at, {"kind": "fixed", "pbx": "pbx"}).rows == ()


# --- The quote that was seen -------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", SLUGS)
def test_a_quote_reads_back_equal(slug: str) -> None:
    made = priced(context(slug), COMPLETE[slug], {**COMPLETE[slug], **PORT[slug], "data_cards": "2"})
    again = Quote.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made and again.fingerprint() == made.fingerprint() and not again.differences(made)


SEEN = a_quote((a_line(1), a_line(2)))
FIRST, *REST = SEEN.rows


@pytest.mark.parametrize(
    "now",
    [
        replace(SEEN, rows=(replace(FIRST, unit=Money(10901, "SEK")), *REST)),
        replace(SEEN, rows=(replace(FIRST, quantity=2), *REST)),
        replace(SEEN, rows=(replace(FIRST, code="OTHER"), *REST)),
        replace(SEEN, rows=(replace(FIRST, unit=None), *REST)),
        replace(SEEN, rows=(replace(FIRST, unit=Money(0, "SEK")), *REST)),
        replace(SEEN, rows=tuple(REST)),
        replace(SEEN, rows=(*SEEN.rows, Row(2, "SHIP", "Leverans", "once", 1, Money(1, "SEK")))),
        replace(SEEN, rows=tuple(r if r.code != "DSIM:free" else replace(r, quantity=2) for r in SEEN.rows)),
        replace(SEEN, commitments=(Commitment(1, 36, True), SEEN.commitments[1])),
        replace(SEEN, commitments=(Commitment(1, 24, False), SEEN.commitments[1])),
    ],
)
def test_whatever_differs_is_seen_and_shown(now: Quote) -> None:
    """Whatever differs is seen and shown."""
    # guard: the fingerprint, and no difference without a row to show
    assert now.fingerprint() != SEEN.fingerprint()
    assert now.differences(SEEN) and SEEN.differences(now)


def test_lists_currency_and_vat_are_part_of_what_was_seen() -> None:
    others = (
        replace(SEEN, price_list="provtele/2027-01-01"),
        replace(SEEN, agreement=None),
        replace(SEEN, vat_bp=2400),
        replace(SEEN, currency="DKK"),
    )
    assert len({SEEN.fingerprint(), *(other.fingerprint() for other in others)}) == 5


def test_names_are_no_difference() -> None:
    renamed = replace(SEEN, rows=tuple(replace(row, text="Andet navn") for row in SEEN.rows))
    assert renamed.fingerprint() == SEEN.fingerprint() and not renamed.differences(SEEN)


def test_the_order_of_the_lines_answers_does_not_matter() -> None:
    shuffled = dict(reversed(list(COMPLETE["fjallton"].items())))
    assert priced(context("fjallton"), shuffled) == priced(context("fjallton"), COMPLETE["fjallton"])


def test_what_a_line_costs_to_price_does_not_grow_with_the_lines() -> None:
    few, many = (forms(context("fjallton"), *[COMPLETE["fjallton"]] * lines) for lines in (10, 1000))
    quote(many[:1])  # what is remembered for all
    assert calls(lambda: quote(many)) < 100 * calls(lambda: quote(few)), "one pass over the rows, not one a line"
    assert quote(many).minimum.net.minor == 1000 * (149_00 + 89_00 + 250_00 + 49_00)


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, in Python and beneath: the same on every machine."""
    count = 0

    def called(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count

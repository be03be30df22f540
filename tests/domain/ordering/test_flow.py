"""What an answer does to the others: parked, reset, priced anew or followed, on the four demo tenants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from tests.builders import an_inventory
from tests.domain.ordering.order_contexts import (
    COMPLETE,
    FIXED,
    PORT,
    SLUGS,
    TENANTS,
    Answers,
    context,
    form,
    forms,
    give,
    priced,
)
from webapp.domain.ordering.answering import answer_step, copied, drop_impossible, read, revalidate, write
from webapp.domain.ordering.draft import Line
from webapp.domain.ordering.journey import journey
from webapp.domain.ordering.line import OrderContext
from webapp.domain.ordering.questions.catalogue import QUESTIONS
from webapp.domain.ordering.quote import quote
from webapp.domain.people import Employee, Inventory
from webapp.domain.problem import Invalid, Problem
from webapp.domain.tenants.catalogue import DataPackage, Plan, PriceList
from webapp.domain.tenants.tenant import Tenant

SWEDES = ("fjallton", "skarvox")
DANES = ("baeltkom", "klitfon")
D40 = {"fjallton": "FJ-D40", "skarvox": "SX-D40"}
UNLIMITED = {"fjallton": "FJ-DU", "skarvox": "SX-DU"}


@dataclass(frozen=True)
class Case:
    """One row of the table of dependencies: what a change parks, resets, shows, keeps or prices anew."""

    slugs: tuple[str, ...]
    before: Answers
    change: Answers
    parked: tuple[str, ...] = ()
    reset: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    repriced: bool = False
    base: Mapping[str, Answers] = field(default_factory=lambda: COMPLETE)


CASES = {
    "product without data packages": Case(
        ("baeltkom",), {"data_cards": "1"}, {"product": "BK-BASIS"},
        parked=("data", "data_cards"), kept=("number_source", "user.first"), repriced=True,
    ),
    "product of the other kind": Case(
        ("baeltkom",), {}, {"product": "BK-FIX"}, parked=("data",), kept=("user.first",), repriced=True,
    ),
    "mobile to fixed": Case(
        SWEDES, {"pbx": "pbx", "mex": "yes", "mex_fixed": "+46846500420", "data_cards": "1"}, {"kind": "fixed"},
        parked=("data", "sim", "icc", "mex", "mex_fixed", "topup", "data_cards", "call_rate"),
        shown=("area_code",), kept=("pbx", "user"), repriced=True,
    ),
    "mobile to fixed with eSIM": Case(
        SWEDES, {"sim": "esim", "esim_email": "a@b.example"}, {"kind": "fixed"}, parked=("sim", "esim_email"),
    ),
    "mobile to fixed with a reserved number": Case(
        SWEDES, {"number_source": "reserved", "reserved_number": "+46701740660"}, {"kind": "fixed"},
        reset=("reserved_number",),
    ),
    "mobile to fixed with a specific number": Case(
        SWEDES, {"number_source": "specific", "specific_number": "+46701740605"}, {"kind": "fixed"},
        reset=("specific_number",),
    ),
    "mobile to fixed with a mobile number to port": Case(
        SWEDES, PORT["fjallton"], {"kind": "fixed"}, parked=("port.number",), kept=("port.operator", "port.date"),
    ),
    "a Danish number to port tells no kind": Case(
        ("baeltkom",), PORT["baeltkom"], {"product": "BK-FIX"}, kept=("port.number", "port.operator"),
    ),
    "binding": Case(
        SLUGS, {}, {"binding": "agreement"}, shown=("months",), kept=("number_source",), repriced=True,
    ),
    "binding taken back": Case(
        SLUGS, {"binding": "agreement", "months": "24"}, {"binding": "none"}, parked=("months",), repriced=True,
    ),
    "limited to unlimited data": Case(SWEDES, {}, {"data": "*unlimited"}, parked=("topup",), repriced=True),
    "away from a reserved number": Case(
        SWEDES, {"number_source": "reserved", "reserved_number": "+46701740660"}, {"number_source": "new"},
        parked=("reserved_number",),
    ),
    "away from a specific number": Case(
        SWEDES, {"number_source": "specific", "specific_number": "+46701740605"}, {"number_source": "new"},
        parked=("specific_number",),
    ),
    "away from porting": Case(
        SLUGS, PORT, {"number_source": "new"},  # type: ignore[arg-type]
        parked=("port.number", "port.operator", "port.owner_type", "port.signatory"),
    ),
    "into porting": Case(
        SWEDES, {"start_date": "2026-12-10"}, {"number_source": "port"}, parked=("start_date",),
        shown=("port.number", "port.owner_type", "port.binding_ack"),
    ),
    "into porting, in Denmark": Case(
        ("baeltkom",), {"reserved_number": "+4520000010"}, {"number_source": "port"}, parked=("reserved_number",),
        shown=("port.number", "port.mode"),
    ),
    "card in hand to eSIM": Case(SWEDES, {}, {"sim": "esim"}, parked=("icc",), shown=("esim_email",)),
    "eSIM to card sent": Case(
        (*SWEDES, "klitfon"), {"sim": "esim", "esim_email": "a@b.example"}, {"sim": "ship"},
        parked=("esim_email",), shown=("delivery",), repriced=True,
    ),
    "card sent to card in hand": Case(
        (*SWEDES, "klitfon"), {"sim": "ship", "icc": "", "delivery": "a2"}, {"sim": "icc"},
        parked=("delivery",), shown=("icc",),
    ),
    "card in hand, data cards sent": Case(
        SWEDES, {"sim": "ship", "data": "*40", "data_cards": "1", "delivery": "a2"}, {"sim": "esim"},
        kept=("delivery", "data_cards"),
    ),
    "out of the PBX": Case(
        SWEDES, {"pbx": "pbx", "mex": "yes", "mex_fixed": "+46846500420"}, {"pbx": "standalone"},
        parked=("mex", "mex_fixed"), repriced=True,
    ),
    "MEX off": Case(
        SWEDES, {"pbx": "pbx", "mex": "yes", "mex_fixed": "+46846500420"}, {"mex": ""},
        parked=("mex_fixed",), repriced=True,
    ),
    "a new user": Case(
        SWEDES, {"welcome": "yes"}, {"user_mode": "new"}, parked=("user",),
        shown=("user.first", "user.last", "user.email"), kept=("welcome",),
    ),
    "user later": Case(SWEDES, {"welcome": "yes"}, {"user_mode": "later"}, parked=("user", "welcome")),
    "user later, in Denmark": Case(
        ("klitfon",), {}, {"user_mode": "later"}, parked=("user.first", "user.last", "user.email"),
    ),
    "no data cards any more": Case(
        SWEDES, {"data": "*40", "data_cards": "2", "delivery": "a2"}, {"data_cards": "0"},
        parked=("delivery",), repriced=True,
    ),
    "to an address of its own": Case(
        SLUGS, {"sim": "ship"}, {"delivery": "new"}, shown=("delivery.name", "delivery.street", "delivery.zip"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "slug"), [(name, slug) for name, case in CASES.items() for slug in case.slugs])
def test_dependencies(name: str, slug: str) -> None:
    case = CASES[name]
    extra = case.before[slug] if case.before is PORT else case.before
    stored = _words({**case.base[slug], **extra}, slug)  # type: ignore[dict-item]
    before = form(slug, {q: value for q, value in stored.items() if value})
    change = _words(case.change, slug)
    after = give(before, **{q.replace(".", "__"): raw for q, raw in change.items()})

    for question in case.parked:
        given = before.line.answers[question]
        assert before.value(question) == given, question
        assert not after.visible(question) or question == "port.number", question
        assert after.value(question) == "", f"{question} counts though it is parked"
        assert question not in after.answers()
        assert after.line.answers[question] == given, f"{question} is not kept"
    for question in case.reset:
        assert question not in after.line.answers and question in after.line.resets, question
        assert after.visible(question) and question in after.missing, "it is asked again"
    assert set(case.shown) <= set(after.visible_questions) - set(before.visible_questions)
    for question in case.kept:
        assert after.value(question) == before.value(question) != "", question
    if case.repriced:
        assert quote([after]).monthly != quote([before]).monthly or quote([after]).once != quote([before]).once

    undone = give(after, **{q.replace(".", "__"): before.value(q) for q in change})
    for question in case.parked:
        assert undone.value(question) == before.value(question), f"{question} does not come back"


def _words(answers: Answers, slug: str) -> dict[str, str]:
    known = {"*unlimited": UNLIMITED, "*40": D40}
    return {q: known[value][slug] if value in known else value for q, value in answers.items()}


# --- Reset, with the reason --------------------------------------------------------------------------------------


def with_agreement(tenant: Tenant, drop: Mapping[str, tuple[int, ...]]) -> Tenant:
    """The tenant whose framework agreement lacks these articles at these commitments."""

    def without(prices: PriceList) -> PriceList:
        kept = {
            (code, period): replace(
                price, amounts={m: a for m, a in price.amounts.items() if m not in drop.get(code, ())}
            )
            for (code, period), price in prices.prices.items()
        }
        return replace(prices, prices=kept)

    agreements = {code: tuple(map(without, lists)) for code, lists in tenant.agreements.items()}
    return replace(tenant, agreements=agreements)


def _pared(tenant: Tenant, plan: str, data: tuple[str, ...]) -> Tenant:
    plans = tuple(replace(p, data=data) if p.code == plan else p for p in tenant.catalogue.plans)
    return replace(tenant, catalogue=replace(tenant.catalogue, plans=plans))


def test_data_that_the_new_plan_does_not_admit_is_reset_with_the_reason() -> None:
    tenant = _pared(TENANTS["fjallton"], "FJ-MOB-VAR", ("FJ-D1", "FJ-D5"))
    before = form(context("fjallton", tenant=tenant), COMPLETE["fjallton"])
    after = give(before, call_rate="metered")
    named = {
        "data": tenant.catalogue.package("FJ-D15").names["sv"],
        "product": tenant.catalogue.plan("FJ-MOB-VAR").names["sv"],
    }
    assert after.line.resets == {"data": Problem("data.reset", named)}
    assert after.missing == ("data",) and not after.is_complete
    again = give(after, data="FJ-D5")
    assert again.is_complete and not again.line.resets


def test_data_that_the_agreement_lacks_is_reset() -> None:
    tenant = with_agreement(TENANTS["baeltkom"], {"BK-M": (12, 24, 36)})
    after = give(form(context("baeltkom", tenant=tenant), COMPLETE["baeltkom"]), binding="agreement")
    assert set(after.line.resets) == {"data"} and "data" in after.missing


def test_a_commitment_that_the_agreement_lacks_is_reset() -> None:
    tenant = with_agreement(TENANTS["fjallton"], {"FJ-FIX": (36,), "FJ-MOB-FLAT": (12, 24)})
    at = context("fjallton", tenant=tenant)
    bound = {"binding": "agreement", "months": "36"}
    after = give(form(at, {**COMPLETE["fjallton"], **bound}), kind="fixed", area_code="08")
    assert set(after.line.resets) == {"months"} and "months" in after.missing
    flat = give(form(at, {**COMPLETE["fjallton"], **bound, "call_rate": "metered", "months": "24"}), call_rate="flat")
    assert flat.line.resets == {"months": Problem("reset.answer")}
    assert flat.visible("months") and flat.missing == ("months",), "asked again, though 36 is the only one left"
    again = give(flat, months="36")
    assert again.is_complete and not again.line.resets


def test_what_the_agreement_has_not_is_not_sold_for_nothing() -> None:
    """What the agreement has not is not sold for nothing."""
    # guard: a line whose plan has no price at its commitment is not complete, and no row says "included"
    tenant = with_agreement(TENANTS["fjallton"], {"FJ-FIX": (12, 24, 36)})
    at = context("fjallton", tenant=tenant)
    assert [o.value for o in form(at, FIXED).options("binding")] == ["none"]
    stored = form(at, {**FIXED, "binding": "agreement", "months": "24"})
    assert stored.value("binding") == "none" and quote([stored]).monthly.net.minor == 5900


def test_what_is_not_on_the_list_is_sold_by_agreement_only() -> None:
    tenant = TENANTS["fjallton"]
    listed = replace(
        tenant.price_lists[0], prices={k: v for k, v in tenant.price_lists[0].prices.items() if k[0] != "FJ-FIX"}
    )
    at = context("fjallton", tenant=replace(tenant, price_lists=(listed,)))
    assert [o.value for o in form(at, FIXED).options("binding")] == ["agreement"]
    without = form(context("fjallton", tenant=replace(tenant, price_lists=(listed,)), agreement=False), FIXED)
    assert not without.is_complete, "and without one not at all"


def test_an_answer_asked_earlier_is_reset_by_a_later_one() -> None:
    """Bæltkom asks for data before commitment; taking the commitment away can make the data impossible."""
    tenant = with_agreement(TENANTS["baeltkom"], dict.fromkeys(("BK-BASIS", "BK-L"), (12, 24, 36)))
    only_agreed = ("BK-S", "BK-M", "BK-XL")
    listed = {k: v for k, v in tenant.price_lists[0].prices.items() if k[0] not in only_agreed}
    tenant = replace(tenant, price_lists=(replace(tenant.price_lists[0], prices=listed),))
    at = context("baeltkom", tenant=tenant)
    line = Line(
        1, {"product": "BK-MOBIL", "data": "BK-M", "binding": "agreement", "months": "24", "number_source": "new"}
    )
    assert drop_impossible(form(at), line).line == line
    at_list = drop_impossible(form(at), line.answered({"binding": "none"})).line
    assert set(at_list.resets) == {"data"}
    assert drop_impossible(form(at), at_list).line is at_list


def test_more_cards_than_there_may_be_now_are_reset() -> None:
    tenant = TENANTS["fjallton"]
    fewer = replace(tenant, catalogue=replace(tenant.catalogue, max_cards=1))
    line = drop_impossible(
        form(context("fjallton", tenant=fewer)), Line(1, {**COMPLETE["fjallton"], "data_cards": "3"})
    ).line
    assert line.resets == {"data_cards": Problem("data_cards.max", {"n": 1})}


# --- Followed, suggested, and left alone once typed --------------------------------------------------------------


@pytest.mark.parametrize("slug", SLUGS)
def test_owner_and_signer_are_filled_in_from_what_is_known(slug: str) -> None:
    porting = form(slug, {**COMPLETE[slug], **PORT[slug]})
    company = porting.company
    assert porting.value("port.owner_name") == company.name and porting.value("port.owner_id") == company.org_id
    assert company.street in porting.value("port.owner_address")
    assert porting.value("port.email") == porting.context.person.email
    of_user = give(porting, port__owner_type="employee", port__signatory="employee")
    assert of_user.value("port.owner_name") == of_user.user_name != ""
    assert of_user.value("port.email") == of_user.user_email != ""
    assert not of_user.visible("port.owner_id") and of_user.value("port.owner_id") == "", (
        "a person's number is not asked"
    )


def test_what_is_typed_is_never_overwritten_but_the_other_is_offered() -> None:
    typed = give(
        form("fjallton", {**COMPLETE["fjallton"], **PORT["fjallton"]}),
        port__owner_name="Gran & Granit Handelsbolag", port__email="hb@gran.example",
    )  # fmt: skip
    moved = give(typed, port__owner_type="employee", port__signatory="employee")
    assert moved.value("port.owner_name") == "Gran & Granit Handelsbolag"
    assert moved.value("port.email") == "hb@gran.example"
    suggest = QUESTIONS["port.owner_name"].suggest
    assert suggest and suggest(moved) == "Märta Ångström"


def test_what_is_sent_back_as_it_was_shown_goes_on_following() -> None:
    shown = form("fjallton", {**COMPLETE["fjallton"], **PORT["fjallton"]})
    sent = give(shown, port__email=shown.value("port.email"))
    assert "port.email" not in sent.line.answers
    assert give(sent, port__signatory="employee").value("port.email") == "marta@granit.example"


def test_the_esim_goes_to_the_user_until_somebody_says_where() -> None:
    esim = give(form("klitfon", COMPLETE["klitfon"]), user__email="ny@havnen.example")
    assert esim.value("esim_email") == "ny@havnen.example"
    own = give(esim, esim_email="it@havnen.example", user__email="igen@havnen.example")
    assert own.value("esim_email") == "it@havnen.example"
    later = give(esim, user_mode="later")
    assert later.missing == ("esim_email",), "nobody to send it to"


def test_a_user_who_is_not_known_yet_cannot_sign_without_a_name() -> None:
    # guard: a power of attorney never names the company as the person who signs
    later = give(
        form("fjallton", {**COMPLETE["fjallton"], **PORT["fjallton"]}), port__signatory="employee", user_mode="later"
    )
    assert {"port.signer_name", "port.email"} <= set(later.missing)


# --- What has more than one kind of answer, and what belongs to others -------------------------------------------


def test_the_company_chooses_among_its_own_things_however_few() -> None:
    # guard: Question.own
    one = replace(an_inventory(), fixed=an_inventory().fixed[:1], reserved=an_inventory().reserved[:1])
    at = context("fjallton", inventory=one)
    mex = form(at, {**COMPLETE["fjallton"], "pbx": "pbx", "mex": "yes"})
    assert "mex_fixed" in mex.missing, "one fixed number is asked for, not taken"
    reserved = form(at, {**COMPLETE["fjallton"], "number_source": "reserved"})
    assert "reserved_number" in reserved.missing
    none = form(
        context("fjallton", inventory=Inventory()),
        {**mex.line.answers, "number_source": "reserved", "user_mode": "later"},
    )
    assert {"mex_fixed", "reserved_number"} <= set(none.missing), "none stands in the way until another way is chosen"


def test_an_own_free_number_or_any_where_reserving_is_no_choice_of_its_own() -> None:
    plain = form("baeltkom", COMPLETE["baeltkom"])
    assert [o.value for o in plain.options("reserved_number")] == ["auto", "+4520000010", "+4520000011"]
    assert plain.value("reserved_number") == "auto"
    fixed = give(plain, product="BK-FIX")
    assert [o.value for o in fixed.options("reserved_number")] == ["auto", "+4520000120", "+4520000121"]
    chosen = give(plain, reserved_number="+4520000011", product="BK-FIX")
    assert set(chosen.line.resets) == {"reserved_number"} and "reserved_number" in chosen.missing
    assert give(chosen, reserved_number="auto").is_complete, "what stands in for an answer can be chosen like another"
    assert not form(context("baeltkom", inventory=Inventory()), COMPLETE["baeltkom"]).visible("reserved_number")


def test_a_single_thing_that_is_sold_is_not_asked_for_but_counts() -> None:
    tenant = TENANTS["klitfon"]
    one = replace(tenant, catalogue=replace(tenant.catalogue, plans=tenant.catalogue.plans[1:2]))
    only = form(context("klitfon", tenant=one), {q: v for q, v in COMPLETE["klitfon"].items() if q != "product"})
    assert not only.visible("product") and only.plan is not None and only.is_complete
    assert only.answers()["kind"] == "mobile" and only.answers()["product"] == "KF-M"


@pytest.mark.parametrize(
    ("question", "value", "refused"),
    [
        ("port.number", "+46701740680", "port.number.twice"),
        ("icc", "89469900000000000010", "icc.twice"),
        ("specific_number", "+46701740605", "specific.taken"),
        ("user.initials", "bø", "initials.taken"),
    ],
)
def test_one_thing_on_one_line_only(question: str, value: str, refused: str) -> None:
    # guard: Form.elsewhere; a parked answer takes nothing away
    slug = "baeltkom" if question == "user.initials" else "fjallton"
    source = {"port.number": "port", "specific_number": "specific"}.get(question, "new")
    first = {**COMPLETE[slug], **({"number_source": source, question: value} if question != "user.initials" else {})}
    one, two = forms(
        context(slug),
        first,
        {**COMPLETE[slug], "number_source": source, "icc": "", "user.initials": "", "user.first": "Bo"},
    )
    with pytest.raises(Invalid) as taken:
        read(two, question, value)
    assert taken.value.problem.code == refused
    parked = {
        "port.number": {"number_source": "new"},
        "specific_number": {"number_source": "new"},
        "icc": {"sim": "esim"},
    }
    if question in parked:
        _, free = forms(context(slug), {**first, **parked[question]}, two.line.answers)
        assert read(free, question, value) == value
    assert one.line.answers


def test_what_others_have_is_refused() -> None:
    at = context("fjallton")
    source = {**COMPLETE["fjallton"], "number_source": "specific"}
    for question, typed, refused in (
        ("specific_number", "070-174 06 99", "specific.taken"),
        ("specific_number", "08-465 004 00", "port.number.mobile"),
        ("icc", "89469900000000000028", "icc.used"),
        ("user", "e9", "user.missing"),
    ):
        with pytest.raises(Invalid) as taken:
            read(form(at, source), question, typed)
        assert taken.value.problem.code == refused, question
    porting = form(at, {**COMPLETE["fjallton"], "number_source": "port"})
    with pytest.raises(Invalid) as ours:
        read(porting, "port.number", "070-174 06 60")
    assert ours.value.problem == Problem("port.number.ours", {"n": "070-174 06 60", "tenant": "Fjällton"})
    with pytest.raises(Invalid) as initials:
        read(form("baeltkom", COMPLETE["baeltkom"]), "user.initials", "må")
    assert initials.value.problem.code == "initials.taken"


# --- Days --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "kind", "typed", "refused"),
    [
        ("fjallton", "mobile", "2026-11-27", None),  # Saturday 21 November: five working days lead to Friday
        ("fjallton", "mobile", "2026-11-26", "port.date.early"),
        ("fjallton", "fixed", "2026-12-03", "port.date.early"),
        ("fjallton", "fixed", "2026-12-04", None),
        ("fjallton", "mobile", "2026-12-24", "port.date.weekend"),
        ("fjallton", "mobile", "2026-11-29", "port.date.weekend"),
        ("fjallton", "mobile", "2027-11-22", "port.date.late"),
        ("fjallton", "mobile", "tomorrow", "port.date.shape"),
        ("fjallton", "mobile", "2027-02-30", "date.unknown"),
        ("baeltkom", "mobile", "25.11.2026", None),  # three working days, the tenant's own lead
        ("baeltkom", "mobile", "24.11.2026", "port.date.early"),
        ("klitfon", "mobile", "23.11.2026", None),
    ],
)
def test_days_on_which_a_number_can_move(slug: str, kind: str, typed: str, refused: str | None) -> None:
    base = {**(FIXED if kind == "fixed" else COMPLETE[slug]), **PORT[slug], "port.mode": "date"}
    porting = form(slug, base)
    if refused is None:
        assert read(porting, "port.date", typed)
        return
    with pytest.raises(Invalid) as early:
        read(porting, "port.date", typed)
    assert early.value.problem.code == refused


def test_a_day_between_days_off_is_doubtful_not_wrong() -> None:
    porting = form("fjallton", {**COMPLETE["fjallton"], **PORT["fjallton"]})
    warn = QUESTIONS["port.date"].warn
    assert warn("2027-05-07", porting) is not None, "the Friday after Ascension Day"
    assert warn("2026-12-03", porting) is None


def test_only_a_wished_day_is_asked_for_where_one_is_wished() -> None:
    unsaid = form("baeltkom", {**COMPLETE["baeltkom"], **PORT["baeltkom"], "port.mode": ""})
    assert unsaid.value("port.mode") == "asap" and not unsaid.visible("port.date") and unsaid.is_complete
    assert give(unsaid, port__mode="date").missing == ("port.date",)
    assert form("fjallton", {**COMPLETE["fjallton"], **PORT["fjallton"]}).visible("port.date"), (
        "the only question there"
    )


@pytest.mark.parametrize(("typed", "refused"), [("2026-11-20", "start_date.early"), ("2028-01-01", "port.date.late")])
def test_start_days(typed: str, refused: str) -> None:
    with pytest.raises(Invalid) as wrong:
        read(form("fjallton", COMPLETE["fjallton"]), "start_date", typed)
    assert wrong.value.problem.code == refused
    assert read(form("fjallton", COMPLETE["fjallton"]), "start_date", "2026-11-21") == "2026-11-21"


def test_answers_are_looked_at_again_before_ordering() -> None:
    # guard: flow.stale
    answers = {**COMPLETE["fjallton"], **PORT["fjallton"]}
    assert revalidate(form("fjallton", answers)) == {}
    later = context("fjallton", now=datetime(2026, 12, 1, 9, tzinfo=UTC))
    assert [why.code for why in revalidate(form(later, answers)).values()] == ["port.date.early"]
    used = context("fjallton", inventory=an_inventory(used_iccids=frozenset({answers["icc"]})))
    assert set(revalidate(form(used, answers))) == {"icc"}
    both = forms(context("fjallton"), answers, {**answers, "icc": "89469900000000000036"})
    assert set(revalidate(both[1])) == {"port.number"}
    parked = {**answers, "number_source": "new"}
    assert revalidate(form(later, parked)) == {}, "what is parked is not looked at"


# --- Pages -------------------------------------------------------------------------------------------------------


def _send(to: str, step_id: str, stored: Answers, raw: Answers, at: OrderContext | None = None):  # type: ignore[no-untyped-def]
    opened = form(at or context(to), stored)
    step = opened.composition.step(step_id)
    return answer_step(opened, step.ask, raw, frozenset(q for q in step.ask if opened.visible(q)))


def test_an_empty_page_says_everything_that_is_missing() -> None:
    answered = _send("fjallton", "avtal", {"kind": "mobile"}, {})
    assert {q: why.code for q, why in answered.problems.items()} == {
        "binding": "binding.missing",
        "call_rate": "call_rate.missing",
    }


def test_a_question_that_comes_up_is_asked_not_complained_about() -> None:
    answered = _send("fjallton", "nummer", COMPLETE["fjallton"], {"number_source": "port"})
    assert not answered.problems and "port.number" in answered.newly_asked and not answered.is_fine


def test_later_questions_see_the_answers_before_them() -> None:
    raw = {"binding": "agreement", "months": "24", "call_rate": "flat"}
    answered = answer_step(form("fjallton", {"kind": "mobile"}), ("binding", "months", "call_rate"), raw, None)
    assert answered.is_fine and answered.line.answers["months"] == "24"
    assert answered.written == {"binding", "months", "call_rate"}


def test_a_doubt_passes_the_second_time() -> None:
    # guard: a warning stops once, and again for another value
    stored = {**COMPLETE["fjallton"], "icc": ""}
    opened = form("fjallton", stored)
    ask, raw = ("sim", "icc"), {"sim": "icc", "icc": "89469900000000000017"}
    first = answer_step(opened, ask, raw, None)
    assert {q: why.code for q, why in first.warnings.items()} == {"icc": "icc.luhn"} and not first.is_fine
    assert first.line.answers["icc"] == "89469900000000000017", "kept all the same"
    second = answer_step(opened.with_line(first.line), ask, raw, None)
    assert second.is_fine
    other = answer_step(opened.with_line(second.line), ask, {**raw, "icc": "89469900000000000018"}, None)
    assert set(other.warnings) == {"icc"}


def test_what_was_never_on_the_page_is_refused() -> None:
    # guard: hidden step values are attacker-controlled
    answered = _send("fjallton", "avtal", {"kind": "mobile"}, {"binding": "none", "call_rate": "free", "months": "1"})
    assert answered.problems == {"call_rate": Problem("option.unknown")}
    assert "months" not in answered.line.answers, "not asked, so not read"
    smuggled = form(
        "fjallton", {**COMPLETE["fjallton"], "product": "BK-XL", "port.mode": "asap", "user.initials": "XX"}
    )
    assert not {"product", "port.mode", "user.initials"} & set(smuggled.answers()), "the tenant asks none of them"
    assert smuggled.value("user.initials") == ""


def test_what_the_tenant_no_longer_asks_neither_counts_nor_costs() -> None:
    # guard: an answer counts only where it is asked
    tenant = TENANTS["fjallton"]
    steps = tuple(
        replace(s, blocks=tuple(replace(b, ask=tuple(q for q in b.ask if q not in {"mex", "topup"})) for b in s.blocks))
        for s in tenant.composition.steps
    )
    without = replace(tenant, composition=replace(tenant.composition, steps=steps))
    answers = {**COMPLETE["fjallton"], "pbx": "pbx", "mex": "yes", "mex_fixed": "+46846500420"}
    unasked = form(context("fjallton", tenant=without), answers)
    assert unasked.is_complete and not {"mex", "mex_fixed", "topup"} & set(unasked.answers())
    assert not [row for row in quote([unasked]).rows if row.code == "FJ-MEX"]


def test_one_page_resets_what_its_own_answers_made_impossible() -> None:
    tenant = _pared(TENANTS["fjallton"], "FJ-MOB-VAR", ("FJ-D1",))
    answered = _send(
        "fjallton", "avtal", COMPLETE["fjallton"], {"binding": "none", "call_rate": "metered"},
        context("fjallton", tenant=tenant),
    )  # fmt: skip
    assert answered.resets == ("data",) and not answered.is_fine


def test_the_walk_counts_only_steps_that_ask() -> None:
    opened = journey(form("fjallton"))
    assert not opened.is_countable and opened.unanswered is opened.steps[0]
    mobile, fixed = journey(form("fjallton", {"kind": "mobile"})), journey(form("fjallton", {"kind": "fixed"}))
    assert mobile.is_countable and len(fixed.steps) < len(mobile.steps)
    assert mobile.unanswered and mobile.unanswered.id == "avtal"
    assert mobile.may_visit(mobile.steps[0]) and not mobile.may_visit(mobile.steps[3]), "no step is skipped"
    done = journey(form("fjallton", COMPLETE["fjallton"]))
    assert done.unanswered is None and all(map(done.may_visit, done.steps))
    assert done.before(done.steps[0]) is None and done.after(done.steps[-1]) is None
    assert done.after(done.steps[0]) == done.steps[1] == done.before(done.steps[2])


def test_one_more_like_it_takes_no_number_no_card_and_no_person() -> None:
    source = form("fjallton", {
        **COMPLETE["fjallton"], **PORT["fjallton"], "binding": "agreement", "months": "36", "waiver_36": "yes",
        "sim": "ship", "delivery": "new", "delivery.street": "Hamngatan 3", "data_cards": "1",
    })  # fmt: skip
    more = copied(source, 2)
    assert more.n == 2 and set(more.answers) == {
        "kind", "binding", "months", "call_rate", "data", "pbx", "sim", "topup", "data_cards", "port.operator",
        "delivery", "delivery.street",
    }  # fmt: skip
    assert "waiver_36" not in more.answers, "a right is given up each time by its own tick"


# --- Publishing meanwhile ----------------------------------------------------------------------------------------


def test_a_question_that_is_required_from_now_on_blocks_an_open_draft() -> None:
    tenant = TENANTS["fjallton"]
    steps = tuple(
        replace(s, blocks=(replace(s.blocks[0], ask=(*s.ask, "user.dept")),)) if s.id == "anvandare" else s
        for s in tenant.composition.steps
    )
    asked = replace(tenant, composition=replace(tenant.composition, version=2, steps=steps))
    new_user = {"user_mode": "new", "user.first": "A", "user.last": "B", "user.email": "a@b.example"}
    answers = {**COMPLETE["fjallton"], **new_user}
    assert form("fjallton", answers).is_complete
    assert form(context("fjallton", tenant=asked), answers).missing == ("user.dept",)


def test_a_new_list_prices_an_open_draft_anew_and_says_what_moved() -> None:
    """A list is valid from its day, midnight in the tenant's own time zone, until the next one begins."""
    tenant = TENANTS["fjallton"]
    old = tenant.price_lists[0]
    dearer = replace(old.prices["FJ-D15", "month"], amounts={0: 9900})
    new = replace(
        old, id="fjallton/2026-12-01", valid_from=datetime(2026, 12, 1).date(),  # noqa: DTZ001
        prices={**old.prices, ("FJ-D15", "month"): dearer},
    )  # fmt: skip
    moving = replace(tenant, price_lists=(old, new))
    before = priced(context("fjallton", tenant=moving), COMPLETE["fjallton"])
    eve = context("fjallton", tenant=moving, now=datetime(2026, 11, 30, 22, 59, tzinfo=UTC))
    assert priced(eve, COMPLETE["fjallton"]).fingerprint() == before.fingerprint()
    midnight = context("fjallton", tenant=moving, now=datetime(2026, 11, 30, 23, 0, tzinfo=UTC))
    after = priced(midnight, COMPLETE["fjallton"])
    assert after.fingerprint() != before.fingerprint() and after.price_list == "fjallton/2026-12-01"
    (change,) = after.differences(before)
    assert (change.row.code, change.before and change.before.unit, change.after and change.after.unit) == (
        "FJ-D15", old.amount("FJ-D15", "month", 0), new.amount("FJ-D15", "month", 0),
    )  # fmt: skip


# --- 36 months ---------------------------------------------------------------------------------------------------

BOUND = {"binding": "agreement", "months": "36"}


@pytest.mark.parametrize("size", ["micro", "small", "unknown"])
@pytest.mark.parametrize("slug", ["fjallton", "skarvox", "baeltkom"])
def test_a_small_company_waives_its_right_by_its_own_tick(slug: str, size: str) -> None:
    """36 months: a small company waives its right by its own tick."""
    # guard: waiver_36
    bound = form(context(slug, size=size), {**COMPLETE[slug], **BOUND})
    assert bound.missing == ("waiver_36",) and not bound.is_complete
    assert give(bound, waiver_36="yes").is_complete
    assert give(bound, months="24").is_complete, "which needs none"


def test_a_large_company_is_not_asked() -> None:
    large = form("fjallton", {**COMPLETE["fjallton"], **BOUND})
    assert large.is_complete and not large.visible("waiver_36")


def test_no_tenant_can_leave_the_waiver_out_or_make_it_optional() -> None:
    # guard: BY_LAW, and LONGEST where it is not asked
    tenant = TENANTS["fjallton"]
    lenient = replace(tenant, composition=replace(tenant.composition, optional=frozenset({"waiver_36"})))
    at = context("fjallton", tenant=lenient, size="small")
    assert form(at, {**COMPLETE["fjallton"], **BOUND}).missing == ("waiver_36",)
    steps = tuple(
        replace(s, blocks=tuple(replace(b, ask=tuple(q for q in b.ask if q != "waiver_36")) for b in s.blocks))
        for s in tenant.composition.steps
    )
    silent = replace(tenant, composition=replace(tenant.composition, steps=steps, fixed={"waiver_36": "yes"}))
    unasked = form(context("fjallton", tenant=silent, size="small"), {**COMPLETE["fjallton"], **BOUND})
    assert [o.value for o in unasked.options("months")] == ["12", "24"] and not unasked.is_complete
    assert "36" in [o.value for o in form(context("fjallton", tenant=silent), unasked.line.answers).options("months")]


def test_klitfon_leaves_36_months_out() -> None:
    bound = form("klitfon", {**COMPLETE["klitfon"], "binding": "agreement"})
    assert [o.value for o in bound.options("months")] == ["12", "24"]
    assert "months" in form("klitfon", {**COMPLETE["klitfon"], **BOUND}).missing


# --- The order in which it is asked does not matter --------------------------------------------------------------


@pytest.mark.parametrize("slug", SLUGS)
def test_a_form_answers_alike_whatever_is_asked_first(slug: str) -> None:
    """Prices of options depend on answers that depend on options; each must be told apart from the other."""
    answers = {**COMPLETE[slug], "binding": "agreement", "months": "24"}

    def told(first: str) -> object:
        asked = form(slug, answers)
        asked.value(first)
        asked.options(first)
        return asked.plan, asked.answers(), {q: asked.options(q) for q in asked.composition.asked}, asked.missing

    expected = told("number_source")
    for question in TENANTS[slug].composition.asked:
        assert told(question) == expected, question


def test_options_tell_what_they_cost_at_the_commitment_chosen() -> None:
    bound = form("fjallton", {**COMPLETE["fjallton"], "binding": "agreement", "months": "24"})

    def prices(question: str) -> dict[str, int | None]:
        return {o.value: o.amount.minor if o.amount else None for o in bound.options(question)}

    assert prices("call_rate") == {"flat": 10900, "metered": 3900}
    assert prices("months") == {"12": 12900, "24": 10900, "36": 9900}
    assert prices("data")["FJ-D40"] == 9900
    assert prices("sim") == {"icc": None, "ship": None, "esim": None}


# --- Things built by hand ----------------------------------------------------------------------------------------


def test_a_line_takes_its_name_from_whoever_gets_it() -> None:
    assert form("fjallton", COMPLETE["fjallton"]).user_name == "Märta Ångström"
    gone = context("fjallton", inventory=an_inventory(employees=()))
    assert form(gone, COMPLETE["fjallton"]).user_name == ""
    assert Employee("e1", "Märta", "").name == "Märta"


def test_a_plan_needs_no_call_rate_where_there_is_one_plan() -> None:
    tenant = TENANTS["fjallton"]
    plans: tuple[Plan, ...] = tenant.catalogue.plans[1:]
    packages: tuple[DataPackage, ...] = tenant.catalogue.data
    one = replace(tenant, catalogue=replace(tenant.catalogue, plans=plans, data=packages))
    answers = {q: v for q, v in COMPLETE["fjallton"].items() if q != "call_rate"}
    only = form(context("fjallton", tenant=one), answers)
    assert not only.visible("call_rate") and only.is_complete and only.answers()["call_rate"] == "flat"


def test_nothing_is_sold_without_a_price_list() -> None:
    """Without a list that is valid today nothing can be ordered."""
    early = context("fjallton", now=datetime(2025, 12, 31, 12, tzinfo=UTC))
    assert not form(early, COMPLETE["fjallton"]).is_complete


def test_write_changes_nothing_when_nothing_is_new() -> None:
    opened = form("fjallton", COMPLETE["fjallton"])
    assert write(opened, "data", "FJ-D15") is opened.line

"""Every way through the demo tenants' forms, page by page as a person goes, leads to an order."""

from __future__ import annotations

from datetime import date

import pytest

from tests.domain.ordering.order_contexts import FIXED, Answers, context, form
from tests.domain.ordering.test_order import placed
from webapp.domain.ordering.answering import Answered, answer_step, write
from webapp.domain.ordering.journey import journey
from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.order import OrderLine
from webapp.domain.ordering.questions.catalogue import QUESTIONS
from webapp.domain.tenants.tenant import Step

PERSON = {
    "user.first": "Bente",
    "user.last": "Østergård",
    "user.email": "bente@havnen.example",
    "user.initials": "BØ",
    "user.title": "Indkøber",
}
TO_STORE = {
    "delivery": "new",
    "delivery.name": "Lagret",
    "delivery.street": "Hamngatan 3",
    "delivery.zip": "41458",
    "delivery.city": "Göteborg",
}


def page(form: LineContext, step: Step, wanted: Answers) -> Answered:
    """Fills in a page until nothing more comes up on it: what is wanted, and everything else as the page shows it."""
    shown: frozenset[str] = frozenset()
    while (now := frozenset(q for q in step.ask if form.visible(q))) != shown:
        shown = now
        answered = answer_step(form, step.ask, {q: wanted.get(q, form.value(q)) for q in shown}, shown)
        form = form.with_line(answered.line)
    return answered


def walk(slug: str, wanted: Answers, start: Answers | None = None) -> tuple[OrderLine, list[str]]:
    """The line that comes of wanting this, and the pages it took."""
    to, pages = form(context(slug)), []
    for question, raw in (start or {}).items():
        to = to.with_line(write(to, question, raw))
    step: Step | None = journey(to).steps[0]
    while step:
        assert journey(to).may_visit(step), step.id
        answered = page(to, step, wanted)
        assert answered.is_fine, (step.id, answered.problems, answered.warnings, answered.newly_asked)
        pages.append(step.id)
        to = to.with_line(answered.line)
        step = journey(to).after(step)
    assert to.is_complete, to.missing
    chosen = {q: raw for q, raw in wanted.items() if to.visible(q) and QUESTIONS[q].is_choice}
    assert chosen == {q: to.value(q) for q in chosen}
    return placed(to).lines[0], pages


NUMBERS = {
    ("mobile", "new"): {},
    ("fixed", "new"): {"area_code": "031"},
    ("mobile", "reserved"): {"reserved_number": "+46701740661"},
    ("fixed", "reserved"): {"reserved_number": "+46846500411"},
    ("mobile", "specific"): {"specific_number": "070-174 06 35"},
    ("fixed", "specific"): {"specific_number": "08-465 004 05"},
    ("mobile", "port"): {"port.number": "070-174 06 80", "port.date": "2026-12-03"},
    ("fixed", "port"): {"port.number": "08-465 004 90", "port.date": "2026-12-07"},
}
PORTING = {
    "port.operator": "Granlinjen", "port.customer_no": "884412", "port.owner_type": "company",
    "port.signatory": "other", "port.signer_name": "Åke Ö", "port.email": "ake@granit.example", "port.hour": "10",
    "port.binding_ack": "yes", "port.mode": "date",
}  # fmt: skip
SIMS = {
    "icc": {"icc": "8946 9900 0000 0000 0010"},
    "ship": TO_STORE,
    "esim": {"esim_email": "bente@havnen.example", "eid": "89046999 000000000000000000000154"},
}


def swedish(prefix: str, kind: str, source: str, sim: str) -> dict[str, str]:
    common = {"kind": kind, "binding": "agreement", "months": "24", "number_source": source, "pbx": "pbx"}
    number = {**NUMBERS[kind, source], **(PORTING if source == "port" else {})}
    mobile = {
        "call_rate": "flat", "data": f"{prefix}-D15", "sim": sim, **SIMS[sim], "mex": "yes",
        "mex_fixed": "+46846500421", "topup": "yes", "data_cards": "0",
    }  # fmt: skip
    return {**common, **number, **(mobile if kind == "mobile" else {}), "user_mode": "new", **PERSON}


@pytest.mark.parametrize("slug", ["fjallton", "skarvox"])
@pytest.mark.parametrize("sim", SIMS)
@pytest.mark.parametrize("source", ["new", "reserved", "specific", "port"])
def test_swedish_mobile(slug: str, source: str, sim: str) -> None:
    line, pages = walk(slug, swedish({"fjallton": "FJ", "skarvox": "SX"}[slug], "mobile", source, sim))
    assert pages == ["typ", "avtal", "data", "nummer", "sim", "vaxel", "anvandare", "tillval"]
    assert line.kind == "mobile" and line.months == 24 and line.number_source == source
    assert line.answers["mex_fixed"] == "+46846500421" and line.answers["sim"] == sim
    assert bool(line.porting) == (source == "port")
    if source in {"reserved", "specific"}:
        assert line.answers[f"{source}_number"].startswith("+467017406")
    if sim == "ship":
        assert line.answers["delivery.zip"] == "41458"


@pytest.mark.parametrize("slug", ["fjallton", "skarvox"])
@pytest.mark.parametrize("source", ["new", "reserved", "specific", "port"])
def test_swedish_fixed(slug: str, source: str) -> None:
    line, pages = walk(slug, swedish({"fjallton": "FJ", "skarvox": "SX"}[slug], "fixed", source, "icc"))
    assert pages == ["typ", "avtal", "nummer", "vaxel", "anvandare", "tillval"], "steps without a question are skipped"
    assert line.kind == "fixed" and line.data is None and "sim" not in line.answers
    if line.porting:
        assert line.porting.kind == "fixed" and line.porting.e164 == "+46846500490"


@pytest.mark.parametrize("user", [{"user_mode": "existing", "user": "e2"}, {"user_mode": "later"}])
def test_other_users(user: Answers) -> None:
    wanted = {**FIXED, "binding": "none", **user}
    line, _ = walk("fjallton", wanted)
    assert line.user_name == ("Søren Ægidius" if user["user_mode"] == "existing" else "")
    assert line.months == 0


DANISH_PORT = {
    "port.number": "20 00 00 50", "port.operator": "Sundtel", "port.owner_type": "company", "port.signatory": "me",
    "port.mode": "date", "port.date": "3.12.2026", "port.binding_ack": "yes",
}  # fmt: skip


@pytest.mark.parametrize("article", ["BK-MOBIL", "BK-BASIS", "BK-FIX"])
@pytest.mark.parametrize(
    "number",
    [
        {"number_source": "new"},
        {"number_source": "new", "reserved_number": "own"},
        {"number_source": "port", **DANISH_PORT},
    ],
)
def test_baeltkom(article: str, number: Answers) -> None:
    own = "+4520000120" if article == "BK-FIX" else "+4520000010"
    wanted = {
        **PERSON, **number, "data": "BK-L", "binding": "agreement", "months": "36", "pbx": "pbx", "data_cards": "1",
        "delivery": "a2", **({"reserved_number": own} if "reserved_number" in number else {}),
    }  # fmt: skip
    line, pages = walk("baeltkom", wanted, {"product": article})
    assert pages == ["details"], "everything on one page"
    assert line.plan == article and line.months == 36
    assert (line.data == "BK-L") == (article == "BK-MOBIL") == ("data_cards" in line.answers)
    assert line.answers.get("sim") == (None if article == "BK-FIX" else "ship")
    if "reserved_number" in number:
        assert line.answers["reserved_number"] == own
    if line.porting:
        assert (line.porting.e164, line.porting.mode, line.porting.wished_date) == (
            "+4520000050",
            "date",
            date(2026, 12, 3),
        )


def test_baeltkom_without_a_subscription_asks_for_it_first() -> None:
    assert form("baeltkom").missing[0] == "product"


@pytest.mark.parametrize("article", ["KF-VAR", "KF-M", "KF-U"])
@pytest.mark.parametrize("sim", ["esim", "ship", "icc"])
@pytest.mark.parametrize("number", [{"number_source": "new"}, {"number_source": "port", **DANISH_PORT}])
def test_klitfon(article: str, sim: str, number: Answers) -> None:
    wanted = {
        "product": article, "binding": "agreement", "months": "12", **number, "sim": sim, "icc": "8945990000000000018",
        "user_mode": "new", **PERSON, "pbx": "standalone", "data_cards": "1", "delivery": "a1",
    }  # fmt: skip
    line, pages = walk("klitfon", wanted)
    assert pages[0] == "abonnement" and len(pages) == len(set(pages)) >= 5
    assert line.plan == article and line.months == 12 and line.answers["sim"] == sim
    if sim == "esim":
        assert line.answers["esim_email"] == PERSON["user.email"], "follows the user, who is asked later"

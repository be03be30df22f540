"""The four demo tenants as they stand in tenants/: in order, in both languages, and priced as the worked orders say."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.builders import a_company
from tests.own_tenants import OWN_TENANTS
from webapp.domain.ordering.draft import Draft, Line
from webapp.domain.ordering.line import OrderContext
from webapp.domain.ordering.quote import Quote, quote
from webapp.domain.people import Inventory, Person
from webapp.domain.tenants.tenant import SigningTerms, Tenant
from webapp.tenancy.check import report
from webapp.tenancy.folders import load
from webapp.tenancy.registry import Registry
from webapp.tenancy.revision import tenant_from_json, tenant_to_json

ROOT = OWN_TENANTS
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LOADED = load(ROOT, "demo", NOW, "http://{host}:8000")
SLUGS = ("baeltkom", "fjallton", "klitfon", "skarvox")


@pytest.mark.parametrize("mode", ["demo", "test", "production"])
def test_nothing_is_found(mode: str) -> None:
    loaded = load(ROOT, mode, NOW)
    assert not loaded.findings, report(loaded.findings)
    assert tuple(loaded.tenants) == SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_a_revision_reads_back_equal(slug: str) -> None:
    tenant = LOADED.tenants[slug]
    assert tenant_from_json(json.loads(json.dumps(tenant_to_json(tenant)))) == tenant


def test_a_revision_of_an_earlier_release_is_still_read() -> None:
    """A release may stop asking for a field; what was published before it still starts the portal and makes its orders' papers."""
    tenant = LOADED.tenants["fjallton"]
    earlier = tenant_to_json(tenant)
    earlier |= {"retired": "1", "market": {**earlier["market"], "locale": "sv_SE"}}
    assert tenant_from_json(earlier) == tenant
    earlier.pop("signing")
    assert tenant_from_json(earlier).signing == SigningTerms()


def test_hosts_follow_the_mode() -> None:
    served = load(ROOT, "production", NOW).tenants
    assert LOADED.tenants["fjallton"].hosts == ("fjallton.localhost",)
    assert LOADED.tenants["fjallton"].base_url == "http://fjallton.localhost:8000"
    assert served["fjallton"].base_url == "https://bestall.fjallton.example"
    assert LOADED.tenants["baeltkom"].test_numbers and not served["baeltkom"].test_numbers
    assert served["baeltkom"].revision != LOADED.tenants["baeltkom"].revision


def test_a_revision_is_the_folder(tmp_path: Path) -> None:
    root = Path(shutil.copytree(ROOT, tmp_path / "tenants"))
    before = load(root, "demo", NOW).tenants
    brand = root / "fjallton/brand.toml"
    brand.write_text(brand.read_text().replace("soft", "round"))
    after = load(root, "demo", NOW).tenants
    changed = {slug for slug in SLUGS if before[slug].revision != after[slug].revision}
    assert changed == {"fjallton", "skarvox"}, "a reseller is what its operator is, and nobody else changes"


def test_a_fifth_tenant_needs_files_only(tmp_path: Path) -> None:
    root = Path(shutil.copytree(ROOT, tmp_path / "tenants"))
    shutil.copytree(Path(__file__).parent / "good/alfa", root / "alfa")
    loaded = load(root, "demo", NOW)
    assert not loaded.findings, report(loaded.findings)
    assert Registry(loaded.tenants.values()).by_host("alfa.localhost") is loaded.tenants["alfa"]
    asks_nothing = SigningTerms(("code_mail", "paper"), seal_key="alfa")
    assert loaded.tenants["alfa"].signing == asks_nothing, "a folder that says nothing of signing holds as before"


def test_each_tenant_signs_in_its_own_way() -> None:
    ways = {slug: tenant.signing.methods for slug, tenant in LOADED.tenants.items()}
    assert ways == {
        "fjallton": ("code_mail", "eid", "paper"),
        "skarvox": ("code_mail", "eid", "paper"),
        "baeltkom": ("code_sms", "code_mail", "paper"),
        "klitfon": ("eid", "code_mail", "paper"),
    }
    assert LOADED.tenants["skarvox"].signing == LOADED.tenants["fjallton"].signing, "the contract party signs and seals"
    klitfon = LOADED.tenants["klitfon"].signing
    assert klitfon.eid and klitfon.eid.scopes[0] == "openid" and klitfon.seal_key == "klitfon"


def test_a_reseller_sends_codes_under_its_own_name(tmp_path: Path) -> None:
    root = Path(shutil.copytree(ROOT, tmp_path / "tenants"))
    (root / "skarvox/tenant.toml").write_text(
        (root / "skarvox/tenant.toml").read_text().replace('"fjallton"', '"baeltkom"')
    )
    found = [finding for finding in load(root, "demo", NOW).findings if finding.code.startswith("signing.")]
    assert [finding.code for finding in found] == ["signing.no_sender"], "the operator's name is not shown instead"

    root = Path(shutil.copytree(Path(__file__).parent / "good", tmp_path / "good"))
    for slug, said in (("alfa", 'methods = ["code_sms"]\nsms_sender = "Alfa"'), ("beta", 'sms_sender = "Beta"')):
        file = root / slug / "tenant.toml"
        file.write_text(f"{file.read_text()}\n[signing]\n{said}\n")
    loaded = load(root, "demo", NOW)
    assert not loaded.findings, report(loaded.findings)
    assert loaded.tenants["beta"].signing == SigningTerms(("code_sms",), "alfa", "Beta")


def test_a_reseller_shows_its_own_sign_and_the_operator_signs() -> None:
    reseller, operator = LOADED.tenants["skarvox"], LOADED.tenants["fjallton"]
    assert reseller.contract_party == operator.legal and reseller.legal.name == "Skärvox AB"
    assert reseller.composition == operator.composition and reseller.market == operator.market
    assert reseller.brand.colour == "#FFD200" and reseller.brand.logo != operator.brand.logo
    own = tenant_to_json(reseller)
    for part in ("brand", "support", "mail", "welcome", "texts", "catalogue", "name"):
        assert "Fjällton" not in json.dumps(own[part], ensure_ascii=False)
    named = [text.name for text in reseller.legal_texts if "Fjällton" in text.source]
    assert set(named) == {"terms", "privacy"}, "whose contract it is, and who else keeps personal data"
    files = [path.read_text() for path in (ROOT / "skarvox").rglob("*.md")]
    assert not [text for text in files if "Fjällton" in text], "the parent is named by placeholder"
    assert reseller.signing.eid and "fjallton" not in reseller.signing.eid.client_id


def test_no_reseller_takes_an_operators_host() -> None:
    operator, reseller = LOADED.tenants["fjallton"], LOADED.tenants["skarvox"]
    thief = tenant_from_json({**tenant_to_json(reseller), "hosts": ["fjallton.localhost"]})
    assert Registry([thief, operator]).by_host("fjallton.localhost") == operator


def test_answers_come_in_the_tenants_order() -> None:
    """Klitfon shows eSIM first."""
    tenant = LOADED.tenants["klitfon"]
    person = Person("p1", "Åsa Öberg", "asa@example.example", "owner", "da", a_company())
    draft = Draft("d1", "c1", "da", tenant.revision, "p1", "p1", NOW)
    form = OrderContext(tenant, a_company(), person, Inventory(), NOW, "da").form(draft, Line(1, {"product": "KF-M"}))
    assert [option.value for option in form.options("sim")] == ["esim", "ship", "icc"]


# --- The worked orders A to D of the domain facts ----------------------------------------------------------------


def priced(slug: str, agreement: str | None, *answers: dict[str, str], size: str = "large") -> Quote:
    """What lines with these answers cost."""
    tenant: Tenant = LOADED.tenants[slug]
    company = a_company(agreement=agreement, size=size)
    person = Person("p1", "Åsa Öberg", "asa@example.example", "owner", tenant.language, company)
    context = OrderContext(tenant, company, person, Inventory(), NOW, tenant.language)
    lines = tuple(Line(n, given) for n, given in enumerate(answers, 1))
    draft = Draft("d1", company.id, tenant.language, tenant.revision, person.id, person.id, NOW, lines=lines)
    return quote(context.form(draft, line) for line in lines)


def figures(priced_order: Quote) -> list[tuple[int, int, int]]:
    """Net, VAT and gross by the month, once, and over the commitment."""
    totals = (priced_order.monthly, priced_order.once, priced_order.minimum)
    return [(total.net.minor, total.vat.minor, total.gross.minor) for total in totals]


def test_order_a() -> None:
    order = priced("fjallton", "FJ-RAM", {
        "kind": "mobile", "binding": "agreement", "months": "24", "call_rate": "flat", "data": "FJ-D40",
        "number_source": "new", "sim": "icc", "pbx": "pbx", "mex": "yes", "data_cards": "1",
    })  # fmt: skip
    assert figures(order) == [(23700, 5925, 29625), (4900, 1225, 6125), (573700, 143425, 717125)]


def test_order_b() -> None:
    order = priced("skarvox", None, {
        "kind": "mobile", "binding": "none", "call_rate": "metered", "data": "SX-D5", "data_cards": "1",
        "number_source": "specific", "specific_number": "+46701740641", "sim": "icc", "pbx": "standalone",
    })  # fmt: skip
    assert figures(order)[:2] == [(14900, 3725, 18625), (83900, 20975, 104875)]


def test_order_c() -> None:
    order = priced("baeltkom", "BK-RAMME", {
        "product": "BK-MOBIL", "data": "BK-L", "binding": "agreement", "months": "36", "waiver_36": "yes",
        "number_source": "new", "pbx": "pbx", "data_cards": "2",
    }, size="small")  # fmt: skip
    assert figures(order) == [(24900, 6225, 31125), (13700, 3425, 17125), (910100, 227525, 1137625)]


def test_danish_worked_order() -> None:
    one = {
        "product": "KF-M", "binding": "agreement", "months": "12", "number_source": "port", "sim": "esim",
        "pbx": "standalone",
    }  # fmt: skip
    order = priced("klitfon", "KF-RAMME", one, one, one)
    assert figures(order) == [(44700, 11175, 55875), (0, 0, 0), (536400, 134100, 670500)]

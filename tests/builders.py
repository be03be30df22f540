"""Small, plain values for tests: each builder makes something whole, and every field can be given."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from webapp.domain.market import DENMARK, SWEDEN, Market
from webapp.domain.money import Money
from webapp.domain.ordering.draft import Draft, Line
from webapp.domain.ordering.line import OrderContext
from webapp.domain.ordering.order import Fact, Order, OrderLine, Provenance
from webapp.domain.ordering.outline import Outline
from webapp.domain.ordering.quote import Commitment, Quote, Row
from webapp.domain.people import Address, Company, Employee, Inventory, OwnNumber, Person
from webapp.domain.porting.porting import Porting
from webapp.domain.tenants.catalogue import Catalogue, Charge, DataPackage, Plan, Price, PriceList, UsagePrice
from webapp.domain.tenants.tenant import (
    Block,
    Brand,
    Composition,
    Eid,
    LegalEntity,
    LegalText,
    MailSender,
    PortingTerms,
    SigningTerms,
    Step,
    Support,
    Tenant,
    Welcome,
)

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
"""Saturday 21 November 2026, 14:05 in Stockholm and Copenhagen."""

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""When a portal's tests begin: 24 November 2026, 10:00 in Stockholm and Copenhagen."""

LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40" width="120" height="40">'
    b'<rect width="40" height="40" rx="6" fill="#1B4FD1"/><path d="M52 30V10L68 30V10" stroke="#17202A" '
    b'stroke-width="4" fill="none"/></svg>'
)


def a_catalogue(**overrides: Any) -> Catalogue:
    """Two mobile plans, a fixed one, two data packages and the usual charges."""
    plans = (
        Plan("FLAT", "mobile", _both("Mobil Fri"), "flat", ("D15", "D40")),
        Plan("VAR", "mobile", _both("Mobil Rörlig"), "metered", ("D15", "D40")),
        Plan("FIX", "fixed", {"sv": "Fast nummer", "da": "Fastnetnummer"}),
    )
    data = (DataPackage("D15", _both("Data 15 GB"), 15), DataPackage("D40", _both("Data 40 GB"), 40, 1))
    charges = (
        Charge("MEX", {"sv": "Mobil anknytning", "da": "Mobilt lokalnummer"}, "mex", "month"),
        Charge("SIM", _both("SIM-kort"), "sim_card", "once"),
        Charge("ESIM", _both("eSIM"), "esim", "once"),
        Charge("DSIM", {"sv": "Datasim", "da": "Datadelingskort"}, "card_beyond_free", "month"),
        Charge("SHIP", {"sv": "Leverans", "da": "Forsendelse"}, "shipping", "once", "order"),
    )
    return replace(Catalogue(plans, data, charges, max_cards=3), **overrides)


def a_price_list(slug: str = "provtele", currency: str = "SEK", **overrides: Any) -> PriceList:
    """Prices for `a_catalogue`, without commitment and for 24 months."""
    monthly = {"FLAT": (14900, 10900), "VAR": (4900, 3900), "FIX": (5900, 4900), "D15": (8900, 6900)}
    monthly |= {"D40": (12900, 9900), "MEX": (3900, 2900), "DSIM": (2900, 2500)}
    once = {"SIM": 4900, "ESIM": 0, "SHIP": 3900}
    prices = {(code, "month"): Price({0: listed, 24: agreed}, "line") for code, (listed, agreed) in monthly.items()}
    prices |= {(code, "once"): Price({0: amount}, "card") for code, amount in once.items()}
    usage = (UsagePrice("VAR", "minute", 5900), UsagePrice("VAR", "sms", 5900))
    return replace(PriceList(f"{slug}/2026-01-01", date(2026, 1, 1), currency, prices, usage), **overrides)


def a_tenant(market: Market = SWEDEN, **overrides: Any) -> Tenant:
    """An operator that asks little; Swedish, or Danish with `market=DENMARK`."""
    swedish = market.code == "SE"
    slug = overrides.get("slug", "provtele")
    legal = (
        LegalEntity("Provtele AB", "559999-1014", "SE559999101401", ("Provgatan 1", "111 22 Stockholm"))
        if swedish
        else LegalEntity("Prøvetele A/S", "99000058", "DK99000058", ("Prøvevej 1", "8000 Aarhus C"))
    )
    start = Step("start", {}, (Block("main", ("kind", "call_rate", "data", "number_source", "sim")),))
    languages = (market.language, "da" if swedish else "sv")
    values: dict[str, Any] = {
        "slug": slug,
        "name": "Provtele" if swedish else "Prøvetele",
        "hosts": (f"{slug}.example",),
        "base_url": f"https://{slug}.example",
        "ref_prefix": "PT",
        "market": market,
        "languages": languages,
        "parent": None,
        "legal": legal,
        "contract_party": overrides.get("legal", legal),
        "support": Support("+46406280400" if swedish else "+4520000000", f"support@{slug}.example", _both("8–17")),
        "mail": MailSender("Provtele", f"no-reply@{slug}.example", f"support@{slug}.example"),
        "brand": Brand("#1B4FD1", "soft", LOGO, "Provtele" if swedish else "Prøvetele", LOGO),
        "composition": Composition(1, "steps", (), (start,)),
        "catalogue": a_catalogue(),
        "price_lists": (a_price_list(slug, market.currency),),
        "agreements": {"RAM": (a_price_list(slug, market.currency, id=f"{slug}/RAM/2026-01-01", agreement="RAM"),)},
        "porting": PortingTerms(("Granlinjen", "Riksförmedlingen"), terminate=True, info=True, transfer=True),
        "welcome": Welcome("ask", "Teams", {}),
        "area_codes": {"08": "Stockholm"} if swedish else {},
        "texts": {},
        "legal_texts": tuple(
            _legal_text(name, language) for name in ("terms", "privacy", "summary") for language in languages
        ),
        "test_numbers": (("+4520000000", "+4520009999"),),
        "notice_months": 1,
        "notice_months_bound": 3,
        "revision": "0" * 64,
        "signing": SigningTerms(seal_key=slug),
    }
    return Tenant(**{**values, **overrides})


def an_eid(**overrides: Any) -> Eid:
    """A broker in the Idura dialect, asked for BankID."""
    values: dict[str, Any] = {
        "issuer": "https://eid.provtele.example",
        "client_id": "provtele",
        "secret_env": "SKYLT_EID_SECRET_PROVTELE",
        "dialect": "idura",
        "acr": ("urn:grn:authn:se:bankid",),
    }
    return Eid(**{**values, **overrides})


def a_company(**overrides: Any) -> Company:
    """A small Swedish company with the framework agreement RAM."""
    values = {
        "id": "c1",
        "name": "Granit & Gran AB",
        "org_id": "5599990016",
        "size": "large",
        "agreement": "RAM",
        "street": "Björkgatan 5",
        "zip": "11418",
        "city": "Stockholm",
    }
    return Company(**{**values, **overrides})


def a_danish_company(**overrides: Any) -> Company:
    """A small Danish company."""
    danish = {"name": "Havnens Handel A/S", "org_id": "99000007", "street": "Ny Vestergade 7", "zip": "8000"}
    return a_company(**{**danish, "city": "Aarhus C", **overrides})


def a_person(company: Company | None = None, **overrides: Any) -> Person:
    """The company's account owner."""
    values: dict[str, Any] = {
        "id": "p1",
        "name": "Gösta Malmström",
        "email": "gosta@granit.example",
        "role": "owner",
        "language": "sv",
        "company": company or a_company(),
    }
    return Person(**{**values, **overrides})


def an_inventory(market: Market = SWEDEN, **overrides: Any) -> Inventory:
    """Two of each: own numbers in reserve, fixed numbers in use, addresses, employees; free numbers of the seller."""
    if market is DENMARK:
        mobile, fixed, used = "+452000001{}", "+452000012{}", "+452000011{}"
        free = {f"+45200000{n:02d}" for n in range(10)} | {f"+45200001{n:02d}" for n in range(10)}
        home = (
            Address("a1", "Havnens Handel A/S", "Ny Vestergade 7", "8000", "Aarhus C"),
            Address("a2", "Lager Nord", "Havnevej 3", "9000", "Aalborg"),
        )
    else:
        mobile, fixed, used = "+4670174066{}", "+4684650041{}", "+4684650042{}"
        free = {f"+467017406{n:02d}" for n in range(5, 40)} | {f"+468465004{n:02d}" for n in range(10)}
        home = (
            Address("a1", "Granit & Gran AB", "Björkgatan 5", "11418", "Stockholm"),
            Address("a2", "Lagret", "Hamngatan 3", "41458", "Göteborg"),
        )
    values: dict[str, Any] = {
        "reserved": tuple(
            OwnNumber(shape.format(n), kind, "reserved")
            for shape, kind in ((mobile, "mobile"), (fixed, "fixed"))
            for n in (0, 1)
        ),
        "fixed": tuple(OwnNumber(used.format(n), "fixed", "allocated") for n in (0, 1)),
        "addresses": home,
        "employees": (
            Employee("e1", "Märta", "Ångström", "marta@granit.example", "MÅ"),
            Employee("e2", "Søren", "Ægidius", "soren@granit.example", "SÆ"),
        ),
        "ours": frozenset({mobile.format(0)}),
        "used_iccids": frozenset({"89469900000000000028", "8945990000000000026"}),
        "seller_free": frozenset(free),
    }
    return Inventory(**{**values, **overrides})


def an_order_context(tenant: Tenant | None = None, **overrides: Any) -> OrderContext:
    """An account owner of a large company with an agreement, at NOW, in the tenant's language."""
    serving = tenant or a_tenant()
    danish = serving.market.code == "DK"
    company = a_danish_company() if danish else a_company()
    company = overrides.pop("company", replace(company, agreement=next(iter(serving.agreements), None)))
    values: dict[str, Any] = {
        "tenant": serving,
        "company": company,
        "person": a_person(company, language=serving.language),
        "inventory": an_inventory(DENMARK if danish else SWEDEN),
        "now": NOW,
        "language": serving.language,
    }
    return OrderContext(**{**values, **overrides})


def a_draft(*lines: Line, **overrides: Any) -> Draft:
    """A draft of these lines, begun at NOW."""
    values: dict[str, Any] = {
        "id": "d1",
        "company": "c1",
        "language": "sv",
        "tenant_revision": "0" * 64,
        "created_by": "p1",
        "touched_by": "p1",
        "touched_at": NOW,
        "lines": lines or (Line(1),),
    }
    return Draft(**{**values, **overrides})


def an_outline(n: int = 1, **overrides: Any) -> Outline:
    """What is remembered of a line that costs nothing and claims nothing."""
    values: dict[str, Any] = {
        "n": n,
        "basis": "",
        "name": "",
        "missing": 0,
        "is_complete": True,
        "digest": "d",
        **dict.fromkeys(("monthly", "once", "minimum", "months", "parcels"), 0),
        **dict.fromkeys(("is_bound", "is_agreed", "is_awaiting", "has_plan", "lacks_data"), False),
        "claims": (),
    }
    return Outline(**{**values, **overrides})


def a_porting(**overrides: Any) -> Porting:
    """The company's own mobile number, to move on a wished day."""
    values: dict[str, Any] = {
        "e164": "+46701740680",
        "kind": "mobile",
        "donor": "Granlinjen",
        "customer_no": "884412",
        "present_icc": "",
        "owner_type": "company",
        "owner_name": "Granit & Gran AB",
        "owner_id": "5599990016",
        "owner_address": "Björkgatan 5, 114 18 Stockholm",
        "signer_name": "Åsa Öberg",
        "signer_email": "asa@granit.example",
        "mode": "date",
        "wished_date": date(2026, 12, 3),
        "wished_hour": "",
        "takeover": False,
    }
    return Porting(**{**values, **overrides})


def a_line(n: int = 1, **overrides: Any) -> OrderLine:
    """A mobile line with 40 GB, bound for 24 months, on a new number."""
    values: dict[str, Any] = {
        "n": n,
        "answers": {"kind": "mobile", "sim": "icc", "data": "D40"},
        "facts": (
            Fact("kind", "Mobilt eller fast?", "Mobilt"),
            Fact("data", "Datapaket", "Data 40 GB"),
            Fact("icc", "SIM-kortets nummer (ICC)", "8946 9900 0000 0000 016"),
        ),
        "user_name": "Märta Ångström",
        "user_email": "marta@granit.example",
        "plan": "FLAT",
        "plan_name": "Mobil Fri",
        "data": "D40",
        "months": 24,
        "number_source": "new",
        "number": "+46701740605",
    }
    return OrderLine(**{**values, **overrides})


def a_ported_line(n: int = 1, *, porting: Porting | None = None, **overrides: Any) -> OrderLine:
    """A line whose number comes from another operator."""
    moving = porting or a_porting()
    return a_line(n, number_source="port", number=moving.e164, porting=moving, **overrides)


def a_quote(lines: tuple[OrderLine, ...], currency: str = "SEK", **overrides: Any) -> Quote:
    """What `a_line`s cost: 237,00 by the month and 49,00 once, each, as in the worked order A of the domain facts."""
    rows = [
        row
        for line in lines
        for row in (
            Row(line.n, "FLAT", line.plan_name, "month", 1, Money(10900, currency)),
            Row(line.n, "D40", "Data 40 GB", "month", 1, Money(9900, currency)),
            Row(line.n, "MEX", "Mobil anknytning", "month", 1, Money(2900, currency)),
            Row(line.n, "DSIM:free", "Datasim", "month", 1, None),
            Row(line.n, "SIM", "SIM-kort", "once", 1, Money(4900, currency)),
        )
    ]
    commitments = tuple(Commitment(line.n, line.months or 1, bool(line.months)) for line in lines)
    made = Quote(tuple(rows), commitments, "provtele/2026-01-01", "provtele/RAM/2026-01-01", currency, 2500)
    return replace(made, **overrides)


def an_order(*lines: OrderLine, tenant: Tenant | None = None, **overrides: Any) -> Order:
    """An order of one line, or of these, placed at NOW in the tenant's language."""
    serving = tenant or a_tenant()
    placed = lines or (a_line(),)
    danish = serving.market is DENMARK
    terms = serving.legal_text("terms", overrides.get("language", serving.language))
    values: dict[str, Any] = {
        "ref": "PT-7K4Q-2M",
        "draft": "d1",
        "company": a_danish_company() if danish else a_company(),
        "ordered_by": "Gösta Malmström",
        "ordered_by_email": "gosta@granit.example",
        "ordered_by_role": "owner",
        "language": serving.language,
        "placed_at": NOW,
        "reference": "Kst 4711",
        "lines": placed,
        "quote": a_quote(placed, serving.market.currency),
        "provenance": Provenance(serving.revision, 1, "provtele/2026-01-01", "RAM", terms.version, terms.sha256),
    }
    return Order(**{**values, **overrides})


def _both(text: str) -> dict[str, str]:
    return {"sv": text, "da": text}


def _legal_text(name: str, language: str) -> LegalText:
    said = "## speeds\n\nUp to 100.\n\n## disabilities\n\nText.\n\n## other\n\nAsk.\n" if name == "summary" else ""
    source = f"# {name}\n\n{language}\n\n{said}"
    return LegalText(name, language, "2026-01-01", source, hashlib.sha256(source.encode()).hexdigest())

"""The worked orders of the trade come out on the page and in the database to the öre, at four tenants, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from tests.browsing import Portal
from tests.journeys.ways import DANISH, MOVE_DK, SWEDISH, approve, begin, draft_of, review, walk
from webapp.domain.money import Money


@dataclass(frozen=True)
class Worked:
    """An order with its answers by line, and what it costs: net, VAT and gross by the month, at the start, over the time."""

    tenant: str
    lines: tuple[Mapping[str, str], ...]
    monthly: tuple[int, int, int]
    once: tuple[int, int, int]
    least: tuple[int, int, int] | None
    product: str = ""
    again: Mapping[str, str] = field(default_factory=dict)  # what only the first can have, and the second has instead


A = Worked(
    "fjallton",
    (
        {
            **SWEDISH, "binding": "agreement", "months": "24", "call_rate": "flat", "data": "FJ-D40",
            "number_source": "new", "sim": "icc", "icc": "8946 9900 0000 0000 0010", "pbx": "pbx", "mex": "yes",
            "mex_fixed": "+46846500450", "data_cards": "1",
        },
    ),
    (23700, 5925, 29625),
    (4900, 1225, 6125),
    (573700, 143425, 717125),
    again={"8946 9900 0000 0000 0010": "89469900000000000028"},
)  # fmt: skip
B = Worked(
    "skarvox",
    (
        {
            **SWEDISH, "binding": "none", "call_rate": "metered", "data": "SX-D5", "number_source": "specific",
            "specific_number": "070-174 06 41", "sim": "ship", "data_cards": "1",
        },
    ),
    (14900, 3725, 18625),
    (83900, 20975, 104875),
    None,
    again={"070-174 06 41": "+46 70 174 06 42"},
)  # fmt: skip
C = Worked(
    "baeltkom",
    (
        {
            **DANISH,
            "number_source": "new",
            "data": "BK-L",
            "binding": "agreement",
            "months": "36",
            "pbx": "pbx",
            "data_cards": "2",
        },
    ),
    (24900, 6225, 31125),
    (13700, 3425, 17125),
    (910100, 227525, 1137625),
    product="BK-MOBIL",
    again={"MÅN": "MÅ2"},
)
D = Worked(
    "klitfon",
    tuple(
        {
            **DANISH, **MOVE_DK, "product": "KF-M", "binding": "agreement", "months": "12", "sim": "esim",
            "port.number": f"20 00 00 5{n}", "user.first": first, "user.email": f"{first}@vestklit.example".lower(),
            "port.email": f"{first}.privat@post.example".lower(), "esim_email": "esim@vestklit.example",
        }
        for n, first in enumerate(("Anna", "Bo", "Carl"))
    ),
    (44700, 11175, 55875),
    (0, 0, 0),
    (536400, 134100, 670500),
    again={f"20 00 00 5{n}": f"2000006{n}" for n in range(3)},
)  # fmt: skip


@pytest.mark.parametrize("language", ["sv", "da"])
@pytest.mark.parametrize("worked", [A, B, C, D], ids="ABCD")
def test_it_costs_what_it_should(portal: Portal, worked: Worked, language: str) -> None:
    portal.speak(worked.tenant, "owner", language)
    visitor = begin(portal.visitor(worked.tenant), product=worked.product)
    for n, answers in enumerate(worked.lines):
        if n:
            visitor.send(f"/drafts/{draft_of(visitor)}/lines", visitor.fields)
        again = worked.again if language == "da" else {}
        walk(visitor, {question: again.get(value, value) for question, value in answers.items()})
    review(visitor)
    assert visitor.dom.get("lang") == language
    price = visitor.price()
    expected = (worked.monthly, worked.once, worked.least)
    words = portal.words(worked.tenant, language)
    for key, amount in zip(("price.per_month", "price.at_start", "price.minimum"), expected, strict=True):
        label = words.say(key)
        assert (label in price) == (amount is not None)
        if amount:
            assert _minor(price[label]) == amount[0], label
    gross = words.money(Money(worked.monthly[2], portal.tenant(worked.tenant).market.currency), whole=True)
    assert " ".join(gross.split()) in visitor.text
    approve(visitor)
    assert re.fullmatch(r"/orders/[A-Z]{2}-\w{4}-\w{2}/receipt", visitor.path), visitor.errors
    quote = portal.order(worked.tenant, visitor.path.split("/")[2]).quote
    stored = [(t.net.minor, t.vat.minor, t.gross.minor) for t in (quote.monthly, quote.once, quote.minimum)]
    assert [got for got, wanted in zip(stored, expected, strict=True) if wanted] == [e for e in expected if e]


def _minor(text: str) -> int:
    whole, _, rest = re.sub(r"[^0-9,]", "", text).partition(",")
    return int(whole) * 100 + int(rest or 0)

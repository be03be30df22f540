"""Answers for whole lines, by question; they say nothing of how a page asks."""

from __future__ import annotations

from datetime import date

from webapp import clock
from webapp.domain.market import MARKETS, Market


def move_day(market: Market, days: int = 14) -> date:
    """A day on which a number can move."""
    return market.after_working_days(market.today(clock.now()), days)


def a_move_day(market: Market, days: int = 14) -> str:
    """The same as one writes it there."""
    day = move_day(market, days)
    return f"{day:%d.%m.%Y}" if market.language == "da" else day.isoformat()


NEW_USER = {
    "user_mode": "new",
    "user.first": "Märta",
    "user.last": "Ångström",
    "user.initials": "MÅN",
    "user.title": "Projektledare",
    "user.email": "marta@granitgran.example",
}
DELIVERY = {
    "delivery": "new",
    "delivery.name": "Märta Ångström",
    "delivery.street": "Gatan 1",
    "delivery.zip": "114 18",
    "delivery.city": "Stockholm",
}
MOBILE_SE = {
    "kind": "mobile",
    "binding": "agreement",
    "months": "24",
    "call_rate": "flat",
    "data": "FJ-D40",
    "number_source": "new",
    "sim": "ship",
    "pbx": "pbx",
    "mex": "yes",
    "mex_fixed": "+46846500450",
    **NEW_USER,
    **DELIVERY,
    "topup": "yes",
    "data_cards": "1",
    "welcome": "yes",
}
FIXED_SE = {
    "kind": "fixed",
    "binding": "none",
    "number_source": "new",
    "area_code": "08",
    "pbx": "standalone",
    **NEW_USER,
    "user.email": "fast@granitgran.example",
    "welcome": "yes",
}
PORT_SE = {
    "number_source": "port",
    "port.number": "070-174 06 80",
    "port.operator": "Granlinjen",
    "port.customer_no": "884412",
    "port.owner_type": "company",
    "port.signatory": "me",
    "port.date": a_move_day(MARKETS["SE"]),
    "port.binding_ack": "yes",
}
LINE_DK = {
    "product": "BK-MOBIL",
    "user.first": "Bjørn",
    "user.last": "Kær",
    "user.initials": "BJK",
    "user.title": "Sælger",
    "user.email": "bjorn@havnenshandel.example",
    "number_source": "new",
    "data": "BK-M",
    "binding": "agreement",
    "months": "12",
    "pbx": "pbx",
    "data_cards": "1",
    "delivery": "new",
    "delivery.name": "Bjørn Kær",
    "delivery.street": "Havnegade 12",
    "delivery.zip": "8000",
    "delivery.city": "Aarhus C",
}
PORT_DK = {
    "number_source": "port",
    "port.number": "20 00 00 50",
    "port.operator": "Sundtel",
    "port.customer_no": "884412",
    "port.present_icc": "8945990000000000010",
    "port.owner_type": "employee",
    "port.owner_address": "Vestergade 4, 8000 Aarhus C",
    "port.signatory": "employee",
    "port.email": "ejer@havnenshandel.example",
    "port.mode": "asap",
    "port.binding_ack": "yes",
}
SMALL_SE = {
    "kind": "mobile",
    "binding": "none",
    "call_rate": "metered",
    "data": "SX-D5",
    "number_source": "new",
    "sim": "ship",
    "pbx": "standalone",
    **NEW_USER,
    **DELIVERY,
    "topup": "yes",
    "data_cards": "0",
    "welcome": "no",
}
"""At Skärvox, whose first customer is a small company."""

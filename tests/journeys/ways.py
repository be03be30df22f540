"""Ways through the order form: answers by question, a walk that fills whatever a page asks, and the worked orders of the trade."""

from __future__ import annotations

from collections.abc import Mapping

from tests.browsing import Visitor, put

ALWAYS = {
    "user_mode": "new",
    "user.first": "Märta",
    "user.last": "Ångström",
    "user.initials": "MÅN",
    "user.title": "Chef",
    "user.email": "marta@granitgran.example",
    "user.dept": "",
    "topup": "yes",
    "data_cards": "0",
    "pbx": "standalone",
    "delivery": "new",
    "delivery.name": "Märta Ångström",
    "delivery.street": "Gatan 1",
    "delivery.zip": "11418",
    "delivery.city": "Stockholm",
}
"""What the orders below do not care about."""

SWEDISH = {**ALWAYS, "kind": "mobile"}
DANISH = {**ALWAYS, "delivery.zip": "8000", "delivery.city": "Aarhus C"}

MOVE_SE = {
    "number_source": "port",
    "port.number": "070-174 06 80",
    "port.operator": "Granlinjen",
    "port.customer_no": "884412",
    "port.owner_type": "company",
    "port.signatory": "me",
    "port.date": "2026-12-08",
    "port.binding_ack": "yes",
}
MOVE_DK = {
    "number_source": "port",
    "port.number": "20 00 00 50",
    "port.operator": "Sundtel",
    "port.customer_no": "884412",
    "port.owner_type": "employee",
    "port.owner_name": "Åse Ærø",
    "port.owner_address": "Ringvejen 2, 8000 Aarhus C",
    "port.signatory": "employee",
    "port.email": "ejer@hav.example",
    "port.mode": "asap",
    "port.binding_ack": "yes",
}


def begin(visitor: Visitor, kind: str = "mobile", product: str = "") -> Visitor:
    """A new draft, by the buttons that stand there."""
    visitor.open("/orders/new")
    if "product" in visitor.form.inputs:
        put(visitor.form, "product", product)
    return visitor.send("/orders/new", visitor.fields | ({"kind": kind} if "kind" in visitor.fields else {}))


def walk(visitor: Visitor, answers: Mapping[str, str], until: str = "") -> Visitor:
    """Fills page after page with what the answers hold, and presses the first button, until the line is done."""
    for _ in range(40):
        if "/lines/" not in visitor.path or (until and visitor.path.endswith(until)):
            return visitor
        fill(visitor, answers)
        visitor.press(first_button(visitor))
        assert visitor.status == 200, f"{visitor.path}: {visitor.errors}"
    raise AssertionError(f"never done: {visitor.path}")


def fill(visitor: Visitor, answers: Mapping[str, str]) -> Visitor:
    """Answers what this page asks and the answers know."""
    for name in list(visitor.form.inputs.keys()):
        control = visitor.form.inputs[name]
        hidden = hasattr(control, "get") and control.get("type") == "hidden"
        if name in answers and not hidden:
            put(visitor.form, name, answers[name])
    return visitor


def first_button(visitor: Visitor) -> str:
    """The words of the form's main button."""
    return " ".join(visitor.form.xpath(".//button[contains(@class, 'button-primary')]")[0].text_content().split())


def draft_of(visitor: Visitor) -> str:
    """The draft that the address names."""
    return visitor.path.split("/")[2]


def review(visitor: Visitor) -> Visitor:
    """The review of the draft."""
    return visitor.open(f"/drafts/{draft_of(visitor)}/review")


def approve(visitor: Visitor) -> Visitor:
    """Accepts the terms, and the contract summary where one is due, and presses the button of the review."""
    put(visitor.form, "terms", "yes")
    if "summary" in visitor.form.inputs:
        put(visitor.form, "summary", "accepted")
    return visitor.press(first_button(visitor))

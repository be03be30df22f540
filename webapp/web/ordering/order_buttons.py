"""The way into an order, as buttons that pages of every kind show alike; knows no draft."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g


@dataclass(frozen=True)
class Button:
    """Starts an order: at once, with a first answer (`kind`) where there is one, or by a page that `asks` for it."""

    label: str
    kind: str = ""
    asks: bool = False


def order_buttons() -> tuple[Button, ...]:
    """The buttons for whoever is signed in, in the tenant's words; none for those who may not order."""
    if g.person is None or not g.person.may_order:
        return ()
    form = g.tenant.composition
    if "kind" not in form.asked or form.start:
        return (Button(g.words.say("button.new_order"), asks=bool(form.start)),)
    offered = form.options.get("kind")
    kinds = dict.fromkeys(plan.kind for plan in g.tenant.catalogue.plans if offered is None or plan.kind in offered)
    return tuple(Button(g.words.say(f"button.order_{kind}"), kind) for kind in kinds)

"""A draft read back: a card for every user, a row for every answer with a way back to its question. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webapp.domain.flow import Form
from webapp.domain.market import Market
from webapp.domain.numbers import show_msisdn
from webapp.domain.questions import QUESTIONS
from webapp.domain.quote import Quote
from webapp.l10n import Words
from webapp.operations import wording
from webapp.web.order_form import line_url, start_step, step_url
from webapp.web.order_price import monthly


def holds(words: Words, market: Market, held: Mapping[str, datetime]) -> list[str]:
    """For every number that is kept from others, until when."""
    return [
        words.say("hold.until", n=show_msisdn(e164, market), time=words.time(until)) for e164, until in held.items()
    ]


def review_rows(words: Words, form: Form, changed: str = "") -> list[dict[str, Any]]:
    """One row for every question of a line, with a way back to it."""
    rows = []
    for question in form.visible_questions:
        step = next((s for s in form.composition.steps if question in s.ask), start_step(form))
        dom_id = question.replace(".", "-")
        missing = question in form.missing
        value = wording.read_back(words, form, question)
        spec = QUESTIONS[question]
        if missing:
            reset = form.line.resets.get(question)
            value = wording.problem(words, reset) if reset else words.say(spec.missing)
        action = words.say("answer.answer" if missing else "answer.change")
        rows.append(
            {
                "id": f"{form.line.n}-{dom_id}",
                "label": wording.short_label(words, question),
                "value": value,
                "missing": missing,
                "changed": changed == f"{form.line.n}-{dom_id}",
                "actions": [{"label": action, "url": f"{step_url(form, step)}?return=review#q-{dom_id}"}],
            }
        )
    return rows


def incomplete(words: Words, form: Form) -> str:
    """How many questions of a line lack an answer."""
    count = len(form.missing)
    text = words.ngettext(
        "%(name)s: %(num)s question lacks an answer", "%(name)s: %(num)s questions lack an answer", count
    )
    return text % {"name": wording.line_name(words, form), "num": words.number(count)}


def _lacks(words: Words, count: int) -> str:
    text = words.ngettext("%(num)s question lacks an answer", "%(num)s questions lack an answer", count)
    return text % {"num": words.number(count)}


def card(words: Words, form: Form, quote: Quote | None) -> dict[str, Any]:
    """One user of the order: name, plan and price, the answers that matter most, what is missing."""
    url = line_url(form)
    net = quote.of("month", form.line.n).net if quote else None
    price = monthly(words, net, form.awaits_months) if net or not form.missing else ""  # not known yet is not free
    plan = form.name(form.plan) if form.plan else ""
    number = wording.answer(words, form, "port.number") or wording.answer(words, form, "specific_number")
    facts = (
        (wording.short_label(words, "data"), wording.answer(words, form, "data")),
        (wording.short_label(words, "number_source"), number or wording.answer(words, form, "number_source")),
        (wording.short_label(words, "sim"), wording.answer(words, form, "sim")),
    )
    return {
        "n": form.line.n,
        "name": wording.line_name(words, form),
        "meta": " · ".join(filter(None, (plan, price))),
        "missing": _lacks(words, len(form.missing)) if form.missing else "",
        "facts": [(label, value) for label, value in facts if value],
        "action": words.say("answer.answer" if form.missing else "answer.change"),
        "url": url if form.missing else step_url(form, form.composition.steps[0]),
        "remove_url": f"{url}/remove",
    }

"""A draft read back: a card for every user, its answers in groups with a way back, prices beside what causes them. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from webapp.domain.market import Market
from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.outline import Outline
from webapp.domain.ordering.questions.catalogue import QUESTIONS
from webapp.domain.ordering.quote import Quote, cause
from webapp.l10n import Localizer
from webapp.operations.ordering import labels
from webapp.operations.ordering.review import LINES_A_PAGE, Look, Review
from webapp.operations.ordering.review_fingerprint import AnswerChange
from webapp.web.ordering.order_form import line_url, start_step, step_url
from webapp.web.ordering.order_price import monthly, row_price


def holds(words: Localizer, market: Market, held: Mapping[str, datetime]) -> list[str]:
    """For every number that is kept from others, until when."""
    return [
        words.say("hold.until", n=show_msisdn(e164, market), time=words.time(until)) for e164, until in held.items()
    ]


@dataclass(frozen=True)
class ReadRow:
    """An answer read back, with what it costs. `url` leads to its question where the answer is missing."""

    id: str
    label: str
    value: str
    prices: tuple[str, ...] = ()
    missing: bool = False
    changed: bool = False
    action: str = ""
    url: str = ""


@dataclass(frozen=True)
class ReadGroup:
    """Answers that are given in one place, with the one way back to it."""

    title: str
    url: str
    rows: tuple[ReadRow, ...]


def review_groups(words: Localizer, form: LineContext, quote: Quote | None, changed: str = "") -> tuple[ReadGroup, ...]:
    """The line's answers by the part of the form they were given in; what was left open and may be is left out."""
    prices = _prices(words, form, quote)
    start = (start_step(form),) if form.composition.start else ()
    groups = []
    for step in (*start, *form.composition.steps):
        for block in step.blocks:
            asked = [q for q in block.ask if q in form.visible_questions]
            rows = [
                _read_row(words, form, q, f"{step_url(form, step)}?return=review", prices.pop(q, ()), changed)
                for q in asked
                if q in form.missing or q in prices or labels.answer(words, form, q)
            ]
            if rows:
                title = block.titles.get(words.language) or step.titles.get(words.language)
                url = f"{step_url(form, step)}?return=review#q-{asked[0].replace('.', '-')}"
                groups.append(ReadGroup(title or labels.short_label(words, asked[0]), url, tuple(rows)))
    return tuple(groups)


def _read_row(
    words: Localizer, form: LineContext, question: str, step: str, prices: tuple[str, ...], changed: str
) -> ReadRow:
    dom_id = question.replace(".", "-")
    own, label = f"{form.line.n}-{dom_id}", labels.short_label(words, question)
    if question in form.missing:
        reset = form.line.resets.get(question)
        value = labels.problem(words, reset) if reset else words.say(QUESTIONS[question].missing)
        return ReadRow(own, label, value, (), True, False, words.say("answer.answer"), f"{step}#q-{dom_id}")
    return ReadRow(own, label, labels.read_back(words, form, question), prices, changed=changed == own)


def _prices(words: Localizer, form: LineContext, quote: Quote | None) -> dict[str, tuple[str, ...]]:
    """What each answer costs, by its question: the very rows of the quote."""
    found: dict[str, tuple[str, ...]] = {}
    for row in quote.by_line.get(form.line.n, ()) if quote else ():
        question = cause(form, row)
        if question and (row.amount is None or row.amount.minor):
            found[question] = (*found.get(question, ()), row_price(words, form, row))
    return found


def differences(words: Localizer, changes: Iterable[AnswerChange]) -> list[list[str]]:
    """Answers that are not what was seen: whose, which, before, now."""
    return [
        [
            change.who,
            labels.short_label(words, change.question) if change.question else words.gettext("User"),
            change.before or "–",
            change.after or "–",
        ]
        for change in changes
    ]


def incomplete(words: Localizer, line: Outline) -> str:
    """How many questions of a line lack an answer."""
    text = words.ngettext(
        "%(name)s: %(num)s question lacks an answer", "%(name)s: %(num)s questions lack an answer", line.missing
    )
    return text % {"name": labels.called(words, line.name, line.n), "num": words.number(line.missing)}


def look_of(args: Mapping[str, str]) -> Look:
    """Which lines an address asks for."""
    page = args.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 5 else 1
    return Look(number, args.get("q", "").strip()[:80], bool(args.get("lacking")))


@dataclass(frozen=True)
class LinesBar:
    """How one finds a line of an order too long for a page: by name, among those that lack answers, page by page."""

    path: str
    q: str
    is_narrowed: bool
    told: str
    lacking: str  # how many lack answers, in words; empty when none does
    lacking_url: str
    pages: tuple[Mapping[str, Any], ...]


def lines_bar(words: Localizer, review: Review, path: str) -> LinesBar | None:
    """None for an order that is all on one page."""
    look, count, lacking = review.look, len(review.outlines), len(review.incomplete)
    is_narrowed = bool(look.q or look.lacking)
    if count <= LINES_A_PAGE and not is_narrowed:
        return None
    if is_narrowed:
        told = words.ngettext("%(found)s of %(num)s user", "%(found)s of %(num)s users", count)
    else:
        told = words.gettext("Users %(first)s–%(last)s of %(num)s")
    numbers = {"found": review.found, "num": count, "first": review.first, "last": review.first + len(review.forms) - 1}
    lacks = words.ngettext("%(num)s user lacks answers", "%(num)s users lack answers", lacking)
    kept = {key: value for key, value in (("q", look.q), ("lacking", "1" if look.lacking else "")) if value}
    pages = (
        {"label": n, "url": f"{path}?{urlencode({**kept, 'page': n})}", "current": n == look.page}
        for n in range(1, review.pages + 1)
    )
    return LinesBar(
        path,
        look.q,
        is_narrowed,
        told % {name: words.number(number) for name, number in numbers.items()},
        lacks % {"num": words.number(lacking)} if lacking else "",
        f"{path}?lacking=1",
        tuple(pages),
    )


def _lacks(words: Localizer, count: int) -> str:
    text = words.ngettext("%(num)s question lacks an answer", "%(num)s questions lack an answer", count)
    return text % {"num": words.number(count)}


def card(words: Localizer, form: LineContext, quote: Quote | None) -> dict[str, Any]:
    """One user of the order: name, plan and price, the answers that matter most, what is missing."""
    url = line_url(form)
    net = quote.of("month", form.line.n).net if quote else None
    price = monthly(words, net, form.awaits_months) if net or not form.missing else ""  # not known yet is not free
    plan = form.name(form.plan) if form.plan else ""
    number = labels.answer(words, form, "port.number") or labels.answer(words, form, "specific_number")
    facts = (
        (labels.short_label(words, "data"), labels.answer(words, form, "data")),
        (labels.short_label(words, "number_source"), number or labels.answer(words, form, "number_source")),
        (labels.short_label(words, "sim"), labels.answer(words, form, "sim")),
    )
    return {
        "n": form.line.n,
        "name": labels.line_name(words, form),
        "meta": " · ".join(filter(None, (plan, price))),
        "missing": _lacks(words, len(form.missing)) if form.missing else "",
        "facts": [(label, value) for label, value in facts if value],
        "action": words.say("answer.answer" if form.missing else "answer.change"),
        "url": url if form.missing else step_url(form, form.composition.steps[0]),
        "remove_url": f"{url}/remove",
    }

"""What an order costs, as pages show it: the price box, totals, what has changed. Adds nothing up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from webapp.domain.money import Money
from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.questions.question import Option
from webapp.domain.ordering.quote import ORDER, Change, Quote, Row, surcharges
from webapp.domain.tenants.catalogue import Charge
from webapp.l10n import Localizer
from webapp.operations.ordering import labels

SHOWN = 20
"""Lines whose rows the price box shows one by one."""


class PriceRow(NamedTuple):
    """A line of the price box, as ui.html's `price_box` reads it."""

    label: str
    amount: str = ""
    unknown: str = ""  # said in place of an amount
    changed: bool = False
    delta: str = ""
    strong: bool = False


def monthly(words: Localizer, amount: Money | None, least: bool = False) -> str:
    """An amount by the month; empty when there is none. `least`: it may become more."""
    if amount is None:
        return ""
    return _from(words, words.say("price.monthly", amount=words.money(amount, whole=True)), least)


def _from(words: Localizer, amount: str, least: bool) -> str:
    return words.say("price.from", amount=amount) if least else amount


class PriceGroup(NamedTuple):
    """What one line costs, or the order beside its lines."""

    title: str
    rows: tuple[PriceRow, ...]


class PriceBox(NamedTuple):
    """The price box as ui.html draws it; equal ones look alike."""

    rev: int | str
    note: str
    short: str = ""
    groups: tuple[PriceGroup, ...] = ()
    totals: tuple[PriceRow, ...] = ()
    list_note: str = ""


def price(
    words: Localizer, forms: Iterable[LineContext], quote: Quote | None, rev: int, before: Quote | None = None
) -> PriceBox:
    """The price box with the rows of these lines; a row that has changed since `before` says by how much.

    What the quote holds of other lines is told in one sum.
    """
    forms = tuple(forms)
    count = len(quote.lines()) + quote.rest.count if quote else len(forms)
    if not count:
        return PriceBox(rev, words.say("lines.none"))
    if quote is None:
        return PriceBox(rev, words.say("price.none"))
    if not (any(form.plan for form in forms) or quote.rest.planned):
        return PriceBox(rev, words.say("price.choose_plan"))
    old = {(r.line, r.code, r.period): r for r in before.rows} if before else {}
    groups = [
        PriceGroup(
            labels.line_name(words, form),
            _price_rows(words, quote.by_line.get(form.line.n, ()), old, before is not None, form)
            + _unknown(words, form),
        )
        for form in forms[:SHOWN]
    ]
    if count > len(groups):
        groups.append(_others(words, quote, forms[:SHOWN], count))
    if order_rows := _price_rows(words, quote.by_line.get(0, ()), old, before is not None):
        groups.append(PriceGroup(words.say("price.order"), order_rows))
    lists = price_lists(words, quote)
    least = bool(quote.rest.awaiting) or any(form.awaits_months for form in forms)
    lacking = bool(quote.rest.dataless) or any(_unknown(words, form) for form in forms)
    if not quote.monthly.net.minor and lacking:
        # What is not known yet must not look as if it were free.
        short, sums = words.say("price.choose_data"), totals(words, quote, least)[1:]
    else:
        short, sums = monthly(words, quote.monthly.net, least), totals(words, quote, least)
        lists = f"{incl_vat(words, quote, least)}. {lists}"
    return PriceBox(rev, words.say("price.excl_vat"), short, tuple(groups), tuple(sums), lists)


def _others(words: Localizer, quote: Quote, shown: Iterable[LineContext], count: int) -> PriceGroup:
    """What the lines cost that are not shown one by one."""
    told = [ORDER, *(form.line.n for form in shown)]
    rest = {
        period: quote.of(period).net.minor - sum(quote.of(period, n).net.minor for n in told)
        for period in ("month", "once")
    }
    amounts = {period: words.money(Money(minor, quote.currency), whole=True) for period, minor in rest.items()}
    num = count - len(told) + 1
    title = words.ngettext("%(num)s other user", "%(num)s other users", num) % {"num": words.number(num)}
    rows = (
        PriceRow(words.say("price.per_month"), _from(words, amounts["month"], bool(quote.rest.awaiting))),
        PriceRow(words.say("price.at_start"), amounts["once"]),
    )
    return PriceGroup(title, rows)


def _unknown(words: Localizer, form: LineContext) -> tuple[PriceRow, ...]:
    if form.plan is None or "data" not in form.missing:
        return ()
    return (PriceRow(labels.label(words, "data"), unknown=words.say("price.choose_data")),)


def _price_rows(
    words: Localizer, rows: Iterable[Row], old: Mapping[Any, Row], comparing: bool, form: LineContext | None = None
) -> tuple[PriceRow, ...]:
    return tuple(
        _price_row(words, row, old, comparing, form is not None and form.varies(row.code, row.period)) for row in rows
    )


def _price_row(words: Localizer, row: Row, old: Mapping[Any, Row], comparing: bool, least: bool) -> PriceRow:
    label = row.text if row.quantity == 1 else f"{row.quantity} × {row.text}"
    amount = words.say("price.included")
    if row.amount is not None:
        amount = _from(words, words.money(row.amount, whole=True), least)
    if row.period == "once" and row.amount is not None:
        label = words.say("price.once_row", text=label)
    was = old.get((row.line, row.code, row.period))
    changed = comparing and (was is None or was.amount != row.amount)
    delta = ""
    if changed and was and was.amount is not None and row.amount is not None:
        difference = row.amount - was.amount
        delta = ("+" if difference.minor > 0 else "") + words.money(difference, whole=True)
    return PriceRow(label, amount, changed=changed, delta=delta)


def totals(words: Localizer, quote: Quote, least: bool = False) -> list[PriceRow]:
    """Per month, at the start, and the least that is paid over the commitment. `least`: a commitment is still to be chosen."""
    month = _from(words, words.money(quote.monthly.net, whole=True), least)
    rows = [
        PriceRow(words.say("price.per_month"), month, strong=True),
        PriceRow(words.say("price.at_start"), words.money(quote.once.net, whole=True)),
    ]
    if quote.is_bound:
        amount = words.money(quote.minimum.net, whole=True)
        rows.append(PriceRow(words.say("price.minimum"), amount))
    return rows


def incl_vat(words: Localizer, quote: Quote, least: bool = False) -> str:
    """The monthly total with VAT."""
    return words.say("price.incl_vat", amount=monthly(words, quote.monthly.gross, least))


def option_prices(words: Localizer, form: LineContext, question: str, options: Iterable[Option]) -> list[str]:
    """What stands at each answer: its monthly price, or what it costs besides; where one costs, the others say that they do not."""
    options = tuple(options)
    besides = [surcharges(form, question, option.value) for option in options]
    if not any(besides):
        least = not form.months and len(form.months_offered) > 1
        bound = {option.value: question == "binding" and option.value == "agreement" for option in options}
        every = form.awaits_months and question not in ("months", "binding")
        return [monthly(words, option.amount, least and (every or bound[option.value])) for option in options]
    paid = any(amount.minor for charges in besides for _, amount in charges)
    return [besides_price(words, form, charges, say_free=paid) for charges in besides]


def besides_price(
    words: Localizer,
    form: LineContext,
    charges: Iterable[tuple[Charge, Money]],
    *,
    say_free: bool = False,
    joined: str = " + ",
) -> str:
    """Charges in words; of nought that nothing is paid, of none nothing, or the same with `say_free`."""
    charges = tuple(charges)
    texts = [_charge(words, form, charge, amount) for charge, amount in charges if amount.minor]
    return joined.join(texts) or (words.say("price.free") if charges or say_free else "")


def _charge(words: Localizer, form: LineContext, charge: Charge, amount: Money) -> str:
    least = form.varies(charge.code, charge.period)
    if charge.level == "order":
        text = f"{charge.names[words.language]} {words.money(amount, whole=True)}"
        return words.say("price.once_an_order", text=text)
    if charge.period == "month":
        return monthly(words, amount, least)
    return words.say("price.once_row", text=_from(words, words.money(amount, whole=True), least))


def row_price(words: Localizer, form: LineContext, row: Row) -> str:
    """A row beside the answer that brings it: named, unless the answer is its name."""
    if row.amount is None:
        amount = words.say("price.included")
    elif row.period == "month":
        amount = monthly(words, row.amount, form.varies(row.code, row.period))
    else:
        amount = _from(words, words.money(row.amount, whole=True), form.varies(row.code, row.period))
        amount = words.say("price.once_row", text=amount)
    if row.code in {article.code for article in (form.plan, form.package) if article}:
        return amount
    text = row.text if row.quantity == 1 else f"{row.quantity} × {row.text}"
    return f"{text}: {amount}"


def cards_hint(words: Localizer, form: LineContext) -> str:
    """What a data card costs on this line, and how many cost nothing."""
    free = form.package.free_cards if form.package else 0
    price = besides_price(words, form, surcharges(form, "data_cards", "1"))
    if not price:
        return ""
    if not free:
        return words.say("price.card", amount=price)
    return words.say("price.card_after_one" if free == 1 else "price.card_after", n=words.number(free), amount=price)


def price_lists(words: Localizer, quote: Quote) -> str:
    """Which lists the prices come from."""
    day = _day_of(words, quote.price_list)
    if not quote.agreement:
        return words.say("price.list", day=day)
    code = quote.agreement.split("/")[-2]
    return words.say("price.list_and_agreement", day=day, code=code, since=_day_of(words, quote.agreement))


def _day_of(words: Localizer, source: str) -> str:
    """Since when a list holds, which is the last part of its name."""
    return words.day_short(date.fromisoformat(source.rpartition("/")[2]))


def spoken_total(words: Localizer, before: Quote | None, after: Quote | None) -> str:
    """What is announced when a total has changed; nothing otherwise."""
    if before is None or after is None:
        return ""
    if (before.monthly.net, before.once.net) == (after.monthly.net, after.once.net):
        return ""
    return words.say(
        "price.spoken",
        monthly=words.money(after.monthly.net, whole=True),
        once=words.money(after.once.net, whole=True),
    )


def differences(words: Localizer, changes: Iterable[Change], names: Mapping[int, str]) -> list[dict[str, str]]:
    """Rows whose amount is not what was seen: what, before, now."""

    def amount(row: Row | None) -> str:
        if row is None:
            return "–"
        return words.say("price.included") if row.amount is None else words.money(row.amount, whole=True)

    return [
        {
            "who": names.get(change.row.line, words.say("price.order")),
            "what": change.row.text,
            "period": words.say("price.per_month" if change.row.period == "month" else "price.at_start"),
            "before": amount(change.before),
            "after": amount(change.after),
        }
        for change in changes
    ]

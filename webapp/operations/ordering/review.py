"""A draft read back: a page of its lines with what all of them cost and lack, and whether it is still what was shown; stores no answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.contract_summary import Facts, facts_of
from webapp.domain.ordering.draft import MOST_LINES, Draft, Rest, Sums
from webapp.domain.ordering.line import LineContext, OrderContext
from webapp.domain.ordering.outline import Claims, Outline, outline, sums_of
from webapp.domain.ordering.quote import Change, NoPrices, Quote, quote
from webapp.domain.problem import Problem
from webapp.operations.ordering.checkout import TAKEN
from webapp.store.ordering.company_inventory import CompanyInventory, StoredInventory
from webapp.store.unit_of_work import Work

LINES_A_PAGE = 50


@dataclass(frozen=True)
class Look:
    """Which lines are looked at: a page (from 1) of those whose user's name holds `q`, or of those that lack answers."""

    page: int = 1
    q: str = ""
    lacking: bool = False

    def chosen(self, outlines: Iterable[Outline]) -> list[Outline]:
        """The lines it is about, all pages of them."""
        sought = self.q.casefold()
        return [
            each for each in outlines if sought in each.called.casefold() and not (self.lacking and each.is_complete)
        ]


FIRST_PAGE = Look()


@dataclass(frozen=True)
class Review:
    """The draft read back. `forms` are the lines of one page, `outlines` every line that is kept; `quote` is of all of them.

    `seen` is what is shown, signed, for the form; `moved` what prices of the page's lines did since the draft was begun.
    """

    draft: Draft
    look: Look
    pages: int
    found: int  # lines that `look` is about
    forms: tuple[LineContext, ...]
    outlines: tuple[Outline, ...]
    removed: tuple[Outline, ...]
    quote: Quote | None
    seen: str
    expired: Mapping[int, Problem]  # what could be answered, and no longer can
    held: Mapping[str, datetime]  # until when, by number
    moved: tuple[Change, ...]
    summary: Facts | None = None  # the contract summary, for small companies whose lines are all answered
    summary_seen: str = ""  # its fingerprint, signed, for the form

    @property
    def first(self) -> int:
        """The how-manieth of the lines that were found stands first on the page."""
        return (self.look.page - 1) * LINES_A_PAGE + 1

    @property
    def incomplete(self) -> tuple[Outline, ...]:
        """The lines that cannot be ordered yet."""
        return tuple(each for each in self.outlines if not each.is_complete)

    @cached_property
    def rest(self) -> Sums:
        """What the lines come to that are not on the page."""
        here = {form.line.n for form in self.forms}
        return sums_of(each for each in self.outlines if each.n not in here)

    @property
    def is_ready(self) -> bool:
        """Whether it can be approved."""
        complete = 0 < len(self.outlines) <= MOST_LINES and not self.incomplete
        return complete and not self.expired and self.quote is not None


def outlines_of(
    work: Work, things: CompanyInventory, context: OrderContext, draft: str, *, keep: bool
) -> tuple[Outline, ...]:
    """The outline of every line of a draft, found anew where prices or the tenant are others by now; kept so with `keep`."""
    known = work.drafts.outlines(draft)
    stale = [each.n for each in known if each.basis != context.basis]
    if not stale:
        return tuple(known)
    at_hand = things.with_draft(lines=stale, basis=context.basis)
    assert at_hand is not None, "its lines have just been read"
    found = {line.n: outline(alone(context, at_hand, line.n)) for line in at_hand.lines}
    if keep:
        work.drafts.save_outlines(draft, [(line, found[line.n]) for line in at_hand.lines])
    return tuple(found.get(each.n, each) for each in known)


def alone(context: OrderContext, draft: Draft, n: int) -> LineContext:
    """One of the lines at hand, for what does not hang on the others."""
    line = draft.line(n)
    assert line is not None
    return context.form(replace(draft, lines=(line,), rest=Rest()), line)


def all_forms(context: OrderContext, draft: Draft) -> tuple[tuple[LineContext, ...], tuple[Outline, ...]]:
    """Every kept line of a draft that is all at hand, with its outline. Each knows of the others only what they claim."""
    forms = [alone(context, draft, line.n) for line in draft.kept]
    outlines = tuple(outline(form) for form in forms)
    claims = Claims(outlines)
    return tuple(
        form.stored(replace(form.draft, rest=Rest(others=claims.of_others(form.line.n)))) for form in forms
    ), outlines


def look_ahead(inventory: StoredInventory, forms: Iterable[LineContext]) -> None:
    """Has the company's things looked through once for all lines, before each is asked whether it still holds."""
    moves, iccids, initials, numbers = set(), set(), set(), set()
    for form in forms:
        if number := form.value("port.number"):
            moves |= {(number, number), (form.value("port.first") or number, form.value("port.last") or number)}
        iccids |= {form.value("icc")}
        initials |= {form.value("user.initials")}
        if form.value("specific_number").startswith("+"):
            numbers.add((form.value("specific_number"), form.line_kind))
    inventory.look_ahead(sorted(moves), sorted(iccids - {""}), sorted(initials - {""}), sorted(numbers))


def page_of(look: Look, outlines: Sequence[Outline]) -> tuple[Look, int, list[Outline], int]:
    """The lines on the page, with how many pages and lines there are; a page that is not there is the last one."""
    chosen = look.chosen(outlines)
    pages = max(1, -(-len(chosen) // LINES_A_PAGE))
    at = replace(look, page=min(max(1, look.page), pages))
    return at, pages, chosen[(at.page - 1) * LINES_A_PAGE : at.page * LINES_A_PAGE], len(chosen)


def priced(forms: Sequence[LineContext], rest: Sums) -> Quote | None:
    """What an order costs; None without a line at hand or a price list for today."""
    try:
        return quote(forms, rest) if forms else None
    except NoPrices:
        return None


def as_begun(context: OrderContext, draft: Draft, forms: Sequence[LineContext], rest: Sums) -> Quote | None:
    """The quote by the lists of the day the draft was begun, when others are valid by now."""
    if not draft.price_seen or draft.price_seen == lists_of(context):
        return None
    prices, _, agreement = draft.price_seen.partition("|")
    known = {each.id: each for each in context.tenant.price_lists}
    agreed = {each.id: each for lists in context.tenant.agreements.values() for each in lists}
    then = replace(context, lists=(known.get(prices), agreed.get(agreement)))
    return priced([then.form(form.draft, form.line) for form in forms], rest)


def lists_of(context: OrderContext) -> str:
    """The price list and the agreement that a draft is priced by now, as a draft remembers them."""
    return f"{context.prices.id if context.prices else ''}|{context.agreement.id if context.agreement else ''}"


def no_longer_held(
    context: OrderContext, outlines: Iterable[Outline], held: Mapping[str, datetime]
) -> dict[int, Problem]:
    """The lines whose chosen number is not kept from others any more."""
    found = {}
    for each in outlines:
        for claim in each.claims:
            question, _, e164 = claim.partition(":")
            if question in TAKEN and e164.startswith("+") and e164 not in held:
                found[each.n] = Problem("hold.expired", {"n": show_msisdn(e164, context.tenant.market)})
    return found


def summary_of(context: OrderContext, forms: Sequence[LineContext], made: Quote | None) -> Facts | None:
    """The contract summary where one is due: a small company's, once all its lines are answered."""
    if not context.company.is_small or made is None or not all(form.is_complete for form in forms):
        return None
    return facts_of(forms, made)

"""What is remembered of a line stands for the line: totals, and who claims what, are the same without its answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.domain.ordering.order_contexts import COMPLETE, SLUGS, context, forms
from webapp.domain.ordering.draft import Rest
from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.outline import Claims, outline, sums_of
from webapp.domain.ordering.quote import quote


def alone(form: LineContext, all_forms: tuple[LineContext, ...]) -> LineContext:
    """The same line at hand alone, the others as they are remembered."""
    others = [outline(other) for other in all_forms if other is not form]
    claims = Claims(outline(each) for each in all_forms)
    rest = Rest(sums_of(others), max(each.line.n for each in all_forms), claims.of_others(form.line.n))
    return form.context.form(replace(form.draft, lines=(form.line,), rest=rest), form.line)


@pytest.mark.parametrize("slug", SLUGS)
def test_an_order_costs_the_same_whichever_of_its_lines_are_at_hand(slug: str) -> None:
    bare = {"kind": COMPLETE[slug].get("kind", "")}
    cards = {**COMPLETE[slug], "data_cards": "3"}
    every = forms(context(slug), COMPLETE[slug], bare, cards)
    whole = quote(every)
    for form in every:
        one = alone(form, every)
        part = quote([one], one.draft.rest.sums)
        assert (part.monthly, part.once, part.minimum) == (whole.monthly, whole.once, whole.minimum)
        assert (part.is_bound, part.agreement, part.by_line.get(0)) == (
            whole.is_bound,
            whole.agreement,
            whole.by_line.get(0),
        )
        assert part.by_line.get(form.line.n) == whole.by_line.get(form.line.n)
        assert one.draft.count == 3 and one.draft.next_n == 4
    rest = sums_of(map(outline, every))
    assert (rest.count, rest.incomplete) == (3, sum(not form.is_complete for form in every))


MOVED = {**COMPLETE["fjallton"], "number_source": "port", "port.number": "+46701740605"}


@pytest.mark.parametrize("remembered", [True, False])
def test_what_another_line_has_is_known_whether_it_is_at_hand_or_not(remembered: bool) -> None:
    new = {"user_mode": "new", "user.first": "Bo", "user.last": "Ek", "user.email": "bo@a.example"}
    first = {**MOVED, **new, "user.initials": "be", "sim": "icc", "icc": "8946"}
    every = forms(context("fjallton"), first, {**COMPLETE["fjallton"], **new, "user.first": "BO"})
    second = alone(every[1], every) if remembered else every[1]
    assert second.elsewhere("icc", "8946") == "Bo Ek"
    assert second.elsewhere("icc", "8947") == ""
    assert second.known_user == "Bo Ek"
    assert list(second.moving_elsewhere()) == [("+46701740605", "+46701740605", "Bo Ek")]
    own = alone(every[0], every) if remembered else every[0]
    assert own.elsewhere("icc", "8946") == "" and not list(own.moving_elsewhere()), "nobody stands in its own way"


def test_a_parked_number_claims_nothing() -> None:
    (mobile,) = forms(context("fjallton"), MOVED)
    (fixed,) = forms(context("fjallton"), {**MOVED, "kind": "fixed"})
    assert mobile.claims and not fixed.claims


def test_another_price_user_or_answer_is_another_digest() -> None:
    (line,) = forms(context("fjallton"), COMPLETE["fjallton"])
    (dearer,) = forms(context("fjallton"), {**COMPLETE["fjallton"], "data_cards": "3"})
    (unbound,) = forms(context("fjallton", agreement=False), COMPLETE["fjallton"])
    digests = {outline(each).digest for each in (line, dearer)}
    assert len(digests) == 2 and outline(line).digest == outline(line).digest
    assert outline(line).basis != outline(unbound).basis

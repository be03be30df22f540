"""The order read back: what a card says of its price, and its answers in groups."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.domain.ordering.order_contexts import COMPLETE, SLUGS, context, form, forms
from webapp.domain.money import Money
from webapp.domain.ordering.quote import quote
from webapp.l10n import Localizer
from webapp.operations.ordering.labels import facts
from webapp.web.ordering.order_review import card, review_groups


@pytest.mark.parametrize(("missing", "shown"), [((), True), (("data",), False)])
def test_free_is_said_of_what_is_complete_only(missing: tuple[str, ...], shown: bool) -> None:
    asked = form("fjallton", {"kind": "mobile"})
    asked.__dict__["missing"] = missing
    free: Any = SimpleNamespace(of=lambda period, n: SimpleNamespace(net=Money(0, "SEK")))
    assert ("0\xa0kr/mån" in card(Localizer("sv"), asked, free)["meta"]) == shown


@pytest.mark.parametrize("language", ["sv", "da"])
@pytest.mark.parametrize("slug", SLUGS)
def test_the_review_has_one_way_back_a_group_and_prices_beside_what_causes_them(slug: str, language: str) -> None:
    """27 rows, each with a link, half of them "not given", were read by nobody."""
    at = context(slug, language=language)
    words = Localizer(language)
    (line,) = forms(at, COMPLETE[slug])
    made = quote((line,))
    groups = review_groups(words, line, made)
    rows = [row for group in groups for row in group.rows]
    assert len({group.url for group in groups}) == len(groups) and all(group.title for group in groups)
    assert not [row for row in rows if row.url], "nothing is missing, so no row has a way of its own"
    assert not [row for row in rows if row.value == words.say("answer.none")]
    read = {row.id.removeprefix("1-") for row in rows}
    assert read >= {q.replace(".", "-") for q in line.visible_questions if line.value(q)}, "no answer is left out"
    told = " ".join(price for row in rows for price in row.prices)
    named = {line.plan.code if line.plan else "", line.package.code if line.package else ""}
    for row in made.by_line[1]:
        if row.amount and row.amount.minor and "sim" in line.visible_questions:
            assert words.money(row.amount, whole=True) in told, row
            assert row.code in named or row.text in told, row


@pytest.mark.parametrize("slug", SLUGS)
def test_what_was_left_open_is_in_no_confirmation(slug: str) -> None:
    """Rows of "not given" stood in every confirmation; what is left out of a box that can be ticked is told as no."""
    at = context(slug, language="da")
    words = Localizer("da")
    (line,) = forms(at, COMPLETE[slug])
    told = {fact.question: fact.value for fact in facts(words, line)}
    assert words.say("answer.none") not in told.values()
    assert told.keys() >= {q for q in line.visible_questions if line.value(q)}
    assert told.keys() < set(line.visible_questions), "some of it may be left open"


def test_what_is_missing_has_a_way_of_its_own_on_the_review() -> None:
    rows = [
        row
        for group in review_groups(Localizer("sv"), form("fjallton", {"kind": "mobile"}), None)
        for row in group.rows
    ]
    assert any(row.missing for row in rows) and all(row.url and row.action for row in rows if row.missing)

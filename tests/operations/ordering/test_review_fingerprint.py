"""What a review shows, sealed into its form: anything that counts and has become another is told, in words."""

from __future__ import annotations

from dataclasses import replace

from tests.domain.ordering.order_contexts import SWEDISH_MOBILE, context, forms
from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.outline import outline, sums_of
from webapp.domain.ordering.quote import quote
from webapp.domain.people import Employee, Inventory
from webapp.domain.tenants.tenant import LegalText
from webapp.l10n import Localizer
from webapp.operations.ordering.review_fingerprint import AnswerChange, Differences, ReviewFingerprint

SEALER = ReviewFingerprint("s" * 40, "fjallton", "draft")
WORDS = Localizer("sv")
AT = context("fjallton")
TERMS = AT.tenant.legal_text("terms", "sv")


def sealed_of(
    every: tuple[LineContext, ...], page: tuple[LineContext, ...] | None = None, by: ReviewFingerprint = SEALER
) -> str:
    """What the review of these lines shows, of which one page is looked at."""
    page = every if page is None else page
    hidden = [form for form in every if form not in page]
    made = quote(page, sums_of(map(outline, hidden)))
    return by.seal(WORDS, TERMS, page, made, map(outline, every))


def differs(sealed: str, now: tuple[LineContext, ...], terms: LegalText = TERMS) -> Differences | None:
    return SEALER.differences(sealed, WORDS, terms, now, quote(now), map(outline, now))


def test_other_terms_are_told_by_their_versions() -> None:
    shown = forms(AT, SWEDISH_MOBILE)
    sealed = sealed_of(shown)
    assert differs(sealed, shown) is None
    for other in (replace(TERMS, version="2027-01-01"), replace(TERMS, sha256="0" * 64)):
        found = differs(sealed, shown, other)
        assert found and found.terms == TERMS.version and not found.prices and not found.answers


def test_another_user_of_the_same_name_is_another_answer() -> None:
    two = (Employee("e1", "Anna", "Berg", "anna@a.example"), Employee("e2", "Anna", "Berg", "anna@b.example"))
    at = replace(AT, inventory=Inventory(employees=two))
    plain = {q: value for q, value in SWEDISH_MOBILE.items() if not q.startswith("user")}
    first, second = (forms(at, {**plain, "user_mode": "existing", "user": each.id}) for each in two)
    sealed = sealed_of(first)
    found = differs(sealed, second)
    assert found and found.answers == (
        AnswerChange("Anna Berg", "user", "Anna Berg (anna@a.example)", "Anna Berg (anna@b.example)"),
    )


def test_lines_that_came_and_went_are_told_by_their_names() -> None:
    one = {**SWEDISH_MOBILE, "user_mode": "new", "user.first": "Bo", "user.last": "Ek"}
    shown, now = forms(AT, one), forms(AT, one, {**one, "user.first": "Eva"})
    came = differs(sealed_of(shown), now)
    assert came and came.answers == (AnswerChange("Eva Ek", "", "", "Eva Ek"),)
    went = differs(sealed_of(now), shown)
    assert (
        went and went.answers == (AnswerChange("Eva Ek", "", "Eva Ek", ""),) and went.names == {1: "Bo Ek", 2: "Eva Ek"}
    )


def test_nothing_valid_is_nothing_seen() -> None:
    shown = forms(AT, SWEDISH_MOBILE)
    other = sealed_of(shown, by=ReviewFingerprint("s" * 40, "fjallton", "another draft"))
    for sent in ("", "x", other):
        found = differs(sent, shown)
        assert found and len(found.prices) == len(quote(shown).rows)


NAMED = [
    {**SWEDISH_MOBILE, "user_mode": "new", "user.first": f"Förnamn{n}", "user.last": f"Ek{n * 7919}"}
    for n in range(1000)
]


def test_what_changes_on_another_page_is_told_by_its_users_name() -> None:
    """What is approved is the whole, of which a page was looked at."""
    every = forms(AT, *NAMED[:3])
    sealed = sealed_of(every, every[:2])
    assert differs(sealed, every) is None
    other_answer = forms(AT, *NAMED[:2], {**NAMED[2], "user.last": "Ny"})
    found = differs(sealed, other_answer)
    assert found and found.unseen == ("Förnamn2 Ny",) and not found.answers and not found.is_only_price
    gone = differs(sealed, every[:2])
    assert gone and gone.unseen == ("Användare 3",), "who has gone has no name any more"
    here = differs(sealed, forms(AT, {**NAMED[0], "user.last": "Ny"}, *NAMED[1:3]))
    assert here and not here.unseen and here.answers[0].who == "Förnamn0 Ny"


def test_a_thousand_lines_fit_their_form() -> None:
    """A page of 50 lines has its words with it, and of the others only that they are the same."""
    every = forms(AT, *NAMED)
    assert len(sealed_of(every, every[:50])) < 48 * 1024

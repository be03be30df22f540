"""What a review shows, sealed into its form: anything that counts and has become another is told, in words."""

from __future__ import annotations

from dataclasses import replace

from tests.domain.ordering.order_contexts import SWEDISH_MOBILE, context, forms
from webapp.domain.ordering.quote import quote
from webapp.domain.people import Employee, Inventory
from webapp.l10n import Localizer
from webapp.operations.ordering.review_fingerprint import AnswerChange, ReviewFingerprint

SEALER = ReviewFingerprint("s" * 40, "fjallton", "draft")
WORDS = Localizer("sv")
AT = context("fjallton")
TERMS = AT.tenant.legal_text("terms", "sv")


def test_other_terms_are_told_by_their_versions() -> None:
    shown = forms(AT, SWEDISH_MOBILE)
    sealed = SEALER.seal(WORDS, TERMS, shown, quote(shown))
    assert SEALER.differences(sealed, WORDS, TERMS, shown, quote(shown)) is None
    for other in (replace(TERMS, version="2027-01-01"), replace(TERMS, sha256="0" * 64)):
        found = SEALER.differences(sealed, WORDS, other, shown, quote(shown))
        assert found and found.terms == TERMS.version and not found.prices and not found.answers


def test_another_user_of_the_same_name_is_another_answer() -> None:
    two = (Employee("e1", "Anna", "Berg", "anna@a.example"), Employee("e2", "Anna", "Berg", "anna@b.example"))
    at = replace(AT, inventory=Inventory(employees=two))
    plain = {q: value for q, value in SWEDISH_MOBILE.items() if not q.startswith("user")}
    first, second = (forms(at, {**plain, "user_mode": "existing", "user": each.id}) for each in two)
    sealed = SEALER.seal(WORDS, TERMS, first, quote(first))
    found = SEALER.differences(sealed, WORDS, TERMS, second, quote(second))
    assert found and found.answers == (
        AnswerChange("Anna Berg", "user", "Anna Berg (anna@a.example)", "Anna Berg (anna@b.example)"),
    )


def test_lines_that_came_and_went_are_told_by_their_names() -> None:
    one = {**SWEDISH_MOBILE, "user_mode": "new", "user.first": "Bo", "user.last": "Ek"}
    shown, now = forms(AT, one), forms(AT, one, {**one, "user.first": "Eva"})
    came = SEALER.differences(SEALER.seal(WORDS, TERMS, shown, quote(shown)), WORDS, TERMS, now, quote(now))
    assert came and came.answers == (AnswerChange("Eva Ek", "", "", "Eva Ek"),)
    went = SEALER.differences(SEALER.seal(WORDS, TERMS, now, quote(now)), WORDS, TERMS, shown, quote(shown))
    assert (
        went and went.answers == (AnswerChange("Eva Ek", "", "Eva Ek", ""),) and went.names == {1: "Bo Ek", 2: "Eva Ek"}
    )


def test_nothing_valid_is_nothing_seen() -> None:
    shown = forms(AT, SWEDISH_MOBILE)
    other = ReviewFingerprint("s" * 40, "fjallton", "another draft").seal(WORDS, TERMS, shown, quote(shown))
    for sent in ("", "x", other):
        found = SEALER.differences(sent, WORDS, TERMS, shown, quote(shown))
        assert found and len(found.prices) == len(quote(shown).rows)


def test_a_thousand_lines_fit_their_form() -> None:
    """Fields of more than 512 KB are refused."""
    lines = [
        {**SWEDISH_MOBILE, "user_mode": "new", "user.first": f"Förnamn{n}", "user.last": f"Ek{n * 7919}"}
        for n in range(1000)
    ]
    shown = forms(AT, *lines)
    assert len(SEALER.seal(WORDS, TERMS, shown, quote(shown))) < 256 * 1024

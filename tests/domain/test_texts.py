"""Everything that a rule can say has words, and the words have the places that the rule fills."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.domain.ordering.order_contexts import COMPLETE, PORT, SLUGS, TENANTS, form
from webapp.domain.ordering.questions.catalogue import CATALOGUE, QUESTIONS
from webapp.domain.tenants.catalogue import CALL_RATES, KINDS
from webapp.domain.texts import TEXTS

DOMAIN = Path(__file__).parents[2] / "webapp/domain"

MESSAGES = """
product.missing kind.missing binding.missing call_rate.missing data.missing data.reset number_source.missing
area_code.missing reserved.missing reserved.taken specific.missing specific.taken specific.hold port.number.missing
port.number.mobile port.number.fixed port.number.ours port.number.twice port.operator.missing port.owner_type.missing
port.owner_name.missing port.owner_id.length port.owner_id.check port.email.missing email.shape email.typo
port.date.missing port.date.early port.date.weekend port.date.shape port.binding_ack.missing port.binding.info
sim.missing icc.missing icc.length icc.prefix icc.luhn icc.used delivery.missing postcode pbx.missing
mex_fixed.missing user_mode.missing user.missing first.missing last.missing initials.missing initials.taken
user.email.missing topup.missing data_cards.max terms.missing lines.none draft.conflict net.offline net.retry net.slow
session.ended price.changed order.already
""".split()
"""The keys that a tenant may word. Those of signing lie with signing; `lines.incomplete` has a plural (see the review)."""


def raised() -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """Every Invalid and Problem with a written code: place, code, parameters (None when they are not written out)."""
    for file in sorted(DOMAIN.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id not in {"Invalid", "Problem"} or not node.args:
                continue
            place = f"{file.name}:{node.lineno}"
            names: frozenset[str] | None = frozenset(keyword.arg or "" for keyword in node.keywords)
            if node.func.id == "Problem":
                given = node.args[1] if len(node.args) > 1 else None
                literal = isinstance(given, ast.Dict)
                names = frozenset(k.value for k in given.keys) if literal else frozenset() if given is None else None  # type: ignore[union-attr]
            for code in codes(node.args[0]):
                yield place, code, names


def codes(written: ast.expr) -> Iterator[str]:
    """The codes an expression can stand for."""
    if isinstance(written, ast.Constant) and isinstance(written.value, str):
        yield written.value
    elif isinstance(written, ast.JoinedStr):
        stem = "".join(part.value for part in written.values if isinstance(part, ast.Constant))
        yield from (f"{stem}{kind}" for kind in KINDS)


def places(key: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", TEXTS[key]))


@pytest.mark.parametrize("key", MESSAGES)
def test_every_message_of_the_form_has_words(key: str) -> None:
    assert TEXTS.get(key)


def test_every_code_has_words_with_the_places_it_fills() -> None:
    found = list(raised())
    assert len(found) > 40, "the walk finds them"
    for place, code, params in found:
        assert code in TEXTS, f"{place}: {code} has no words"
        if params is not None:
            assert places(code) <= params, f"{place}: {code} has places that nothing fills"


@pytest.mark.parametrize("question", CATALOGUE, ids=lambda question: question.id)
def test_every_question_has_words(question) -> None:  # type: ignore[no-untyped-def]
    assert f"q.{question.id}" in TEXTS
    if question.required:
        assert question.missing in TEXTS and not places(question.missing)
    assert not question.missing or question.missing in TEXTS
    assert all(upstream in QUESTIONS for upstream in question.after)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_option_has_a_name_or_words(slug: str) -> None:
    opened = form(slug, {**COMPLETE[slug], **PORT[slug], "pbx": "pbx", "mex": "yes", "sim": "ship", "delivery": "new"})
    for question in TENANTS[slug].composition.asked:
        for option in opened.options(question):
            key = f"option.{question}.{option.value}"
            counted = question in {"months", "port.hour"}  # written as the language writes numbers
            assert option.text or counted or key in TEXTS or f"option.{option.value}" in TEXTS, key


def test_words_of_fixed_answers_exist() -> None:
    for question, values in {"kind": KINDS, "call_rate": CALL_RATES}.items():
        assert all(f"option.{question}.{value}" in TEXTS for value in values)


def test_texts_are_short_plain_and_placed_by_name() -> None:
    for key, text in TEXTS.items():
        assert text == text.strip() and text, key
        assert not re.search(r"%[^(%]|%\(\w+\)[^s]|\{", text), f"{key}: a place that is not named"
        assert not re.search(r"\b(invalid|please|error|oops)\b", text, re.IGNORECASE), key


def test_a_country_words_only_what_there_is() -> None:
    """`key@DK` stands in for `key` at Danish tenants, with the same places."""
    for key in TEXTS:
        plain, _, country = key.partition("@")
        if country:
            assert country in {"SE", "DK"} and plain in TEXTS
            assert places(key) == places(plain)

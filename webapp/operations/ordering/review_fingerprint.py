"""What the review showed, kept signed in its form: compared when the button is pressed, so that only what was seen is placed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.quote import Change, Quote
from webapp.domain.tenants.tenant import LegalText
from webapp.l10n import Localizer
from webapp.operations.ordering import labels


@dataclass(frozen=True)
class AnswerChange:
    """An answer as it was shown and as it is now, in words. An empty question: the whole line came or went."""

    who: str
    question: str
    before: str
    after: str


@dataclass(frozen=True)
class Differences:
    """What is no longer as it was shown. Both may be empty where nothing valid was sent, or what differs has no words."""

    prices: tuple[Change, ...] = ()
    answers: tuple[AnswerChange, ...] = ()
    names: Mapping[int, str] | None = None  # of the lines as they were shown, also of those that have gone
    language: str = ""  # in which it was read, when that was another one
    terms: str = ""  # the version that was read, when that was another one

    @property
    def is_only_price(self) -> bool:
        """Whether nothing but prices has moved."""
        return bool(self.prices) and not (self.answers or self.language or self.terms)


@dataclass(frozen=True)
class ReviewFingerprint:
    """Signs what is shown of one draft, and reads it back."""

    secret: str
    tenant: str
    draft: str

    def seal(self, words: Localizer, terms: LegalText, forms: tuple[LineContext, ...], quote: Quote) -> str:
        """What a review shows, for its form; compressed, and written by nobody but us."""
        lines = [[f.line.n, labels.line_name(words, f), _digest(f), _told(words, f)] for f in forms]
        shown = {"quote": quote.to_json(), "language": words.language, "terms": _of(terms), "lines": lines}
        return str(self._signer.dumps(shown))

    def differences(
        self, sent: str, words: Localizer, terms: LegalText, forms: tuple[LineContext, ...], quote: Quote
    ) -> Differences | None:
        """None when all is as it was shown; else what is not, every price when nothing valid was sent."""
        try:
            shown = self._signer.loads(sent)
            before, lines = Quote.from_json(shown["quote"]), {n: rest for n, *rest in shown["lines"]}
            language, (version, sha256) = shown["language"], shown["terms"]
        except (BadData, KeyError, TypeError, ValueError):
            return Differences(tuple(Change(None, row) for row in quote.rows))
        digests = {n: digest for n, (_, digest, _) in lines.items()}
        is_as_seen = (
            before.fingerprint() == quote.fingerprint()
            and digests == {form.line.n: _digest(form) for form in forms}
            and (language, version, sha256) == (words.language, *_of(terms))
        )
        if is_as_seen:
            return None
        return Differences(
            quote.differences(before),
            tuple(_changes(words, forms, lines, digests)),
            {n: name for n, (name, _, _) in lines.items()},
            language if language != words.language else "",
            version if language == words.language and (version, sha256) != tuple(_of(terms)) else "",
        )

    @property
    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, salt=f"seen:{self.tenant}:{self.draft}")


def _of(terms: LegalText) -> list[str]:
    return [terms.version, terms.sha256]


def _digest(form: LineContext) -> str:
    """Over every answer that counts, shown or not: two users of one name are two."""
    line = form.line
    counted = [line.action, line.subject, sorted(form.answers().items()), form.user_name, form.user_email]
    return hashlib.sha256(json.dumps(counted).encode()).hexdigest()[:16]


def _told(words: Localizer, form: LineContext) -> dict[str, str]:
    told = {question: labels.read_back(words, form, question) for question in form.visible_questions}
    if told.get("user") and form.user_email:
        told["user"] = f"{told['user']} ({form.user_email})"
    return told


def _changes(
    words: Localizer, forms: tuple[LineContext, ...], lines: Mapping[int, Any], digests: Mapping[int, str]
) -> list[AnswerChange]:
    found = []
    for form in forms:
        name = labels.line_name(words, form)
        if form.line.n not in lines:
            found.append(AnswerChange(name, "", "", name))
        elif digests[form.line.n] != _digest(form):
            was, now = lines[form.line.n][2], _told(words, form)
            asked = [*now, *(question for question in was if question not in now)]
            found += [
                AnswerChange(name, q, was.get(q, ""), now.get(q, "")) for q in asked if was.get(q, "") != now.get(q, "")
            ]
    kept = {form.line.n for form in forms}
    return found + [AnswerChange(name, "", name, "") for n, (name, _, _) in lines.items() if n not in kept]

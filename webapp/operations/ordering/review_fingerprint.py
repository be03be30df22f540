"""What the review showed, kept signed in its form: compared when the button is pressed, so that only what was seen is placed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from webapp.domain.ordering.line import LineContext
from webapp.domain.ordering.outline import Outline
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
    """What is no longer as it was shown. All may be empty where nothing valid was sent, or what differs has no words."""

    prices: tuple[Change, ...] = ()
    answers: tuple[AnswerChange, ...] = ()
    names: Mapping[int, str] | None = None  # of the lines as they were shown, also of those that have gone
    unseen: tuple[str, ...] = ()  # users on other pages of whom something has changed, or who have come or gone
    language: str = ""  # in which it was read, when that was another one
    terms: str = ""  # the version that was read, when that was another one

    @property
    def is_only_price(self) -> bool:
        """Whether nothing but prices has moved."""
        return bool(self.prices) and not (self.answers or self.unseen or self.language or self.terms)


@dataclass(frozen=True)
class ReviewFingerprint:
    """Signs what is shown of one draft, and reads it back. A page shows some lines; what is approved is all of them."""

    secret: str
    tenant: str
    draft: str

    def seal(
        self,
        words: Localizer,
        terms: LegalText,
        forms: Iterable[LineContext],
        quote: Quote,
        outlines: Iterable[Outline],
    ) -> str:
        """What a review shows, for its form; compressed, and written by nobody but us.

        The lines that are shown with their words, so that a difference can be told; of all `outlines` that they are the same.
        """
        lines = [[f.line.n, labels.line_name(words, f), _told(words, f)] for f in forms]
        shown = {
            "quote": quote.to_json(),
            "language": words.language,
            "terms": _of(terms),
            "lines": lines,
            "digests": [[each.n, each.digest] for each in outlines],
        }
        return str(self._signer.dumps(shown))

    def differences(
        self,
        sent: str,
        words: Localizer,
        terms: LegalText,
        forms: tuple[LineContext, ...],
        quote: Quote,
        outlines: Iterable[Outline],
    ) -> Differences | None:
        """None when all is as it was shown; else what is not, every price when nothing valid was sent.

        Here `forms` and `quote` are of all lines, whichever were shown.
        """
        try:
            shown = self._signer.loads(sent)
            before, lines = Quote.from_json(shown["quote"]), {n: rest for n, *rest in shown["lines"]}
            digests = dict(shown["digests"])
            language, (version, sha256) = shown["language"], shown["terms"]
        except (BadData, KeyError, TypeError, ValueError):
            return Differences(tuple(Change(None, row) for row in quote.rows))
        now = {each.n: each for each in outlines}
        elsewhere = digests.keys() - lines.keys()  # on other pages
        visible = quote.without(elsewhere)
        is_as_seen = (
            before.fingerprint() == visible.fingerprint()
            and digests == {n: each.digest for n, each in now.items()}
            and (language, version, sha256) == (words.language, *_of(terms))
        )
        if is_as_seen:
            return None
        changed = [n for n in elsewhere if n not in now or now[n].digest != digests[n]]
        return Differences(
            visible.differences(before),
            tuple(_changes(words, [form for form in forms if form.line.n not in elsewhere], lines, digests, now)),
            {n: name for n, (name, _) in lines.items()},
            tuple(labels.called(words, now[n].name if n in now else "", n) for n in sorted(changed)),
            language if language != words.language else "",
            version if language == words.language and (version, sha256) != tuple(_of(terms)) else "",
        )

    @property
    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, salt=f"seen:{self.tenant}:{self.draft}")


def _of(terms: LegalText) -> list[str]:
    return [terms.version, terms.sha256]


def _told(words: Localizer, form: LineContext) -> dict[str, str]:
    told = {question: labels.read_back(words, form, question) for question in form.visible_questions}
    if told.get("user") and form.user_email:
        told["user"] = f"{told['user']} ({form.user_email})"
    return told


def _changes(
    words: Localizer,
    forms: Iterable[LineContext],
    lines: Mapping[int, Any],
    digests: Mapping[int, str],
    now: Mapping[int, Outline],
) -> list[AnswerChange]:
    found = []
    for form in forms:
        n, name = form.line.n, labels.line_name(words, form)
        if n not in lines:
            found.append(AnswerChange(name, "", "", name))
        elif digests[n] != now[n].digest:
            was, is_told = lines[n][1], _told(words, form)
            asked = [*is_told, *(question for question in was if question not in is_told)]
            found += [
                AnswerChange(name, q, was.get(q, ""), is_told.get(q, ""))
                for q in asked
                if was.get(q, "") != is_told.get(q, "")
            ]
    return found + [AnswerChange(name, "", name, "") for n, (name, _) in lines.items() if n not in now]

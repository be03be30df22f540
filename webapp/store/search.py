"""Finding things by the start of any of their words, or the end of a number; knows nothing of what the things are.

`^@` is the only such operator that uses an index under row-level security: LIKE and @@ are not leakproof.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import aliased

from webapp.store.base import Repository
from webapp.store.raw import raw
from webapp.store.tables import SearchWordRow

MOST_HITS = 200
_WORD = re.compile(r"[^\W_]+")
_SIGNS = re.compile(r"[\s()+./-]")
_DIGITS = re.compile(r"[0-9]{2,20}", re.ASCII)
_BACKWARDS = "<"  # stands before a number written backwards, so that its end can be asked for


def words_of(text: str) -> list[str]:
    """The searchable words of a text: composed, case folded, without signs."""
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold())


Indexed = tuple[str, str, Iterable[str], Iterable[str]]
"""A thing to be found: id, company, texts, numbers."""


def _indexed(texts: Iterable[str], numbers: Iterable[str]) -> set[str]:
    words = {word for text in texts for word in words_of(text)}
    for number in numbers:
        digits = "".join(filter(str.isdigit, number))
        words |= {digits, _BACKWARDS + digits[::-1]} if digits else set()
    return words


class Search(Repository):
    """The scope's words."""

    def index(self, kind: str, id: str, company: str, texts: Iterable[str], numbers: Iterable[str] = ()) -> None:
        """These, and no other words, lead to the thing from now on."""
        self.index_all(kind, [(id, company, texts, numbers)])

    def index_all(self, kind: str, things: Iterable[Indexed]) -> None:
        """The same for many things at once."""
        found = [(id, company, sorted(_indexed(texts, numbers))) for id, company, texts, numbers in things]
        pairs = [(id, company, word) for id, company, words in found for word in words]
        ids, companies, words = zip(*pairs, strict=True) if pairs else ((), (), ())
        raw(
            self.session,
            "with now as (select * from unnest(cast(:ids as text[]), cast(:owners as text[]), cast(:words as text[]))"
            "   as now (id, company, word)),"
            " gone as (delete from search_word s where s.tenant = :tenant and s.kind = :kind and s.id = any(:all)"
            "   and not exists (select from now where now.id = s.id and now.word = s.word))"
            " insert into search_word (tenant, kind, id, word, company)"
            " select :tenant, :kind, id, word, company from now on conflict do nothing",
            {
                "kind": kind,
                "ids": list(ids),
                "owners": list(companies),
                "words": list(words),
                "all": [id for id, _, _ in found],
            },
        )

    def forget(self, kind: str, id: str) -> None:
        """No word leads to the thing any more."""
        raw(
            self.session,
            "delete from search_word where tenant = :tenant and kind = :kind and id = :id",
            {"kind": kind, "id": id},
        )

    def find(self, kind: str, asked: str, limit: int = MOST_HITS) -> list[str]:
        """Ids of the things in which every asked word starts some word; digits alone may be a number's end."""
        found = self.matching(kind, asked)
        return [] if found is None else list(self.session.scalars(found.limit(min(limit, MOST_HITS))))

    def matching(self, kind: str, asked: str) -> Select[str] | None:
        """The same as a query, for a list that must miss none; None when nothing was asked that could be found."""
        conditions = _conditions(asked)
        if not conditions:
            return None
        first, *others = conditions
        found = select(SearchWordRow.id).where(SearchWordRow.kind == kind, first(SearchWordRow))
        for condition in others[:5]:
            other = aliased(SearchWordRow)
            found = found.where(exists().where(other.kind == kind, other.id == SearchWordRow.id, condition(other)))
        return found.distinct()


def _conditions(asked: str) -> list[Callable[[Any], ColumnElement[bool]]]:
    digits = _SIGNS.sub("", asked)
    if not _DIGITS.fullmatch(digits):
        return [_starts(word) for word in words_of(asked)]
    # As dialled at home (070-…) the number lacks its country's digits in front and has a zero instead.
    end = digits.lstrip("0") if len(digits) >= 8 else digits
    return [lambda row: or_(row.word.op("^@")(digits), row.word.op("^@")(_BACKWARDS + end[::-1]))]


def _starts(word: str) -> Callable[[Any], ColumnElement[bool]]:
    return lambda row: row.word.op("^@")(word)

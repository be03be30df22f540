"""Finding things by the start of any of their words, or the end of a number; knows nothing of what the things are.

`^@` is the only such operator that uses an index under row-level security: LIKE and @@ are not leakproof.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select
from sqlalchemy.orm import aliased

from webapp.domain.folding import folded, without_label
from webapp.domain.market import MARKETS
from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.tables import SearchWordRow

MOST_HITS = 200
MOST_NAMED = 2000
"""Hits that a list is given by name."""
_WORD = re.compile(r"[^\W_]+")
_TRUNK = re.compile(r"\(0?\)?")  # "+46 (0)70", and as far as it has been typed
_CALLING_CODES = tuple(market.calling_code for market in MARKETS.values())
MOST_CONDITIONS = 6
_BACKWARDS = "<"  # stands before a number written backwards, so that its end can be asked for


def words_of(text: str) -> list[str]:
    """The searchable words of a text: composed, case folded, without signs."""
    return _WORD.findall(unicodedata.normalize("NFC", text).casefold())


Indexed = tuple[str, str, Iterable[str], Iterable[str]]
"""A thing to be found: id, company, texts, numbers."""


def _indexed(texts: Iterable[str], numbers: Iterable[str]) -> set[str]:
    words = {word for text in texts for word in words_of(text)}
    return words.union(*map(_of_number, numbers))


def _of_number(number: str) -> set[str]:
    digits = "".join(filter(str.isdigit, number))
    return {digits, _BACKWARDS + digits[::-1]} if digits else set()


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

    def renumber(self, kind: str, id: str, company: str, number: str, instead_of: str = "") -> None:
        """The number leads to the thing, too, and the other one does so no more."""
        raw(
            self.session,
            "with gone as (delete from search_word where tenant = :tenant and kind = :kind and id = :id"
            "   and word = any(cast(:gone as text[])))"
            " insert into search_word (tenant, kind, id, word, company)"
            " select :tenant, :kind, :id, word, :owner from unnest(cast(:words as text[])) as word on conflict do nothing",
            {
                "kind": kind,
                "id": id,
                "owner": company,
                "words": sorted(_of_number(number)),
                "gone": sorted(_of_number(instead_of)),
            },
        )

    def find(self, kind: str, asked: str, limit: int = MOST_HITS) -> list[str]:
        """Ids of the things in which every asked word starts some word; digits alone may be a number's end."""
        conditions = _conditions(asked)
        found = _ids(kind, conditions).distinct().limit(min(limit, MOST_HITS)) if conditions else None
        return [] if found is None else list(self.session.scalars(found))

    def matching(self, kind: str, asked: str, id: ColumnElement[str] | Any) -> ColumnElement[bool] | None:
        """The same for a list that must miss none, as what its column `id` must fulfil; None when nothing was asked that could be found.

        Few hits are named, so that the list reads them only. Where there are many, each row that the list comes by is asked,
        for then a page is soon full; the database cannot tell beforehand which of both it will be. One statement.
        """
        conditions = _conditions(asked)
        if not conditions:
            return None
        few = self.session.scalars(_ids(kind, conditions).limit(MOST_NAMED + 1)).all()
        if len(few) <= MOST_NAMED:
            return id.in_(sorted(set(few)))
        return and_(*(_has_word(kind, id, condition) for condition in conditions))


_Condition = Callable[[Any], ColumnElement[bool]]


def _ids(kind: str, conditions: list[_Condition]) -> Select[str]:
    """Ids, some perhaps more than once, of the things in which every condition holds of some word."""
    first, *others = conditions
    found = select(SearchWordRow.id).where(SearchWordRow.kind == kind, first(SearchWordRow))
    return found.where(*(_has_word(kind, SearchWordRow.id, condition) for condition in others))


def _has_word(kind: str, id: ColumnElement[str] | Any, condition: _Condition) -> ColumnElement[bool]:
    word = aliased(SearchWordRow)
    return _is_there(word.kind == kind, word.id == id, condition(word))


def _is_there(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Asked of one row at a time. Not EXISTS: PostgreSQL may answer that by reading every word of the installation at once."""
    return select(literal(1)).where(*conditions).limit(1).scalar_subquery().is_not(None)


def _conditions(asked: str) -> list[_Condition]:
    """What must hold of a thing's words: each asked one starts some; what may be a number may be grouped in any way."""
    parts = list(_parts(_TRUNK.sub("", without_label(folded(asked)))))[:MOST_CONDITIONS]
    parts.sort(key=lambda part: -len("".join(part)))  # the longest is the rarest: what is looked for first
    return [_number(part) if part[0].isdigit() else _starts(part[0]) for part in parts]


def _parts(asked: str) -> Iterator[list[str]]:
    """Words one by one, and digits that stand beside each other together."""
    for are_digits, words in groupby(words_of(asked), lambda word: word.isascii() and word.isdigit()):
        if are_digits:
            yield list(words)
        else:
            yield from ([word] for word in words)


def _number(groups: list[str]) -> _Condition:
    """A number from its start in any form in which it is shown or typed, or its end; or digits that are words themselves."""
    digits = "".join(groups)
    international = digits[2:] if digits.startswith("00") else digits
    starts = {digits, international}
    for code in _CALLING_CODES:
        starts |= {code + digits.lstrip("0"), code + international.removeprefix(code).lstrip("0")}
    ends = {digits}
    ends |= {digits.lstrip("0")} if len(digits) >= 8 else set()  # as dialled at home, without the country's digits

    def holds(row: Any) -> ColumnElement[bool]:
        ways = [row.word.op("^@")(start) for start in sorted(starts) if start]
        ways += [row.word.op("^@")(_BACKWARDS + end[::-1]) for end in sorted(ends) if len(end) > 1]
        if len(groups) > 1:
            ways.append(_all_start(row, groups))
        return or_(*ways)

    return holds


def _all_start(row: Any, words: list[str]) -> ColumnElement[bool]:
    """Each of several starts some word of the thing."""
    first, *others = words
    found = [row.word.op("^@")(first)]
    for word in others[:MOST_CONDITIONS]:
        other = aliased(SearchWordRow)
        same = other.kind == row.kind, other.id == row.id
        found.append(_is_there(*same, other.word.op("^@")(word)))
    return and_(*found)


def _starts(word: str) -> _Condition:
    return lambda row: row.word.op("^@")(word)

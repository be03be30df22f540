"""A tenant's own words: texts by key, legal texts by language; refuses gaps between languages; renders nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from webapp.domain.folding import is_blank
from webapp.domain.market import LANGUAGES
from webapp.domain.ordering.contract_summary import LONGEST_SECTION, SECTIONS, sections
from webapp.domain.tenants.tenant import LegalEntity, LegalText
from webapp.domain.texts import TEXTS
from webapp.tenancy.finding import Notes, Place, nearest
from webapp.tenancy.source import Folder, Toml

LEGAL = ("terms", "privacy", "cookies", "accessibility", "summary")
LEGAL_OPTIONAL = ("power_of_attorney",)
LEGAL_FILES = tuple(f"legal/{name}.{language}.md" for name in (*LEGAL, *LEGAL_OPTIONAL) for language in LANGUAGES)

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_STRAY = re.compile(r"%(?!\(\w+\)s)")
_VERSION = re.compile(r"<!-- version (\d{4}-\d{2}-\d{2}) -->\r?\n", re.ASCII)
_LONGEST = 600


def check_words(
    words: Mapping[str, str] | None, languages: Iterable[str], toml: Toml, path: tuple[str | int, ...], notes: Notes
) -> None:
    """Notes languages missing from a text, and those nobody reads."""
    if words is None:
        return
    for language in languages:
        if language not in words:
            notes.add("words.language", toml.at(*path), language=language, key=path[-1])
    for language in words:
        if language not in languages:
            notes.add("words.extra", toml.at(*path, language), nearest(language, languages), language=language)


def check_all_words(
    data: Any, languages: tuple[str, ...], toml: Toml, notes: Notes, path: tuple[str | int, ...] = ()
) -> None:
    """The same for every table of a file that words something for customers."""
    if isinstance(data, list):
        for at, inner in enumerate(data):
            check_all_words(inner, languages, toml, notes, (*path, at))
    elif isinstance(data, dict):
        if path and path[-1] in {"name", "title", "description", "hours", "sign_in", "included"}:
            check_words(data, languages, toml, path, notes)
        else:
            for key, inner in data.items():
                check_all_words(inner, languages, toml, notes, (*path, key))


def texts(folder: Folder, languages: tuple[str, ...], notes: Notes) -> dict[str, dict[str, str]]:
    """The texts a tenant words in its own way: key -> language -> text."""
    found: dict[str, dict[str, str]] = {}
    places: dict[str, Place] = {}
    unread = set()
    for name in folder.names("texts"):
        language = name.removeprefix("texts/").removesuffix(".toml")
        if language not in languages:
            notes.add(
                "texts.file", folder.place(name), nearest(language, languages), name=name, choices=", ".join(languages)
            )
            continue
        toml = folder.toml(name)
        if toml is None:
            unread.add(language)
            continue
        for path, text in _flat(toml.data):
            key = ".".join(path)
            place = toml.at(*path)
            if not isinstance(text, str):
                notes.add("value.type", place, value=repr(text), wanted="a text in quotation marks")
            elif key not in TEXTS:
                notes.add("texts.key", place, nearest(key, TEXTS), value=key)
            elif _fits(text, TEXTS[key], place, notes):
                found.setdefault(key, {})[language] = text
                places[key] = place
    for key, words in found.items():
        for language in languages:
            if language not in words and language not in unread:
                notes.add("texts.language", places[key], value=key, given=", ".join(words), language=language)
    return found


def _flat(data: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterable[tuple[tuple[str, ...], Any]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, (*path, key))
        else:
            yield (*path, key), value


def _fits(text: str, english: str, place: Place, notes: Notes) -> bool:
    if is_blank(text):
        notes.add("value.empty", place)
        return False
    if ("\n" in text or "\t" in text) and "\n" not in english:
        notes.add("value.line", place, value=repr(text))
        return False
    if len(text) > _LONGEST:
        notes.add("texts.long", place, size=len(text), most=_LONGEST)
        return False
    given, wanted = sorted(set(_PLACEHOLDER.findall(text))), sorted(set(_PLACEHOLDER.findall(english)))
    if given != wanted or (_STRAY.search(text.replace("%%", "")) and wanted):
        told = [", ".join(f"%({name})s" for name in names) or "none" for names in (given, wanted)]
        notes.add("texts.placeholder", place, given=told[0], wanted=told[1])
        return False
    return True


PARTY = ("contract party", "contract party number")
"""What a legal text may say in double brackets: the registered name and number of whoever makes the contract."""


def legal_texts(
    folder: Folder, languages: tuple[str, ...], inherits: bool, today: date | None, notes: Notes
) -> tuple[LegalText, ...]:
    """All legal texts of the folder. What a reseller does not have itself it inherits."""
    found = []
    for name in (*LEGAL, *LEGAL_OPTIONAL):
        files = {language: f"legal/{name}.{language}.md" for language in languages}
        present = [language for language in languages if folder.has(files[language])]
        if not present and (inherits or name in LEGAL_OPTIONAL):
            continue
        versions: dict[str, str] = {}
        for language, file in files.items():
            if language not in present:
                notes.add("legal.missing", folder.place(file), name=file)
            elif text := _legal_text(folder, name, language, file, notes):
                found.append(text)
                if today and text.version > today.isoformat():
                    notes.add("legal.future", folder.place(file, line=1), name=file, version=text.version)
                versions.setdefault(text.version, file)
                if len(versions) > 1:
                    notes.add(
                        "legal.versions", folder.place(file, line=1), name=file, other=next(iter(versions.values()))
                    )
    return tuple(found)


def _legal_text(folder: Folder, name: str, language: str, file: str, notes: Notes) -> LegalText | None:
    written, data = folder.text(file), folder.read(file)
    if written is None or data is None:
        return None
    shape = _VERSION.match(written)
    if not shape or not _is_day(shape[1]):
        notes.add("legal.version", folder.place(file, line=1), name=file)
        return None
    body = written[shape.end() :].strip()
    if not body:
        notes.add("legal.empty", folder.place(file), name=file)
        return None
    for number, line in enumerate(written.splitlines(), 1):
        for placeholder in re.findall(r"\[\[(?!FILL IN)([^\[\]]*)\]\]", line):
            if placeholder not in PARTY:
                near = nearest(placeholder, PARTY)
                notes.add(
                    "legal.placeholder",
                    folder.place(file, line=number),
                    near,
                    value=placeholder,
                    choices=", ".join(PARTY),
                )
    if name == "summary":
        _check_summary(body, folder.place(file), file, notes)
    return LegalText(name, language, shape[1], body + "\n", hashlib.sha256(data).hexdigest())


def filled(text: LegalText, party: LegalEntity) -> LegalText:
    """The text with the contract party in its placeholders: a reseller's terms name whoever its parent is."""
    source = text.source
    for placeholder, value in zip(PARTY, (party.name, party.org_id), strict=True):
        source = source.replace(f"[[{placeholder}]]", value)
    if source == text.source:
        return text
    return replace(text, source=source, sha256=hashlib.sha256(source.encode()).hexdigest())


def _check_summary(body: str, place: Place, file: str, notes: Notes) -> None:
    """What the contract summary takes from a seller: each section, and none so long that the page would not hold it."""
    said = sections(body)
    for name in SECTIONS:
        size = sum(map(len, said.get(name, ())))
        if not size:
            notes.add("legal.section", place, name=file, section=name)
        elif size > LONGEST_SECTION:
            notes.add("legal.section_long", place, name=file, section=name, size=size, most=LONGEST_SECTION)
    for name in said:
        if name not in SECTIONS:
            notes.add(
                "legal.section_unknown",
                place,
                nearest(name, SECTIONS),
                name=file,
                section=name,
                choices=", ".join(SECTIONS),
            )


def _is_day(written: str) -> bool:
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True

"""Every text a person may read exists in Swedish and Danish, with the same placeholders, and none is left over."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import polib
import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

from webapp.settings import ROOT

LANGUAGES = ("sv", "da")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
KEYWORDS = {**DEFAULT_KEYWORDS, "msg": None}

pytestmark = pytest.mark.check


def _is_ours(folder: str) -> bool:
    return Path(folder).relative_to(ROOT).parts[:1] in ((), ("webapp",))


@cache
def used() -> dict[str, str]:
    """msgid (plurals as one|||many) -> where it is used."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    found = extract_from_dir(ROOT, methods, {}, KEYWORDS, directory_filter=_is_ours)
    return {
        "|||".join(text) if isinstance(text, tuple) else text: f"{path}:{line}"
        for path, line, text, _, _ in found
        if text
    }


@cache
def translated(language: str) -> dict[str, polib.POEntry]:
    catalogue = polib.pofile(str(ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"))
    return {
        f"{entry.msgid}|||{entry.msgid_plural}" if entry.msgid_plural else entry.msgid: entry
        for entry in catalogue
        if not entry.obsolete
    }


def texts(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_untranslated(language: str) -> None:
    entries = translated(language)
    missing = [
        f"{place}: {text}"
        for text, place in used().items()
        if text not in entries or entries[text].fuzzy or not all(texts(entries[text]))
    ]
    assert not missing, f"{len(missing)} without a text in {language}:\n" + "\n".join(sorted(missing))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_over(language: str) -> None:
    left = sorted(set(translated(language)) - set(used()))
    assert not left, f"{len(left)} unused in {language}:\n" + "\n".join(left)


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_kept(language: str) -> None:
    wrong = [
        f"{entry.msgid!r} -> {text!r}"
        for entry in translated(language).values()
        for text in texts(entry)
        if not set(PLACEHOLDER.findall(text)) <= (allowed := set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural)))
        or (not entry.msgid_plural and set(PLACEHOLDER.findall(text)) != allowed)
    ]
    assert not wrong, "\n".join(wrong)


def test_the_search_sees_texts() -> None:
    """Guards the other tests: an extraction that finds nothing would pass them all."""
    places = {place.split("/")[1] for place in used().values()}
    assert {"domain", "templates"} <= places

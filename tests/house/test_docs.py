"""What the documentation says is so: its links lead somewhere, its commands exist, its words are the catalogues' words."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import click
import polib
import pytest

from webapp.cli import cli
from webapp.settings import EID_PREFIX, OTHERS, ROOT, Settings, variable

pytestmark = pytest.mark.check

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHORTEST_SENTENCE = 20


@cache
def tracked() -> tuple[Path, ...]:
    """Every file of the repository: what is committed and what is about to be."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = []  # an unpacked archive has no history, and a bare machine no git
    if shutil.which("git"):
        done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True)
        names = done.stdout.split("\0") if done.returncode == 0 else []
    paths = [ROOT / name for name in names if name] or [
        path
        for path in ROOT.rglob("*")
        if not any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(ROOT).parts)
    ]
    return tuple(sorted(path for path in paths if path.is_file()))


def pages() -> Iterator[Path]:
    for path in tracked():
        parts = path.relative_to(ROOT).parts
        if path.suffix == ".md" and (len(parts) == 1 or parts[0] == "docs" or parts == ("tenants", "README.md")):
            yield path


def text_of(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def code_in(page: str) -> str:
    """What stands as code in a page: fenced shell, and between backticks."""
    fenced = [body for language, body in FENCE.findall(page) if language in {"sh", "bash"}]
    return "\n".join([*fenced, *re.findall(r"`([^`\n]+)`", FENCE.sub("", page))])


# --- Links and pictures


def test_every_link_leads_somewhere() -> None:
    lost = []
    for page in pages():
        for link in (one or other for one, other in LINK.findall(FENCE.sub("", page.read_text("utf-8")))):
            target, _, anchor = link.partition("#")
            if re.match(r"[a-z]+:", link):
                continue
            goal = (page.parent / target).resolve() if target else page
            if not goal.exists():
                lost.append(f"{page.relative_to(ROOT)}: {link}")
            elif anchor and anchor not in _anchors(goal):
                lost.append(f"{page.relative_to(ROOT)}: {link} (no such heading)")
    assert not lost, "\n".join(lost)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_picture_is_shown_and_all_are_small() -> None:
    pictures = list((ROOT / "docs" / "screenshots").glob("*"))
    assert pictures
    assert sum(path.stat().st_size for path in pictures) < 1_500_000
    unseen = [path.name for path in pictures if path.name not in text_of("README.md")]
    assert not unseen, f"nobody shows {', '.join(unseen)}"


# --- Commands


def test_the_readme_sets_up_with_exactly_two_commands() -> None:
    blocks = [body for language, body in FENCE.findall(text_of("README.md")) if language == "sh"]
    assert blocks == ["./run demo\n./run test\n"]


def test_every_command_that_is_named_exists() -> None:
    known = set(re.findall(r"^  ([a-z]+)(?: ·| \[| …|  )", _help_of_run(), re.MULTILINE)) | {"serve", "worker"}
    wrong = []
    for page in pages():
        for words in re.findall(r"\./run((?: [\w@.-]+)+)", code_in(page.read_text("utf-8"))):
            command, *rest = words.split()
            if command not in known or (command == "cli" and not _is_command(rest)):
                wrong.append(f"{page.relative_to(ROOT)}: ./run {words.strip()}")
    assert not wrong, "\n".join(wrong)


def _help_of_run() -> str:
    return subprocess.run([ROOT / "run", "--help"], capture_output=True, text=True, check=True).stdout


def _is_command(words: list[str]) -> bool:
    """Whether it is one, with as many arguments as it cannot do without."""
    at: click.Command = cli
    for n, word in enumerate(words):
        if not isinstance(at, click.Group) or word.startswith("-"):
            return sum(not word.startswith("-") for word in words[n:]) >= _needed(at)
        found = at.commands.get(word)
        if found is None:
            return False
        at = found
    return not _needed(at)


def _needed(command: click.Command) -> int:
    return sum(isinstance(each, click.Argument) and each.required for each in command.params)


def test_the_search_for_commands_sees_them() -> None:
    assert _is_command(["users", "list", "fjallton"])
    assert not _is_command(["users", "wave"])
    assert not _is_command(["jobs", "retry"]), "of which tenant?"
    assert "./run cli db upgrade" in code_in(text_of("README.md"))


def test_the_demo_is_told_as_it_is() -> None:
    readme = text_of("README.md")
    from webapp.demo import TENANTS
    from webapp.operations.platform.demo_seed import PASSWORD

    assert PASSWORD in readme
    for slug in TENANTS:
        assert f"http://{slug}.localhost:8000" in readme


def test_every_variable_that_is_named_exists() -> None:
    known = {variable(each.name) for each in fields(Settings)} | OTHERS
    named = {name for page in pages() for name in re.findall(r"SKYLT_[A-Z_]*[A-Z]", page.read_text("utf-8"))}
    named = {name for name in named if not name.startswith(EID_PREFIX.rstrip("_"))}
    assert named and named <= known, named - known


# --- Decisions


def test_decisions_say_what_and_why_and_what_not() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = text_of("docs/decisions/README.md")
    found = sorted(folder.glob("[0-9]*.md"))
    assert [path.name[:4] for path in found] == [f"{number:04d}" for number in range(1, len(found) + 1)]
    for path in found:
        page = path.read_text("utf-8")
        assert page.startswith(f"# {path.name[:4]}. "), path.name
        headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
        assert headings[:3] == ["What", "Why", "Not taken"], f"{path.name}: {headings}"
        assert f"]({path.name})" in listed, f"{path.name} is not in the list"


def test_paths_that_are_named_exist() -> None:
    """A page that names a file of ours by its path is read by somebody who opens it."""
    lost = []
    for page in pages():
        if page.name == "CHANGELOG.md":
            continue
        for named in re.findall(
            r"`((?:webapp|tests|docs|tenants|translations)/[\w./-]+\.(?:py|md|html|sql|toml))`", page.read_text("utf-8")
        ):
            if not (ROOT / named).exists() and "/slug/" not in named:
                lost.append(f"{page.relative_to(ROOT)}: {named}")
    assert not lost, "\n".join(lost)


# --- Words


@cache
def catalogue(language: str) -> dict[str, str]:
    entries = polib.pofile(str(ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"))
    return {
        entry.msgid: " / ".join(entry.msgstr_plural.values()) if entry.msgid_plural else entry.msgstr
        for entry in entries
        if not entry.obsolete
    }


def rows(heading: str) -> list[list[str]]:
    """The cells of a table of the glossary."""
    section = text_of("docs/glossary.md").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


TERMS = ("Ordering", "What is bought", "Numbers", "Papers and signing", "Money and agreements")


def term(cell: str) -> str:
    """Without what is said about it in brackets."""
    return re.split(r"[(;]", cell)[0].strip().casefold()


@pytest.mark.parametrize("heading", TERMS)
def test_the_catalogues_use_the_words_of_the_glossary(heading: str) -> None:
    wrong = []
    for english, swedish, danish, instance in rows(heading):
        assert english and swedish and danish, (english, swedish, danish)
        if not instance:
            continue
        msgid = instance.strip("`")
        for language, word in (("sv", swedish), ("da", danish)):
            said = catalogue(language).get(msgid)
            if said is None:
                wrong.append(f"{english}: no text {msgid!r}")
            elif term(word) not in said.casefold():
                wrong.append(f"{english}: {language} says {said!r}, the glossary {term(word)!r}")
    assert not wrong, "\n".join(wrong)


def test_the_glossary_is_whole() -> None:
    terms = [english for heading in TERMS for english, *_ in rows(heading)]
    assert len(terms) == len(set(terms)) >= 70
    shown = [cells for heading in TERMS for cells in rows(heading) if cells[3]]
    assert len(shown) > len(terms) * 0.9


MEANT = "innehavare av den enskilda firman"  # whom Swedish law calls so; a number has an ägare


@pytest.mark.parametrize(("language", "column"), [("sv", 0), ("da", 2)])
def test_rejected_words_are_not_said(language: str, column: int) -> None:
    rejected = [word.strip() for cells in rows("Not said") for word in cells[column].split(",")]
    assert len(rejected) > 10
    said = [
        f"{word}: {text}"
        for word in rejected
        for text in catalogue(language).values()
        # The end of a word may follow ("signera", "signeras"), except where a short word begins others.
        if re.search(
            rf"(?<![\w-]){re.escape(word)}{'' if len(word) > 4 else '(?![a-zåäöæø])'}",
            text.replace(MEANT, ""),
            re.IGNORECASE,
        )
    ]
    assert not said, "\n".join(said)


# --- The repository


# Written in pieces, so that this file does not hold what it looks for.
ELSEWHERE = (
    r"/work" + r"/(main|team|shared|\.library)",
    r"\b(index" + r"-url|find" + r"-links)\s*[ =]",
    r"files\.python" + r"hosted\.org|\bpypi\." + r"org/(simple|packages)",
    r"\bjfrog\b|\bartifact" + r"ory\b|\bnexus/repository",
    r"(?<![\w.])/(home|Users)" + r"/[a-z][\w-]+/",
)


def test_nothing_tells_of_the_machine_it_was_written_on() -> None:
    found = []
    for path in tracked():
        if path.suffix in {".webp", ".png", ".pdf", ".mo", ".gz", ".p12"}:
            continue
        body = path.read_text("utf-8", errors="replace")
        found += [
            f"{path.relative_to(ROOT)}: {match.group(0)}" for raw in ELSEWHERE for match in re.finditer(raw, body)
        ]
    assert not found, "\n".join(found)


def test_the_search_for_machines_finds_them() -> None:
    for raw, example in zip(
        ELSEWHERE,
        (
            "/work" + "/main/x",
            "--index" + "-url https",
            "https://files.python" + "hosted.org/x",
            "artifact" + "ory",
            "/home" + "/anna/x",
        ),
        strict=True,
    ):
        assert re.search(raw, example), raw


def test_no_third_party_code_is_kept() -> None:
    kept = [
        path.relative_to(ROOT).as_posix()
        for path in tracked()
        if path.suffix in {".js", ".css", ".ttf", ".otf", ".woff2", ".whl", ".so"}
        and path.relative_to(ROOT).parts[:2] not in {("webapp", "static"), ("webapp", "templates")}
    ]
    assert not kept, kept


def test_every_module_says_what_it_is_for() -> None:
    silent = []
    for path in tracked():
        name = path.relative_to(ROOT).as_posix()
        if (path.suffix != ".py" and name != "run") or "migrations/" in name:
            continue
        said = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
        first = said.split("\n\n")[0].replace("\n", " ")
        if len(first) < SHORTEST_SENTENCE or not first.endswith((".", "!", "?")):
            silent.append(f"{name}: {first!r}")
    assert not silent, "\n".join(silent)

"""Every template compiles, is there when it is named and is named when it is there; every question can be drawn."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from jinja2 import Environment, StrictUndefined, UndefinedError, nodes

from tests.browsing import Portal
from webapp.documents import paper_templates
from webapp.domain.ordering.questions.catalogue import QUESTIONS
from webapp.jobs.mail import mail_rendering
from webapp.settings import ROOT

TEMPLATES = ROOT / "webapp" / "templates"
ALL = sorted(
    path.relative_to(TEMPLATES).as_posix()
    for path in TEMPLATES.rglob("*")
    if path.suffix in {".html", ".txt", ".jinja", ".css"}
)


def _environment(portal: Portal, name: str) -> Environment:
    """The one that draws it: pages, papers and mails each have their own."""
    if name.startswith("papers/pdf/"):
        return paper_templates._environment("sv")
    if name.startswith("mail/"):
        return mail_rendering._environment("txt" if name.endswith(".txt") else "html")
    return portal.app.jinja_env


def _source(name: str) -> str:
    return (TEMPLATES / name).read_text("utf-8")


@pytest.mark.parametrize("name", ALL)
def test_it_compiles_with_the_filters_there_are(portal: Portal, name: str) -> None:
    _environment(portal, name).compile(_source(name), name, name)


@pytest.mark.parametrize("name", ["layout.html", "papers/pdf/paper.html", "mail/frame.html", "mail/frame.txt"])
def test_a_misspelt_name_is_an_error_not_an_empty_place(portal: Portal, name: str) -> None:
    env = _environment(portal, name)
    assert env.undefined is StrictUndefined
    with portal.app.app_context(), pytest.raises(UndefinedError):
        env.from_string("{{ nobody_gave_this }}").render()


def test_no_control_cuts_what_is_typed() -> None:
    # A browser cuts what is pasted without a word; the readers tell what is too long.
    for name in ALL:
        assert "maxlength" not in _source(name), name
    assert not [id for id, question in QUESTIONS.items() if "maxlength" in question.attrs]


def test_names_and_files_are_the_same(portal: Portal) -> None:
    in_templates = {wanted for name in ALL for wanted in _names_in(portal, name)}
    assert in_templates <= set(ALL), f"named, not there: {in_templates - set(ALL)}"
    fixed, of_any_kind = _patterns_in_python()
    nowhere = {each for each in fixed if not any(re.fullmatch(each, name) for name in ALL)}
    assert not nowhere, f"named, not there: {nowhere}"
    named = {name for name in ALL if any(re.fullmatch(each, name) for each in fixed | of_any_kind)}
    unused = {name for name in ALL if name not in in_templates | named and not name.startswith("ordering/questions/")}
    assert not unused, f"there, not named: {unused}"


def _names_in(portal: Portal, name: str) -> Iterator[str]:
    tree = _environment(portal, name).parse(_source(name))
    for kind in (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport):
        for each in tree.find_all(kind):
            if isinstance(each.template, nodes.Const):  # type: ignore[attr-defined]
                yield each.template.value  # type: ignore[attr-defined]


def _patterns_in_python() -> tuple[set[str], set[str]]:
    """Templates' names in the code, by their ending and without; an f-string's changing part stands for anything."""
    texts: set[str] = set()
    for path in sorted((ROOT / "webapp").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        within = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else None for part in node.values)
                texts.add("".join("[^/]+" if part is None else re.escape(str(part)) for part in parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in within:
                texts.add(re.escape(node.value))
    folders = "|".join(sorted({name.rpartition("/")[0] for name in ALL if "/" in name}))
    here = re.compile(rf"(?:({folders})/)?(\w|\[\^/\]\+)+\\\.(html|txt|jinja|css|\[\^/\]\+)")
    names = {text for text in texts if here.fullmatch(text)}
    assets = {re.escape(path.name) for path in (ROOT / "webapp" / "static").rglob("*")}
    assets |= {re.escape(path.name) for path in (ROOT / "requirements").glob("*.txt")}
    fixed = {name for name in names if not name.endswith("+")} - assets
    return fixed, {name for name in names - fixed if "/" in name.replace("[^/]", "")}


def test_every_control_has_its_template_and_every_template_its_control() -> None:
    controls = {question.control for question in QUESTIONS.values()}
    drawn = {path.stem for path in (TEMPLATES / "ordering" / "questions").glob("*.html")}
    assert controls <= drawn, f"no template for {controls - drawn}"
    # `address` and `textarea` stand ready for questions to come; anything else is a leftover.
    assert drawn - controls <= {"address", "textarea"}, f"no question for {drawn - controls}"

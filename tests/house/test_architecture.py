"""The import rules catch what they are there to catch: each is broken on purpose in a copy of the code."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from webapp.settings import ROOT

# file to add -> its source, the contract that must break, the import that must be named
SEEDS = {
    "domain/seeded.py": ("import flask", "The domain is plain Python", "webapp.domain.seeded -> flask"),
    "domain/seeded_egg.py": (
        "import webapp.domain.seeded_hen",
        "No cycles in the domain",
        ".seeded_hen -> .seeded_egg",
    ),
    "domain/seeded_hen.py": (
        "import webapp.domain.seeded_egg",
        "No cycles in the domain",
        ".seeded_hen -> .seeded_egg",
    ),
    "operations/seeded.py": (
        "import flask",
        "Only the web side knows there is a request",
        "webapp.operations.seeded -> flask",
    ),
    "operations/seeded_caller.py": (
        "import webapp.gateways.mail_standin",
        "A request never calls an outside system",
        "webapp.operations.seeded_caller -> webapp.gateways.mail_standin",
    ),
    "blueprints/seeded.py": (
        "import sqlalchemy",
        "Only the store speaks SQL",
        "webapp.blueprints.seeded -> sqlalchemy",
    ),
    "web/seeded.py": (
        "import htmx_flask",
        "Only webapp.web.htmx knows htmx-flask",
        "webapp.web.seeded -> htmx_flask",
    ),
    "jobs/seeded.py": (
        "import weasyprint",
        "Only documents draws and seals",
        "webapp.jobs.seeded -> weasyprint",
    ),
    "blueprints/seeded_digger.py": (
        "import webapp.store.platform.embedded",
        "Views ask operations or read; they do not reach around them",
        "webapp.blueprints.seeded_digger -> webapp.store.platform.embedded",
    ),
    "blueprints/people/seeded_friend.py": (
        "import webapp.blueprints.ordering.lines",
        "Blueprints are neighbours, not friends",
        "webapp.blueprints.people.seeded_friend -> webapp.blueprints.ordering.lines",
    ),
    "blueprints/seeded_boss.py": (
        "import webapp.jobs",
        "Imports point downwards, from doors to domain",
        "webapp.blueprints.seeded_boss -> webapp.jobs",
    ),
    "store/seeded.py": (
        "import webapp.documents",
        "Imports point downwards, from doors to domain",
        "webapp.store.seeded -> webapp.documents",
    ),
    "domain/porting/seeded.py": (
        "import webapp.domain.ordering",
        "Subjects of the domain",
        "webapp.domain.porting.seeded -> webapp.domain.ordering",
    ),
    "domain/ordering/seeded.py": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from webapp.domain.papers.facts import Paper",
        "Subjects of the domain",
        "webapp.domain.ordering.seeded -> webapp.domain.papers.facts",
    ),
    "operations/papers/seeded.py": (
        "import webapp.operations.signing.signature",
        "Subjects of the operations",
        "webapp.operations.papers.seeded -> webapp.operations.signing.signature",
    ),
    "operations/signing/seeded.py": (
        "import webapp.operations.desk.staff",
        "Subjects of the operations",
        "webapp.operations.signing.seeded -> webapp.operations.desk.staff",
    ),
    "store/papers/seeded.py": (
        "import webapp.store.signing",
        "Subjects of the store",
        "webapp.store.papers.seeded -> webapp.store.signing",
    ),
    "jobs/papers/seeded.py": (
        "import webapp.jobs.signing.signatures",
        "Subjects of the jobs",
        "webapp.jobs.papers.seeded -> webapp.jobs.signing.signatures",
    ),
    "web/signing/seeded.py": (
        "import webapp.web.ordering.order_form",
        "Subjects of the pages",
        "webapp.web.signing.seeded -> webapp.web.ordering.order_form",
    ),
    "domain/seeded_climber.py": (
        "import webapp.clock",
        "Imports point downwards, from doors to domain",
        "webapp.domain.seeded_climber -> webapp.clock",
    ),
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "webapp", tmp_path / "webapp", ignore=lambda folder, names: _no_code(folder, names))
    return tmp_path


def _no_code(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if not name.endswith(".py") and not (Path(folder) / name / "__init__.py").exists()}


def lint(copy: Path) -> str:
    """What import-linter says of the copy, on one line, since it wraps long ones."""
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool, "--no-cache"], cwd=copy, capture_output=True, text=True, env={"COLUMNS": "400"})
    return re.sub(r"\s+", " ", done.stdout + done.stderr)


def test_the_code_keeps_the_rules(copy: Path) -> None:
    said = lint(copy)
    assert " 0 broken" in said, said


def test_every_seeded_violation_is_caught(copy: Path) -> None:
    for name, (source, _, _) in SEEDS.items():
        (copy / "webapp" / name).write_text(source + "\n")
    said = lint(copy)
    for _, contract, broken_import in SEEDS.values():
        assert f"{contract} BROKEN" in said, said
        assert broken_import in said, said


def test_views_may_read(copy: Path) -> None:
    (copy / "webapp/blueprints/ordering/seeded_reader.py").write_text("import webapp.store.reading.cards\n")
    said = lint(copy)
    assert " 0 broken" in said, said


def test_a_new_module_must_be_given_its_place(copy: Path) -> None:
    (copy / "webapp" / "seeded.py").touch()
    (copy / "webapp/operations/seeded.py").touch()
    said = lint(copy)
    assert "Imports point downwards, from doors to domain BROKEN" in said
    assert "Subjects of the operations BROKEN" in said

"""An installed package has all that a checkout has: every file beside the code goes along, and the command finds its tools."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import click
import pytest

from webapp.places import IS_CHECKOUT, ROOT
from webapp.settings import Settings

pytestmark = pytest.mark.check


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    with open(ROOT / "pyproject.toml", "rb") as file:
        told: dict[str, Any] = tomllib.load(file)
    return told


def test_every_file_beside_the_code_goes_into_the_package(project: dict[str, Any]) -> None:
    packaged = set((ROOT / "webapp").rglob("__init__.py"))
    packaged |= {path for init in list(packaged) for path in init.parent.glob("*.py")}
    for package, patterns in project["tool"]["setuptools"]["package-data"].items():
        folder = ROOT.joinpath(*package.split("."))
        packaged |= {
            path for pattern in patterns for path in folder.glob(f"{pattern}/*" if pattern[-2:] == "**" else pattern)
        }
    files = {path for path in (ROOT / "webapp").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert not sorted(str(path.relative_to(ROOT)) for path in files - packaged)


def test_the_command_has_the_processes_and_the_tools(project: dict[str, Any]) -> None:
    module, _, name = project["project"]["scripts"]["skylt"].partition(":")
    command = getattr(__import__(module, fromlist=[name]), name)
    assert isinstance(command, click.Group)
    assert {"serve", "worker", "assets", "db", "tenants", "users", "jobs", "doctor"} <= set(command.commands)


def test_what_is_built_by_hand_is_there_to_build(project: dict[str, Any]) -> None:
    assert {each.partition("~")[0].partition(">")[0] for each in project["build-system"]["requires"]} == {
        "setuptools",
        "babel",
    }
    for needed in ("setup.py", "requirements/assets.txt", "translations/sv/LC_MESSAGES/messages.po"):
        assert (ROOT / needed).is_file()
    assert IS_CHECKOUT and Settings.tenants_dir == Path(ROOT / "tenants")

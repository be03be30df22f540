"""docs/routes.md is what the URL map says."""

from __future__ import annotations

import pytest

from webapp.app import create_app
from webapp.settings import ROOT, Settings
from webapp.store.embedded import Databases
from webapp.web.routes import as_markdown


@pytest.mark.check
def test_the_page_of_routes_is_true(module_databases: Databases) -> None:
    settings = Settings("demo", module_databases.app_url, module_databases.owner_url, "s" * 40)
    made = as_markdown(create_app(settings))
    kept = (ROOT / "docs" / "routes.md").read_text("utf-8")
    assert kept == made, "./run cli routes > docs/routes.md"


def test_every_route_names_who_may(module_databases: Databases) -> None:
    settings = Settings("demo", module_databases.app_url, module_databases.owner_url, "s" * 40)
    assert "| nobody |" not in as_markdown(create_app(settings))


def test_every_route_says_what_it_is_for(module_databases: Databases) -> None:
    settings = Settings("demo", module_databases.app_url, module_databases.owner_url, "s" * 40)
    silent = [
        row for row in as_markdown(create_app(settings)).splitlines() if row.startswith("| `") and row.endswith("|  |")
    ]
    assert not silent, "the view lacks its one line of docstring"

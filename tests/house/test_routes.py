"""docs/routes.md is what the URL map says."""

from __future__ import annotations

import pytest

from webapp.app import create_app
from webapp.domain.ordering.url_words import BESIDE_STEPS, START
from webapp.settings import ROOT, Settings
from webapp.store.platform.embedded import Databases
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


def test_the_words_that_no_step_may_be_called_are_those_of_the_url_map(module_databases: Databases) -> None:
    settings = Settings("demo", module_databases.app_url, module_databases.owner_url, "s" * 40)
    rules = [rule.rule.split("/") for rule in create_app(settings).url_map.iter_rules()]
    named = [rule for rule in rules if rule[-1] == "<step_id>"]
    assert named, "a tenant's step stands in an address"
    beside = {
        rule[len(step) - 1]
        for step in named
        for rule in rules
        if rule[: len(step) - 1] == step[:-1] and len(rule) >= len(step)
    }
    assert beside - {"<step_id>"} == BESIDE_STEPS - {START}


def test_no_other_name_of_a_tenants_stands_beside_a_word_of_ours(module_databases: Databases) -> None:
    settings = Settings("demo", module_databases.app_url, module_databases.owner_url, "s" * 40)
    rules = [rule.rule.split("/") for rule in create_app(settings).url_map.iter_rules()]
    for named in (rule for rule in rules if rule[-1] in {"<slug>", "<name>", "<question>"}):
        beside = {
            rule[len(named) - 1] for rule in rules if rule[: len(named) - 1] == named[:-1] and len(rule) >= len(named)
        }
        assert beside == {named[-1]}, named


def test_every_route_says_what_it_is_for(module_databases: Databases) -> None:
    settings = Settings("demo", module_databases.app_url, module_databases.owner_url, "s" * 40)
    silent = [
        row for row in as_markdown(create_app(settings)).splitlines() if row.startswith("| `") and row.endswith("|  |")
    ]
    assert not silent, "the view lacks its one line of docstring"

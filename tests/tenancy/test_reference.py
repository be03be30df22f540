"""What people and editors are told about the files is what the program holds them against."""

from __future__ import annotations

import re
from pathlib import Path

from webapp.domain.ordering.questions.catalogue import GROUPS, QUESTIONS
from webapp.domain.tenants.tenant import Tenant
from webapp.tenancy.composition import OPTIONS
from webapp.tenancy.models import FILES, OVERRIDES, TenantFile, schemas
from webapp.tenancy.reference import reference

ROOT = Path(__file__).parents[2]


def test_the_page_is_up_to_date() -> None:
    written = (ROOT / "docs/tenants.md").read_text()
    assert written == reference(), "write it anew: .venv/bin/python -m webapp.tenancy.reference > docs/tenants.md"


def test_every_key_has_a_place_on_the_page() -> None:
    page = reference()
    for model in FILES.values():
        for key in model.model_fields:
            assert f"| `{key}` |" in page


def test_schemas_are_strict() -> None:
    made = schemas()
    assert set(made) == {"tenant", "brand", "order", "catalogue", "texts"}
    assert made["brand"]["additionalProperties"] is False
    assert made["brand"]["properties"]["colour"]["pattern"] == "^#[0-9A-Fa-f]{6}$"
    assert re.fullmatch(made["tenant"]["$defs"]["SupportEntry"]["properties"]["phone"]["pattern"], "+46406280400")


def test_answers_to_choose_among_are_those_of_the_questions() -> None:
    """Options that follow from nothing but the question itself must be the same here and there."""
    for question in ("number_source", "port.signatory", "port.mode", "sim", "pbx", "user_mode", "topup"):
        options = QUESTIONS[question].options
        assert options is not None
        assert tuple(option.value for option in options(None)) == OPTIONS[question]  # type: ignore[arg-type]
    assert set(OPTIONS) <= set(QUESTIONS) and set(GROUPS) == {"port", "user", "delivery"}


def test_lists_of_names_agree_with_the_model() -> None:
    keys = TenantFile.model_json_schema()["properties"]
    assert keys["may_override"]["anyOf"][0]["items"]["enum"] == list(OVERRIDES)
    assert "revision" in Tenant.__dataclass_fields__

"""What is kept is read for ever: a file for each kind and version of it, and what an installation of an earlier release holds.

A field that is added makes a new version: keep its file beside the old ones (`as_json` writes it).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.builders import NOW, an_order
from webapp.domain.canonical_json import as_json
from webapp.domain.ordering.contract_summary import Facts
from webapp.domain.ordering.draft import line_from_json, line_to_json
from webapp.domain.ordering.order import Order
from webapp.domain.papers.facts import PowerOfAttorney
from webapp.domain.porting.porting import Porting
from webapp.domain.stored_json import Instant, from_json, to_json
from webapp.tenancy.revision import tenant_from_json, tenant_to_json

KEPT = {path.stem: path for path in sorted(Path(__file__).with_name("stored").glob("*.json"))}
DATACLASSES: dict[str, type[Any]] = {
    "order": Order,
    "porting": Porting,
    "power_of_attorney": PowerOfAttorney,
    "power_of_attorney_signed": PowerOfAttorney,
    "contract_summary": Facts,
}
CODECS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "draft_line": (line_from_json, line_to_json),
    "tenant": (tenant_from_json, tenant_to_json),
}
EARLIER = {"order-1", "porting-1"}
"""Versions to which fields were added since, so that more is written than was read."""


def rewritten(kind: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Read and written again, as the database gives it back."""
    if kind in CODECS:
        read, write = CODECS[kind]
        return dict(json.loads(json.dumps(write(read(kept)))))
    return to_json(from_json(DATACLASSES[kind], kept))


def test_each_kind_has_a_file() -> None:
    assert {name.partition("-")[0] for name in KEPT} == {*DATACLASSES, *CODECS}


@pytest.mark.parametrize("name", sorted(KEPT.keys() - EARLIER))
def test_what_is_kept_is_written_again_to_the_byte(name: str) -> None:
    """As text, too: papers print its digest."""
    text = KEPT[name].read_text("utf-8")
    assert as_json(rewritten(name.partition("-")[0], json.loads(text))) + "\n" == text


def test_an_order_of_the_first_version_is_read() -> None:
    kept = json.loads(KEPT["order-1"].read_text("utf-8"))
    made = rewritten("order", kept)
    assert made["lines"][0]["porting"].pop("signers") == []
    assert made["lines"][0]["porting"].pop("in_order") is False
    assert [made["lines"][0]["porting"].pop(end) for end in ("first", "last", "main")] == ["", "", ""]
    assert (made["provenance"].pop("summary"), made["provenance"].pop("summary_facts")) == (None, None)
    assert made == kept


def test_a_porting_of_the_first_version_is_read() -> None:
    kept = json.loads(KEPT["porting-1"].read_text("utf-8"))
    assert rewritten("porting", kept) == {
        **kept, "signers": [], "in_order": False, "first": "", "last": "", "main": "",
    }  # fmt: skip


def test_an_installation_of_release_0010_is_written_again_equal() -> None:
    """Its orders, papers, corrected portings, summaries and revisions."""
    packed = Path(__file__).parents[1] / "store/upgrade/0010.json.gz"
    rows = {table: kept["rows"] for table, kept in json.loads(gzip.decompress(packed.read_bytes())).items()}
    found = [("order", row["world"]) for row in rows["order"]]
    found += [("power_of_attorney", row["facts"]["paper"]) for row in rows["document"] if "paper" in row["facts"]]
    found += [("porting", row["facts"]) for row in rows["porting"] if row["facts"]]
    found += [("contract_summary", row["facts"]) for row in rows["contract_summary"]]
    found += [("tenant", row["content"]) for row in rows["tenant_revision"]]
    assert {"order", "power_of_attorney", "tenant"} <= {kind for kind, _ in found}
    for kind, kept in found:
        assert rewritten(kind, kept) == kept


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 11, 21, 13, 5, tzinfo=UTC), "2026-11-21T13:05:00+00:00"),
        (datetime(2026, 11, 21, 13, 5, 0, 120000, UTC), "2026-11-21T13:05:00.120000+00:00"),
    ],
)
def test_a_moment_is_written_with_its_offset(moment: datetime, text: str) -> None:
    adapter = TypeAdapter[datetime](Instant)
    assert adapter.dump_python(moment, mode="json") == text and adapter.validate_python(text) == moment


def test_what_a_later_release_has_added_is_passed_over_and_what_lacks_is_told() -> None:
    """Old and new processes run side by side for minutes."""
    kept = to_json(an_order(placed_at=NOW))
    assert from_json(Order, {**kept, "added": 1}) == an_order()
    del kept["ref"]
    with pytest.raises(ValueError, match="ref"):
        from_json(Order, kept)

"""One seeded portal for the journeys of a file; its prices rise on 1 December 2026."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browsing import Portal, a_portal, tenants_with
from tests.builders import TUESDAY
from tests.own_tenants import OWN_TENANTS
from webapp.store.platform.embedded import Databases

RISE = {
    "fjallton/prices/2026-12-01.csv": ("fjallton/prices/2026-01-01.csv", ("149,00", "159,00")),
    "baeltkom/agreements/BK-RAMME/2026-12-01.csv": (
        "baeltkom/agreements/BK-RAMME/2026-01-01.csv",
        ("165,00", "175,00"),
    ),
}


@pytest.fixture(scope="module")
def the_portal(module_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    lists = {new: (OWN_TENANTS / old).read_text("utf-8").replace(*change) for new, (old, change) in RISE.items()}
    folder = tenants_with(tmp_path_factory.mktemp("tenants") / "tenants", lists)
    with a_portal(module_databases, folder) as portal:
        yield portal


@pytest.fixture
def portal(the_portal: Portal) -> Portal:
    """The portal on Tuesday morning."""
    the_portal.now = TUESDAY
    return the_portal

"""The time at which papers are made, sealed, stamped and looked at here: one and the same."""

from __future__ import annotations

import pytest

from tests.documents.sealing import NOW
from webapp import clock


@pytest.fixture(autouse=True)
def at_the_time_of_the_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Authorities that vouch for the time ask the clock."""
    monkeypatch.setattr(clock, "now", lambda: NOW)

"""The card of a user: a price that is nought is said once it is known, and not before."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.domain.desks import form
from webapp.domain.money import Money
from webapp.l10n import Words
from webapp.web.order_review import card


@pytest.mark.parametrize(("missing", "shown"), [((), True), (("data",), False)])
def test_free_is_said_of_what_is_complete_only(missing: tuple[str, ...], shown: bool) -> None:
    asked = form("fjallton", {"kind": "mobile"})
    asked.__dict__["missing"] = missing
    free: Any = SimpleNamespace(of=lambda period, n: SimpleNamespace(net=Money(0, "SEK")))
    assert ("0\xa0kr/mån" in card(Words("sv"), asked, free)["meta"]) == shown

"""What customers come back to, at every tenant and for every role."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.conftest import Visitor

TENANTS = ("fjallton", "skarvox", "baeltkom", "klitfon")


@pytest.mark.parametrize("tenant", TENANTS)
@pytest.mark.parametrize("who", ["owner", "buyer", "member", "owner2"])
def test_every_role_has_a_home(visitor: Callable[..., Visitor], tenant: str, who: str) -> None:
    home = visitor(tenant, who).get("/home")
    assert home.status == 200


def test_only_who_may_order_is_offered_to(visitor: Callable[..., Visitor]) -> None:
    buyer, member = visitor("fjallton", "buyer").get("/home"), visitor("fjallton", "member").get("/home")
    assert buyer.html.select('main form[action="/orders/new"]')
    assert not member.html.select('main form[action="/orders/new"]')
    assert "Astrid Hallström" in member.main and "Joakim Sandgren" in member.main

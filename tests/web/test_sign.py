"""Signing by a mailed link, as a browser without script sees it: who asks, what is signed, every way to prove it, and every dead end."""

from __future__ import annotations

from tests.browsing import Portal
from tests.web.conftest import Visit
from tests.web.signers import ask, filled, signed


def test_somebody_signs_by_a_mailed_code(portal: Portal, visit: Visit) -> None:
    asked = ask(portal)
    anna = visit("fjallton")
    arrived = anna.request("GET", asked.link())
    assert arrived.status_code == 303 and asked.link() not in arrived.location
    anna.open(asked.link())
    assert anna.status == 200, anna.text
    print(anna.text)
    anna.send(anna.path, filled(anna, method="code_mail"))
    assert anna.path.endswith("/code"), anna.errors
    print(anna.text)
    anna.send(anna.path, {**anna.fields, "code": asked.code()})
    assert anna.path.endswith("/done")
    print(anna.text)
    assert asked.state == "signed"

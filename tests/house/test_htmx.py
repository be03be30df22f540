"""Every answer a page or a part of one is given goes through htmx-flask: its request says who asks, its response says what to do."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Response
from htmx_flask.requests import HtmxHeaders
from werkzeug.test import TestResponse

from tests.browsing import Portal, Visitor
from webapp.web import htmx

BY_HTMX = {"HX-Request": "true"}
MARK = "X-Made-By"


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """htmx-flask's make_response leaves a mark on what it makes."""
    theirs = htmx.make_response

    def make_response(*arguments: Any, **named: Any) -> Response:
        answer = theirs(*arguments, **named)
        answer.headers[MARK] = "htmx-flask"
        return answer

    monkeypatch.setattr(htmx, "make_response", make_response)


def answers(portal: Portal) -> dict[str, TestResponse]:
    """One answer of every kind that htmx asks for."""
    visitor = portal.visitor("fjallton")
    began = visitor.post("/orders/new", {"kind": "mobile"})
    line = visitor.request("GET", began.location).location.rpartition("/")[0]
    chosen = {"binding": "none", "call_rate": "flat"}
    visitor.post(f"{line}/avtal", chosen)
    number = {"changed": "number_source", "number_source": "specific"}

    def sent(path: str, data: dict[str, str]) -> TestResponse:
        return visitor.post(path, data, headers=BY_HTMX)

    def asked(path: str, guest: Visitor = visitor) -> TestResponse:
        return guest.request("GET", path, headers=BY_HTMX)

    return {
        "one answer stored": sent(f"{line}/change", {"changed": "data", "data": "FJ-D5"}),
        "follow-ups filled": sent(f"{line}/change", number),
        "one answer looked up": sent(f"{line}/check/specific_number", {"specific_number": "12"}),
        "a page with errors": sent(f"{line}/nummer", {}),
        "the next page": asked(f"{line}/nummer"),
        "onwards": sent(f"{line}/data", {"data": "FJ-D5"}),
        "users found": asked("/company/users/search?q=a"),
        "orders filtered": asked("/orders?q=x"),
        "all orders filtered": asked("/admin/orders?q=x", portal.visitor("fjallton", "operator")),
        "nothing there": asked("/drafts/none"),
    }


def test_every_partial_answer_is_made_by_htmx_flask(portal: Portal, marked: None) -> None:
    unmarked = [what for what, answer in answers(portal).items() if answer.headers.get(MARK) is None]
    assert not unmarked


def test_what_is_partial_is_decided_by_its_request(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    partial = answers(portal)["the next page"].get_data(as_text=True)
    assert "<main" in partial and "<html" not in partial
    monkeypatch.setattr(HtmxHeaders, "__bool__", lambda _: False)
    assert "<html" in answers(portal)["the next page"].get_data(as_text=True)


def test_a_part_never_stands_for_a_page(portal: Portal) -> None:
    for what, answer in answers(portal).items():
        assert "HX-Request" in answer.headers.get("Vary", ""), what
        assert "no-store" in answer.headers["Cache-Control"], what

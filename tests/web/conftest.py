"""Guests: visitors who check every page they are shown for what all pages must have and none may show."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from lxml import html
from werkzeug.test import TestResponse

from tests.browsing import Portal, Visitor

PASSWORD = "skylt-demo-2026"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\{|\{%")
PLATFORM = re.compile(r"\bskylt\b", re.IGNORECASE)
UNLABELLED = {"hidden", "submit", "button"}

Visit = Callable[..., "Guest"]


class Guest(Visitor):
    """A visitor who looks closely."""

    def request(self, method: str, path: str, data: Any = None, **more: Any) -> TestResponse:
        response = super().request(method, path, data, **more)
        if response.mimetype == "text/html" and response.status_code // 100 != 3 and response.data:
            check_page(response)
        return response

    @property
    def token(self) -> str:  # type: ignore[override]
        """A valid CSRF token of this browser; anybody may see the help page."""
        text = self.request("GET", "/help").get_data(as_text=True)
        return str(html.fromstring(text).xpath("//meta[@name='csrf-token']/@content")[0])

    def sign_in(self, email: str, password: str = PASSWORD, **form: str) -> TestResponse:
        """Fills in the sign-in form, following nothing."""
        self.open("/login")
        fields = dict(self.dom.xpath("//main//form")[0].form_values())
        return self.request("POST", "/login", {**fields, "email": email, "password": password, **form})


def check_page(response: TestResponse) -> None:
    """What every page must have, and what none may show."""
    text = response.get_data(as_text=True)
    dom = html.fromstring(text)
    if "<html" in text:
        assert dom.get("lang") in {"sv", "da"}
        assert len(dom.xpath("//h1")) == 1, response.request.path
        assert len(dom.xpath("//main")) == 1
        assert dom.findtext(".//title", "").strip(" ·")
    ids = dom.xpath("//@id")
    assert len(ids) == len(set(ids)), sorted({i for i in ids if ids.count(i) > 1})
    for control in dom.xpath("//input | //select | //textarea"):
        if control.get("type") not in UNLABELLED and control.get("aria-hidden") != "true":
            assert _is_labelled(dom, control), html.tostring(control)
    for form in dom.xpath("//form[translate(@method, 'POST', 'post')='post']"):
        assert form.xpath(".//input[@name='csrf_token']"), form.get("action")
    assert not dom.xpath("//img[not(@alt)] | //script[not(@src)] | //style | //@style")
    assert not [name for each in dom.xpath("//*") for name in each.attrib if name.startswith(("on", "hx-on"))]
    words = dom.text_content()
    assert "<span" not in words, "markup of ours is shown as text"
    assert not PLACEHOLDER.search(words), PLACEHOLDER.search(words)
    if not response.request.path.startswith("/demo"):  # where the password is told
        assert not PLATFORM.search(words), "the platform's name is shown"


def _is_labelled(dom: Any, control: Any) -> bool:
    by_for = control.get("id") and dom.xpath("//label[@for=$id]", id=control.get("id"))
    return bool(
        by_for or control.get("aria-label") or control.get("aria-labelledby") or control.xpath("ancestor::label")
    )


@pytest.fixture
def visit(portal: Portal) -> Visit:
    """`visit("fjallton", "owner")` has signed in; `visit("fjallton")` has not; `visit("")` is on plain localhost."""

    def arrive(slug: str = "fjallton", local: str = "", **headers: str) -> Guest:
        guest = Guest(portal, slug, headers)
        if not slug:
            guest.host = "localhost"
        if local:
            guest.client.set_cookie("login", portal.session(slug, local), domain=guest.host)
        return guest

    return arrive

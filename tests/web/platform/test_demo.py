"""The demo's own pages on plain localhost."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.browsing import TENANTS, Portal
from tests.web.conftest import Visit
from webapp.gateways.mail_standin import read_mail
from webapp.gateways.sms import SmsServer, send
from webapp.gateways.sms_standin import SmsStandin

MAIL = """From: Klitfon <no-reply@klitfon.example>
To: owner@klitfon.example
Subject: Hej
Content-Type: text/plain; charset=utf-8

Se her: http://klitfon.localhost:8000/reset/abc?x=1 og http://other.example/y
"""


@pytest.fixture
def mailbox_with_one(portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = read_mail(MAIL.encode(), ["owner@klitfon.example"])
    (tmp_path / "1.json").write_text(json.dumps(facts), "utf-8")
    settings = replace(portal.app.config["SKYLT_SETTINGS"], mail_dir=tmp_path)
    monkeypatch.setitem(portal.app.config, "SKYLT_SETTINGS", settings)


def test_plain_localhost_leads_to_the_choice_and_then_is_that_operator(visit: Visit) -> None:
    guest = visit("")
    guest.open("/")
    assert guest.path == "/demo"
    assert set(guest.dom.xpath("//form//input[@name='tenant']/@value")) == set(TENANTS)
    assert all(src.startswith("data:image/svg+xml") for src in guest.dom.xpath("//main//img/@src"))
    form = dict(guest.dom.xpath("//form[.//input[@value='klitfon']]")[0].form_values())
    guest.send("/demo", form)
    assert guest.path == "/" and "Klitfon" in guest.text
    assert guest.sign_in("owner@klitfon.example").status_code == 303
    assert guest.request("GET", "/home").status_code == 200
    assert guest.request("GET", "/demo").status_code == 200, "the choice can be made again"


def test_nobody_else_can_be_chosen(visit: Visit) -> None:
    guest = visit("").open("/demo")
    fields = dict(guest.dom.xpath("//form")[0].form_values())
    assert guest.request("POST", "/demo", {**fields, "tenant": "nobody"}).status_code == 404
    assert guest.request("POST", "/demo", {"tenant": "klitfon"}).status_code in {400, 403, 404}


def test_an_empty_mailbox_is_one(visit: Visit) -> None:
    guest = visit("")
    assert guest.request("GET", "/demo/mail.json").get_json() == []
    assert guest.open("/demo/mail").status == 200
    assert "@refused.example" in guest.text, "how to see a mail that does not arrive"


def test_mail_is_shown_with_links_for_plain_localhost(mailbox_with_one: None, visit: Visit) -> None:
    guest = visit("")
    (mail,) = guest.request("GET", "/demo/mail.json").get_json()
    assert set(mail) == {"to", "subject", "text", "html", "links", "headers", "sent_at"}
    assert mail["links"][0] == "http://klitfon.localhost:8000/reset/abc?x=1"
    page = guest.open("/demo/mail")
    assert "http://localhost:8000/reset/abc?x=1" in page.text
    way = guest.dom.xpath("//main//a[starts-with(@href, '/demo/open')]/@href")
    assert len(way) == 1
    assert guest.request("GET", way[0]).location == "/reset/abc?x=1"
    assert guest.open("/").text.count("Klitfon")


def test_text_messages_are_shown_as_a_phone_would(
    portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visit: Visit
) -> None:
    guest = visit("")
    assert guest.request("GET", "/demo/sms.json").get_json() == [] and guest.open("/demo/sms").status == 200
    with SmsStandin(tmp_path, "hush") as phones:
        text = "Koden är 123456 <b>\n@klitfon.localhost #123456"
        send(SmsServer(phones.url, "hush"), "+4520000030", "Klitfon", text, "code-1")
    settings = replace(portal.app.config["SKYLT_SETTINGS"], sms_dir=tmp_path)
    monkeypatch.setitem(portal.app.config, "SKYLT_SETTINGS", settings)
    (message,) = guest.request("GET", "/demo/sms.json").get_json()
    assert (message["to"], message["from"], message["text"]) == ("+4520000030", "Klitfon", text)
    page = guest.open("/demo/sms")
    at = datetime.fromisoformat(message["sent_at"]).astimezone(ZoneInfo("Europe/Stockholm"))
    assert f"{at:%H:%M}" in page.text, "by the clocks on the wall"
    assert "Koden är 123456 <b>" in page.text and "@klitfon.localhost #123456" in page.text
    assert guest.open("/demo/mail").dom.xpath("//a[@href='/demo/sms']")


def test_tenants_own_hosts_have_no_demo_pages(visit: Visit) -> None:
    for path in ("/demo", "/demo/mail", "/demo/mail.json", "/demo/sms", "/demo/sms.json"):
        assert visit("fjallton").request("GET", path).status_code == 404

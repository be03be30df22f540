"""No customer meets the platform's name: not in headers, cookies, pages, mails, papers or what rides in them."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pikepdf
import pytest

from tests.builders import NOW, a_tenant
from tests.documents.reading import attachments_of, demo_tenant, papers_of, printed, worked_order
from tests.documents.summaries import as_paper, facts
from tests.house.access_fixture import World, a_world
from tests.house.test_access import MATRIX, address
from webapp.gateways.mail import Attachment, Sender, build_mail
from webapp.operations.signing import evidence
from webapp.store.platform.embedded import Databases

PLATFORM = "skylt"


@pytest.fixture(scope="module")
def world(module_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from a_world(module_databases, tmp_path_factory.mktemp("neutral") / "tenants")


@pytest.mark.parametrize("who", ["anonymous", "buyer", "staff"])
def test_no_header_cookie_or_page_names_the_platform(world: World, who: str) -> None:
    things, visitor = world.things(), world.visitor(who)
    visitor.request("POST", "/language", {"language": "da"})
    visitor.open("/login")
    routes = [route for route in MATRIX if route.startswith("GET") and "/demo" not in route]
    for path in [address(world, route, things, who) for route in routes]:
        answer = visitor.request("GET", path)
        assert PLATFORM not in str(answer.headers).lower(), path
        assert PLATFORM.encode() not in answer.data.lower(), path
    names = {cookie.key for cookie in visitor.client._cookies.values()}
    assert names and not [name for name in names if PLATFORM in name.lower()]


def test_no_paper_names_the_platform() -> None:
    order, tenant = worked_order("A"), demo_tenant("fjallton")
    pdfs = [printed(paper, tenant) for paper in papers_of(order, tenant)]
    found, seller = facts("A", "sv")
    pdfs.append(printed(as_paper(found), seller))
    for pdf in pdfs:
        with pikepdf.open(BytesIO(pdf)) as opened:
            told = str(dict(opened.docinfo.items())) + str(opened.open_metadata())
        assert PLATFORM not in told.lower()
        inside = attachments_of(pdf)
        assert not [name for name, data in inside.items() if PLATFORM.encode() in name.lower().encode() + data.lower()]
    assert PLATFORM not in evidence.FORMAT


def test_no_mail_names_the_platform() -> None:
    tenant = a_tenant()
    mail = build_mail(
        sender=Sender(tenant.mail.name, tenant.mail.address, tenant.mail.reply_to),
        to="gosta@granit.example",
        subject="Tack",
        text="Tack",
        html="<p>Tack</p>",
        language="sv",
        message_id="<abc@provtele.example>",
        now=NOW,
        attachments=(Attachment("order.pdf", b"%PDF-"),),
    )
    assert PLATFORM not in mail.as_string().lower()

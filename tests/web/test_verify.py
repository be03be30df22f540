"""Whoever holds a paper can see what it is; nobody learns whose it is, and nobody can try codes for long."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.browsing import Portal, later
from tests.documents.reading import printed
from tests.web import aftermath
from tests.web.aftermath import do_jobs, hands, place, said
from tests.web.conftest import Visit
from webapp import cli
from webapp.domain.paper import Paper
from webapp.domain.tenant import Tenant
from webapp.gateways.mail_standin import MailStandin
from webapp.operations import inspection, paperwork


@pytest.mark.parametrize(
    ("slug", "language"),
    [("fjallton", "sv"), ("klitfon", "da")],
)
def test_a_code_tells_what_the_paper_is_and_nothing_personal(
    portal: Portal, visit: Visit, mailbox: MailStandin, slug: str, language: str
) -> None:
    order = place(portal, slug)
    do_jobs(portal, mailbox.port)
    code, digest = portal.sql(
        "select verify_code, sha256 from document where \"order\" = %s and kind = 'power_of_attorney'", order.ref
    )[0]
    guest = visit(slug).open(f"/verify?code={code.lower().replace('-', '+')}")
    assert guest.path == f"/verify/{code}" and guest.h1 == said(language, "The document comes from us")
    assert said(language, "Power of attorney for number porting") in guest.text
    assert digest[:32] in guest.text and digest[32:] in guest.text
    for private in (order.ref, order.company.name, order.ordered_by, "Åsa", "Öberg", "680", "asa@"):
        assert private not in guest.text


def test_another_sellers_paper_is_not_ours(portal: Portal, visit: Visit, mailbox: MailStandin) -> None:
    order = place(portal, "fjallton")
    do_jobs(portal, mailbox.port)
    code = portal.sql('select verify_code from document where "order" = %s', order.ref)[0][0]
    assert visit("fjallton").request("GET", f"/verify/{code}").status_code == 200
    assert visit("skarvox").request("GET", f"/verify/{code}").status_code == 404


def _drawn(paper: Paper, tenant: Tenant, attached: tuple[object, ...] = ()) -> tuple[bytes, str]:
    return printed(paper, tenant), "paper.pdf"


def test_a_paper_is_known_by_its_bytes_on_the_command_line(
    portal: Portal, mailbox: MailStandin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aftermath, "hands", lambda portal, mail_port=1: replace(hands(portal, mail_port), draw=_drawn))
    order = place(portal, "baeltkom")
    do_jobs(portal, mailbox.port)
    (content,) = portal.sql("select bytes from document where \"order\" = %s and kind = 'confirmation'", order.ref)[0]
    paper, other = tmp_path / "paper.pdf", tmp_path / "other.pdf"
    paper.write_bytes(content)
    other.write_bytes(bytes(content) + b"\n")
    monkeypatch.setattr(cli, "_store", lambda: portal.store)
    known = CliRunner().invoke(cli.cli, ["verify-pdf", str(paper)])
    assert known.exit_code == 0, known.output
    assert "is valid" in known.output and order.ref in known.output
    unknown = CliRunner().invoke(cli.cli, ["verify-pdf", str(other)])
    assert unknown.exit_code == 1 and "not valid" in unknown.output


def test_what_is_no_code_is_asked_for_again(visit: Visit) -> None:
    guest = visit("baeltkom")
    assert guest.open("/verify").status == 200
    for typed in ("abc", "AAAA-BBBB-CCCC-D", "<script>"):
        assert guest.open(f"/verify?code={typed}").status == 422 and guest.errors
    assert guest.open("/verify/AAAA-BBBB-CCCC").status == 404
    assert guest.request("GET", "/verify/%00%0d%0a").status_code in (404, 422)


def test_codes_cannot_be_tried_for_ever(portal: Portal, visit: Visit) -> None:
    later(portal, hours=2)  # whatever other tests have looked up
    guest = visit("skarvox")
    for n in range(inspection.MOST_CHECKS):
        assert guest.request("GET", f"/verify/AAAA-BBBB-{n:04d}").status_code == 404
    refused = guest.request("GET", "/verify/AAAA-BBBB-9999")
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
    later(portal, hours=2)
    assert guest.request("GET", "/verify/AAAA-BBBB-9999").status_code == 404


def test_a_code_cannot_be_made_without_the_secret() -> None:
    made = paperwork.verify_code("a", "fjallton", "FJ-AAAA-AA-1")
    assert made != paperwork.verify_code("b", "fjallton", "FJ-AAAA-AA-1")
    assert made != paperwork.verify_code("a", "skarvox", "FJ-AAAA-AA-1")
    assert paperwork.read_code(f" {made.lower().replace('-', ' ')} ") == made

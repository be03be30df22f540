"""Whoever holds a paper can see what it is; nobody learns whose it is, and nobody can try codes for long."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner

from tests.browsing import Portal, later
from tests.documents.reading import printed
from tests.documents.sealing import HOLDERS, LABEL, NOW, PASSWORD, keyring, sealed_paper
from tests.documents.test_tampering import flipped, from_elsewhere
from tests.web import order_factories
from tests.web.conftest import Guest, Visit
from tests.web.order_factories import do_jobs, hands, place, said
from webapp.cli import checks, cli
from webapp.documents import sandboxed_check
from webapp.documents.check import Fault
from webapp.documents.own_ca import clock_of
from webapp.documents.seal import Timestamper, seal
from webapp.domain.ordering.order import Order
from webapp.domain.papers.facts import Paper
from webapp.domain.tenants.tenant import Tenant
from webapp.gateways.mail_standin import MailStandin
from webapp.gateways.timestamp import Authority
from webapp.gateways.timestamp_standin import TimestampStandin
from webapp.operations.papers import document_verification, production
from webapp.operations.papers.document_verification import Seals
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope


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
    monkeypatch.setattr(
        order_factories, "hands", lambda portal, mail_port=1: replace(hands(portal, mail_port), draw=_drawn)
    )
    order = place(portal, "baeltkom")
    do_jobs(portal, mailbox.port)
    (content,) = portal.sql("select bytes from document where \"order\" = %s and kind = 'confirmation'", order.ref)[0]
    paper, other = tmp_path / "paper.pdf", tmp_path / "other.pdf"
    paper.write_bytes(content)
    other.write_bytes(bytes(content) + b"\n")
    monkeypatch.setattr(checks, "store", lambda: portal.store)
    known = CliRunner().invoke(cli, ["verify-pdf", str(paper)])
    assert known.exit_code == 0, known.output
    assert "is valid" in known.output and order.ref in known.output
    unknown = CliRunner().invoke(cli, ["verify-pdf", str(other)])
    assert unknown.exit_code == 1 and "not valid" in unknown.output


def test_what_is_wrong_with_a_file_is_said_in_words() -> None:
    assert set(checks.WRONG) == set(get_args(Fault))


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
    for n in range(document_verification.MOST_CHECKS):
        assert guest.request("GET", f"/verify/AAAA-BBBB-{n:04d}").status_code == 404
    refused = guest.request("GET", "/verify/AAAA-BBBB-9999")
    assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
    later(portal, hours=2)
    assert guest.request("GET", "/verify/AAAA-BBBB-9999").status_code == 404


def test_a_code_cannot_be_made_without_the_secret() -> None:
    made = production.verify_code("a", "fjallton", "FJ-AAAA-AA-1")
    assert made != production.verify_code("b", "fjallton", "FJ-AAAA-AA-1")
    assert made != production.verify_code("a", "skarvox", "FJ-AAAA-AA-1")
    assert production.read_code(f" {made.lower().replace('-', ' ')} ") == made


# --- By the file


@pytest.fixture
def sealing(portal: Portal) -> Iterator[None]:
    """The portal knows whom to believe."""
    whole = portal.app.extensions["skylt"]
    portal.app.extensions["skylt"] = replace(whole, seals=Seals(keyring().place, PASSWORD))
    later(portal, hours=2)
    yield
    portal.app.extensions["skylt"] = whole


def send(guest: Guest, content: bytes | None) -> Guest:
    """Chooses a file on the page and presses the button."""
    guest.open("/verify")
    (form,) = guest.dom.xpath("//form[@enctype='multipart/form-data']")
    fields: dict[str, object] = dict(form.form_values())
    fields["file"] = (BytesIO(content or b""), "paper.pdf" if content is not None else "")
    guest._arrive("/verify", guest.request("POST", form.get("action"), fields, content_type="multipart/form-data"))
    return guest


def kept(
    portal: Portal, n: int, slug: str, kind: str = "confirmation", version: int = 1, order: Order | None = None,
    content: bytes = b"", **more: str,
) -> Order:  # fmt: skip
    """A sealed paper of an order, that of our many which has this number unless `content` is given."""
    order, paper = order or place(portal, slug, order_factories.new_user()), sealed_paper(n)
    facts = {"level": "B-B", "sealed_by": HOLDERS[paper.tenant].name, "sealed_at": portal.now.isoformat()}
    facts |= {"file": "paper.pdf", "number": order.ref, **more}
    whole, code = content or paper.whole, production.verify_code("", slug, f"{order.ref}:{kind}:{version}")
    document = Document(
        f"{order.ref}-{kind}-{version}", order.company.id, order.ref, "", kind, version, "Papper", "sv",
        hashlib.sha256(whole).hexdigest(), len(whole), code, portal.now, facts,
    )  # fmt: skip
    with portal.store.work(Scope(slug, order.company.id, "test")) as work:
        assert work.documents.add(document, whole)
    return order


@pytest.mark.parametrize(("slug", "language", "n"), [("fjallton", "sv", 0), ("baeltkom", "da", 2)])
def test_a_file_of_ours_is_known_and_nothing_personal_told(
    portal: Portal, visit: Visit, sealing: None, slug: str, language: str, n: int
) -> None:
    order = kept(portal, n, slug)
    guest = send(visit(slug), sealed_paper(n).whole)
    assert guest.status == 200 and guest.h1 == said(language, "The file comes from us and is unchanged")
    assert HOLDERS[slug].name in guest.text and "PAdES B-B" in guest.text
    for private in (order.ref, order.company.name, order.ordered_by):
        assert private not in guest.text
    portal.sql('delete from document where "order" = %s', order.ref)


ENDED = "The certificate of the seal expired on %(day)s. "
ALONE = "Only %(name)s says that the document was sealed before that day."
SHOWS = {  # what is said of a paper by its level, first by its file, then by its code, then to staff
    "B-B": (
        ENDED + "The file is unchanged, but only %(name)s says that it was sealed before that day.",
        ENDED + ALONE,
        ENDED + "Nobody else vouches for the time (B-B).",
    ),
    "B-T": (
        ENDED + "The authority shows that the seal is older than that, so it is still valid.",
        ENDED + "The authority shows that the document was sealed before that day.",
        ENDED + "An authority vouches for the time (B-T).",
    ),
}


def sealed_for_good(n: int, level: str) -> bytes:
    """A paper under a real seal, at the portal's first moment; B-T: an authority of the same root was asked."""
    paper = sealed_paper(n)
    if level == "B-B":
        return paper.whole
    with TimestampStandin(lambda request, _: clock_of(keyring().place, PASSWORD)(request, NOW)) as authority:
        stamper = Timestamper(Authority(authority.url).stamp, keyring().trust().timestamps)
        return seal(paper.printed, paper.key, NOW, LABEL["sv"], stamper)


@pytest.mark.parametrize("level", SHOWS)
@pytest.mark.parametrize(("slug", "language", "n"), [("fjallton", "sv", 12), ("baeltkom", "da", 14)])
def test_a_paper_whose_key_has_ended_is_whole_and_what_its_seal_still_shows_is_said(
    portal: Portal,
    visit: Visit,
    sealing: None,
    monkeypatch: pytest.MonkeyPatch,
    slug: str,
    language: str,
    n: int,
    level: str,
) -> None:
    paper, content = sealed_paper(n), sealed_for_good(n, level)
    order = kept(portal, n, slug, content=content, level=level, key_ends=paper.key.expires.isoformat())
    code = portal.sql('select verify_code from document where "order" = %s', order.ref)[0][0]
    day, name = portal.words(slug).day(paper.key.expires), HOLDERS[paper.tenant].name
    by_file, by_code, to_staff = (said(language, text) for text in SHOWS[level])

    def told(*, ended: bool) -> None:
        guest = send(visit(slug), content)
        assert guest.h1 == said(language, "The file comes from us and is unchanged")
        assert (by_file % {"day": day, "name": name} in guest.text) == ended
        guest = visit(slug).open(f"/verify/{code}")
        assert guest.h1 == said(language, "The document comes from us")
        assert (by_code % {"day": day, "name": name} in guest.text) == ended
        assert f"PAdES {level}" in guest.text
        staff = visit(slug, "operator").open(f"/admin/documents?kind=all&q={order.ref}")
        short = portal.words(slug).day_short(paper.key.expires)
        assert (to_staff % {"day": short} in staff.text) == ended
        path = f"/admin/orders/{order.ref}/documents/"
        [link] = [href for href in staff.dom.xpath("//a/@href") if href.startswith(path)]
        assert staff.request("GET", link).get_data() == content, "it is handed out all the same"

    told(ended=False)
    monkeypatch.setattr(portal, "now", paper.key.expires + timedelta(hours=1))
    told(ended=True)
    portal.sql('delete from document where "order" = %s', order.ref)


@pytest.mark.parametrize(
    ("content", "heading"),
    [
        (sealed_paper(0).whole + b"\n", "The file has been changed"),
        (flipped(sealed_paper(0), 1), "The file has been changed"),
        (sealed_paper(2).whole, "The file is unchanged, but not from this portal"),
        (from_elsewhere(sealed_paper(0), 0), "The file is not one of our documents"),
        (sealed_paper(0).printed, "The file is not one of our documents"),
        (b"%PDF-1.7\nstartxref\n9\n/ByteRange %%EOF", "The file has been changed"),
        (b"GIF89a", "The file cannot be read"),
    ],
)
def test_what_is_not_ours_is_said_plainly(visit: Visit, sealing: None, content: bytes, heading: str) -> None:
    assert send(visit("fjallton"), content).h1 == said("sv", heading)


def told(guest: Guest, of: str) -> str:
    """What the page says of one thing about the paper."""
    return str(guest.dom.xpath(f"//dt[.='{of}']/following-sibling::dd[1]")[0].text_content()).strip()


def test_what_has_been_replaced_says_so(portal: Portal, visit: Visit, sealing: None) -> None:
    order = kept(portal, 4, "fjallton", "power_of_attorney")
    content = sealed_paper(4).whole
    assert said("sv", "It is the latest version.") in send(visit("fjallton"), content).text
    kept(portal, 5, "fjallton", "power_of_attorney_signed", 1, order)
    assert (
        said("sv", "It has been signed since, and the signed document has replaced it.")
        in send(visit("fjallton"), content).text
    )
    signed = send(visit("fjallton"), sealed_paper(5).whole)
    assert said("sv", "It is the latest version.") in signed.text
    assert told(signed, said("sv", "State")) == said("sv", "Signed")
    kept(portal, 8, "fjallton", "power_of_attorney", 2, order)
    newer = said(
        "sv",
        "There is a newer version of it, version %(version)s. Ask whoever gave you the paper for that one.",
        version=2,
    )
    for n in (4, 5):  # as it was sent out, and as it was signed
        old = send(visit("fjallton"), sealed_paper(n).whole)
        assert newer in old.text and told(old, said("sv", "State")) == said("sv", "Replaced")


@pytest.mark.parametrize(
    ("slug", "seal", "none"), [("fjallton", "Elektronisk stämpel", "Ingen"), ("klitfon", "Elektronisk segl", "Intet")]
)
def test_that_there_is_no_seal_agrees_with_the_word_for_one(
    portal: Portal, visit: Visit, mailbox: MailStandin, slug: str, seal: str, none: str
) -> None:
    order = place(portal, slug)
    do_jobs(portal, mailbox.port)
    code = portal.sql('select verify_code from document where "order" = %s', order.ref)[0][0]
    assert told(visit(slug).open(f"/verify/{code}"), seal) == none


def test_nothing_chosen_too_much_or_no_token(portal: Portal, visit: Visit, sealing: None) -> None:
    guest = send(visit("baeltkom"), None)
    assert guest.status == 422 and guest.errors == [said("da", "Choose the file to check")]
    guest = send(visit("baeltkom"), b"%PDF-" + b"x" * (10 * 1024 * 1024 + 70_000))
    assert (
        guest.status == 413
        and said("da", "A file may be %(most)s MB at most.", most=10).replace("\u00a0", " ") in guest.text
    )
    answer = visit("baeltkom").request(
        "POST", "/verify", {"file": (BytesIO(b"%PDF-1.7"), "a.pdf")}, content_type="multipart/form-data"
    )
    assert answer.status_code == 409  # the page again, with a token


def test_files_cannot_be_tried_for_ever(portal: Portal, visit: Visit, sealing: None) -> None:
    guest = visit("klitfon")
    for _ in range(document_verification.MOST_CHECKS):
        assert send(guest, b"no pdf").status == 200
    assert send(guest, b"no pdf").status == 429


ENDLESS = """
import sys
from webapp.documents import apart
apart.check = lambda *given: [None for _ in iter(int, 1)]
apart.main()
"""


def test_a_file_that_would_break_its_reader_breaks_only_a_child(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "python"
    program.write_text(f"#!{sys.executable}\n{ENDLESS}")
    program.chmod(0o755)
    monkeypatch.setattr(sandboxed_check.sys, "executable", str(program))
    monkeypatch.setattr(sandboxed_check, "SECONDS", 1)
    assert sandboxed_check.check_apart(sealed_paper(0).whole, keyring().trust(), NOW).faults == ("unreadable",)


def test_a_machine_that_is_busy_calls_no_file_changed(
    visit: Visit, sealing: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandboxed_check, "PATIENCE", 0.01)
    guest = visit("fjallton").open("/verify")
    fields = {**guest.fields, "file": (BytesIO(sealed_paper(2).whole), "paper.pdf")}
    answer = guest.request("POST", "/verify", fields, content_type="multipart/form-data")
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert said("sv", "The file has been changed") not in answer.get_data(as_text=True)

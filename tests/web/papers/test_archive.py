"""Staff find papers, fetch exactly those as one zip with an index, and read who did what; nobody else's are ever in it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import event

from tests import papers
from tests.browsing import Portal
from tests.web.conftest import Guest, Visit
from tests.web.order_factories import do_jobs, place, said
from webapp.domain.ordering.order import Order
from webapp.domain.spreadsheet import FORMULA
from webapp.operations.papers import exports
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope

LANGUAGE = {"fjallton": "sv", "skarvox": "sv", "baeltkom": "da", "klitfon": "da"}
NUMBER = {"fjallton": "+46701740680", "skarvox": "+46701740681", "baeltkom": "+4520000050", "klitfon": "+4520000051"}


def signed(portal: Portal, slug: str = "fjallton", *, local: str = "owner", **more: Any) -> tuple[Order, Document]:
    """An order with its signed power of attorney."""
    order = place(portal, slug, local=local)
    more = {"at": portal.now, "numbers": (NUMBER[slug],), **more}
    return order, papers.keep(portal.store, slug, order, **more)


def shown(guest: Guest) -> set[str]:
    """The papers in the list, by their id."""
    links = guest.dom.xpath("//*[@id='results']//a[contains(@href, '/documents/')]/@href")
    return {link.rpartition("/")[2] for link in links}


def asked_for(guest: Guest, **filters: str) -> str:
    """A zip of what is filtered; its page."""
    guest.open(f"/admin/documents?{urlencode(filters)}")
    form = guest.dom.xpath("//form[@action='/admin/documents/zip']")[0]
    guest.send("/admin/documents/zip", dict(form.form_values()))
    assert guest.path.startswith("/admin/exports/"), guest.path
    return guest.path


def fetched(guest: Guest, page: str) -> tuple[list[dict[str, str]], dict[str, bytes]]:
    """The index and the papers of a zip."""
    answer = guest.request("GET", f"{page}/zip")
    assert answer.status_code == 200 and answer.mimetype == "application/zip"
    content = answer.get_data()
    assert len(content) == answer.content_length
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert found.testzip() is None
        files = {name: found.read(name) for name in found.namelist()}
    index = files.pop("index.csv")
    assert index.startswith(b"\xef\xbb\xbf") and b"\r\n" in index
    return list(csv.DictReader(io.StringIO(index.decode("utf-8-sig"), newline=""), delimiter=";")), files


@pytest.mark.parametrize("slug", ["fjallton", "baeltkom"])
def test_a_zip_holds_exactly_what_was_filtered(portal: Portal, visit: Visit, slug: str) -> None:
    order, mine = signed(portal, slug)
    signed(portal, slug, local="owner2")
    papers.keep(portal.store, slug, order, "confirmation", at=portal.now)
    staff = visit(slug, "operator")
    company = order.company.id
    staff.open(f"/admin/documents?company={company}&q={order.ref}")
    assert shown(staff) == {mine.id}
    page = asked_for(staff, company=company, q=order.ref)
    assert staff.request("GET", f"{page}/zip").status_code == 404  # not ready yet
    assert said(LANGUAGE[slug], "Cancel") in staff.buttons()
    assert do_jobs(portal, only="make_export") == []
    staff.open(page)
    assert said(LANGUAGE[slug], "Download the zip") in staff.buttons()
    index, files = fetched(staff, page)
    [row] = index
    words = [said(LANGUAGE[slug], text) for text in ("File", "Document", "Customer", "Numbers", "Made", "State")]
    file, kind, customer, numbers, made, state = (row[word] for word in words)
    assert list(files) == [file] and files[file].startswith(b"%PDF") and file.isascii()
    assert (
        kind == said(LANGUAGE[slug], "Signed power of attorney for number porting") and customer == order.company.name
    )
    assert numbers == {"fjallton": "070-174 06 80", "baeltkom": "20 00 00 50"}[slug]
    assert made == {"fjallton": "2026-11-24 10:00", "baeltkom": "24.11.2026 10.00"}[slug]
    assert state == said(LANGUAGE[slug], "Signed") and row["SHA-256"] == mine.sha256


def test_papers_are_found_by_number_day_customer_and_state(portal: Portal, visit: Visit) -> None:
    order, paper = signed(portal)
    other, another = signed(portal, local="owner2", numbers=("+46701740699",), at=portal.now + timedelta(days=1))
    staff = visit("fjallton", "operator")

    def found(**filters: str) -> set[str]:
        return shown(staff.open(f"/admin/documents?{urlencode(filters)}")) & kept

    kept = {paper.id, another.id}
    assert found() == {paper.id, another.id}
    for q in ("070-174 06 80", "+46 70 174 06 80", "0680", order.ref, order.ref.lower()):
        assert paper.id in found(q=q) and another.id not in found(q=q), q
    assert found(q="06 99") == {another.id} and found(q="!!") == set()
    assert found(company=other.company.id) == {another.id}
    assert found(**{"from": "2026-11-25"}) == {another.id} and found(to="24.11.2026") == {paper.id}
    sent = papers.keep(portal.store, "fjallton", other, papers.SHOWN, at=portal.now, numbers=("+46701740699",))
    kept.add(sent.id)
    assert found(kind="all", status="signed") == {paper.id, another.id}
    assert found(kind="all", status="signed_since") == {sent.id}
    page = asked_for(staff, kind=papers.SHOWN, q=other.ref)
    do_jobs(portal, only="make_export")
    assert [row["Status"] for row in fetched(staff, page)[0]] == [said("sv", "Signed afterwards")]
    kept.remove(sent.id)
    newer = papers.keep(portal.store, "fjallton", order, papers.SHOWN, at=portal.now, version=2)
    kept.add(newer.id)
    assert found(status="replaced") == {paper.id} and found(status="signed") == {another.id}
    assert found(kind=papers.SHOWN, status="unsigned") == {newer.id}
    assert found(kind="all") == {paper.id, another.id, newer.id}
    assert said("sv", "Replaced") in staff.open("/admin/documents").text
    assert staff.open("/admin/documents?kind=all&q=0680").fields["kind"] == "all"


def test_filters_stay_in_the_address_and_htmx_gets_the_results(portal: Portal, visit: Visit) -> None:
    order, paper = signed(portal)
    staff = visit("fjallton", "operator").open(f"/admin/documents?q={order.ref}&from=2026-11-01&status=signed")
    assert (
        staff.fields["q"] == order.ref and staff.fields["from"] == "2026-11-01" and staff.fields["status"] == "signed"
    )
    part = staff.request(
        "GET", f"/admin/documents?q={order.ref}", headers={"HX-Request": "true", "HX-Target": "results"}
    )
    text = part.get_data(as_text=True)
    assert paper.id in text and "<html" not in text and 'id="q"' not in text and "#live" in text
    wrong = staff.open("/admin/documents?from=i+går&cursor=!!!&kind=x&status=y")
    assert wrong.status == 200
    nothing = staff.open("/admin/documents?q=nobody")
    assert said("sv", "No matching documents") in nothing.text and said("sv", "Clear filters") in nothing.buttons()


def test_older_papers_follow_without_gap(portal: Portal, visit: Visit) -> None:
    order = place(portal, "klitfon")
    kept = {
        papers.keep(
            portal.store, "klitfon", order, at=portal.now, subject=f"{order.ref}-{n}", numbers=("+4520000099",)
        ).id
        for n in range(60)
    }
    staff = visit("klitfon", "operator")
    seen: list[str] = []
    path = f"/admin/documents?q={order.ref}"
    while path:
        staff.open(path)
        page = shown(staff)
        assert not page & set(seen)
        seen += page
        path = "".join(staff.dom.xpath("//a[@rel='next']/@href"))
    assert set(seen) == kept


@contextmanager
def statements(portal: Portal) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cur: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(portal.store.engine, "before_cursor_execute", note)
    yield seen
    event.remove(portal.store.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/admin/documents?kind=all&q=FJ", "/admin/audit?who=a"])
def test_a_page_costs_few_statements(portal: Portal, visit: Visit, path: str) -> None:
    signed(portal)
    staff = visit("fjallton", "operator").open(path)
    with statements(portal) as seen:
        staff.open(path)
    assert len(seen) <= 12, seen


def test_twenty_clicks_make_one_zip(portal: Portal, visit: Visit) -> None:
    order, _ = signed(portal)
    staff = visit("fjallton", "operator")
    first = asked_for(staff, q=order.ref)
    assert {asked_for(staff, q=order.ref) for _ in range(20)} == {first}
    id = first.rpartition("/")[2]
    assert portal.sql("select count(*) from procrastinate_jobs where args->>'id' = %s", id) == [(1,)]
    do_jobs(portal, only="make_export")
    assert asked_for(staff, q=order.ref) == first  # the very same papers: it is ready already
    papers.keep(portal.store, "fjallton", order, at=portal.now, subject=f"{order.ref}-2")
    assert asked_for(staff, q=order.ref) != first


def test_a_paper_that_is_not_what_it_was_is_left_out_named_and_alarmed(portal: Portal, visit: Visit) -> None:
    order, good = signed(portal)
    bad = papers.keep(portal.store, "fjallton", order, at=portal.now, subject=f"{order.ref}-2")
    portal.sql("update document set bytes = 'x' where id = %s", bad.id)
    staff = visit("fjallton", "operator")
    page = asked_for(staff, q=order.ref)
    assert do_jobs(portal, only="make_export") == []
    assert staff.open(page).dom.find_class("notice-warning")
    index, files = fetched(staff, page)
    assert len(files) == 1 and len(index) == 2
    left = next(row for row in index if row["SHA-256"] == bad.sha256)
    assert left[said("sv", "File")] == "" and left[said("sv", "Remark")]
    assert portal.sql("select count(*) from alarm where subject = %s and over_at is null", bad.id) == [(1,)]
    assert portal.sql("select count(*) from audit where what = 'document.refused' and subject = %s", order.ref) == [
        (1,)
    ]
    # Damaged after it was looked at: the download breaks off rather than hand it over.
    portal.sql("update document set bytes = 'y' where id = %s", good.id)
    with pytest.raises(exports.ChoiceChanged):
        fetched(staff, page)


def test_every_download_is_in_the_trail(portal: Portal, visit: Visit) -> None:
    order, paper = signed(portal)
    staff, person = visit("fjallton", "operator"), portal.person("fjallton", "operator")
    page = asked_for(staff, q=order.ref)
    do_jobs(portal, only="make_export")
    fetched(staff, page)
    fetched(staff, page)
    staff.request("GET", f"/admin/orders/{order.ref}/documents/{paper.id}")
    visit("fjallton", "owner").request("GET", f"/orders/{order.ref}/documents/{paper.id}")
    told = portal.sql(
        "select actor, company, details->>'export' is not null from audit where what = 'document.fetched' and subject = %s"
        " order by seq",
        order.ref,
    )
    owner = portal.person("fjallton", "owner")
    company = order.company.id
    assert told == [(person.id, company, True)] * 2 + [(person.id, company, False), (owner.id, company, False)]
    assert portal.sql("select count(*) from audit where subject = %s", page.rpartition("/")[2]) == [(3,)]
    trail = staff.open(f"/admin/audit?about={order.ref}&what=document")
    assert trail.text.count(said("sv", "Document downloaded")) == 4 and owner.name in trail.text


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t=", "＝"])
def test_no_cell_of_the_index_is_a_formula(portal: Portal, visit: Visit, sign: str) -> None:
    """Read as a spreadsheet would: whoever is called like a formula is not calculated on a staff member's machine."""
    order = place(portal, "klitfon")
    evil = f'{sign}HYPERLINK("https://evil.example","{order.company.name}")'
    [(name,)] = portal.sql("select name from company where tenant = 'klitfon' and id = %s", order.company.id)
    portal.sql("update company set name = %s where tenant = 'klitfon' and id = %s", evil, order.company.id)
    papers.keep(portal.store, "klitfon", order, at=portal.now, subject=evil, numbers=("+4520000055",))
    staff = visit("klitfon", "operator")
    page = asked_for(staff, q=order.ref, kind="all")
    assert do_jobs(portal, only="make_export") == []
    [row] = fetched(staff, page)[0]
    portal.sql("update company set name = %s where tenant = 'klitfon' and id = %s", name, order.company.id)
    assert row[said("da", "Customer")] == row[said("da", "Number of the document")] == f"'{evil}"
    for cell in row.values():
        assert not cell.lstrip().startswith(FORMULA), cell


def test_nobody_elses_papers_are_ever_in_sight(portal: Portal, visit: Visit) -> None:
    """A reseller's papers are not its operator's to list, nor an operator's its reseller's."""
    made = {slug: signed(portal, slug) for slug in LANGUAGE}
    pages = {}
    for slug in LANGUAGE:
        staff = visit(slug, "operator")
        for other, (order, paper) in made.items():
            found = shown(staff.open(f"/admin/documents?kind=all&q={order.ref}"))
            assert found == ({paper.id} if other == slug else set())
        pages[slug] = asked_for(staff, kind="all", **{"from": "2026-01-01"})
    do_jobs(portal, only="make_export")
    for slug, page in pages.items():
        index, _ = fetched(visit(slug, "operator"), page)
        own = {row[0] for row in portal.sql("select sha256 from document where tenant = %s", slug)}
        assert {row["SHA-256"] for row in index} == own
        for other in set(LANGUAGE) - {slug}:
            for path in (page, f"{page}/zip", f"{page}/state"):
                assert visit(other, "operator").request("GET", path).status_code == 404
            assert visit(other, "operator").post(f"{page}/cancellation").status_code == 404
        for local in ("owner", "buyer", "member"):
            for path in ("/admin/documents", "/admin/audit", page, f"{page}/zip"):
                assert visit(slug, local).request("GET", path).status_code == 404
    foreign = portal.person("fjallton", "owner").company
    assert foreign
    assert shown(visit("skarvox", "operator").open(f"/admin/documents?kind=all&company={foreign.id}")) == set()


def test_a_zip_can_be_cancelled_and_ends_after_a_week(portal: Portal, visit: Visit) -> None:
    order, _ = signed(portal)
    staff = visit("fjallton", "operator")
    page = asked_for(staff, q=order.ref)
    staff.press(said("sv", "Cancel"))
    assert staff.path == page and said("sv", "The zip was cancelled. Nothing was made.") in staff.text
    do_jobs(portal, only="make_export")
    assert staff.request("GET", f"{page}/zip").status_code == 404
    again = asked_for(staff, q=order.ref)
    assert again != page
    do_jobs(portal, only="make_export")
    assert staff.request("GET", f"{again}/state").status_code == 286
    count = portal.sql("select count(*) from export where tenant = 'fjallton'")[0][0]
    assert exports.expire(portal.store, "fjallton", portal.now + timedelta(days=6)) == 0
    assert exports.expire(portal.store, "fjallton", portal.now + timedelta(days=7)) == count
    assert staff.request("GET", again).status_code == 404
    assert portal.sql("select count(*) from export_paper where tenant = 'fjallton'") == [(0,)]


def test_too_much_is_said_and_nothing_is_made(portal: Portal, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    order, _ = signed(portal)
    papers.keep(portal.store, "fjallton", order, at=portal.now, subject=f"{order.ref}-2")
    staff = visit("fjallton", "operator")
    for name, most in (("MOST_PAPERS", 1), ("MOST_BYTES", 10)):
        with monkeypatch.context() as patch:
            patch.setattr(exports, name, most)
            staff.open(f"/admin/documents?q={order.ref}")
            assert not staff.dom.xpath("//form[@action='/admin/documents/zip']")
            answer = staff.post("/admin/documents/zip", {"q": order.ref})
            assert answer.location == f"/admin/documents?q={order.ref}"
            assert staff.open(answer.location).dom.find_class("notice-error")
    answer = staff.post("/admin/documents/zip", {"q": "nobody"})
    assert answer.location == "/admin/documents?q=nobody"
    assert portal.sql(
        'select count(*) from export_paper p join document d on d.id = p.document where d."order" = %s', order.ref
    ) == [(0,)]


def test_a_zip_that_failed_is_said_and_can_be_tried_again(portal: Portal, visit: Visit) -> None:
    order, _ = signed(portal)
    staff = visit("fjallton", "operator")
    page = asked_for(staff, q=order.ref)
    id = page.rpartition("/")[2]
    portal.sql("update procrastinate_jobs set status = 'failed' where args->>'id' = %s", id)
    assert said("sv", "The zip could not be made.") in staff.open(page).text
    assert said("sv", "The zip could not be made") in staff.open("/admin/orders").text
    portal.sql("update procrastinate_jobs set status = 'todo' where args->>'id' = %s", id)
    do_jobs(portal, only="make_export")
    assert said("sv", "Download the zip") in staff.open(page).buttons()


@pytest.mark.parametrize("slug", ["fjallton", "baeltkom"])
def test_the_trail_reads_as_sentences_and_is_narrowed(portal: Portal, visit: Visit, slug: str) -> None:
    order, _ = signed(portal, slug)
    staff, person = visit(slug, "operator"), portal.person(slug, "owner")
    with portal.store.work(Scope(slug, order.company.id, person.id)) as work:
        work.audit.write("order.placed", order.ref, now=portal.now)
    trail = staff.open(f"/admin/audit?{urlencode({'about': order.ref, 'who': person.name, 'what': 'order'})}")
    assert said(LANGUAGE[slug], "The order was placed") in trail.text and person.email in trail.text
    assert order.company.name in trail.text
    assert trail.dom.xpath(f"//main//a[@href='/admin/orders/{order.ref}']")
    for narrow in ("who=nobody-has-this-name", "what=seal", f"about={order.ref}&to=2020-01-01", "about=x"):
        results = staff.open(f"/admin/audit?{narrow}").dom.get_element_by_id("results").text_content()
        assert order.ref not in results and said(LANGUAGE[slug], "No results") in results

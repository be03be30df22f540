"""What people write is shown as they wrote it, on every page where it appears, and does nothing there."""

from __future__ import annotations

import pytest
from lxml import html

from tests.browsing import Portal, Visitor, put
from tests.journeys.ways import MOVE_SE, SWEDISH, approve, begin, draft_of, fill, first_button, review, walk
from tests.web import order_factories

HOSTILE = (
    '"><img src=x onerror=alert(1)>',
    '" hx-get="/x" hx-trigger="load" x="',
    "{{6007*6011}} {% raw %} ${6007*6011}",
    "</script><script>alert(1)</script>",
    "%(name)s %s %d %% %",
    "<b>fet</b> &amp; &#x3c;i>",
    "'; drop table draft; --",
    "javascript:alert(1)",
    "=HYPERLINK(1+1)",
    "--><svg onload=alert(1)>",
)
EVALUATED = str(6007 * 6011)  # no price, day or number that a page may show


@pytest.fixture(scope="module")
def pages(portal: Portal) -> list[tuple[str, str]]:
    """Pages on which a hostile user, receiver, owner and reference appear, before and after ordering."""
    portal.speak("fjallton", "owner", "sv")
    visitor, found = portal.visitor("fjallton"), []
    texts = list(HOSTILE)
    answers = {
        **SWEDISH, **MOVE_SE, "binding": "none", "call_rate": "flat", "data": "FJ-D40", "sim": "ship", "port.number": "070-174 06 88",
        "user.first": texts[0], "user.last": texts[1], "user.title": texts[2], "delivery.name": texts[3], "delivery.street": texts[4],
        "delivery.city": texts[5], "port.owner_type": "other", "port.owner_name": texts[6], "port.owner_id": "559999-1014",
        "port.owner_address": texts[7], "port.signatory": "other", "port.signer_name": texts[8], "port.email": "asa@owner.example",
        "port.customer_no": "1",
    }  # fmt: skip
    walk(begin(visitor), answers)
    draft = draft_of(visitor)
    visitor.open(f"/drafts/{draft}/lines/1/sim?return=review").press(first_button(visitor), delivery="new")
    fill(visitor, answers).press(first_button(visitor))
    assert "/review" in visitor.path, visitor.errors
    copy = visitor.post(f"/drafts/{draft}/lines", {"like": "1"}).location
    visitor.post(f"/drafts/{draft}/lines/2/remove")
    visitor.open(f"/drafts/{draft}")
    drafts = [
        "/home",
        f"/drafts/{draft}?removed=2",
        f"/drafts/{draft}/review",
        f"/drafts/{draft}/lines/1/anvandare",
        copy,
    ]
    drafts += [f"/drafts/{draft}/lines/1/nummer", f"/drafts/{draft}/lines/1/sim"]
    found += [(path, visitor.open(path).response.get_data(as_text=True)) for path in drafts]
    review(visitor)
    put(visitor.form, "ref", texts[9])
    approve(visitor)
    assert visitor.path.endswith("/receipt"), visitor.errors
    ref = visitor.path.split("/")[2]
    order_factories.do_jobs(portal, only="make_document")
    after = [
        f"/orders/{ref}",
        f"/orders/{ref}/receipt",
        "/orders",
        "/home",
        "/subscriptions",
        "/company/users",
        "/company/numbers",
    ]
    found += [(path, visitor.open(path).response.get_data(as_text=True)) for path in after]
    staff = portal.visitor("fjallton", "operator")
    for path in ("/admin/orders", f"/admin/orders/{ref}"):
        found.append((path, staff.open(path).response.get_data(as_text=True)))
    for query in texts:
        search = visitor.request(
            "GET", "/company/users/search", query_string={"q": query}, headers={"HX-Request": "true"}
        )
        found.append((f"search {query}", search.get_data(as_text=True) or "<p></p>"))
        listing = visitor.request("GET", "/orders", query_string={"q": query, "from": query, "state": query})
        found.append((f"orders {query}", listing.get_data(as_text=True)))
    return found


def test_nothing_that_was_written_is_markup(pages: list[tuple[str, str]]) -> None:
    for path, page in pages:
        dom = html.fromstring(page)
        assert not dom.xpath(
            "//img[@src='x'] | //script[not(@src)] | //svg[@onload] | //*[@onerror] | //*[@hx-get='/x'] | //b"
        ), path
        assert not [a for a in dom.xpath("//@href | //@action | //@src") if str(a).startswith(("javascript:", "//"))], (
            path
        )
        assert EVALUATED not in page, f"{path}: a template was evaluated"


def test_it_is_shown_as_it_was_written(pages: list[tuple[str, str]]) -> None:
    shown = {path: " ".join(html.fromstring(page).text_content().split()) for path, page in pages}
    everywhere = "\n".join(shown.values())
    for text in (HOSTILE[0], HOSTILE[1], HOSTILE[4], HOSTILE[5], HOSTILE[6], HOSTILE[9]):
        assert text in everywhere, text
    read_back = next(text for path, text in shown.items() if path.endswith("/review"))
    for text in HOSTILE[:9]:
        assert text in read_back, text


def test_what_is_typed_wrong_comes_back_as_text(portal: Portal) -> None:
    visitor: Visitor = walk(
        begin(portal.visitor("fjallton")), SWEDISH | {"binding": "none", "call_rate": "flat"}, until="/data"
    )
    walk(visitor, {"data": "FJ-D5"}, until="/nummer")
    visitor.send(visitor.path, {**visitor.fields, "number_source": "port"})
    for text in HOSTILE:
        visitor.send(visitor.path, {**visitor.fields, "port.number": text, "port.email": text, "port.date": text})
        assert visitor.status == 422
        assert (visitor.fields["port.number"], visitor.fields["port.email"], visitor.fields["port.date"]) == (text,) * 3
        assert not visitor.dom.xpath("//img[@src='x'] | //script[not(@src)] | //*[@onerror] | //*[@hx-get='/x']")

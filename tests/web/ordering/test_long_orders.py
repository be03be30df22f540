"""An order longer than a page: found in, paged, approved as the whole, and no dearer to answer on than a short one."""

from __future__ import annotations

import pytest
from lxml import html

from bench.wire import watched
from tests.browsing import Portal, Visitor, lengthen
from tests.journeys.ways import SWEDISH, begin, draft_of, walk
from webapp.operations.ordering.review import LINES_A_PAGE

COUNT = 2 * LINES_A_PAGE + 20
NEW = {**SWEDISH, "binding": "none", "call_rate": "flat", "data": "FJ-D15", "number_source": "new", "sim": "ship"}


@pytest.fixture
def buyer(portal: Portal) -> Visitor:
    return portal.visitor("fjallton")


@pytest.fixture
def draft(portal: Portal, buyer: Visitor) -> str:
    """A complete user, and so many more like her, each by a name of her own; two of them lack a data package."""
    walk(begin(buyer), NEW)
    draft = draft_of(buyer)
    lengthen(portal, draft, COUNT)
    portal.sql(
        "update draft_line set basis = '', answers = answers || jsonb_build_object('user.last', 'Nr' || n,"
        " 'user.email', 'nr' || n || '@a.example', 'user.initials', 'N' || n) where draft = %s and n > 1",
        draft,
    )
    return draft


def lack_data(portal: Portal, draft: str, *lines: int) -> None:
    portal.sql(
        "update draft_line set basis = '', answers = answers - 'data' where draft = %s and n = any(%s)",
        draft,
        list(lines),
    )


def names(visitor: Visitor) -> list[str]:
    """Whose cards are on the page."""
    return [
        text.strip() for text in visitor.dom.xpath("//main//*[starts-with(@id, 'line-')]//h2//text()") if text.strip()
    ]


def test_pages_of_users_and_what_they_cost_in_all(portal: Portal, buyer: Visitor, draft: str) -> None:
    buyer.open(f"/drafts/{draft}")
    first = names(buyer)
    price = buyer.dom.get_element_by_id("price").text_content()
    assert len(first) == LINES_A_PAGE
    buyer.open(f"/drafts/{draft}?page=3")
    assert len(names(buyer)) == COUNT - 2 * LINES_A_PAGE and not set(names(buyer)) & set(first)
    totals = buyer.dom.xpath("//*[@id='price']//*[contains(@class, 'price-totals')]")[0].text_content()
    assert totals in price, "whichever page is looked at, the whole order costs the same"
    for nonsense in ("0", "99", "x", "-1", "9" * 30):
        assert buyer.request("GET", f"/drafts/{draft}?page={nonsense}").status_code == 200
    buyer.open(f"/drafts/{draft}?q=nr77")
    assert [name.split()[-1] for name in names(buyer)] == ["Nr77"]
    buyer.open(f"/drafts/{draft}/review?q=nobody")
    assert not names(buyer) and portal.words("fjallton").gettext("No matching users") in buyer.text
    assert buyer.dom.xpath("//*[@name='seen']/@value") != [""], "the order can be approved from here, too"


def test_a_wrong_answer_among_many_is_named_and_led_to(portal: Portal, buyer: Visitor, draft: str) -> None:
    lack_data(portal, draft, 60, 119)
    buyer.open(f"/drafts/{draft}/review")
    words = portal.words("fjallton")
    told = words.ngettext("%(num)s user lacks answers", "%(num)s users lack answers", 2) % {"num": 2}
    [link] = [a.get("href") for a in buyer.dom.xpath("//main//a") if a.text_content() == told]
    buyer.send(f"/drafts/{draft}/submission", {**buyer.fields, "terms": "yes"})
    assert buyer.status == 422
    summary = buyer.dom.get_element_by_id("errsum")
    assert [a.get("href") for a in summary.xpath(".//a")] == [
        f"/drafts/{draft}/lines/{n}?return=review" for n in (60, 119)
    ]
    buyer.open(link)
    assert [name.split()[-1] for name in names(buyer)] == ["Nr60", "Nr119"]


def test_what_is_approved_is_the_whole(portal: Portal, buyer: Visitor, draft: str) -> None:
    portal.sql(
        "insert into number (tenant, e164, kind, state) select 'fjallton', '+4670917' || (1000 + n), 'mobile', 'free'"
        " from generate_series(1, %s) n",
        COUNT,
    )
    buyer.open(f"/drafts/{draft}/review?page=2")
    assert str(COUNT) in buyer.dom.xpath("//form[contains(@action, 'submission')]")[0].text_content()
    fields = {**buyer.fields, "terms": "yes"}
    portal.sql(  # on another page than the one that is looked at
        "update draft_line set basis = '', answers = answers || '{\"user.last\": \"Ny\"}' where draft = %s and n = 3",
        draft,
    )
    buyer.send(f"/drafts/{draft}/submission", fields)
    assert buyer.status == 422 and "Märta Ny" in buyer.dom.get_element_by_id("errsum").text_content()
    buyer.send(f"/drafts/{draft}/submission", {**buyer.fields, "terms": "yes"})
    assert "/receipt" in buyer.path, buyer.errors
    order = portal.order("fjallton", buyer.path.split("/")[2])
    assert len(order.lines) == COUNT and order.lines[2].user_name == "Märta Ny"
    assert order.quote.monthly.net.minor == sum(order.quote.of("month", n).net.minor for n in (0, *order.quote.lines()))


def test_an_answer_reads_its_own_line(portal: Portal, buyer: Visitor, draft: str) -> None:
    """The cost of an answer is that of its line, not of the order."""
    buyer.post(f"/drafts/{draft}/hold")  # somebody has written the draft since prices or answers were changed under it
    buyer.open(f"/drafts/{draft}/lines/77/data")
    with watched(portal.store) as traffic:
        sent = {"changed": "data", "data": "FJ-D40", "tab": "t", "seq": "1", "rev": buyer.fields["rev"]}
        answer = buyer.post(f"/drafts/{draft}/lines/77/change", sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and 'id="saved"' in answer.get_data(as_text=True)
    assert traffic.statements <= 6


def test_the_statements_of_a_submission_do_not_follow_its_lines(portal: Portal, buyer: Visitor) -> None:
    """Moved numbers, cards, initials, wished numbers and new users are each asked for all lines at once."""
    portal.sql(
        "insert into number (tenant, e164, kind, state) select 'fjallton', '+4670918' || (1000 + n), 'mobile', 'free'"
        " from generate_series(1, 1000) n"
    )
    sent = {}
    for turn, count in enumerate((4, 200)):
        walk(begin(buyer), {**NEW, "user.last": f"Turn{turn}", "user.initials": f"T{turn}"})
        draft = draft_of(buyer)
        lengthen(portal, draft, count)
        portal.sql(
            "update draft_line set basis = '', answers = answers || jsonb_build_object('user.last', 'Nr' || n || %s::text,"
            " 'user.email', 'nr' || n || 't' || %s::text || '@a.example', 'user.initials', n || 't' || %s::text)"
            " || case n %% 4 when 1 then jsonb_build_object('number_source', 'port', 'port.number', '+4673' || (6000000 + n + %s),"
            "   'port.operator', 'Granlinjen', 'port.customer_no', '1', 'port.owner_type', 'company', 'port.signatory', 'me',"
            "   'port.date', '2026-12-21', 'port.binding_ack', 'yes')"
            " when 2 then jsonb_build_object('sim', 'icc', 'icc', '8946990000000' || (1000000 + n + %s)) else '{}' end"
            " where draft = %s",
            *([str(turn)] * 3), turn * 1000, turn * 1000, draft,
        )  # fmt: skip
        buyer.post(f"/drafts/{draft}/hold")
        buyer.open(f"/drafts/{draft}/review")
        fields = {**buyer.fields, "terms": "yes"}
        with watched(portal.store) as traffic:
            buyer.send(f"/drafts/{draft}/submission", fields)
        assert "/receipt" in buyer.path, buyer.errors[:3]
        sent[count] = traffic.statements
        order = portal.order("fjallton", buyer.path.split("/")[2])
        assert len(order.lines) == count and len(order.ports) == count // 4
        assert len({line.number for line in order.lines if line.number}) == count - count // 4
    assert sent[200] <= sent[4], sent


def test_colleagues_in_two_lines_do_not_disturb_each_other(portal: Portal, buyer: Visitor, draft: str) -> None:
    first = buyer.open(f"/drafts/{draft}/lines/5/data").fields
    theirs = buyer.open(f"/drafts/{draft}/lines/6/data").fields
    buyer.send(f"/drafts/{draft}/lines/6/data", {**theirs, "data": "FJ-D40"})
    buyer.send(f"/drafts/{draft}/lines/5/data", {**first, "data": "FJ-D1"})
    assert buyer.status == 200 and not buyer.errors
    stored = portal.sql("select n, answers->>'data' from draft_line where draft = %s and n in (5, 6) order by n", draft)
    assert stored == [(5, "FJ-D1"), (6, "FJ-D40")]


def test_another_price_list_is_seen_by_who_only_looks(portal: Portal, buyer: Visitor, draft: str) -> None:
    """What is remembered of a line holds for its price list; nobody has to write for it to be found anew."""
    buyer.post(f"/drafts/{draft}/hold")
    buyer.open(f"/drafts/{draft}")
    price = buyer.dom.get_element_by_id("price").text_content()
    portal.sql("update draft_line set basis = 'another', monthly = 1, is_complete = false where draft = %s", draft)
    with watched(portal.store) as traffic:
        buyer.open(f"/drafts/{draft}")
    assert traffic.statements <= 10, "all lines are found anew, and none by itself"
    assert buyer.dom.get_element_by_id("price").text_content() == price
    assert html.tostring(buyer.dom.get_element_by_id("lines")).count(b"lacking") == 0
    assert portal.sql("select count(*) from draft_line where draft = %s and basis = 'another'", draft) == [(COUNT,)]
    buyer.post(f"/drafts/{draft}/hold")
    assert portal.sql("select count(*) from draft_line where draft = %s and basis = 'another'", draft) == [(0,)]

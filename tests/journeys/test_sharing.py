"""A draft is the company's: colleagues go on with it, lines are copied, removed and put back, answers changed from the review."""

from __future__ import annotations

import pytest

from tests.browsing import Portal, Visitor, lengthen, put, text_of
from tests.journeys.ways import DANISH, MOVE_DK, SWEDISH, approve, begin, draft_of, fill, first_button, review, walk

NEW = {**SWEDISH, "binding": "none", "call_rate": "flat", "data": "FJ-D40", "number_source": "new", "sim": "ship"}


@pytest.fixture
def visitor(portal: Portal) -> Visitor:
    """An account owner at Fjällton with one line done, on the list of users."""
    portal.speak("fjallton", "owner", "sv")
    visitor = walk(begin(portal.visitor("fjallton")), {**NEW, "user.first": "Maja", "user.last": "Ek"})
    assert visitor.path == f"/drafts/{draft_of(visitor)}"
    return visitor


def word(portal: Portal, text: str, slug: str = "fjallton") -> str:
    """A text of the catalogues in the tenant's language."""
    return portal.words(slug).gettext(text)


def lines(portal: Portal, draft: str) -> list[dict[str, object]]:
    """A draft's lines as they are stored."""
    [(stored,)] = portal.sql("select jsonb_agg(to_jsonb(l) order by n) from draft_line l where draft = %s", draft)
    return list(stored)


def test_a_line_like_the_one_before_takes_over_no_number_card_or_person(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(visitor)
    visitor.press(word(portal, "Copy from %(name)s") % {"name": "Maja Ek"})
    assert visitor.path.startswith(f"/drafts/{draft}/lines/2")
    first, second = (line["answers"] for line in lines(portal, draft))
    assert isinstance(first, dict) and isinstance(second, dict)
    assert {q: second[q] for q in ("kind", "binding", "call_rate", "data", "sim")} == {
        q: first[q] for q in ("kind", "binding", "call_rate", "data", "sim")
    }
    assert not {q for q in second if q.startswith(("user", "port.number", "icc", "specific", "reserved"))}
    walk(visitor, {**NEW, "user.first": "Olle", "user.last": "Öst"})
    assert "Maja Ek" in visitor.text and "Olle Öst" in visitor.text
    approve(review(visitor))
    order = portal.order("fjallton", visitor.path.split("/")[2])
    assert [line.user_name for line in order.lines] == ["Maja Ek", "Olle Öst"]
    assert order.quote.monthly.net.minor == 2 * (14900 + 12900)


def test_a_line_can_be_taken_out_and_put_back(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(visitor)
    before = visitor.price()
    visitor.press(word(portal, "Remove"))
    assert visitor.path == f"/drafts/{draft}?removed=1"
    assert visitor.texts("undo-bar")[0].startswith(word(portal, "%(name)s has been removed") % {"name": "Maja Ek"})
    assert portal.words("fjallton").say("button.to_review") not in visitor.buttons()
    visitor.press(word(portal, "Undo"))
    assert visitor.price() == before and "Maja Ek" in visitor.text
    # A number is never used again, so that an old tab cannot write into another line.
    visitor.press(word(portal, "Remove"))
    visitor.press(word(portal, "Add a user"))
    assert visitor.path.startswith(f"/drafts/{draft}/lines/2")


def test_a_line_put_back_gets_its_number_back_if_it_is_still_free(portal: Portal) -> None:
    number = portal.free_number("fjallton")
    mine = {**NEW, "number_source": "specific", "specific_number": number}
    visitor = walk(begin(portal.visitor("fjallton")), mine)
    draft = draft_of(visitor)
    held = "select count(*) from number where held_by = %s and state = 'held'"
    assert portal.sql(held, draft) == [(1,)]
    visitor.press(word(portal, "Remove"))
    assert portal.sql(held, draft) == [(0,)]
    visitor.press(word(portal, "Undo"))
    assert portal.sql(held, draft) == [(1,)]


def test_a_draft_can_be_thrown_away_and_taken_back(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(visitor)
    visitor.press(word(portal, "Delete the draft"))
    assert visitor.path == f"/home?discarded={draft}"
    for path in (f"/drafts/{draft}", f"/drafts/{draft}/review", f"/drafts/{draft}/lines/1"):
        assert visitor.request("GET", path).status_code == 404
    assert visitor.post(f"/drafts/{draft}/discard").status_code == 404
    assert f"/drafts/{draft}/lines" not in visitor.response.get_data(as_text=True)
    visitor.press(word(portal, "Undo"))
    assert visitor.path == f"/drafts/{draft}" and "Maja Ek" in visitor.text


@pytest.mark.parametrize("id", ["../../logout", "x/../../logout", "a?b", "å", "a" * 100, '"><b>'])
def test_an_undo_that_was_not_ours_is_not_offered(portal: Portal, id: str) -> None:
    page = portal.visitor("fjallton").request("GET", "/home", query_string={"discarded": id})
    assert "undo-bar" not in page.get_data(as_text=True)


def test_a_change_from_the_review_leads_back_to_it(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(visitor)
    review(visitor)
    links = [a.get("href") for a in visitor.dom.xpath("//main//a[contains(@href, '/data?return=review')]")]
    visitor.open(links[0].partition("#")[0])
    assert first_button(visitor) == portal.words("fjallton").say("button.to_line")
    visitor.press(first_button(visitor), data="FJ-D100")
    assert visitor.path == f"/drafts/{draft}/review?changed=1-data"
    row = visitor.dom.get_element_by_id("q-1-data")
    assert "100 GB" in text_of(row) and row.find_class("tag")
    assert visitor.price()["Data 100 GB"] == "179 kr"


def test_a_change_that_was_stored_as_it_was_given_is_marked_too(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(visitor)
    visitor.open(f"/drafts/{draft}/lines/1/data?return=review")
    given = {**visitor.fields, "data": "FJ-D100", "changed": "data", "tab": "abc", "seq": "1"}
    stored = visitor.request("POST", f"/drafts/{draft}/lines/1/change", given, headers={"HX-Request": "true"})
    assert stored.status_code == 200
    visitor.press(first_button(visitor), data="FJ-D100")
    assert visitor.path == f"/drafts/{draft}/review?changed=1-data"


def test_a_change_that_asks_for_more_asks_it_before_it_leads_back(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(visitor)
    visitor.open(f"/drafts/{draft}/lines/1/sim?return=review")
    visitor.press(first_button(visitor), sim="esim")
    if "/review" not in visitor.path:
        assert visitor.errors == []
        if "esim_email" in visitor.asks():
            put(visitor.form, "esim_email", "maja@granitgran.example")
        visitor.press(first_button(visitor))
    assert "/review" in visitor.path
    visitor.open(f"/drafts/{draft}/lines/1/nummer?return=review")
    visitor.press(first_button(visitor), number_source="port")
    assert "/lines/1/nummer" in visitor.path and "port.number" in visitor.asks()
    assert visitor.fields["return"] == "review", "it is remembered where one came from"


def test_a_colleague_goes_on_with_the_draft(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(visitor)
    portal.speak("fjallton", "buyer", "sv")
    colleague = portal.visitor("fjallton", "buyer").open("/home")
    assert "Maja Ek" in colleague.text and "Astrid Hallström" in colleague.text
    assert f"/drafts/{draft}" in colleague.response.get_data(as_text=True)
    colleague.open(f"/drafts/{draft}/review")
    approve(colleague)
    assert colleague.path.endswith("/receipt")
    order = portal.order("fjallton", colleague.path.split("/")[2])
    assert order.ordered_by == "Joakim Sandgren"
    visitor.open(f"/drafts/{draft}/review")
    assert visitor.path == f"/orders/{order.ref}?already=1"


def test_two_colleagues_at_once_are_told_of_each_other(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(visitor)
    path = f"/drafts/{draft}/lines/1/data"
    mine, theirs = visitor.open(path), portal.visitor("fjallton", "buyer").open(path)
    theirs.press(first_button(theirs), data="FJ-D100")
    mine.press(first_button(mine), data="FJ-D5")
    assert mine.status == 409
    assert mine.fields["data"] == "FJ-D100", "the page shows what is stored now"
    assert lines(portal, draft)[0]["answers"]["data"] == "FJ-D100"  # type: ignore[index]


@pytest.mark.parametrize(
    ("slug", "local", "who"),
    [
        ("fjallton", "member", ["Astrid Hallström", "Joakim Sandgren"]),
        ("baeltkom", "member", ["Karen Østergaard", "Jonas Bæk"]),
    ],
)
def test_a_member_sees_no_button_and_is_told_who_may(portal: Portal, slug: str, local: str, who: list[str]) -> None:
    visitor = portal.visitor(slug, local)
    labels = {portal.words(slug).say(f"button.{key}") for key in ("order_mobile", "order_fixed", "new_order", "place")}
    for path in ("/home", "/subscriptions", "/orders", "/company/numbers", "/prices"):
        visitor.open(path)
        assert visitor.status == 200 and not labels & set(visitor.buttons()), path
        assert "/orders/new" not in visitor.response.get_data(as_text=True), path
    answer = visitor.request("GET", "/orders/new")
    said = answer.get_data(as_text=True)
    assert answer.status_code == 403 and all(name in said for name in who)
    assert visitor.post("/orders/new", {"kind": "mobile"}).status_code == 403


def test_a_draft_nobody_touched_for_a_month_is_not_listed(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(visitor)
    portal.sql(
        "update draft set touched_at = touched_at - interval '31 days', expires_at = %s where id = %s",
        portal.now,
        draft,
    )
    assert f"/drafts/{draft}" not in visitor.open("/home").response.get_data(as_text=True)


def test_a_full_order_takes_no_more(portal: Portal, visitor: Visitor) -> None:
    draft = draft_of(visitor)
    lengthen(portal, draft, 1000)
    answer = visitor.post(f"/drafts/{draft}/lines")
    assert answer.location == f"/drafts/{draft}"
    assert portal.sql("select count(*) from draft_line where draft = %s", draft) == [(1000,)]


def test_saved_for_later_it_is_found_again_where_it_was(portal: Portal) -> None:
    visitor = walk(begin(portal.visitor("fjallton")), NEW, until="/nummer")
    draft = draft_of(visitor)
    visitor.press(portal.words("fjallton").say("button.save_later"), number_source="port")
    assert visitor.path == "/home"
    visitor.open(f"/drafts/{draft}/lines/1")
    assert visitor.path.endswith("/nummer") and visitor.fields["number_source"] == "port"


def test_one_question_a_page_at_klitfon(portal: Portal) -> None:
    """Questions that do not apply have no page; the others come one at a time, titled by themselves."""
    portal.speak("klitfon", "owner", "da")
    visitor = begin(portal.visitor("klitfon"))
    seen = []
    answers = {**DANISH, **MOVE_DK, "product": "KF-M", "binding": "none", "sim": "esim", "port.number": "20 00 00 70"}
    answers |= {"esim_email": "esim@vestklit.example", "user.email": "anna@vestklit.example"}
    for _ in range(25):
        if "/lines/" not in visitor.path:
            break
        step = visitor.path.rpartition("/")[2]
        seen.append(step)
        walk_one(visitor, answers)
    assert list(dict.fromkeys(seen))[:3] == ["abonnement", "binding", "nummer"]
    assert "maaneder" not in seen and "ledigt-nummer" not in seen and "levering" not in seen
    assert {"flytning", "indehaver", "underskriver", "flyttedag", "sim", "medarbejder", "esim"} <= set(seen)
    approve(review(visitor))
    assert visitor.path.endswith("/receipt")


def walk_one(visitor: Visitor, answers: dict[str, str]) -> None:
    """One page."""
    fill(visitor, answers)
    visitor.press(first_button(visitor))
    assert visitor.status == 200, (visitor.path, visitor.errors)

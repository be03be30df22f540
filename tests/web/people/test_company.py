"""What a company sees of its own, and nothing of others."""

from __future__ import annotations

import pytest

from tests.browsing import TENANTS, Portal
from tests.web.conftest import Visit
from webapp.domain.people import Employee
from webapp.store.platform.scope import Scope

PAGES = (
    "/subscriptions",
    "/company",
    "/company/users",
    "/company/numbers",
    "/company/addresses",
    "/prices",
    "/account",
)


@pytest.mark.parametrize("slug", TENANTS)
@pytest.mark.parametrize("local", ["owner", "member", "owner2"])
@pytest.mark.parametrize("language", ["sv", "da"])
def test_every_page_shows_the_own_company(portal: Portal, visit: Visit, slug: str, local: str, language: str) -> None:
    portal.speak(slug, local, language)
    guest = visit(slug, local)
    others = [c for c in companies(portal, slug) if c != portal.person(slug, local).company.name]  # type: ignore[union-attr]
    for path in PAGES:
        page = guest.open(path)
        assert (page.status, page.dom.get("lang")) == (200, language), path
        assert not [name for name in others if name in page.response.get_data(as_text=True)], path


def companies(portal: Portal, slug: str) -> list[str]:
    return [name for (name,) in portal.sql("select name from company where tenant = %s", slug)]


def test_the_numbers_are_the_demo_facts(visit: Visit) -> None:
    text = visit("fjallton", "owner").open("/company/numbers").text
    assert "070-174 06 60" in text and "08-465 004 54" in text and "070-174 06 63" not in text


def test_the_gear_leads_to_buying(visit: Visit) -> None:
    page = visit("fjallton", "owner").open("/subscriptions")
    kinds = page.dom.xpath("//main//form[@action='/orders/new']//input[@name='kind']/@value")
    assert kinds == ["mobile", "fixed"]
    assert "/orders/new" in visit("baeltkom", "owner").open("/subscriptions").dom.xpath("//main//a/@href")


@pytest.mark.parametrize("q", ["Lindqvist", "ebba", "0701740660", "070-174 06 60", "40660"])
def test_subscriptions_are_found_by_user_and_number(visit: Visit, q: str) -> None:
    guest = visit("fjallton", "owner")
    answer = guest.request("GET", "/subscriptions", query_string={"q": q}).get_data(as_text=True)
    assert "070-174 06 60" in answer and "070-174 06 62" not in answer


def test_nothing_found_is_said(visit: Visit) -> None:
    page = visit("fjallton", "owner").open("/subscriptions?q=nobodysname")
    assert page.status == 200 and "/subscriptions" in page.dom.xpath("//main//a/@href")


def test_unassigned_ones_are_filtered(visit: Visit) -> None:
    page = visit("fjallton", "owner").open("/subscriptions?unassigned=yes")
    assert len(page.dom.xpath("//main//tbody/tr")) == 1 and "08-465 004 54" in page.text


def test_a_subscription_has_a_page_and_others_have_none(portal: Portal, visit: Visit) -> None:
    guest = visit("fjallton", "owner").open("/subscriptions")
    way = guest.dom.xpath("//main//tbody//a/@href")[0]
    assert guest.open(way).status == 200
    assert visit("fjallton", "owner2").open(way).status == 404
    assert visit("skarvox", "owner").open(way).status == 404
    assert guest.open("/subscriptions/nothing").status == 404


def test_the_user_search_answers_in_hits_for_htmx_and_by_a_page_without(visit: Visit) -> None:
    guest = visit("fjallton", "buyer")
    hits = guest.request("GET", "/company/users/search?q=ebba", headers={"HX-Request": "true"})
    assert hits.status_code == 200 and "Ebba Lindqvist" in hits.get_data(as_text=True)
    assert 'name="user"' in hits.get_data(as_text=True) and "<html" not in hits.get_data(as_text=True)
    none = guest.request("GET", "/company/users/search?q=klara", headers={"HX-Request": "true"})
    assert "Klara" not in none.get_data(as_text=True), "she works for another company"
    assert guest.request("GET", "/company/users/search?q=ebba").location == "/company/users?q=ebba"
    assert "Ebba Lindqvist" in guest.open("/company/users?q=ebba").text


def test_an_address_is_checked_and_saved(visit: Visit) -> None:
    guest = visit("fjallton", "buyer").open("/company/addresses")
    bad = {**guest.fields, "name": "Utelagret", "street": "", "zip": "12", "city": "Umeå"}
    guest.send("/company/addresses", bad)
    assert guest.status == 422 and len(guest.errors) == 2 and guest.fields["name"] == "Utelagret"
    guest.send("/company/addresses", {**guest.fields, "street": "Kajen 1", "zip": "903 26"})
    assert guest.path == "/company/addresses" and "Utelagret" in guest.text and "903 26 Umeå" in guest.text
    assert "Utelagret" not in visit("fjallton", "owner2").open("/company/addresses").text


def test_a_name_from_right_to_left_turns_nothing_around_on_a_page(visit: Visit) -> None:
    # guard: the answer's isolate; without it the postcode's groups stand in reverse
    guest = visit("fjallton", "buyer").open("/company/addresses")
    guest.send(
        "/company/addresses", {**guest.fields, "name": "محمد نژاد", "street": "Kajen 1", "zip": "", "city": "Umeå"}
    )
    assert guest.fields["name"] == "محمد نژاد", "as it was typed, without signs of ours"
    guest.send("/company/addresses", {**guest.fields, "zip": "903 26"})
    assert "<bdi>محمد نژاد</bdi>" in guest.response.get_data(as_text=True)


def test_a_member_adds_no_address(visit: Visit) -> None:
    guest = visit("fjallton", "member")
    assert not guest.open("/company/addresses").dom.xpath("//main//form")
    assert guest.post("/company/addresses", {"name": "x"}).status_code == 403


def test_prices_are_those_of_the_company(portal: Portal, visit: Visit) -> None:
    portal.speak("fjallton", "owner", "sv")
    portal.speak("fjallton", "owner2", "sv")
    bound, unbound = visit("fjallton", "owner").open("/prices"), visit("fjallton", "owner2").open("/prices")
    assert "FJ-RAM" in bound.text and "24 månader" in bound.text and "0,59" in bound.text
    assert "FJ-RAM" not in unbound.text and "24 månader" not in unbound.text and "149" in unbound.text


def test_lists_can_be_asked_for_more(portal: Portal, visit: Visit) -> None:
    assert visit("fjallton", "owner").open("/subscriptions?after=nonsense").status == 200
    assert visit("fjallton", "owner").open("/company/users?after=nonsense").status == 200
    assert visit("fjallton", "owner").open("/company/numbers?after=nonsense").status == 200


def test_more_hits_than_are_shown_are_called_the_first(portal: Portal) -> None:
    company = portal.person("fjallton").company
    assert company
    with portal.store.work(Scope("fjallton", company.id, "test")) as work:
        for n in range(25):
            work.employees.add(Employee(f"many{n}", "Qvirin", f"Nummer{n}"))
    page = portal.visitor("fjallton").request("GET", "/company/users/search?q=qvirin", headers={"HX-Request": "true"})
    said, words = page.get_data(as_text=True), portal.words("fjallton")
    assert said.count(words.say("search.first", n=20)) == 2, "on the page, and to who listens"
    assert (words.ngettext("%(num)s hit", "%(num)s hits", 20) % {"num": 20}) not in said.replace(
        words.say("search.first", n=20), ""
    )


@pytest.mark.parametrize(("slug", "language"), [("fjallton", "sv"), ("klitfon", "da")])
def test_contact_us_leads_to_the_page_that_says_how(portal: Portal, visit: Visit, slug: str, language: str) -> None:
    portal.speak(slug, "owner", language)
    phrase = {"sv": "kontakta oss", "da": "kontakt os"}[language]
    guest = visit(slug, "owner")
    company = portal.person(slug).company
    assert company
    plan = portal.sql("select min(id) from subscription where tenant = %s and company = %s", slug, company.id)[0][0]
    for path in ("/company", f"/subscriptions/{plan}", "/account", "/verify/AAAA-BBBB-CCCC"):
        dom = guest.open(path).dom
        said = [text for text in dom.xpath("//main//text()") if phrase in text.casefold()]
        linked = dom.xpath("//main//a[@href='/help#contact']/text()")
        assert said and said == linked, (path, said, linked)
    assert guest.open("/help").dom.xpath(
        "//*[@id='contact']//a[starts-with(@href, 'tel:') or starts-with(@href, 'mailto:')]"
    )

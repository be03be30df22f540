"""What customers come back to, at every tenant and for every role."""

from __future__ import annotations

import pytest
from flask import g

from tests.browsing import TENANTS, Portal
from tests.web.conftest import Visit
from webapp.l10n import Localizer


@pytest.mark.parametrize("slug", TENANTS)
@pytest.mark.parametrize("local", ["owner", "buyer", "member", "owner2"])
@pytest.mark.parametrize("language", ["sv", "da"])
def test_every_role_has_a_home_in_both_languages(
    portal: Portal, visit: Visit, slug: str, local: str, language: str
) -> None:
    portal.speak(slug, local, language)
    home = visit(slug, local).open("/home")
    assert (home.status, home.dom.get("lang")) == (200, language)


def test_only_who_may_order_is_offered_to(visit: Visit) -> None:
    buyer, member = visit("fjallton", "buyer").open("/home"), visit("fjallton", "member").open("/home")
    assert buyer.dom.xpath("//main//form[@action='/orders/new']")
    assert not member.dom.xpath("//main//form[@action='/orders/new'] | //main//a[@href='/orders/new']")
    assert "Astrid Hallström" in member.text and "Joakim Sandgren" in member.text


def test_a_member_who_tries_to_order_is_told_who_can(visit: Visit) -> None:
    refused = visit("fjallton", "member").open("/orders/new")
    assert refused.status == 403
    assert "Astrid Hallström" in refused.text and "Joakim Sandgren" in refused.text


def test_a_draft_says_how_far_it_is_and_leads_back(portal: Portal, visit: Visit) -> None:
    portal.speak("fjallton", "buyer", "sv")
    buyer = visit("fjallton", "buyer")
    begun = buyer.post("/orders/new", {"kind": "mobile"})
    draft = begun.location.split("/")[2]
    home = buyer.open("/home")
    assert f"/drafts/{draft}/lines/1" in home.dom.xpath("//main//a/@href")
    assert "1 av " in home.text and "Joakim Sandgren" in home.text
    assert draft not in visit("fjallton", "owner2").open("/home").response.get_data(as_text=True)


def test_a_member_sees_drafts_without_a_way_into_them(visit: Visit) -> None:
    draft = visit("baeltkom", "owner").post("/orders/new", {"product": "BK-BASIS"}).location.split("/")[2]
    home = visit("baeltkom", "member").open("/home")
    assert "Karen Østergaard" in home.text
    assert not [link for link in home.dom.xpath("//main//a/@href") if draft in link]


def test_staff_have_no_home(visit: Visit) -> None:
    assert visit("fjallton", "operator").open("/home").status == 404


@pytest.mark.parametrize(
    ("local", "first"),
    [("owner", "/home"), ("buyer", "/home"), ("member", "/home"), ("operator", "/admin/orders"), ("", "/")],
)
@pytest.mark.parametrize("page", ["/help", "/nothing-here", "/legal/terms"])
def test_the_logo_and_the_way_out_of_an_error_lead_everybody_to_their_own_first_page(
    visit: Visit, local: str, first: str, page: str
) -> None:
    """Staff have no /home: a logo that led there was a dead end for them."""
    there = visit("skarvox", local).open(page)
    ways = there.dom.xpath("//header//a[@class='logo']/@href")
    ways += there.dom.xpath("//main//a[contains(@class, 'button-primary')]/@href") if there.status == 404 else []
    assert ways and set(ways) == {first}
    assert there.open(first).status == 200


def test_an_order_starts_at_once_where_there_is_nothing_to_choose_first(portal: Portal, visit: Visit) -> None:
    """A page with a single button, which bears the words just pressed, would be a step for nothing."""
    portal.speak("klitfon", "owner", "da")
    for path in ("/home", "/subscriptions"):
        begun = visit("klitfon", "owner").open(path).press("Opret nyt abonnement")
        assert (begun.status, begun.path.split("/")[1]) == (200, "drafts")
    chosen = visit("baeltkom", "owner").open("/home")
    assert chosen.dom.xpath("//main//a[@href='/orders/new']"), "a subscription is chosen first"


def test_a_member_is_not_told_to_continue(portal: Portal, visit: Visit) -> None:
    portal.speak("fjallton", "member", "sv")
    visit("fjallton", "owner").post("/orders/new", {"kind": "mobile"})
    home = visit("fjallton", "member").open("/home")
    assert home.dom.xpath("//h2[.='Utkast']") and "Fortsätt" not in home.text


@pytest.mark.parametrize(("language", "said"), [("sv", "1\u00a0000 användare"), ("da", "1.000 medarbejdere")])
def test_a_thousand_is_written_as_one_writes_it(portal: Portal, language: str, said: str) -> None:
    with portal.app.test_request_context():
        g.words = Localizer(language)
        ngettext = portal.app.jinja_env.globals["ngettext"]
        assert ngettext("%(num)s user", "%(num)s users", 1000) == said
        assert "999 " in ngettext("%(num)s user", "%(num)s users", 999)

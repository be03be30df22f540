"""Help, legal texts and the service's state, for everybody and in both languages."""

from __future__ import annotations

import pytest

from tests.browsing import TENANTS, Portal
from tests.web.conftest import Visit
from webapp.web.markdown import prose, title_of

PAGES = ("/help", "/help/porting", "/legal/terms", "/legal/privacy", "/legal/cookies", "/legal/accessibility")


@pytest.mark.parametrize("slug", TENANTS)
@pytest.mark.parametrize("language", ["sv", "da"])
def test_every_page_is_there_in_both_languages(visit: Visit, slug: str, language: str) -> None:
    guest = visit(slug, **{"Accept-Language": language})
    for path in PAGES:
        page = guest.open(path)
        assert (page.status, page.dom.get("lang")) == (200, language), path


def test_moving_dates_follow_the_market(portal: Portal, visit: Visit) -> None:
    swedish, danish = visit("fjallton").open("/help/porting"), visit("baeltkom").open("/help/porting")
    assert "5 arbetsdagar" in swedish.text and "1 december 2026" in swedish.text
    assert "3 arbejdsdage" in danish.text and "27. november 2026" in danish.text
    assert "040-628 04 00" in swedish.text


def test_a_reseller_speaks_for_itself(visit: Visit) -> None:
    page = visit("skarvox").open("/help/porting")
    assert "hej@skarvox.example" in page.text and "Skärvox" in page.text
    assert "Fjällton" not in page.text, "papers alone name the contract party"


def test_a_legal_text_shows_its_version(visit: Visit) -> None:
    assert "2026-01-01" in visit().open("/legal/terms").text
    assert visit().open("/legal/power_of_attorney").status == 404
    assert visit().open("/legal/nothing").status == 404


def test_the_state_is_plain_text(visit: Visit) -> None:
    answer = visit("baeltkom").request("GET", "/status")
    assert answer.mimetype == "text/plain" and "Bæltkom" in answer.get_data(as_text=True)


def test_prose_knows_headings_lists_and_links() -> None:
    text = "<!-- version 1 -->\n# Title\n\n## Part\nOne **bold** and *soft*\nline.\n- a\n- b@c.example\n\n1. x\n2. [y](https://z.example/)"
    assert title_of(text) == "Title"
    assert str(prose(text)) == (
        "<h2>Part</h2>\n<p>One <strong>bold</strong> and <em>soft</em> line.</p>\n"
        '<ul><li>a</li><li><a href="mailto:b@c.example">b@c.example</a></li></ul>\n'
        '<ol><li>x</li><li><a href="https://z.example/">y</a></li></ol>'
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](//evil.example)",
        '**"><img src=x onerror=alert(1)>**',
        '[a](https://x.example/"onmouseover="alert(1))',
        "## <b onclick=x>",
        "- <svg/onload=x>",
        "{{ 7*7 }}",
    ],
)
def test_prose_lets_nothing_through(hostile: str) -> None:
    from lxml import html

    dom = html.fromstring(f"<div>{prose(hostile)}</div>")
    allowed = {"div", "p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "a"}
    for each in dom.iter():
        assert each.tag in allowed
        assert set(each.attrib) <= {"href"}
        assert each.get("href", "/").startswith(("/", "https://", "mailto:", "tel:"))
        assert not each.get("href", "/").startswith("//")


@pytest.mark.parametrize(("slug", "way"), [("baeltkom", "sms"), ("klitfon", "MitID"), ("fjallton", "BankID")])
def test_moving_a_number_tells_how_one_signs_there(visit: Visit, slug: str, way: str) -> None:
    page = visit(slug).open("/help/porting")
    assert way in page.text
    assert {"/sign", "/verify"} <= set(page.dom.xpath("//main//a/@href"))

"""What is kept of pages is found by everything it was drawn from, and holds nothing that is one session's or one draft's."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup

from tests.browsing import Portal, Visitor
from tests.journeys.ways import begin, draft_of
from webapp.l10n import Words
from webapp.settings import ROOT
from webapp.web.memory import HERE, LONGEST, Memory

TEMPLATES = ROOT / "webapp" / "templates"
KEPT = [
    (path.name, what, body)
    for path in TEMPLATES.rglob("*.html")
    for what, body in re.findall(r"{% call kept\(([^)]*)\) %}(.*?){% endcall %}", path.read_text("utf-8"), re.DOTALL)
]


def _step(visitor: Visitor, step: str) -> str:
    return visitor.open(f"/drafts/{draft_of(visitor)}/lines/1/{step}").response.get_data(as_text=True)


def test_the_same_page_of_two_drafts_sends_each_to_its_own(portal: Portal) -> None:
    one, other = portal.visitor("fjallton"), portal.visitor("fjallton")
    drafts = []
    for visitor in (one, other):
        begin(visitor)
        drafts.append(draft_of(visitor))
    for visitor, own, foreign in ((one, drafts[0], drafts[1]), (other, drafts[1], drafts[0])):
        page = visitor.open(f"/drafts/{own}/lines/1").response.get_data(as_text=True)
        assert f'hx-post="/drafts/{own}/lines/1/change"' in page
        assert foreign not in page and str(HERE) not in page


def test_each_browser_has_its_own_token_in_every_form(portal: Portal) -> None:
    found = []
    for local in ("owner", "buyer"):
        page = portal.visitor("fjallton", local).open("/help").response.get_data(as_text=True)
        (own,) = set(re.findall(r'name="csrf_token" value="([^"]+)"', page))
        found.append(own)
    assert found[0] != found[1]


def test_two_people_see_their_own_names_and_menus(portal: Portal) -> None:
    for local in ("owner", "operator", "owner2", "owner"):
        visitor = portal.visitor("fjallton", local).open("/help")
        page = visitor.response.get_data(as_text=True)
        assert str(Markup.escape(portal.person("fjallton", local).name)) in page
        assert ('href="/admin/orders"' in page) == (local == "operator")
    assert 'href="/subscriptions"' not in portal.visitor("fjallton", None).open("/help").response.get_data(as_text=True)


def test_a_language_and_a_tenant_have_their_own(portal: Portal) -> None:
    seen = {
        slug: portal.visitor(slug, None).open("/help").response.get_data(as_text=True)
        for slug in ("fjallton", "baeltkom")
    }
    portal.speak("fjallton", "owner", "da")
    try:
        danish = portal.visitor("fjallton").open("/help").response.get_data(as_text=True)
    finally:
        portal.speak("fjallton", "owner", "sv")
    assert "Personuppgifter" in seen["fjallton"] and "Personuppgifter" not in danish + seen["baeltkom"]
    assert portal.tenant("fjallton").name in danish and portal.tenant("fjallton").name not in seen["baeltkom"]


@pytest.mark.parametrize("name, what, body", KEPT, ids=[f"{name} {what}" for name, what, _ in KEPT])
def test_a_kept_part_of_a_template_has_no_form_and_nobody_in_it(name: str, what: str, body: str) -> None:
    assert not re.search(r"csrf|<form|post_button|person\.|request|get_flashed|back_to", body), f"{name}: {what}"
    assert "{% call" not in body


def test_there_are_kept_parts() -> None:
    assert len(KEPT) >= 3


def test_typed_text_is_never_taken_for_the_mark(portal: Portal) -> None:
    assert Markup("<p>{}</p>").format(str(HERE)).replace(HERE, "/drafts/x") == "<p>&lt;here&gt;</p>"


def test_the_memory_forgets_the_oldest_and_keeps_nothing_long() -> None:
    memory, made = Memory(4), []

    def get(key: str, html: str = "") -> str:
        return memory.get(key, lambda: made.append(key) or html or key)

    get("a"), get("b"), get("a")
    assert made == ["a", "b"]
    get("c"), get("d"), get("a")  # a is old by now and found again
    assert made == ["a", "b", "c", "d"]
    for key in "efgh":
        get(key)
    assert get("a") == "a" and made[-1] == "a"
    assert len(memory._young) + len(memory._old) <= 4
    get("long", "x" * (LONGEST + 1)), get("long", "y")
    assert made[-2:] == ["long", "long"]


def test_words_of_two_revisions_are_two_keys() -> None:
    memory, old, new = Memory(), Words("sv"), Words("sv")
    assert memory.get((old, "x"), lambda: "before") == "before"
    assert memory.get((new, "x"), lambda: "after") == "after"

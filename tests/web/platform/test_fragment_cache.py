"""What is kept of pages is found by everything it was drawn from, and holds nothing that is one session's or one draft's."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from markupsafe import Markup
from werkzeug.test import TestResponse

from tests.browsing import Portal, Visitor
from tests.journeys.ways import SWEDISH, begin, draft_of, walk
from webapp.blueprints.ordering import lines
from webapp.l10n import Localizer
from webapp.settings import ROOT
from webapp.web.fragment_cache import HERE, LONGEST, FragmentCache, drawn

FLAT = {**SWEDISH, "binding": "none", "call_rate": "flat", "data": "FJ-D40", "number_source": "new", "sim": "ship"}
TEMPLATES = ROOT / "webapp" / "templates"
KEPT = [
    (path.name, what, body)
    for path in TEMPLATES.rglob("*.html")
    for what, body in re.findall(r"{% call kept\(([^)]*)\) %}(.*?){% endcall %}", path.read_text("utf-8"), re.DOTALL)
]


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
    """Kept HTML has a mark where the line's address belongs; who types the mark gets it back as it was typed."""
    visitor = walk(
        begin(portal.visitor("fjallton")), {**FLAT, "pbx": "standalone", "delivery": "new"}, until="/anvandare"
    )
    visitor.send(visitor.path, {**visitor.fields, "user_mode": "new", "user.title": str(HERE)})
    page = visitor.open(visitor.path).response.get_data(as_text=True)
    assert 'value="&lt;here&gt;"' in page


def test_the_memory_forgets_the_oldest() -> None:
    memory: FragmentCache[str] = FragmentCache(4)
    for key in "ab":
        memory.put(key, key.upper())
    assert memory.get("a") == "A" and memory.get("x") is None
    memory.put("c", "C")
    assert memory.get("a") == "A"  # old by now, and young again for having been asked for
    for key in "defgh":
        memory.put(key, key)
    assert memory.get("a") is None and memory.get("b") is None
    assert len(memory._young) + len(memory._old) <= 4


def test_what_is_long_is_not_kept_and_new_words_find_nothing_old(portal: Portal) -> None:
    words, newer = Localizer("sv"), Localizer("sv")
    assert drawn(words, "x", "long", lambda: "a" * (LONGEST + 1)) != drawn(words, "x", "long", lambda: "b")
    assert drawn(words, "x", "short", lambda: "old") == drawn(words, "x", "short", lambda: "-") == "old"
    assert drawn(newer, "x", "short", lambda: "new") == "new"


# How a page stood before an answer

CHANGES = (
    ("sim", "esim"), ("sim", "ship"), ("number_source", "port"), ("port.number", "070-174 06 88"), ("number_source", "new"),
    ("data", "FJ-D5"), ("call_rate", "metered"), ("data", "FJ-D40"), ("binding", "agreement"), ("months", "24"), ("binding", "none"),
    ("user_mode", "existing"), ("user_mode", "new"), ("user.first", "Maja"), ("kind", "fixed"), ("kind", "mobile"),
)  # fmt: skip


def _change(
    visitor: Visitor, draft: str, question: str, value: str, seq: int, tab: str = "t", rev: str = "9999"
) -> TestResponse:
    sent = {"changed": question, question: value, "tab": tab, "seq": str(seq), "rev": rev}
    return visitor.post(f"/drafts/{draft}/lines/1/change", sent, headers={"HX-Request": "true"})


def _forget() -> None:
    """As in another process."""
    lines._shown_before = FragmentCache(256)


def test_what_is_remembered_changes_no_answer(portal: Portal) -> None:
    drafts, visitor = [], portal.visitor("fjallton")
    for _ in range(2):
        walk(begin(visitor), FLAT, until="/nummer")
        drafts.append(draft_of(visitor))
    for seq, (question, value) in enumerate(CHANGES, 1):
        remembered = _change(visitor, drafts[0], question, value, seq).get_data(as_text=True)
        kept = lines._shown_before
        _forget()
        worked_out = _change(visitor, drafts[1], question, value, seq).get_data(as_text=True)
        lines._shown_before = kept
        assert remembered.replace(drafts[0], "") == worked_out.replace(drafts[1], ""), question
        assert 'id="price"' in remembered


def test_an_answer_of_another_tab_or_process_is_not_overlooked(portal: Portal) -> None:
    visitor = walk(begin(portal.visitor("fjallton")), FLAT, until="/nummer")
    draft = draft_of(visitor)
    _change(visitor, draft, "number_source", "new", 1)
    kept = lines._shown_before
    _forget()
    assert "slot-port-number" in _change(visitor, draft, "number_source", "port", 1, "elsewhere").get_data(as_text=True)
    lines._shown_before = kept  # which knows the draft at an earlier revision
    back = _change(visitor, draft, "number_source", "new", 2).get_data(as_text=True)
    assert 'id="slot-port-number" hx-swap-oob' in back  # it was shown, and has to go
    conflict = _change(visitor, draft, "number_source", "specific", 2, "third", rev="1")
    assert conflict.status_code == 409


def test_what_has_run_out_or_been_taken_meanwhile_is_shown_anew(portal: Portal) -> None:
    visitor = walk(begin(portal.visitor("fjallton")), FLAT, until="/nummer")
    draft = draft_of(visitor)
    number = portal.free_number("fjallton", 3)
    _change(visitor, draft, "number_source", "specific", 1)
    _change(visitor, draft, "specific_number", number, 2)
    before = portal.now
    portal.now += timedelta(hours=2)
    try:
        visitor.client.set_cookie("login", portal.session("fjallton", "owner"), domain=visitor.host)
        shown = _change(visitor, draft, "number_source", "new", 3).get_data(as_text=True)
        assert 'id="slot-specific_number" hx-swap-oob' in shown, "it was shown, and has to go"
    finally:
        portal.now = before


def test_a_draft_that_is_remembered_is_nobody_elses(portal: Portal) -> None:
    visitor = walk(begin(portal.visitor("fjallton")), FLAT, until="/nummer")
    draft = draft_of(visitor)
    assert _change(visitor, draft, "number_source", "port", 1).status_code == 200
    for slug, local in (("fjallton", "owner2"), ("skarvox", "owner"), ("fjallton", "operator")):
        answer = _change(portal.visitor(slug, local), draft, "number_source", "new", 2)
        assert answer.status_code == 404 and draft not in answer.get_data(as_text=True)

"""The face keeps its promises: nothing inline, roles instead of colours, small, and every kind of question can be drawn."""

from __future__ import annotations

import gzip
import re
from typing import Any

import jinja2
import pytest

from webapp.settings import ROOT
from webapp.web.language import contact, whole

TEMPLATES = ROOT / "webapp" / "templates"
STATIC = ROOT / "webapp" / "static"
PAGES = sorted(
    path
    for path in TEMPLATES.rglob("*.html")
    if not {"pdf", "mail"} & set(path.relative_to(TEMPLATES).parts)  # papers and mails have their own rules
)
KINDS = sorted(path.stem for path in (TEMPLATES / "ordering" / "questions").glob("*.html"))


def _question(**more: Any) -> dict[str, Any]:
    options = [
        {"value": "a", "label": "Ett", "selected": True},
        {"value": "b", "label": "Två", "hint": "dyrare", "price": "5 kr"},
    ]
    return {
        "id": "port.number",
        "label": "Nummer",
        "value": "a",
        "options": options,
        "live": "change",
        "change_url": "/c",
        "check_url": "/k",
        "search_url": "/s",
        **more,
    }


def _draw(kind: str, question: dict[str, Any]) -> str:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    env.globals.update(
        _=lambda text, **named: text % named if named else text,
        ngettext=lambda one, many, num, **named: (one if num == 1 else many) % {"num": num, **named},
        money=str,
        csrf_token=lambda: "token",
    )
    env.filters["dom_id"] = lambda q: q["id"].replace(".", "-")
    env.filters.update(whole=whole, contact=contact)
    env.globals["ui"] = env.get_template("ui.html").make_module({})
    return env.get_template(f"ordering/questions/{kind}.html").render(q=question)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_label_message_slot_and_name(kind: str) -> None:
    html = _draw(kind, _question(hint="Tio siffror", error="Skriv numret"))
    assert 'id="port-number"' in html or kind == "search"
    assert html.count('id="err-port-number"') == 1
    assert 'aria-describedby="hint-port-number err-port-number"' in html
    assert 'name="port.number"' in html
    assert "Skriv numret" in html and "Error:" in html
    assert len(re.findall(r'\bid="([^"]+)"', html)) == len(set(re.findall(r'\bid="([^"]+)"', html)))


@pytest.mark.parametrize("kind", KINDS)
def test_the_message_slot_is_there_and_empty_without_an_error(kind: str) -> None:
    assert re.search(r'<p id="err-port-number" class="message"></p>', _draw(kind, _question()))


def test_each_control_states_its_own_request() -> None:
    radio = _draw("radio", _question())
    assert radio.count('hx-post="/c"') == 2 and "hx-sync" not in radio  # none may abort another: tests/browser
    lookup = _draw("tel", _question(live="check"))
    assert 'hx-target="#err-port-number"' in lookup and 'aria-live="polite"' in lookup
    assert "hx-" not in _draw("text", _question(live=None))


def test_what_people_write_is_escaped() -> None:
    for kind in KINDS:
        evil = '"><script>x</script>'
        html = _draw(
            kind, _question(value=evil, label=evil, error=evil, hint=evil, options=[{"value": evil, "label": evil}])
        )
        assert "<script" not in html, kind


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_page_holds_no_style_no_colour_and_no_inline_script(path: Any) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"""\sstyle=|<style|\son[a-z]+=|hx-on|javascript:|js:""", source)
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert not re.search(r"""["':]\s*#[0-9a-fA-F]{6}\b""", source)


def test_rules_use_roles_and_only_the_tokens_are_colours() -> None:
    sheet = (STATIC / "site.css").read_text(encoding="utf-8")
    rules = sheet[sheet.index("@layer base {") :]
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)", re.sub(r"#(busy|net|live)\b", "", rules))
    assert "color: white" not in sheet


def test_styles_and_script_are_small() -> None:
    def sent(name: str) -> int:
        return len(gzip.compress((STATIC / name).read_bytes(), 9))

    assert sent("portal.js") < 3_000
    assert sent("site.css") < 12_000


def test_what_a_browser_would_break_at_a_hyphen_stays_whole() -> None:
    for text in ("2026-12-01", "FJ-7K4Q-2M", "070-174 06 80", "e-post", "E-mailadresse"):
        assert str(whole(f"Det är {text}.")) == f'Det är <span class="nowrap">{text}</span>.'
    assert str(whole("Fjällton – en-till-en")) == "Fjällton – en-till-en"


def test_a_mail_address_may_break_beside_its_sign_and_dots_only() -> None:
    assert str(whole("till bo@a-b.example.")) == "till bo@<wbr>a-b<wbr>.example."
    assert "<wbr>" not in str(whole("kl. 9.30 den 1.12."))
    assert "<b>" not in str(whole("<b>@a.example"))

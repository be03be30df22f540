"""Pages that everybody can use: by screen reader, by keyboard, by touch, enlarged, without motion, in any colours."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.answers import FIXED_SE
from tests.browser.conftest import Arrive, rotated
from tests.browser.guest import Guest, Screen
from tests.browser.live_server import Stage
from tests.browser.pages import NOT_PAGES, PAGES, PageOf
from webapp.domain.tenants.theme import derive

REFUSED = r"status of 4\d\d"
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
GRAVE = {"serious", "critical"}
EACH_PAGE = pytest.mark.parametrize(("page_of", "look"), rotated(PAGES, lambda it: it.name))

TARGETS = """(least) => {
  const small = [];
  for (const it of document.querySelectorAll('a[href], button, input, select, textarea, summary')) {
    if (it.type === 'hidden' || it.tabIndex < 0 || !it.checkVisibility({visibilityProperty: true})) continue;
    if (it.closest('.visually-hidden, .skip-link')) continue;
    const area = it.closest('.option, .tick') || it, {width, height} = area.getBoundingClientRect();
    if (!width) continue;
    const line = it.tagName === 'A' && getComputedStyle(it).display === 'inline'
      && it.parentElement.textContent.trim().length > it.textContent.trim().length;
    const main = it.matches('.button:not(.button-text), .control') || area !== it;
    if (!line && (width < 24 || height < 24 || (main && height < least)))
      small.push([it.outerHTML.slice(0, 90), Math.round(width), Math.round(height)]);
  }
  return small;
}"""
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  // In a wide font, too: one is seen until ours has come, and where it never does.
  sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important;'
    + ' font-family: "DejaVu Sans" !important }'
    + 'p { margin-bottom: 2em !important }');
  document.adoptedStyleSheets = [sheet];
}"""
CUT_OFF = """() => [...document.querySelectorAll('main *, header *')].filter((it) => {
  const style = getComputedStyle(it);
  return it.checkVisibility() && !it.closest('.visually-hidden, .picker, thead') && ['hidden', 'clip'].includes(style.overflowX)
    && it.tagName !== 'PROGRESS' && it.scrollWidth > it.clientWidth + 1 && it.textContent.trim();
}).map((it) => it.outerHTML.slice(0, 90))"""
WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll('body *')].filter((it) => it.getBoundingClientRect().right > innerWidth + 1
    && it.checkVisibility()).slice(0, 5).map((it) => it.outerHTML.slice(0, 120))"""
STOP = """() => {
  const it = document.activeElement, area = it.closest('.option') || it, style = getComputedStyle(area);
  const [box] = area.getClientRects(), at = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return {
    what: it.outerHTML.slice(0, 100), name: it.name || '', id: it.id, value: it.value || '', text: it.textContent.trim(),
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: !!at && (area.contains(at) || at.contains(area) || !!at.closest('label')?.control?.isSameNode(it)),
    inside: box.top >= 0 && box.bottom + 6 <= innerHeight,  // with its ring
  };
}"""


def faults(guest: Guest) -> list[str]:
    found = Axe().run(guest.page, options=RULES).response["violations"]
    return [
        f"{each['id']}: {[node['html'][:140] for node in each['nodes'][:3]]} {each['nodes'][0]['failureSummary'][:300]}"
        for each in found
        if each["impact"] in GRAVE
    ]


def test_every_page_is_tried(stage: Stage) -> None:
    """30: each route that shows a page stands in the list below."""
    rules = stage.app.url_map.iter_rules()
    routes = {rule.endpoint for rule in rules if "GET" in (rule.methods or ())}
    assert routes - NOT_PAGES == {page.endpoint for page in PAGES if page.endpoint}


@EACH_PAGE
def test_a_page(arrive: Arrive, page_of: PageOf, look: Screen) -> None:
    """30, 38: no serious or critical finding, also with errors shown; the platform is named nowhere.
    32, 33: targets are large enough; at 320 px, and with wider text, nothing scrolls sideways or is cut off."""
    guest = arrive(page_of.slug, look, who=page_of.who)
    page_of.show(guest)
    if page_of.status == 422:
        expect(guest.page.locator("#errsum")).to_be_visible()
    assert faults(guest) == []
    assert "skylt" not in guest.page.content().lower()
    guest.page.set_viewport_size({"width": 390, "height": 844})
    assert guest.evaluate(TARGETS, 44) == []
    guest.page.set_viewport_size({"width": 320, "height": 640})
    assert guest.evaluate(WIDE) == []
    guest.evaluate(SPACED)
    assert guest.evaluate(WIDE) == []
    assert guest.evaluate(CUT_OFF) == []
    guest.forgive(REFUSED)


class Keyboard:
    """Somebody without a mouse, who looks where the focus is at every stop."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        self.here: dict[str, str] = {}

    def press(self, key: str) -> None:
        self.guest.page.keyboard.press(key)

    def to(self, what: str, **wanted: str) -> None:
        for _ in range(80):
            self.press("Tab")
            self.here = self.guest.evaluate(STOP)
            for _ in range(20):  # what an answer has just moved comes into sight again
                if self.here["seen"] and self.here["inside"]:
                    break
                self.guest.page.wait_for_timeout(50)
                self.here = self.guest.evaluate(STOP)
            assert self.here["ring"], f"no ring: {self.here['what']}"
            assert self.here["seen"], f"covered: {self.here['what']}"
            assert self.here["inside"], f"out of sight: {self.here['what']}"
            if all(self.here[name] == value for name, value in wanted.items()):
                return
        raise AssertionError(f"{what} was not reached by Tab")

    def push(self, words: str) -> None:
        self.to(words, text=words)
        self.press("Enter")

    def choose(self, question: str, value: str) -> None:
        self.to(question, name=question)
        self.press("Space")
        for _ in range(8):
            self.guest.settled()
            if self.guest.evaluate("document.activeElement.value") == value:
                return
            self.press("ArrowDown")
        raise AssertionError(f"{question} has no {value}")

    def type(self, question: str, text: str) -> None:
        self.to(question, name=question)
        self.press("Control+a")
        self.guest.page.keyboard.type(text)


def test_an_order_by_keyboard(arrive: Arrive, wide: Screen) -> None:
    """31: from home to the receipt without a mouse; the ring is seen at every stop, and nothing lies over it."""
    guest = arrive("fjallton", wide)
    keys = Keyboard(guest.open("/home"))
    keys.push("Köp Subs fast")
    guest.at("/avtal$")
    keys.choose("binding", "none")
    keys.push("Fortsätt")
    guest.at("/nummer$")
    keys.choose("number_source", "new")
    keys.to("area_code", name="area_code")
    guest.page.keyboard.type("08")
    guest.settled()
    keys.push("Fortsätt")
    guest.at("/vaxel$")
    keys.choose("pbx", "standalone")
    keys.push("Fortsätt")
    guest.at("/anvandare$")
    keys.choose("user_mode", "new")
    for question in ("user.first", "user.last", "user.email"):
        keys.type(question, FIXED_SE[question].replace("fast@", "tangent@"))
    keys.push("Fortsätt")
    guest.at("/tillval$")
    keys.push("Spara")
    guest.at(r"/drafts/[\w-]+$")
    keys.push("Kontrollera beställningen")
    guest.at("/review$")
    keys.to("terms", name="terms")
    keys.press("Space")
    keys.push("Godkänn och beställ")
    guest.at("/receipt$")


def test_help_stands_in_the_same_place(arrive: Arrive, screen: Screen) -> None:
    """34: help is the first tool of the header on every page; passwords can be filled in and pasted."""
    guest = arrive("fjallton", screen, who="")
    guest.open("/login")
    assert guest.page.locator("[name=email]").get_attribute("autocomplete") in ("email", "username")
    assert guest.page.locator("[name=password]").get_attribute("autocomplete") == "current-password"
    for path in ("/login", "/help", "/legal/terms"):
        guest.open(path)
        assert guest.page.locator(".nav-tools a").first.get_attribute("href") == "/help"


def test_reduced_motion(arrive: Arrive, screen: Screen) -> None:
    """35: who wants no motion gets none."""
    guest = arrive("fjallton", screen, reduced_motion="reduce")
    PAGES_BY_NAME["data"].show(guest)
    moving = guest.evaluate("""() => [...document.querySelectorAll('*')].filter((it) => {
      const style = getComputedStyle(it);
      return style.transitionDuration.split(', ').some((time) => parseFloat(time) > 0) || style.animationName !== 'none';
    }).length""")
    assert moving == 0
    assert guest.evaluate("document.getAnimations().length") == 0


def test_forced_colours(arrive: Arrive, screen: Screen) -> None:
    """35: in the system's own colours choices, focus and states can still be seen."""
    guest = arrive("fjallton", screen, forced_colors="active")
    PAGES_BY_NAME["data"].show(guest)
    chosen = guest.page.locator(".option:has(:checked)")
    assert chosen.evaluate("(it) => getComputedStyle(it).outlineStyle") == "solid"
    assert chosen.locator("input").evaluate("(it) => getComputedStyle(it).appearance") == "auto"
    guest.page.keyboard.press("Tab")
    assert guest.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    PAGES_BY_NAME["order"].show(guest)
    chip = guest.page.locator(".chip").first
    assert chip.evaluate("(it) => [getComputedStyle(it).borderTopStyle, getComputedStyle(it).borderTopWidth]") == [
        "solid",
        "1px",
    ]


COLOURS = ("#FFFFFF", "#000000", "#FFDD00", "#808080", "#D0021B", "#00A651", "#7FDBFF", "#4B0082", "#FF6F00", "#C8C8C8")
ROLES = """() => {
  const seen = (it) => { for (; it; it = it.parentElement) {
    const colour = getComputedStyle(it).backgroundColor; if (!/^rgba.*, 0\\)$/.test(colour)) return colour; } return 'rgb(255, 255, 255)'; };
  const pair = (css, part, behind) => { const it = document.querySelector(css);
    return [css, getComputedStyle(it)[part], behind ? seen(it.parentElement) : seen(it)]; };
  return {
    text: [pair('.button-primary', 'color'), pair('.button-text', 'color'), pair('.option:has(:checked) .option-label', 'color'),
      pair('.option:has(:checked) .option-price', 'color'), pair('.back-link', 'color')],
    edge: [pair('.option input:checked', 'borderTopColor', true),
      pair('.option:has(:checked)', 'borderTopColor', true), pair('.step-dots .is-current', 'backgroundColor', true)],
  };
}"""


def test_any_colour(arrive: Arrive, wide: Screen) -> None:
    """36: whatever the operator's colour, text has 4.5 and edges have 3 against what is behind, also when pointed at."""
    guest = arrive("fjallton", wide)
    sheet = {"css": derive(COLOURS[0], "soft").css()}
    guest.context.route("**/theme/*.css", lambda route: route.fulfill(body=sheet["css"], content_type="text/css"))
    PAGES_BY_NAME["data"].show(guest)
    poor = {}
    for colour in COLOURS:
        sheet["css"] = derive(colour, "soft").css()
        guest.page.mouse.move(0, 0)
        guest.page.reload()
        poor[colour] = hard_to_see(guest)
    assert {colour: pairs for colour, pairs in poor.items() if pairs} == {}


def hard_to_see(guest: Guest) -> list[tuple[object, ...]]:
    """Everything on the page that has too little contrast; what each is, its colours and their ratio."""
    roles = guest.evaluate(ROLES)
    button = guest.page.locator(".button-primary")
    button.hover()
    guest.page.wait_for_function("() => document.getAnimations().every((it) => it.playState === 'finished')")
    edge, inside = (
        button.evaluate(f"(it) => getComputedStyle(it).{part}") for part in ("borderTopColor", "backgroundColor")
    )
    behind = guest.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    hover = button.evaluate("(it) => ['hover', getComputedStyle(it).color, getComputedStyle(it).backgroundColor]")
    pairs = [
        *(("text", 4.5, *pair) for pair in [*roles["text"], hover]),
        *(("edge", 3.0, *pair) for pair in roles["edge"]),
        ("edge", 3.0, "button", *max((edge, behind), (inside, behind), key=lambda pair: contrast(*pair))),
    ]
    found = Axe().run(guest.page, options={"runOnly": ["color-contrast"], "resultTypes": ["violations"]}).response
    return [
        *(
            (kind, *pair, round(contrast(*pair[1:]), 2))
            for kind, least, *pair in pairs
            if contrast(*pair[1:]) < least - 0.01
        ),
        *((node["html"],) for each in found["violations"] for node in each["nodes"]),
    ]


PAGES_BY_NAME = {page.name: page for page in PAGES}


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2 between two colours as a browser writes them."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [float(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

"""A person at a browser: signs in, answers, presses; keeps a record of everything that went wrong on the way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from tests.browser.live_server import Stage
from webapp.operations.ordering.drafts import Ordering

ABORTED = re.compile(r"^htmx:(sendAbort|afterRequest)\b")
"""htmx writes both when a newer request replaces one in flight; everything else on the console is a fault."""

IDLE = """() => !document.documentElement.classList.contains('busy')
  && !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"""
WATCH = """document.addEventListener('securitypolicyviolation',
  (event) => console.error('CSP: ' + event.effectiveDirective + ' ' + event.blockedURI))"""


@dataclass(frozen=True)
class Screen:
    """How a page is looked at."""

    width: int = 1280
    language: str = "sv"
    script: bool = True

    @property
    def height(self) -> int:
        """A usual height for the width."""
        return 844 if self.width < 600 else 800


@dataclass
class Guest:
    """One browser with one page at one tenant."""

    stage: Stage
    slug: str
    screen: Screen
    context: BrowserContext
    page: Page
    token: str = ""
    trouble: list[str] = field(default_factory=list)

    def watch(self) -> Guest:
        """Notes what the console says and who is asked for something."""
        self.context.add_init_script(WATCH)
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self.trouble.append(str(error.error)))
        self.context.on("request", self._sent)
        return self

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not ABORTED.match(message.text):
            self.trouble.append(f"{message.text} at {message.location.get('url', '')}")

    def _sent(self, request: Request) -> None:
        there = urlsplit(request.url)
        if there.scheme in ("http", "https", "ws") and there.netloc != f"{self.slug}.localhost:{self.stage.port}":
            self.trouble.append(f"asked somebody else: {request.url}")

    def forgive(self, pattern: str) -> None:
        """Something a test provoked: the browser tells of failed requests, which is no fault of the page."""
        self.trouble = [each for each in self.trouble if not re.search(pattern, each)]

    @property
    def ordering(self) -> Ordering:
        """What this person could do, behind the scenes."""
        return self.stage.ordering(self.slug, self.token, self.screen.language)

    def draft(self, answers: Mapping[str, str], lines: int = 1) -> str:
        """A draft of this person with answers already given."""
        return self.stage.draft(self.ordering, answers, lines)

    def answers(self, draft: str, n: int = 1) -> Mapping[str, str]:
        """What the database holds of a line."""
        line = self.stage.stored(self.ordering, draft, n).line(n)
        assert line is not None
        return line.answers

    # Going about

    def open(self, path: str) -> Guest:
        """A page by its address."""
        self.page.goto(self.stage.url(self.slug, path))
        return self

    @property
    def path(self) -> str:
        """Where we are."""
        return urlsplit(self.page.url).path

    def at(self, pattern: str) -> Guest:
        """Waits until we are there."""
        expect(self.page).to_have_url(re.compile(pattern))
        return self.settled()

    def settled(self) -> Guest:
        """Waits until nothing is in flight."""
        if self.screen.script:
            self.page.wait_for_function(IDLE)
        return self

    def press(self, words: str) -> Guest:
        """The button, or the link that looks like one, with these words."""
        button = self.page.get_by_role("button", name=words, exact=True)
        link = self.page.get_by_role("link", name=words, exact=True)
        button.or_(link).first.click()
        return self.settled()

    @property
    def form(self) -> Locator:
        """The order form."""
        return self.page.locator("main form:has(input[name=rev])")

    def onwards(self) -> Guest:
        """Presses the form's main button."""
        self.form.locator("button.button-primary").click()
        return self.settled()

    def control(self, question: str, value: str | None = None) -> Locator:
        """A question's control; of choices the one with this value."""
        css = f'#main [name="{question}"]:not([type=hidden])'
        return self.page.locator(css + (f'[value="{value}"]' if value is not None else ""))

    def put(self, question: str, value: str) -> Guest:
        """Answers one question as a person would, and waits for what follows."""
        control = self.control(question).first
        kind = control.evaluate("(it) => it.type")
        if kind == "radio":
            self.control(question, value).check()
        elif kind == "checkbox":
            control.set_checked(value == "yes")
        elif kind == "select-one":
            control.select_option(value)
        else:
            control.fill(value)
            control.blur()
        return self.settled()

    def asked(self) -> list[str]:
        """The questions on the page, in order."""
        found: list[str] = self.page.eval_on_selector_all(
            "main input[name=shown]", "(all) => all.map((it) => it.value)"
        )
        return found

    def fill(self, answers: Mapping[str, str]) -> Guest:
        """Answers everything the page asks that the answers know, and what comes up by answering.

        Without script a choice may bring up questions only after the page has been brought up to date.
        """
        done: set[str] = set()
        while todo := [q for q in self.asked() if q not in done and self._knows(q, answers)]:
            for question in todo[:1] if self.screen.script else todo:
                for name in [question, *(part for part in answers if part.startswith(f"{question}."))]:
                    if name in answers and self.control(name).count():
                        self.put(name, answers[name])
                done.add(question)
            if not self.screen.script:
                if not any(self.is_choice(question) for question in todo):
                    break
                with self.page.expect_navigation():  # else what is asked may be read off the page that is leaving
                    self.form.locator("button[name=update]").click()
        return self

    def is_choice(self, question: str) -> bool:
        """Whether it is answered by choosing."""
        control = self.control(question)
        return bool(control.count()) and control.first.evaluate("(it) => it.type") in (
            "radio",
            "checkbox",
            "select-one",
        )

    @staticmethod
    def _knows(question: str, answers: Mapping[str, str]) -> bool:
        return any(name == question or name.startswith(f"{question}.") for name in answers)

    def walk(self, answers: Mapping[str, str]) -> Guest:
        """Fills page after page until the line is done."""
        for _ in range(30):
            if not re.search(r"/lines/\d", self.path):
                return self
            here = self.path
            self.fill(answers).onwards()
            if self.path == here:
                errors = self.page.locator("#errsum li").all_inner_texts()
                assert not errors, f"{here}: {errors}"
        raise AssertionError(f"never done: {self.path}")

    def values(self) -> dict[str, str]:
        """The form's fields as they would be sent."""
        found: dict[str, str] = self.form.evaluate(
            "(form) => Object.fromEntries([...new FormData(form)].filter(([name]) => "
            "!['rev', 'tab', 'csrf_token', 'shown', 'return'].includes(name)))"
        )
        return found

    # What can be seen

    def say(self, key: str, **params: object) -> str:
        """A text in the words of this page."""
        return self.stage.words(self.slug, self.screen.language).say(key, **params)

    def gettext(self, text: str) -> str:
        """A text of the house in the language of this page."""
        return self.stage.words(self.slug, self.screen.language).gettext(text)

    def errors(self) -> list[str]:
        """What the error summary says."""
        return self.page.locator("#errsum li").all_inner_texts()

    def main(self) -> str:
        """Everything that can be read on the page."""
        return self.page.locator("#main").inner_text()

    @property
    def h1(self) -> str:
        """The heading."""
        return self.page.locator("h1").inner_text()

    @property
    def total(self) -> str:
        """The strong sum of the price box that is shown."""
        return self.page.locator("#price .price-totals .is-strong dd").last.text_content() or ""

    def live(self) -> str:
        """What screen readers were told last."""
        return self.page.locator("#live").text_content() or ""

    def focused(self) -> str:
        """The id, else the tag, of what has the focus."""
        found: str = self.page.evaluate("document.activeElement.id || document.activeElement.tagName.toLowerCase()")
        return found

    def evaluate(self, script: str, argument: Any = None) -> Any:
        """Asks the page."""
        return self.page.evaluate(script, argument)

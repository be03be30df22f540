"""Powers of attorney that really were mailed out, and what a signer does on a phone; holds no expectation of a page's words."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlsplit

from tests.browser.answers import LINE_DK, MOBILE_SE, PORT_DK, PORT_SE, a_move_day
from tests.browser.guest import Guest
from tests.browser.live_server import PATIENCE, Stage
from webapp.domain.market import MARKETS

_turn = count(1)
NUMBERS = {
    "fjallton": [f"070-174 06 {n}" for n in (99, 98, 97, 96, 95, 94, 89, 88, 87, 86, 85, 84)],
    "baeltkom": [f"20 00 00 {n}" for n in (79, 78, 77, 76, 75, 74)],
}
"""Free to be moved, and moved by no other test here."""
_left = {slug: iter(numbers) for slug, numbers in NUMBERS.items()}
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Mailed:
    """An order of which the power of attorney has been mailed to whoever signs it."""

    stage: Stage
    slug: str
    ref: str
    number: str
    emails: tuple[str, ...]

    def link(self, n: int = 1, count: int = 1) -> str:
        """The path in the `count`-th mail with a link to a signer."""
        until = time.monotonic() + PATIENCE
        while True:
            mails = self.stage.mails(self.emails[n - 1])
            links = [link for mail in mails for link in dict.fromkeys(mail["links"]) if "/sign/" in link]
            if len(links) >= count:
                return urlsplit(links[count - 1]).path
            assert time.monotonic() < until, f"{len(links)} links to {self.emails[n - 1]}"
            time.sleep(0.1)

    def code(self, n: int = 1, count: int = 1) -> str:
        """The code in the `count`-th mail to a signer that holds one."""
        until = time.monotonic() + PATIENCE
        while True:
            texts = [mail["text"] for mail in self.stage.mailbox.mails() if mail["to"] == self.emails[n - 1]]
            codes: list[str] = [found[0] for text in texts if (found := re.search(r"(?<![\d-])\d{6}(?![\d-])", text))]
            if len(codes) >= count:
                return codes[count - 1]
            assert time.monotonic() < until, "no mail with a code"
            time.sleep(0.1)

    def texted(self) -> str:
        """The code in the latest text message."""
        until = time.monotonic() + PATIENCE
        to = (
            "+45" + self.number.replace(" ", "")
            if self.slug == "baeltkom"
            else "+46" + re.sub(r"\D", "", self.number)[1:]
        )
        while not (found := [each["text"] for each in self.stage.phones.messages() if each["to"] == to]):
            assert time.monotonic() < until, "no text message"
            time.sleep(0.1)
        code = re.search(r"\d{6}", found[-1])
        assert code
        return code[0]

    @property
    def state(self) -> str:
        """How far the newest version is."""
        found = self.stage.sql(
            'select state from signing_request where "order" = %s order by version desc limit 1', self.ref
        )
        return str(found[0][0])


def mailed(stage: Stage, slug: str = "fjallton", *, language: str = "sv", **more: str) -> Mailed:
    """Places an order that moves a number, behind the scenes. The worker draws the paper and mails the links."""
    turn = next(_turn)
    number, email = next(_left[slug]), f"signer{turn}@granit.example"
    answers: Mapping[str, str] = {
        **({**LINE_DK, **PORT_DK} if slug == "baeltkom" else {**MOBILE_SE, **PORT_SE}),
        "user.initials": f"S{LETTERS[turn]}",
        "user.email": f"user{turn}@granit.example",
        "port.number": number,
        "port.signatory": "other",
        "port.signer_name": "Åsa Öberg",
        "port.email": email,
        **({"port.mode": "date", "port.date": a_move_day(MARKETS["DK"])} if slug == "baeltkom" else {}),
        **more,
    }
    ordering = stage.ordering(slug, stage.session(slug, "owner", language), language)
    draft = stage.draft(ordering, answers)
    done = ordering.submit(draft, ordering.review(draft).seen, True, "")
    assert done.placed, done
    others = re.findall(r"[\w.]+@[\w.]+", more.get("port.signers", ""))
    return Mailed(stage, slug, done.placed.ref, number, (answers["port.email"], *others))


def agree(guest: Guest, method: str, name: str = "") -> Guest:
    """Fills in the signing form and goes on."""
    page = guest.page
    if name:
        page.fill("#name", name)
    page.locator("[name=capacity]").first.check()
    for box in page.locator("[name=declare]").all():
        box.check()
    page.locator(f"[name=method][value={method}]").check()
    page.locator("#sign button.button-primary").click()
    return guest


def give(guest: Guest, code: str) -> Guest:
    """Writes the code and signs."""
    guest.page.fill("#code", code)
    guest.page.locator("form:has(#code) button.button-primary").click()
    return guest

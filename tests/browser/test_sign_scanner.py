"""A mail scanner that is a browser: it runs scripts and follows every link, and sends no form; somebody can still sign."""

from __future__ import annotations

from tests.browser.conftest import Arrive
from tests.browser.guest import Guest, Screen
from tests.browser.live_server import Stage
from tests.browser.signing import mailed

LOOK = Screen(1280, "sv")


def crawl(guest: Guest, start: str, most: int = 30) -> set[str]:
    """Every page of signing that links lead to."""
    host, left, seen = guest.page.url.split("/sign")[0], [start], set[str]()
    while left and len(seen) < most:
        path = left.pop()
        if path in seen or path.endswith(".pdf"):
            continue
        seen.add(path)
        guest.page.goto(host + path)
        guest.page.wait_for_load_state("networkidle")
        left += guest.evaluate(
            "[...document.querySelectorAll('a[href^=\"/sign\"]')].map(a => a.getAttribute('href').split('#')[0])"
        )
    return seen


def test_a_scanner_that_runs_scripts_and_follows_links_signs_and_declines_nothing(arrive: Arrive, stage: Stage) -> None:
    paper = mailed(stage)
    scanner = arrive(paper.slug, LOOK, who="")
    scanner.forgive(r"status of 4\d\d")
    scanner.open(paper.link(1))
    page = "/sign" + scanner.page.url.split("/sign")[1]
    assert len(crawl(scanner, page)) >= 3
    state = "select r.state, s.state from signing_request r join signer s on s.request = r.id where s.id = %s"
    signer = page.split("/")[2]
    assert stage.sql(state, signer) == [("waiting", "waiting")]
    assert stage.sql("select 1 from signing_proof where signer = %s", signer) == []
    human = arrive(paper.slug, LOOK, who="").open(paper.link(1))
    assert paper.number in human.main()

"""What an order of a thousand users costs beside one of one user, or of one page; knows pages and presses, no code behind them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

from bench.measure import Goal, against, in_turn
from bench.portal import ANSWERS, Browser, copies, customer, encoded, fill, ordered, store_of
from webapp.app import create_app
from webapp.operations.ordering.review import LINES_A_PAGE
from webapp.settings import Settings

MANY = 1000
SUBMISSIONS = 3
_SEEN = re.compile(rb'name="seen" value="([^"]*)"')


def goals(chosen: Settings, rounds: int) -> Iterator[Goal]:
    """An answer, the pages and the submission, at one line, at a page of lines and at a thousand."""
    app = create_app(chosen)
    fill(app, MANY * (SUBMISSIONS + 1) + 200)
    browser, store = customer(app), store_of(app)
    first = ordered(browser)
    one, page, many = (copies(store, first, 1, lines=lines)[0] for lines in (1, LINES_A_PAGE, MANY))
    for draft in (one, page, many):
        browser.post(f"/drafts/{draft}/hold", {})  # the first who writes outlines the lines
    turn = iter(range(10**9))

    def change(draft: str) -> None:
        n = next(turn)
        form = {
            **ANSWERS,
            "changed": "data",
            "data": ("FJ-D15", "FJ-D40")[n % 2],
            "tab": "bench",
            "seq": str(n),
            "rev": "9",
        }
        answer = browser.post(f"/drafts/{draft}/lines/1/change", encoded(form), htmx=True)
        if b'id="saved"' not in answer.body:
            raise RuntimeError(answer.status)

    step = "lines/1/anvandare"
    spent = in_turn(
        {
            "update 1": lambda n: change(one),
            "update many": lambda n: change(many),
            "step 1": lambda n: browser.get(f"/drafts/{one}/{step}"),
            "step many": lambda n: browser.get(f"/drafts/{many}/{step}"),
        },
        rounds,
        20,
    )
    spent |= in_turn(
        {
            "list page": lambda n: browser.get(f"/drafts/{page}"),
            "list many": lambda n: browser.get(f"/drafts/{many}"),
            "review page": lambda n: browser.get(f"/drafts/{page}/review"),
            "review many": lambda n: browser.get(f"/drafts/{many}/review"),
        },
        rounds,
        3,
    )
    for what, few in (("update", "1"), ("step", "1"), ("list", "page"), ("review", "page")):
        found = against(spent, f"{what} many", f"{what} {few}")
        name = f"{what} at {MANY} lines / at {'one' if few == '1' else LINES_A_PAGE}"
        yield Goal(name, found.ratio, 1.5, raw=f"{found.ours:.1f} / {found.base:.1f} ms")
    for what in ("", "/review"):
        sent = len(gzip.compress(browser.get(f"/drafts/{many}{what}").body, 6)) / 1000
        yield Goal(f"{'review' if what else 'list'} at {MANY} lines, compressed, kB", sent, 100)
    yield from _submissions(browser, copies(store, first, SUBMISSIONS), copies(store, first, SUBMISSIONS, lines=MANY))


def _submissions(browser: Browser, ones: list[str], manies: list[str]) -> Iterator[Goal]:
    def submit(draft: str) -> None:
        answer = browser.post(f"/drafts/{draft}/submission", {"seen": seen[draft], "terms": "yes", "ref": ""})
        if "/receipt" not in answer.headers.get("location", ""):
            raise RuntimeError(answer.status)

    seen = {}
    for draft in (*ones, *manies):
        browser.post(f"/drafts/{draft}/hold", {})
        found = _SEEN.search(browser.get(f"/drafts/{draft}/review").body)
        assert found
        seen[draft] = found[1].decode()
    left = {"1": iter(ones), "many": iter(manies)}
    spent = in_turn(
        {name: (lambda n, drafts=drafts: submit(next(drafts))) for name, drafts in left.items()}, SUBMISSIONS - 1, 1
    )
    found = against(spent, "many", "1")
    yield Goal(f"submission of {MANY} lines / of one", found.ratio, 60, raw=f"{found.ours:.0f} / {found.base:.1f} ms")
    yield Goal(f"submission of {MANY} lines, s", found.ours / 1000, 2)

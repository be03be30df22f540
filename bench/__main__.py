"""`./run bench [SECTION …]`: prints each goal beside what was measured, and fails nothing."""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path

from bench import growth, long_orders, papers, reservation, seal, serving, signing
from bench.baselines import bare_flask, lean_stub
from bench.measure import Goal, Measured, against, in_turn
from bench.portal import ANSWERS, TENANT, Browser, copies, customer, encoded, fill, ordered, settings, store_of, token
from bench.weight import transferred
from bench.wire import watched
from webapp.app import create_app
from webapp.server import application
from webapp.settings import ROOT, Settings

STEP = "anvandare"


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench", description="Goals beside what was measured.")
    parser.add_argument("sections", nargs="*", help=f"of {', '.join(SECTIONS)}; all when none is named")
    parser.add_argument("--rounds", type=int, default=11)
    given = parser.parse_args()
    if unknown := set(given.sections) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    print(
        f"Medians of {given.rounds} rounds, in turn: ours / the baseline. Baselines {frozen()}, load {os.getloadavg()[0]:.1f}"
    )
    with settings() as chosen:
        for name in given.sections or SECTIONS:
            for goal in SECTIONS[name](chosen, given.rounds):
                print(goal.line(), flush=True)


def frozen() -> str:
    """Which baselines these are: ratios compare only where this is the same."""
    files = sorted(Path(__file__).parent.joinpath("baselines").glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def in_process(chosen: Settings, rounds: int) -> Iterator[Goal]:
    """A partial update, a page and a submission, without a server between."""
    times = 60
    app = application(chosen)
    fill(app, (rounds + 2) * 20)
    browser, bare, stub = customer(app), Browser(bare_flask.create_app(), "localhost"), _stub(chosen)
    store, first = store_of(app), ordered(browser)
    drafts = copies(store, first, 20)
    changes = _changes(browser, drafts)
    fragment = encoded(ANSWERS)
    spent = in_turn(
        {
            "update": lambda n: next(changes),
            "fragment": lambda n: bare.post("/fragment", fragment),
            "stub": lambda n: stub.post(f"/fragment/{n % lean_stub.DRAFTS}", fragment),
            "step": lambda n: browser.get(f"/drafts/{first}/lines/1/{STEP}"),
            "page": lambda n: bare.get("/page"),
            "stub page": lambda n: stub.get(f"/page/{n % lean_stub.DRAFTS}"),
        },
        rounds,
        times,
    )
    yield _ratio("partial update with its write / bare fragment", against(spent, "update", "fragment"), 9, 6)
    yield _ratio("full step page / bare 15 kB page", against(spent, "step", "page"), 2)
    yield _beside_stub(spent, ("update", "stub", "fragment"), "partial update with its write / lean stub", 9, 6.2)
    yield _beside_stub(spent, ("step", "stub page", "page"), "full step page / lean stub's page", 2, 1.53)
    submissions = _submissions(browser, copies(store, first, (rounds + 1) * 15))
    spent = in_turn({"submission": lambda n: next(submissions)(), "update": lambda n: next(changes)}, rounds, 15)
    yield _ratio("submission / partial update", against(spent, "submission", "update"), 4)
    with watched(store) as traffic:
        next(changes)
    yield Goal("database round trips of a partial update", traffic.round_trips, 6)
    pages = {}
    for path in (f"/drafts/{first}/lines/1/{STEP}", f"/drafts/{first}/review", f"/drafts/{first}", "/home", "/orders"):
        browser.get(path)
        with watched(store) as traffic:
            browser.get(path)
        pages[path.replace(first, "…")] = traffic.statements
    yield Goal(
        "SQL statements of a page, the most",
        max(pages.values()),
        12,
        raw=", ".join(f"{k} {v}" for k, v in pages.items()),
    )
    kilobytes = transferred(browser, f"/drafts/{first}/lines/1/{STEP}") / 1000
    yield Goal("step page with styles and script, compressed, kB", kilobytes, 60)
    store.close()


def _stub(chosen: Settings) -> Browser:
    """Somebody signed in to the lean stub, on the same database server."""
    lean_stub.fill(chosen.owner_database_url)
    stub = Browser(lean_stub.create_app(chosen.owner_database_url), "localhost")
    stub.csrf = stub.post("/sign-in", {}).body.decode()
    return stub


def signers_page(chosen: Settings, rounds: int) -> Iterator[Goal]:
    """The page somebody signs on against a step of the order form."""
    app = create_app(chosen)
    fill(app, 0)
    browser, (signer, where) = customer(app), signing.signer(app)
    step = f"/drafts/{ordered(browser)}/lines/1/{STEP}"
    if not signer.get(where).status.startswith("200"):
        raise RuntimeError(where)
    spent = in_turn({"signing": lambda n: signer.get(where), "step": lambda n: browser.get(step)}, rounds, 60)
    yield _ratio("signing page / full step page", against(spent, "signing", "step"), 1)
    with watched(store_of(app)) as traffic:
        signer.get(where)
    yield Goal("SQL statements of the signing page", traffic.statements, 12, raw=f"{traffic.round_trips} round trips")


def over_http(chosen: Settings, rounds: int) -> Iterator[Goal]:
    """The portal and a wizard of django-formtools, each with one worker of eight threads."""
    wizard = {"BENCH_WIZARD_DIR": str(chosen.data_dir)}
    module = "bench.baselines.formtools_wizard"
    subprocess.run([sys.executable, "-m", module], cwd=ROOT, env={**os.environ, **wizard}, check=True)
    from bench.baselines.formtools_wizard import posted  # Django is there when its tables are

    app = create_app(chosen)
    fill(app, 0)
    browser = customer(app)
    drafts = copies(store_of(app), ordered(browser), serving.CONNECTIONS)
    ours, theirs = serving.free_port(), serving.free_port()
    command, environment = serving.portal_command(chosen, ours)
    host = f"{TENANT}.localhost"
    with (
        serving.served(command, ours, "/healthz", host, environment),
        serving.served(
            serving.gunicorn(f"{module}:application", theirs), theirs, "/hello", "localhost", wizard
        ) as peer,
    ):
        cases = {
            "ours": serving.change_over_http(browser.cookies, browser.csrf, drafts),
            "theirs": serving.wizard_over_http(peer, posted("first")),
        }
        found = serving.rates(cases, {"ours": ours, "theirs": theirs}, max(3, rounds // 2), 2)
    measured = against(found, "ours", "theirs")
    raw = f"{measured.ours:.0f} / {measured.base:.0f} requests a second"
    yield Goal("partial update over HTTP / django-formtools", measured.ratio, 1.5, at_least=True, raw=raw)


def start_and_memory(chosen: Settings, rounds: int) -> Iterator[Goal]:
    """From the command to the first answer, and what a worker holds after a thousand requests."""
    host = f"{TENANT}.localhost"
    ours: list[float] = []
    theirs: list[float] = []
    app = create_app(chosen)
    fill(app, 0)
    cookie = {"Cookie": f"login={token(store_of(app))}"}
    memory, ours_port = 0.0, serving.free_port()  # one, for a portal at another address publishes its tenants anew
    for at in range(1 + max(3, rounds // 2)):
        port = serving.free_port()
        command = serving.gunicorn("bench.baselines.bare_flask:create_app()", port)
        with serving.served(command, port, "/hello", "localhost") as server:
            theirs.append(server.ready_ms)
        command, environment = serving.portal_command(chosen, ours_port)
        with serving.served(command, ours_port, "/healthz", host, environment) as server:
            ours.append(server.ready_ms)
            if at == 0:
                for n in range(1000):
                    server.request("GET", ("/home", "/orders/new", "/subscriptions", "/orders")[n % 4], host, cookie)
                memory = server.memory_mb()
    spent = {"ours": ours[1:], "theirs": theirs[1:]}  # the first compiles
    yield _ratio("start of the web / bare Flask", against(spent, "ours", "theirs"), 4)
    yield Goal("web worker after 1,000 requests, MB", memory, 120)


def both_papers(chosen: Settings, rounds: int) -> Iterator[Goal]:
    """An order's confirmation and its powers of attorney against stock WeasyPrint."""
    yield _ratio("both papers / stock WeasyPrint", papers.measured(rounds), papers.GOAL, papers.STRETCH)


def seals(_: Settings, rounds: int) -> Iterator[Goal]:
    """A seal against the render of the same paper."""
    yield from seal.goals(rounds)


def reservations(chosen: Settings, rounds: int) -> Iterator[Goal]:
    """Numbers of one pool for many who ask at once."""
    fill(create_app(chosen), 0)
    yield from reservation.goals(chosen, rounds)


def long_order(chosen: Settings, rounds: int) -> Iterator[Goal]:
    """An order of a thousand users beside one of one."""
    yield from long_orders.goals(chosen, rounds)


def growing(chosen: Settings, rounds: int) -> Iterator[Goal]:
    """Lists and searches at a thousand times the rows."""
    yield from growth.goals(chosen, rounds, int(os.environ.get("SKYLT_BENCH_ROWS", "1000000")))


SECTIONS: dict[str, Callable[[Settings, int], Iterator[Goal]]] = {
    "process": in_process,
    "http": over_http,
    "start": start_and_memory,
    "papers": both_papers,
    "seal": seals,
    "signing": signers_page,
    "reservation": reservations,
    "long": long_order,
    "growth": growing,
}


def _ratio(name: str, found: Measured, wanted: float, stretch: float | None = None) -> Goal:
    raw = f"{found.ours:.2f} / {found.base:.2f} ms"
    return Goal(name, found.ratio, wanted, stretch=stretch, raw=raw)


def _beside_stub(
    spent: Mapping[str, list[float]], cases: tuple[str, str, str], name: str, wanted: float, was: float
) -> Goal:
    """A goal of so many times the bare framework, set where the stub took `was` times it, as a goal beside the stub.

    So it carries to machines that are fast at Python and not at asking a database (docs/decisions/0022).
    """
    ours, stub, base = cases
    found, here = against(spent, ours, stub), against(spent, stub, base).ratio
    raw = f"{found.ours:.2f} / {found.base:.2f} ms, the stub {here:.1f} × the bare one, {was} where the goal was set"
    return Goal(name, found.ratio, round(wanted / was, 2), raw=raw)


def _changes(browser: Browser, drafts: list[str]) -> Iterator[object]:
    """Partial updates that each change something, draft after draft."""
    for turn in count(1):
        form = {**ANSWERS, "changed": "data", "data": ("FJ-D5", "FJ-D40")[turn % 2], "tab": "bench", "seq": str(turn)}
        body = encoded({**form, "rev": "999999"})
        for draft in drafts:
            yield browser.post(f"/drafts/{draft}/lines/1/change", body, htmx=True)


def _submissions(browser: Browser, drafts: list[str]) -> Iterator[Callable[[], object]]:
    """The press of the button for each draft, its review read before."""
    ready = []
    for draft in drafts:
        seen = browser.get(f"/drafts/{draft}/review").body.decode().split('name="seen" value="')[1].split('"')[0]
        ready.append((f"/drafts/{draft}/submission", encoded({"seen": seen, "terms": "yes", "ref": "Kst 4711"})))

    def press(path: str, body: bytes) -> object:
        answer = browser.post(path, body)
        if not answer.status.startswith("303"):
            raise RuntimeError(f"{path}: {answer.status}")
        return answer

    for path, body in ready:
        yield lambda path=path, body=body: press(path, body)  # type: ignore[misc]


if __name__ == "__main__":
    main()

"""How fast numbers are handed out when many ask at once, against the same statement without policies and without an audit row."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg

from bench.measure import Goal, against
from bench.portal import TENANT
from webapp import clock
from webapp.settings import Settings
from webapp.store.numbers import TAKE_NEW
from webapp.store.platform.queue import conninfo
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store

CLIENTS = 32
NUMBERS = 400_000
USED = 0.9
"""Of the pool, from its head: where the next free number is far from the first."""
SECONDS = 1.0
BARE = "bench_number"
KIND = "mobile"


def goals(settings: Settings, rounds: int) -> Iterator[Goal]:
    """The rate beside the bare one, and whether any number went to two."""
    company = _pool(settings)
    store = Store(settings.database_url, pool_size=CLIENTS)
    handed_out: dict[str, list[str]] = {"ours": [], "bare": []}
    spent: dict[str, list[float]] = {"ours": [], "bare": []}
    ours, bare = _by_store(store, company), _by_sql(settings, company)
    for at in range(max(3, rounds // 2) + 1):
        for name, take in (("ours", ours), ("bare", bare))[:: 1 if at % 2 else -1]:
            taken, rate = _rate(take)
            handed_out[name] += taken
            if at:  # the first round warms
                spent[name].append(rate)
    store.close()
    found = against(spent, "ours", "bare")
    raw = f"{found.ours:.0f} / {found.base:.0f} numbers a second, {CLIENTS} clients, {USED:.0%} of the pool used"
    yield Goal("number reservation / bare SQL", found.ratio, 0.5, at_least=True, raw=raw)
    given = handed_out["ours"]
    yield Goal("numbers handed out twice", len(given) - len(set(given)), 0, raw=f"of {len(given)}")


def _pool(settings: Settings) -> str:
    """A pool whose head is used up; the company that the numbers go to."""
    with psycopg.connect(conninfo(settings.owner_database_url), autocommit=True) as connection:
        connection.execute(
            "select set_config('app.tenant', %s, false), set_config('app.company', '*', false)", (TENANT,)
        )
        (company,) = connection.execute("select min(id) from company where tenant = %s", (TENANT,)).fetchone() or ("",)
        connection.execute(
            "insert into number (tenant, e164, kind, state, company)"
            " select %(tenant)s, '+4699' || lpad(n::text, 8, '0'), %(kind)s,"
            " case when n < %(used)s then 'allocated' else 'free' end,"
            " case when n < %(used)s then %(company)s end from generate_series(1, %(count)s) n",
            {"tenant": TENANT, "kind": KIND, "company": company, "count": NUMBERS, "used": int(NUMBERS * USED)},
        )
        # The same pool with the same indexes, and no policy.
        connection.execute(f"create table {BARE} (like number including all)")
        connection.execute(f"insert into {BARE} select * from number")
        for table in ("number", BARE):
            connection.execute(f"vacuum analyze {table}")
    return str(company)


def _by_store(store: Store, company: str) -> Callable[[], str | None]:
    """As an order takes one: in a scope, under the policies, told in the trail."""

    def take() -> str | None:
        with store.work(Scope(TENANT, company, "bench")) as work:
            e164 = work.numbers.take_new(KIND, company)
            work.audit.write("number.taken", e164 or "", now=clock.now())
            return e164

    return take


def _by_sql(settings: Settings, company: str) -> Callable[[], str | None]:
    """The statement alone, on a table without policies."""
    own = threading.local()
    sql = re.sub(
        r":(\w+)", r"%(\1)s", re.sub(r"(from|update) number", rf"\1 {BARE}", TAKE_NEW.replace("::", "§"))
    ).replace("§", "::")
    values = {"tenant": TENANT, "kind": KIND, "prefix": "", "owner": company}

    def take() -> str | None:
        if not hasattr(own, "connection"):
            own.connection = psycopg.connect(conninfo(settings.owner_database_url), autocommit=True)
        row = own.connection.execute(sql, values).fetchone()
        return row[0] if row else None

    return take


def _rate(take: Callable[[], str | None]) -> tuple[list[str], float]:
    until = time.perf_counter() + SECONDS

    def client(_: int) -> list[str]:
        taken = []
        while time.perf_counter() < until and (e164 := take()):
            taken.append(e164)
        return taken

    with ThreadPoolExecutor(CLIENTS) as pool:
        taken = [e164 for each in pool.map(client, range(CLIENTS)) for e164 in each]
    return taken, len(taken) / SECONDS

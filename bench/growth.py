"""What a list and a search cost where there is a thousand times as much to look through; knows pages by their address only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event

from bench.measure import Goal, Measured, against, in_turn
from bench.portal import Browser, fill, store_of, token
from webapp import clock
from webapp.app import create_app
from webapp.settings import Settings
from webapp.store.platform.queue import conninfo
from webapp.store.platform.raw import driver_connection
from webapp.store.platform.scope import Scope
from webapp.store.reading.paging import cursor

SMALL, LARGE = "skarvox", "fjallton"
FEW = 1_000
LIST, SEARCH = 2.0, 5.0
"""The most that a list, and a search, may cost at a thousand times the rows."""
START = clock.now().replace(microsecond=0) - timedelta(days=400)
_SECONDS = f"timestamptz '{START.isoformat()}' + n * interval '10 seconds'"
_FIRST, _LAST = "'maja' || mod(n, 1000)", "'nyman' || n / 1000"
_E164 = "'+4698' || lpad(n::text, 8, '0')"
_N = "generate_series(1, %(count)s) n"
FILLING = (
    "insert into draft (tenant, company, id, language, tenant_revision, rev, lines, reference, price_seen, created_by,"
    " touched_by, touched_at, expires_at, state) select %(tenant)s, %(company)s, 'g' || n, 'sv', '', 1, '[]', '', '',"
    f" %(person)s, %(person)s, {_SECONDS}, {_SECONDS}, 'placed' from {_N}",
    'insert into "order" (tenant, company, ref, draft, placed_at, placed_by, language, reference, currency,'
    f" monthly_net, once_net, line_count, world) select %(tenant)s, %(company)s, 'G-' || n, 'g' || n, {_SECONDS},"
    f" %(person)s, 'sv', '', 'SEK', 10000, 100, 1, '{{}}' from {_N}",
    "insert into subscription (tenant, company, id, number, kind, plan, state, created_at, facts)"
    f" select %(tenant)s, %(company)s, 's' || n, null, 'mobile', 'x', 'active', {_SECONDS}, '{{}}' from {_N}",
    'insert into order_line (tenant, company, "order", n, action, state, answers, user_name, plan_name, number,'
    f" subscription, changed_at) select %(tenant)s, %(company)s, 'G-' || n, 1, 'new', 'ready', '{{}}',"
    f" initcap({_FIRST} || ' ' || {_LAST}), 'Plan', {_E164}, 's' || n, {_SECONDS} from {_N}",
    "insert into number (tenant, company, e164, kind, state, subscription)"
    f" select %(tenant)s, %(company)s, {_E164} || %(end)s, 'mobile', 'allocated', 's' || n from {_N}",
    'insert into document (tenant, company, id, "order", subject, kind, version, title, language, sha256, size,'
    " verify_code, made_at, facts, bytes) select %(tenant)s, %(company)s, 'd' || n, 'G-' || n, '',"
    " 'order_confirmation', 1, 'Orderbekräftelse', 'sv', md5(n::text), 1, 'g' || n,"
    f" {_SECONDS}, '{{}}', '' from {_N}",
    "insert into audit (tenant, company, id, actor, actor_tenant, what, subject, details, at)"
    f" select %(tenant)s, %(company)s, 'a' || n, %(person)s, %(tenant)s, 'order.placed', 'G-' || n, '{{}}', {_SECONDS}"
    f" from {_N}",
    "insert into search_word (tenant, company, kind, id, word) select %(tenant)s, %(company)s, k.kind, k.prefix || n, word"
    f" from {_N}, (values ('order', 'G-'), ('document', 'd'), ('subscription', 's')) k(kind, prefix),"
    f" lateral unnest(array[{_FIRST}, {_LAST}, 'g', n::text, substr({_E164}, 2), '<' || reverse(substr({_E164}, 2))])"
    " word on conflict do nothing",
)


def goals(settings: Settings, rounds: int, many: int) -> Iterator[Goal]:
    """Each list's first and middle page, and each search, at `many` rows beside a thousand."""
    app = create_app(settings)
    fill(app, 0)
    company = _grow(settings, app, {SMALL: FEW, LARGE: many})
    staff = {tenant: _signed_in(app, tenant, "operator") for tenant in (SMALL, LARGE)}
    owner = {tenant: _signed_in(app, tenant, "owner") for tenant in (SMALL, LARGE)}
    for name, who, paths, most in (
        *_lists("/admin/orders", staff, lambda n: cursor(_moment(n), f"G-{n}"), "cursor", many),
        *_lists("/admin/documents", staff, lambda n: cursor(_moment(n), f"d{n}"), "cursor", many, kind="all"),
        *_lists("/admin/audit", staff, lambda n: cursor(_moment(n), str(n)), "cursor", many),
        *_lists("/orders", owner, lambda n: cursor(_moment(n), f"G-{n}"), "cursor", many),
        *_lists("/subscriptions", owner, lambda n: cursor(_moment(n), f"s{n}"), "after", many),
        *_lists("/company/numbers", owner, lambda n: cursor(f"+4698{n:08}"), "after", many),
        *_searches("/admin/orders", staff, many),
        *_searches("/admin/documents", staff, many, kind="all"),
        *_searches("/orders", owner, many),
        *_searches("/subscriptions", owner, many),
    ):
        found = _compared(who, paths, rounds)
        raw = f"{found.ours:.2f} / {found.base:.2f} ms at {many:,} and {FEW:,}"
        yield Goal(name, found.ratio, most, raw=raw)
        scope = Scope(LARGE, None if who is staff else company, "bench")
        if read := _whole_tables_read(app, scope, who[LARGE], paths[LARGE]):
            yield Goal(f"{name}: tables read whole", len(read), 0, raw=", ".join(read))


_Case = tuple[str, dict[str, Browser], dict[str, str], float]


def _lists(
    path: str, who: dict[str, Browser], key: Callable[[int], str], field: str, many: int, **more: str
) -> Iterator[_Case]:
    query = "&".join(f"{name}={value}" for name, value in more.items())
    yield f"{path}, first page", who, dict.fromkeys(who, f"{path}?{query}"), LIST
    middle = {SMALL: FEW // 2, LARGE: many // 2}
    yield f"{path}, a page in the middle", who, {t: f"{path}?{query}&{field}={key(n)}" for t, n in middle.items()}, LIST


def _searches(path: str, who: dict[str, Browser], many: int, **more: str) -> Iterator[_Case]:
    query = "".join(f"{name}={value}&" for name, value in more.items())
    middle = {SMALL: FEW // 2 + 7, LARGE: many // 2 + 7}
    asked = {
        "a whole name": {t: f"Maja{n % 1000}+Nyman{n // 1000}" for t, n in middle.items()},
        "a number": {t: f"%2B4698{n:08}" for t, n in middle.items()},
        "a number's end": {t: f"{n:08}"[-6:] for t, n in middle.items()},
        "a name that all have": dict.fromkeys(middle, "maja"),
    }
    for name, words in asked.items():
        yield f"{path}, search of {name}", who, {t: f"{path}?{query}q={q}" for t, q in words.items()}, SEARCH


def _moment(n: int) -> str:
    return (START + timedelta(seconds=10 * n)).isoformat()


def _compared(who: dict[str, Browser], paths: dict[str, str], rounds: int) -> Measured:
    for tenant, path in paths.items():
        answer = who[tenant].get(path)
        if not answer.status.startswith("200"):
            raise RuntimeError(f"{tenant} {path}: {answer.status}")
    cases = {tenant: lambda _, t=tenant: who[t].get(paths[t]) for tenant in paths}
    return against(in_turn(cases, max(3, rounds // 2), 5), LARGE, SMALL)


def _signed_in(app: Flask, tenant: str, who: str) -> Browser:
    return Browser(app, f"{tenant}.localhost", {"login": token(store_of(app), tenant, who)})


def _grow(settings: Settings, app: Flask, counts: dict[str, int]) -> str:
    """So many orders of one company of each tenant, each with a line, a paper, a subscription, a number and its words; the last company."""
    people = {}
    for tenant in counts:
        with store_of(app).work(Scope(tenant, None, "bench")) as work:
            people[tenant] = work.people.by_email(f"owner@{tenant}.example")
    with psycopg.connect(conninfo(settings.owner_database_url), autocommit=True) as connection:
        for tenant, count in counts.items():
            person = people[tenant]
            assert person is not None and person.company is not None
            connection.execute(
                "select set_config('app.tenant', %s, false), set_config('app.company', '*', false)", (tenant,)
            )
            values: dict[str, Any] = {
                "tenant": tenant, "company": person.company, "person": person.id, "count": count,
                "end": "" if tenant == LARGE else "9",  # a number is in use once in the installation
            }  # fmt: skip
            for statement in FILLING:
                connection.execute(statement, values)
                connection.execute("analyze")  # or each foreign key is looked for by reading its whole table
        connection.execute("vacuum analyze")
    return str(values["company"])


def _whole_tables_read(app: Flask, scope: Scope, browser: Browser, path: str) -> list[str]:
    """Tables that the plans of a page's statements, made as the application's role, read from end to end."""
    asked: list[tuple[str, Any]] = []
    engine = store_of(app).engine

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.lstrip().lower().startswith(("select", "with")):
            asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        browser.get(path)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    read: set[str] = set()
    with store_of(app).work(scope) as work:
        connection = driver_connection(work.session)
        for statement, values in asked:
            ((plan,),) = connection.execute(f"explain (format json) {statement}", values)
            read |= {node["Relation Name"] for node in _nodes(plan[0]["Plan"]) if _is_whole_read(node)}
    return sorted(read)


def _is_whole_read(node: dict[str, Any]) -> bool:
    return node["Node Type"] == "Seq Scan" and node["Plan Rows"] > FEW


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)

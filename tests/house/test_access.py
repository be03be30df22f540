"""Every route for everybody who could come: let in, sent to sign in, told who may, or told that there is nothing here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from lxml import html
from werkzeug.test import TestResponse

from tests.browsing import Visitor
from tests.house.access_fixture import CANARY, HOME, VISITORS, World, a_world
from webapp.store.platform.embedded import Databases
from webapp.web.assets import logo_url, theme_of

OWN = ("member", "buyer")
"""Those whom the seeded things belong to."""


@dataclass(frozen=True)
class Row:
    """What is expected of a route. `seeded` is true when its address names a thing of the buyer's company."""

    group: str
    seeded: bool = False
    ok: int = 200
    sent: dict[str, str] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)  # visitors who get something else

    def expected(self, who: str) -> int:
        """The status this visitor gets."""
        if who in self.others:
            return self.others[who]
        if self.group == "anyone":
            return self.ok
        if who == "anonymous":
            return 303
        is_staff = "staff" in who
        if self.group == "staff":
            return self.ok if is_staff and (not self.seeded or who == "staff") else 404
        if is_staff:
            return 404
        if self.group == "buyer" and who == "member":
            return 403
        return 404 if self.seeded and who not in OWN else self.ok


PUBLIC, OF_CUSTOMER, OF_BUYER, OF_STAFF = Row("anyone"), Row("customer"), Row("buyer"), Row("staff")
MINE, MINE_TO_ORDER, STAFFS = Row("customer", True), Row("buyer", True), Row("staff", True)
NOWHERE = Row("anyone", ok=404)
"""The demo's pages are on plain localhost only."""
DEAD = Row("anyone", ok=410)
"""Whoever has no link to this very paper; tests/web/signing/test_signers.py has those who have."""
AT_HOME = {who: 200 for who, (slug, _) in VISITORS.items() if slug == HOME}

MATRIX = {
    "GET /": Row("anyone", ok=303, others={"anonymous": 200}),
    "GET /login": Row("anyone", ok=303, others={"anonymous": 200}),
    "POST /login": Row("anyone", ok=422),
    "POST /logout": Row("anyone", ok=303),
    "GET /reset": PUBLIC,
    "POST /reset": Row("anyone", ok=422),
    "GET /reset/sent": PUBLIC,
    "GET /reset/<token>": Row("anyone", ok=410, others=AT_HOME),
    "POST /reset/<token>": Row("anyone", ok=422),
    "POST /language": Row("anyone", ok=303),
    "GET /account": Row("anyone", others={"anonymous": 303}),
    "POST /account/sessions/<id>/revocation": Row("anyone", ok=404, others={"anonymous": 303, "buyer": 303}),
    "GET /help": PUBLIC,
    "GET /help/porting": PUBLIC,
    "GET /legal/<name>": PUBLIC,
    "GET /status": PUBLIC,
    "GET /verify": PUBLIC,
    "POST /verify": Row("anyone", ok=422),
    "GET /verify/<code>": Row("anyone", ok=404, others=AT_HOME),
    "GET /sign": PUBLIC,
    "POST /sign": Row("anyone", ok=422),
    "GET /sign/sent": PUBLIC,
    "GET /sign/<token>": DEAD,
    "GET /sign/<id>/document": DEAD,
    "POST /sign/<id>/document": DEAD,
    "GET /sign/<id>/paper.pdf": DEAD,
    "GET /sign/<id>/code": DEAD,
    "POST /sign/<id>/code": DEAD,
    "POST /sign/<id>/code/again": DEAD,
    "GET /sign/<id>/eid": DEAD,
    "GET /sign/eid": PUBLIC,
    "POST /sign/eid": DEAD,
    "GET /sign/<id>/scan": DEAD,
    "POST /sign/<id>/scan": DEAD,
    "GET /sign/<id>/done": DEAD,
    "GET /sign/<id>/state": DEAD,
    "GET /sign/<id>/decline": DEAD,
    "POST /sign/<id>/decline": DEAD,
    "GET /sign/declined": PUBLIC,
    "GET /sign/not-me": PUBLIC,
    "GET /healthz": PUBLIC,
    "GET /readyz": Row("anyone", ok=503),  # no worker in this test
    "GET /assets/<path:name>": PUBLIC,
    "GET /theme/<name>": PUBLIC,
    "GET /logo/<name>": PUBLIC,
    "GET /demo": NOWHERE,
    "POST /demo": NOWHERE,
    "GET /demo/mail": NOWHERE,
    "GET /demo/mail.json": NOWHERE,
    "GET /demo/open/<slug>": NOWHERE,
    "GET /demo/sms": NOWHERE,
    "GET /demo/sms.json": NOWHERE,
    "GET /demo/theme.css": NOWHERE,
    "GET /home": OF_CUSTOMER,
    "GET /subscriptions": OF_CUSTOMER,
    "GET /subscriptions/<id>": MINE,
    "GET /company": OF_CUSTOMER,
    "GET /company/users": OF_CUSTOMER,
    "GET /company/users/search": Row("customer", ok=303),
    "GET /company/numbers": OF_CUSTOMER,
    "GET /company/addresses": OF_CUSTOMER,
    "POST /company/addresses": Row("buyer", ok=422),
    "GET /prices": OF_CUSTOMER,
    "GET /orders": OF_CUSTOMER,
    "GET /orders/<ref>": MINE,
    "GET /orders/<ref>/receipt": MINE,
    # The seeded order waits for no signature; tests/web/signing/test_requests.py has one that does.
    "GET /orders/<ref>/lines/<int:n>/signing": Row("customer", True, 404),
    "GET /orders/<ref>/lines/<int:n>/port": Row("buyer", True, 404),
    "POST /orders/<ref>/lines/<int:n>/port": Row("buyer", True, 404),
    "GET /orders/<ref>/lines/<int:n>/signing/now": Row("customer", True, 303),
    "POST /orders/<ref>/lines/<int:n>/signing/resend": Row("buyer", True, 404),
    "POST /orders/<ref>/lines/<int:n>/signing/address": Row("buyer", True, 404),
    "POST /orders/<ref>/lines/<int:n>/signing/signer": Row("buyer", True, 404),
    "POST /orders/<ref>/lines/<int:n>/signing/withdraw": Row("buyer", True, 404),
    "GET /admin/orders/<ref>/lines/<int:n>/signing": Row("staff", True, 404),
    "GET /admin/orders/<ref>/lines/<int:n>/port": Row("staff", True, 404),
    "POST /admin/orders/<ref>/lines/<int:n>/port": Row("staff", True, 404),
    "POST /admin/orders/<ref>/lines/<int:n>/signing/resend": Row("staff", True, 404),
    "POST /admin/orders/<ref>/lines/<int:n>/signing/address": Row("staff", True, 404),
    "POST /admin/orders/<ref>/lines/<int:n>/signing/signer": Row("staff", True, 404),
    "POST /admin/orders/<ref>/lines/<int:n>/signing/withdraw": Row("staff", True, 404),
    "GET /orders/<ref>/documents/state": MINE,
    "GET /orders/<ref>/documents/<document>": MINE,
    "GET /orders/new": OF_BUYER,
    "POST /orders/new": Row("buyer", ok=303, others={"other tenant": 422}),
    "GET /drafts/<draft>": MINE_TO_ORDER,
    "GET /drafts/<draft>/lines/<int:n>": Row("buyer", True, 303),
    "GET /drafts/<draft>/lines/<int:n>/<step_id>": MINE_TO_ORDER,
    "POST /drafts/<draft>/lines/<int:n>": Row("buyer", True, 303),
    "POST /drafts/<draft>/lines/<int:n>/<step_id>": Row("buyer", True, 303, {"kind": "fixed"}),
    "POST /drafts/<draft>/lines/<int:n>/change": Row("buyer", True, 303, {"changed": "kind", "kind": "fixed"}),
    "POST /drafts/<draft>/lines/<int:n>/check/<question>": Row("buyer", True, 303),
    "POST /drafts/<draft>/lines": Row("buyer", True, 303),
    "POST /drafts/<draft>/lines/<int:n>/remove": Row("buyer", True, 303),
    "POST /drafts/<draft>/lines/<int:n>/restore": Row("buyer", True, 303),
    "POST /drafts/<draft>/discard": Row("buyer", True, 303),
    "POST /drafts/<draft>/restore": Row("buyer", True, 303),
    "POST /drafts/<draft>/hold": Row("buyer", True, 303),
    "GET /drafts/<draft>/review": MINE_TO_ORDER,
    "POST /drafts/<draft>/submission": Row("buyer", True, 422),
    "POST /drafts/<draft>/reference": Row("buyer", True, 303),
    "GET /drafts/<draft>/summary": Row(
        "buyer", True, 404
    ),  # a line lacks answers; tests/web/ordering/test_contract_summary.py has others
    "POST /drafts/<draft>/summary": Row("buyer", True, 404),
    "GET /drafts/<draft>/summary/state": Row("buyer", True, 404),
    "GET /drafts/<draft>/summary/<id>": Row("buyer", True, 404),
    "GET /admin": Row("staff", ok=303),
    "GET /admin/orders": OF_STAFF,
    "GET /admin/orders/<ref>": STAFFS,
    "GET /admin/orders/<ref>/documents/<document>": STAFFS,
    "POST /admin/orders/<ref>/lines/<int:n>/cards": STAFFS,
    "POST /admin/jobs/<int:number>/retry": Row("staff", True, 303),
    "GET /admin/documents": OF_STAFF,
    "POST /admin/documents/zip": Row("staff", ok=303),
    "GET /admin/exports/<id>": STAFFS,
    "GET /admin/exports/<id>/state": Row("staff", True, 286),
    "GET /admin/exports/<id>/zip": STAFFS,
    "POST /admin/exports/<id>/cancellation": Row("staff", True, 303),
    "GET /admin/audit": OF_STAFF,
}


@pytest.fixture(scope="module")
def world(module_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    yield from a_world(module_databases, tmp_path_factory.mktemp("world") / "tenants")


def test_no_route_is_missing(world: World) -> None:
    rules = world.portal.app.url_map.iter_rules()
    served = {f"{method} {rule.rule}" for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert served == set(MATRIX), served ^ set(MATRIX)


def address(world: World, route: str, things: dict[str, str], who: str) -> str:
    """The route's path with the seeded things in it."""
    path = route.partition(" ")[2]
    own = {"name": "terms", "slug": "skarvox"}
    if "/assets/" in path:
        own["name"] = world.portal.app.extensions["skylt.assets"].by_name["site.css"].url.rpartition("/")[2]
    elif path.startswith(("/theme", "/logo")):
        tenant = world.portal.tenant(VISITORS[who][0])
        own["name"] = (theme_of(tenant).url if "/theme" in path else logo_url(tenant, "logo")).rpartition("/")[2]
    values = {**things, **own}
    if path.startswith("/account/sessions"):
        values["id"] = things["session"]
    if path.startswith("/admin/exports"):
        values["id"] = things["export"]
    for name, value in values.items():
        for kind in ("", "int:", "path:"):
            path = path.replace(f"<{kind}{name}>", value)
    assert "<" not in path, path
    return path


@pytest.mark.parametrize("route", MATRIX)
def test_everybody_gets_what_is_theirs(world: World, route: str) -> None:
    expected, things = MATRIX[route], world.things()
    if route.endswith("/restore") and "lines" not in route:
        world.portal.sql("update draft set state = 'discarded' where id = %s", things["draft"])
    before = _theirs(world)
    strangers = [who for who in VISITORS if who not in OWN]
    for who in (*strangers, "member", "buyer"):
        if who == "buyer":  # the only one who may change what is seeded
            assert not expected.seeded or _theirs(world) == before, "somebody changed what is not theirs"
        visitor = world.visitor(who)
        path = address(world, route, things, who)
        if route.startswith("GET"):
            answer = visitor.request("GET", path)
        else:
            answer = visitor.request("POST", path, {"csrf_token": _token(visitor), **expected.sent})
        said = answer.get_data().decode(errors="replace")  # a zip is no text
        _is_well_headed(answer, route)
        assert answer.status_code == expected.expected(who), f"{who}: {answer.status_code} {answer.location}"
        if who == "anonymous" and answer.status_code == 303 and expected.group != "anyone":
            assert answer.location.startswith("/login?next=")
        if who not in OWN and who != "staff":
            assert CANARY not in said and "kanarie@fagel.example" not in said, who
            assert "Kvarnvik Bygg" not in said, who
    _sign_in_again(world)


def _is_well_headed(answer: TestResponse, route: str) -> None:
    """What browsers are told about every answer, whoever gets it."""
    headers = answer.headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "DENY")
    lasting = route.startswith(("GET /assets", "GET /theme", "GET /logo"))
    assert headers["Cache-Control"] == ("public, max-age=31536000, immutable" if lasting else "private, no-store")
    if answer.mimetype == "text/html" and answer.status_code != 303:
        assert "HX-Request" in headers["Vary"]
    for cookie in headers.getlist("Set-Cookie"):
        taken_back = "Max-Age=0" in cookie
        assert "HttpOnly" in cookie and "Domain=" not in cookie and (taken_back or "SameSite=Lax" in cookie), cookie


def _theirs(world: World) -> dict[str, tuple[int, str]]:
    """Everything in the database that is the buyer's company's, but who was seen when and what the trail tells.

    And what belongs to nobody but is kept for the company's drafts: numbers of the seller's pool.
    """
    company = world.portal.person(HOME, "buyer").company
    assert company
    rows = world.portal.rows(company.id)
    held = world.portal.sql(
        "select e164, state, held_by, held_since, held_until from number where company is null and held_by in"
        " (select id from draft where company = %s) order by e164",
        company.id,
    )
    theirs = {table: what for table, what in rows.items() if table not in {"audit", "login_session"}}
    return {**theirs, "numbers held": (len(held), repr(held))}


def _token(visitor: Visitor) -> str:
    text = visitor.request("GET", "/help").get_data(as_text=True)
    return str(html.fromstring(text).xpath("//meta[@name='csrf-token']/@content")[0])


def _sign_in_again(world: World) -> None:
    """A route that ends sessions has ended them."""
    for who, (slug, local) in VISITORS.items():
        if local:
            visitor = world.visitor(who)
            visitor.client.set_cookie("login", world.portal.session(slug, local), domain=visitor.host)


@pytest.mark.parametrize("who", ["anonymous", "buyer", "staff"])
def test_a_reseller_bears_no_other_sign_than_its_own(world: World, who: str) -> None:
    """Only legal texts, and what is said of the power of attorney, name the contract party; nothing names the sibling or other operators."""
    things, visitor = world.things(), world.visitor(who)
    for route in MATRIX:
        if not route.startswith("GET") or "/legal/" in route or "/documents/<" in route:
            continue
        answer = visitor.request("GET", address(world, route, things, who))
        said = answer.get_data().decode(errors="replace")  # a zip is no text
        for foreign in ("Tvillvox", "Bæltkom", "Klitfon", "skylt-demo"):
            assert foreign not in said, (route, foreign)
        # Who moves a number must be named to whoever gives leave to it.
        party = world.portal.tenant(HOME).contract_party.name if route == "GET /help/porting" else "\0"
        assert "Fjällton" not in said.replace(party, ""), route

"""One order is asked for by people it does not belong to, and each wall is tried alone: the others are pulled down first.

Walls: the host decides the tenant; a session counts at its own tenant only; the ORM guard; row-level security.
A control shows each time that the order is shown when that last wall falls, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import request
from flask.testing import FlaskClient

from tests import papers
from tests.browsing import TENANTS, Portal, Visitor
from tests.web import order_factories
from webapp.app import create_app
from webapp.gateways.mail_standin import MailStandin
from webapp.operations.papers import exports
from webapp.operations.people.sign_in import person_of
from webapp.operations.platform import services as portals
from webapp.settings import Settings
from webapp.store.platform.scope import Scope
from webapp.store.reading.document_reads import DocumentFilter
from webapp.store.unit_of_work import Store

CANARY = "Kanarie Fågelsson"
VICTIM = "skarvox"


@pytest.fixture(scope="module")
def ref(portal: Portal) -> str:
    """An order of the first company at the reseller."""
    order = order_factories.place(portal, VICTIM, order_factories.new_user(1, user_name=CANARY))
    order_factories.do_jobs(portal)
    return order.ref


@contextmanager
def fallen(portal: Portal, *walls: str) -> Iterator[None]:
    """The portal without these walls."""
    app, patch = portal.app, pytest.MonkeyPatch()
    whole = app.extensions["skylt"]
    url = portal.databases.owner_url if "policies" in walls else portal.databases.app_url
    store = Store(url, guard="guard" not in walls)
    weak = replace(whole, store=store)
    with ExitStack() as stack:
        stack.callback(store.close)
        stack.callback(patch.undo)
        stack.callback(app.extensions.__setitem__, "skylt", whole)
        app.extensions["skylt"] = weak
        if "session" in walls:
            patch.setattr(portals, "person_of", _known_anywhere)
        if "host" in walls:
            patch.setattr(type(whole.tenants), "by_host", lambda registry, host: registry.by_slug(VICTIM))
        yield


def _known_anywhere(store: Store, tenant: str, token: bytes, now: Any) -> Any:
    """A session that counts at every tenant."""
    return next(filter(None, (person_of(store, each, token, now) for each in TENANTS)), None)


def asked(visitor: Visitor, ref: str, host: str = "") -> str:
    """What somebody is shown who asks for the order, and for the list of orders."""
    at = visitor.host
    visitor.host = host or at
    token = visitor.client.get_cookie("login", domain=at)
    assert token is not None
    visitor.client.set_cookie("login", token.value, domain=visitor.host)
    try:
        return "".join(visitor.request("GET", path).get_data(as_text=True) for path in (f"/orders/{ref}", "/orders"))
    finally:
        visitor.host = at


NEIGHBOUR: Callable[[Portal], Visitor] = lambda portal: portal.visitor(VICTIM, "owner2")  # noqa: E731
STRANGER: Callable[[Portal], Visitor] = lambda portal: portal.visitor("baeltkom", "owner")  # noqa: E731
AT_VICTIMS = f"{VICTIM}.localhost"
FOREIGN_HOSTS = (
    "evil.example",
    f"{VICTIM}.localhost.evil.example",
    f"evil.{VICTIM}.localhost",
    "127.0.0.2",
    f"x{VICTIM}.localhost",
)
ALL = {"host", "session", "guard", "policies"}


def test_the_owner_sees_it(portal: Portal, ref: str) -> None:
    assert CANARY in asked(portal.visitor(VICTIM, "owner"), ref)


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_the_host_alone(portal: Portal, ref: str, host: str) -> None:
    """Whoever comes by an address that is nobody's gets nothing, whatever else has fallen."""
    with fallen(portal, *(ALL - {"host"})):
        assert CANARY not in asked(STRANGER(portal), ref, host)
    with fallen(portal, *ALL):
        assert CANARY in asked(STRANGER(portal), ref, host)


@pytest.mark.parametrize("host", [AT_VICTIMS, *FOREIGN_HOSTS[:1]])
def test_the_session_alone(portal: Portal, ref: str, host: str) -> None:
    """A stranger's session carried to the victim's address is no session there."""
    with fallen(portal, *(ALL - {"session"})):
        assert CANARY not in asked(STRANGER(portal), ref, host)
    with fallen(portal, *ALL):
        assert CANARY in asked(STRANGER(portal), ref, host)


@pytest.mark.parametrize("wall", ["guard", "policies"])
@pytest.mark.parametrize(
    ("who", "host"),
    [(NEIGHBOUR, AT_VICTIMS), (STRANGER, AT_VICTIMS), (STRANGER, "baeltkom.localhost")],
    ids=["company to company", "tenant to tenant", "tenant to tenant, own address"],
)
def test_guard_and_policies_alone(
    portal: Portal, ref: str, wall: str, who: Callable[[Portal], Visitor], host: str
) -> None:
    others = ALL - {wall} - ({"host"} if host.startswith("baeltkom") else set())
    with fallen(portal, *others):
        assert CANARY not in asked(who(portal), ref, host)
    with fallen(portal, *others, wall):
        assert CANARY in asked(who(portal), ref, host)


@pytest.fixture(scope="module")
def archived(portal: Portal, ref: str) -> tuple[str, ...]:
    """Where staff read the victim's papers: the list, the paper, what is being zipped, the zip, and the trail of it."""
    order = portal.order(VICTIM, ref)
    paper = papers.keep(portal.store, VICTIM, order, "confirmation", at=portal.now, content=CANARY.encode())
    with portal.store.work(Scope(VICTIM, None, "test")) as work:
        id, _ = exports.ask(work, DocumentFilter(q=ref), {"q": CANARY}, "x", "sv", portal.now)
    order_factories.do_jobs(portal, only="make_export")
    zipped = f"/admin/exports/{id}"
    paths = (f"/admin/orders/{ref}/documents/{paper.id}", f"/admin/documents?kind=all&q={ref}", zipped, f"{zipped}/zip")
    return (*paths, f"/admin/orders/{ref}", f"/admin/audit?about={ref}", "/admin/orders")


@pytest.mark.parametrize("wall", ["guard", "policies"])
def test_guard_and_policies_alone_keep_the_archive(
    portal: Portal, ref: str, archived: tuple[str, ...], wall: str
) -> None:
    """Another operator's staff ask for each thing of the archive, and every other wall is down."""

    def shown() -> set[str]:
        staff = portal.visitor("baeltkom", "operator")
        answers = {path: staff.request("GET", path) for path in archived}
        told = {path: answer.get_data().decode(errors="replace") for path, answer in answers.items()}
        about = (
            CANARY,
            f'"/admin/orders/{ref}',
            f"{ref}_",
            f'href="{archived[3]}"',
            portal.order(VICTIM, ref).company.name,
        )
        return {path for path in archived if answers[path].status_code == 200 and any(x in told[path] for x in about)}

    rest = ALL - {wall, "host"}
    with fallen(portal, *rest):
        assert shown() == set()
    with fallen(portal, *rest, wall):
        assert shown() == set(archived), "the control"


# What a request may claim about itself


def test_a_session_copied_to_another_address_is_none(portal: Portal, ref: str) -> None:
    stranger = STRANGER(portal)
    token = stranger.client.get_cookie("login", domain=stranger.host)
    assert token is not None
    there = portal.visitor(VICTIM, None)
    there.client.set_cookie("login", token.value, domain=there.host)
    answer = there.request("GET", f"/orders/{ref}")
    assert answer.status_code == 303 and answer.location.startswith("/login?next=")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": AT_VICTIMS},
        {"X-Host": AT_VICTIMS},
        {"Forwarded": f"host={AT_VICTIMS}"},
        {"X-Original-URL": f"http://{AT_VICTIMS}/"},
        {"X-Rewrite-URL": "/admin/orders"},
        {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https", "X-Forwarded-Prefix": "/admin"},
        {"Cookie2": f"demo_tenant={VICTIM}"},
    ],
    ids=str,
)
def test_only_the_host_header_says_who_serves(portal: Portal, ref: str, headers: dict[str, str]) -> None:
    stranger = STRANGER(portal)
    stranger.client.set_cookie("demo_tenant", VICTIM, domain=stranger.host)
    home = stranger.request("GET", "/home?tenant=skarvox&company=x", headers=headers).get_data(as_text=True)
    assert "Bæltkom" in home and "Skärvox" not in home
    assert stranger.request("GET", f"/orders/{ref}", headers=headers).status_code == 404


@pytest.fixture
def behind_a_proxy(portal: Portal) -> Iterator[FlaskClient]:
    """The application as it runs behind one reverse proxy with https."""
    settings: Settings = portal.app.config["SKYLT_SETTINGS"]
    app = create_app(replace(settings, proxy_hops=1))
    seen: list[tuple[str, str, str, str]] = []
    app.before_request(
        lambda: seen.append((request.remote_addr or "", request.scheme, request.host, request.root_path))
    )
    app.extensions["seen"] = seen
    yield app.test_client()
    app.extensions["skylt"].store.close()


@pytest.mark.parametrize(
    "name", ["X-Forwarded-Host", "X-Forwarded-Server", "X-Forwarded-Port", "X-Forwarded-Prefix", "Forwarded"]
)
def test_behind_a_proxy_too_only_the_host_header_says_who_serves(behind_a_proxy: FlaskClient, name: str) -> None:
    value = {"X-Forwarded-Port": "666", "X-Forwarded-Prefix": "/admin", "Forwarded": f"host={AT_VICTIMS}"}
    headers = {name: value.get(name, AT_VICTIMS), "X-Forwarded-For": "192.0.2.1, 198.51.100.7"}
    headers["X-Forwarded-Proto"] = "https"
    answer = behind_a_proxy.get("/login", base_url="http://baeltkom.localhost", headers=headers)
    said = answer.get_data(as_text=True)
    assert "Bæltkom" in said and "Skärvox" not in said
    # The address is the one that the nearest proxy saw, whatever the caller claims before it.
    assert behind_a_proxy.application.extensions["seen"] == [("198.51.100.7", "https", "baeltkom.localhost", "")]


def test_without_a_proxy_no_forwarded_header_counts(portal: Portal) -> None:
    seen: list[tuple[str, str, str]] = []

    def note() -> None:
        seen.append((request.remote_addr or "", request.scheme, request.host))

    settings: Settings = portal.app.config["SKYLT_SETTINGS"]
    app = create_app(settings)
    app.before_request(note)
    headers = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https", "X-Forwarded-Host": AT_VICTIMS}
    app.test_client().get("/login", base_url="http://baeltkom.localhost", headers=headers)
    app.extensions["skylt"].store.close()
    assert seen == [("127.0.0.1", "http", "baeltkom.localhost")]


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "skarvox.localhost@evil.example", "skarvox.localhost:8000@evil.example", "[::1]", "10.0.0.1",
        "skarvox.localhost\t", "skarvox.localhost/../", "skarvox.localhost#", "xn--skrvox-bua.localhost", "*", "null",
        "skarvox.localhost,evil.example", "a" * 300 + ".localhost", "skarvox.localhost.", "%73karvox.localhost",
    ],
)  # fmt: skip
def test_a_host_nobody_has_is_told_nothing(portal: Portal, host: str) -> None:
    visitor = portal.visitor(VICTIM, None)
    answer = visitor.request("GET", "/login", headers={"Host": host})
    said = answer.get_data(as_text=True)
    assert answer.status_code in {400, 404} or (answer.status_code == 303 and answer.location == "/demo"), host
    for tenant in TENANTS:
        assert portal.tenant(tenant).name not in said
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_links_in_answers_never_follow_the_request(portal: Portal) -> None:
    visitor = portal.visitor(VICTIM)
    answer = visitor.request("POST", "/login", {"next": "//evil.example"}, headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in (answer.location or "") + answer.get_data(as_text=True).replace('value=""', "")


@pytest.mark.parametrize("host", [f"{VICTIM}.localhost:9999", f"{VICTIM.upper()}.LOCALHOST", f"{VICTIM}.localhost."])
def test_a_mailed_link_leads_to_the_tenants_own_address_whatever_host_it_was_asked_at(
    portal: Portal, mailbox: MailStandin, host: str
) -> None:
    visitor = portal.visitor(VICTIM, None)
    visitor.open("/reset")
    form = {**visitor.fields, "email": f"buyer@{VICTIM}.example"}
    answer = visitor.request("POST", "/reset", form, headers={"Host": host, "X-Forwarded-Host": host})
    assert answer.status_code == 303 or host.endswith("."), answer.status_code
    assert order_factories.do_jobs(portal, mailbox.port, only="mail_reset") == []
    links = {link.rpartition("/reset/")[0] for mail in mailbox.mails() for link in mail["links"] if "/reset/" in link}
    assert links <= {portal.tenant(VICTIM).base_url} and (links or answer.status_code != 303)
    portal.sql("delete from throttle")


# A company cannot reach its neighbour through what it sends


def test_ids_of_others_in_a_form_are_not_among_the_answers(portal: Portal) -> None:
    theirs, company = portal.person(VICTIM, "owner").company, portal.person(VICTIM, "owner2").company
    assert theirs and company
    [(employee,)] = portal.sql("select id from employee where company = %s limit 1", theirs.id)
    [(address,)] = portal.sql("select id from address where company = %s limit 1", theirs.id)
    [(reserved,)] = portal.sql("select e164 from number where company = %s and state = 'reserved' limit 1", theirs.id)
    neighbour = NEIGHBOUR(portal)
    answer = neighbour.post("/orders/new", {"kind": "mobile", "company": theirs.id, "tenant": "fjallton"})
    draft = answer.location.split("/")[2]
    assert portal.sql("select tenant, company from draft where id = %s", draft) == [(VICTIM, company.id)]
    before = portal.rows(theirs.id)
    for question, first, value in (
        ("user", {"user_mode": "existing"}, employee),
        ("delivery", {"sim": "ship"}, address),
        ("reserved_number", {"number_source": "reserved"}, reserved),
        ("specific_number", {"number_source": "specific"}, reserved),
    ):
        for asked_first, answered in first.items():
            neighbour.post(f"/drafts/{draft}/lines/1/change", {"changed": asked_first, asked_first: answered})
        sent = {"changed": question, question: value}
        neighbour.post(f"/drafts/{draft}/lines/1/change", sent, headers={"HX-Request": "true"})
        [(stored,)] = portal.sql("select answers from draft_line where n = 1 and draft = %s", draft)
        assert value not in stored.values(), question
    assert portal.rows(theirs.id) == before

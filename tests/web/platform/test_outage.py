"""The database goes away under a portal in use, and comes back: everybody is told so, nobody is asked, nothing needs a restart."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from flask import Response

from tests.browsing import Portal, a_portal
from tests.outages import Cluster, a_cluster
from tests.web.conftest import Guest, Visit
from webapp.server import Opening
from webapp.store.platform.outage import is_away
from webapp.store.platform.queue import conninfo
from webapp.store.platform.raw import raw
from webapp.store.platform.scope import Scope
from webapp.web.access import may

HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("outage")
    with a_cluster(folder) as made:
        yield made


@pytest.fixture(scope="module")
def portal(cluster: Cluster) -> Iterator[Portal]:
    with a_portal(cluster.databases) as made:

        @made.app.get("/cut/<when>")
        @may("anyone")
        def cut(when: str) -> Response:
            """A request under way loses its connection."""
            with made.store.work(Scope("fjallton", None, "test")) as work:
                pid = raw(work.session, "select pg_backend_pid()", {}).scalar()
                with psycopg.connect(conninfo(made.databases.owner_url), user="postgres", autocommit=True) as admin:
                    admin.execute("select pg_terminate_backend(%s, 5000)", [pid])
                if when == "asking":
                    work.drafts.get("none")
            return Response("not reached when the commit fails")

        yield made


def is_told(guest: Guest, method: str, path: str, **more: object) -> str:
    """That we are closed for a moment, with the seller's face; gives the text."""
    answer = guest.request(method, path, **more)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 503, (path, answer.status_code)
    assert int(answer.headers["Retry-After"]) > 0
    assert "Internal Server Error" not in text and "no-store" in answer.headers["Cache-Control"]
    return text


def test_every_page_says_that_the_portal_is_closed_and_asks_nobody(
    portal: Portal, cluster: Cluster, visit: Visit
) -> None:
    guests = [visit("fjallton", "owner"), visit("baeltkom", "operator")]
    token, stranger = guests[0].token, visit("fjallton")
    with cluster.away():
        for guest in guests:
            for path in (
                "/",
                "/home",
                "/login",
                "/orders",
                "/subscriptions",
                "/account",
                "/help",
                "/nowhere",
                "/admin/orders",
            ):
                text = is_told(guest, "GET", path)
                assert guest.portal.tenant(guest.slug).name in text and "<h1" in text, path
            assert "<html" not in is_told(guest, "GET", "/subscriptions?q=a", headers=HTMX), "a part of a page is one"
        is_told(guests[0], "POST", "/logout", data={"csrf_token": token})
        assert "störning" in is_told(guests[0], "GET", "/status"), "which is what that page is for"
        form = {"csrf_token": stranger.token, "email": "owner@fjallton.example", "password": "x"}
        is_told(stranger, "POST", "/login", data=form)
        assert visit("fjallton").request("GET", "/help").status_code == 200, "what needs no database goes on"
        assert visit("fjallton").request("GET", "/healthz").status_code == 200
        assert visit("fjallton").request("GET", "/readyz").status_code == 503
    for guest in guests:
        assert guest.request("GET", "/account").status_code == 200, "at the first request after its return"


@pytest.mark.parametrize("when", ["asking", "committing"])
def test_a_connection_lost_under_way_closes_the_portal_for_that_request_only(visit: Visit, when: str) -> None:
    guest = visit("fjallton", "owner")
    is_told(guest, "GET", f"/cut/{when}")
    assert guest.request("GET", "/account").status_code == 200


def test_a_connection_that_ended_between_two_requests_is_replaced_unseen(portal: Portal, visit: Visit) -> None:
    guest = visit("fjallton", "owner")
    assert guest.request("GET", "/account").status_code == 200
    with psycopg.connect(conninfo(portal.databases.owner_url), user="postgres", autocommit=True) as admin:
        admin.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = 'skylt_app'")
    assert guest.request("GET", "/account").status_code == 200


def test_no_room_in_the_pool_is_said_as_it_is(portal: Portal, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    guest, pool = visit("fjallton", "owner"), portal.store.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.01)
    held = [portal.store.engine.connect() for _ in range(20)]
    try:
        is_told(guest, "GET", "/account")
    finally:
        for connection in held:
            connection.close()
    assert guest.request("GET", "/account").status_code == 200


def test_a_process_that_starts_without_its_database_answers_and_opens_by_itself(
    portal: Portal, cluster: Cluster
) -> None:
    def ask(path: str) -> tuple[str, dict[str, str], str]:
        told: list[tuple[str, dict[str, str]]] = []
        environ = {
            "PATH_INFO": path,
            "REQUEST_METHOD": "GET",
            "SERVER_NAME": "fjallton.localhost",
            "SERVER_PORT": "8000",
        }
        environ |= {"wsgi.url_scheme": "http", "HTTP_HOST": "fjallton.localhost"}
        body = opening(environ, lambda status, headers, *_: told.append((status, dict(headers))))  # type: ignore[arg-type]
        return *told[0], b"".join(body).decode()

    with cluster.away():
        opening = Opening(portal.app.config["SKYLT_SETTINGS"])
        status, headers, text = ask("/login")
        assert status.startswith("503") and headers["Retry-After"] and 'lang="da"' in text
        assert ask("/healthz")[0].startswith("200")
    opening._tried = -10.0  # it does not try all the time
    assert ask("/login")[0].startswith("200")


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.CannotConnectNow(), True),
        (psycopg.errors.TooManyConnections(), True),
        (psycopg.errors.DeadlockDetected(), True),
        (psycopg.errors.LockNotAvailable(), True),
        (psycopg.OperationalError("the connection is closed"), True),
        (psycopg.errors.UniqueViolation(), False),
        (psycopg.errors.UndefinedTable(), False),
        (ValueError(), False),
    ],
)
def test_an_outage_is_told_from_a_mistake(error: Exception, away: bool) -> None:
    assert is_away(error) is away

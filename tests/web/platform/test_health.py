"""What whoever watches the machine is told."""

from __future__ import annotations

import pytest

from tests.browsing import Portal
from tests.web.conftest import Visit


@pytest.mark.parametrize("host", ["fjallton.localhost", "127.0.0.1", "anything.example"])
def test_any_host_answers(portal: Portal, visit: Visit, host: str) -> None:
    guest = visit()
    guest.host = host
    live = guest.request("GET", "/healthz")
    assert (live.status_code, live.mimetype) == (200, "text/plain")
    assert guest.request("GET", "/readyz").mimetype == "text/plain"


def test_readiness_follows_the_worker_and_the_migrations(portal: Portal, visit: Visit) -> None:
    guest = visit()
    assert guest.request("GET", "/readyz").status_code == 503
    portal.sql("insert into procrastinate_workers default values")
    assert guest.request("GET", "/readyz").status_code == 200
    portal.sql("update alembic_version set version_num = '0000'")
    behind = guest.request("GET", "/readyz")
    assert behind.status_code == 503 and "migrations" in behind.get_data(as_text=True)
    assert "störning" in guest.request("GET", "/status").get_data(as_text=True)


def test_a_host_nobody_has_is_told_nothing(visit: Visit) -> None:
    guest = visit()
    guest.host = "somebody.example"
    for path in ("/", "/login", "/home", "/demo", "/demo/mail"):
        answer = guest.request("GET", path)
        assert answer.status_code == 404
        text = answer.get_data(as_text=True).lower()
        assert "fjällton" not in text and "skylt" not in text

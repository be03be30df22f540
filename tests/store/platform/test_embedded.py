"""The embedded PostgreSQL: quick, walled, and gentle to folders that are not ours."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import psycopg
import pytest

from webapp.store.platform import embedded, embedded_home
from webapp.store.platform.embedded import Databases


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""))


def test_the_application_role_is_bound_by_row_level_security(databases: Databases) -> None:
    query = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user"
    with connect(databases.app_url) as connection:
        assert connection.execute(query).fetchone() == (False, False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (id int)")


def test_data_outlive_a_stop(tmp_path: Path) -> None:
    said: list[str] = []
    place = tmp_path / "postgres"
    try:
        with connect(embedded.start(place, say=said.append).owner_url) as connection:
            connection.execute("CREATE TABLE kept (word text)")
            connection.execute("INSERT INTO kept VALUES ('ÅÄÖ æø')")
        embedded.stop(place)
        assert not embedded.running(place)
        with connect(embedded.start(place, say=said.append).owner_url) as connection:
            assert connection.execute("SELECT lower(word) FROM kept").fetchone() == ("åäö æø",)
    finally:
        embedded.remove(place)
    assert not embedded_home.place_of(place).exists()


def test_no_folder_above_is_opened(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    before = {folder: stat.S_IMODE(folder.stat().st_mode) for folder in (closed, *closed.parents)}
    place = closed / "deep" / "postgres"
    said: list[str] = []
    try:
        connect(embedded.start(place, durable=False, say=said.append).app_url).close()
        moved = embedded_home.place_of(place)
        assert {folder: stat.S_IMODE(folder.stat().st_mode) for folder in before} == before
        assert stat.S_IMODE(moved.stat().st_mode) == 0o700
        if os.geteuid() == 0:
            assert moved.parent == embedded_home.SYSTEM_PLACE
            assert any(str(moved) in what for what in said)
    finally:
        embedded.remove(place)


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    place = tmp_path / ("long" * 25) / "postgres"
    try:
        connect(embedded.start(place, durable=False, say=lambda what: None).app_url).close()
    finally:
        embedded.remove(place)

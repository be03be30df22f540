"""A database with two tenants in it, and stores that see it through both walls or through one alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.store import seed
from webapp.store.platform.embedded import Databases
from webapp.store.unit_of_work import Store


@contextmanager
def opened(url: str, guard: bool = True) -> Iterator[Store]:
    store = Store(url, pool_size=25, guard=guard)
    yield store
    store.close()


@pytest.fixture(scope="module")
def filled(databases: Databases) -> Databases:
    """The worker's shared database with the two tenants in it."""
    with opened(databases.app_url) as store:
        if "north" not in store.tenants():
            seed.fill(store)
    return databases


@pytest.fixture
def store(filled: Databases) -> Iterator[Store]:
    """As in production: guard and policies."""
    with opened(filled.app_url) as store:
        yield store


@pytest.fixture
def empty(fresh_databases: Databases) -> Iterator[Store]:
    """A store with nothing in it, for a test that counts."""
    with opened(fresh_databases.app_url) as store:
        yield store


@pytest.fixture
def guard_only(filled: Databases) -> Iterator[Store]:
    """The owner passes row-level security, so only the ORM guard holds."""
    with opened(filled.owner_url) as store:
        yield store


@pytest.fixture
def policies_only(filled: Databases) -> Iterator[Store]:
    """Only row-level security holds."""
    with opened(filled.app_url, guard=False) as store:
        yield store


@pytest.fixture
def neither(filled: Databases) -> Iterator[Store]:
    """The control: what leaks when nothing holds."""
    with opened(filled.owner_url, guard=False) as store:
        yield store

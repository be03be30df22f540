"""Waiting for what other tests of the same cluster may delay; it never sleeps longer than it must."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg

SETTLED = "select not exists (select from audit where xid >= pg_snapshot_xmin(pg_current_snapshot()))"
"""Whether no transaction, of whatever database of the cluster, is older than an audit row: only then can all be chained."""


def until(comes_true: Callable[[], Any], seconds: float = 30) -> None:
    """Returns as soon as it is true; AssertionError when that takes too long."""
    end = time.monotonic() + seconds
    while not comes_true():
        assert time.monotonic() < end, "it has not come true"
        time.sleep(0.02)


def settle(owner: psycopg.Connection) -> None:
    """Returns when every audit row there is can be chained."""
    until(lambda: owner.execute(SETTLED).fetchone() == (True,))

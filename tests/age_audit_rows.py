"""What the rest of the cluster may delay, made to have happened: no test waits for what another one does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def settle(execute: Callable[[str], Any]) -> None:
    """Lets every audit row have been written long ago; `execute` speaks as the database's owner.

    A row is chained when no transaction of the whole cluster is older than it, and another test's `drop database` may
    take a slow disk half a minute.
    """
    execute("update audit set xid = '3'")

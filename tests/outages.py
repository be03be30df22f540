"""A database that can be taken away as a crash does it, and brought back; holds no expectation."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from webapp.store.platform import embedded, schema
from webapp.store.platform.embedded import Databases


@dataclass
class Cluster:
    """A cluster of one's own."""

    data: Path
    databases: Databases

    def stop(self) -> None:
        """As `pg_ctl stop -m immediate`: every connection is cut, whatever it was doing."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        while embedded.running(self.data):
            time.sleep(0.02)
        if child := embedded._children.pop(self.data, None):
            child.wait(30)

    def start(self) -> None:
        """It runs again, with what had been committed."""
        embedded.start(self.data, say=lambda what: None)

    @contextmanager
    def away(self) -> Iterator[None]:
        """Not there for the length of the block."""
        self.stop()
        try:
            yield
        finally:
            self.start()


@contextmanager
def a_cluster(folder: Path) -> Iterator[Cluster]:
    """A migrated one, until the end of the block."""
    data = folder / "postgres"
    try:
        databases = embedded.start(data, say=lambda what: None)
        schema.upgrade(databases.owner_url)
        yield Cluster(embedded.place_of(data), databases)
    finally:
        embedded.remove(data)

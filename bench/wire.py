"""What goes over the wire to PostgreSQL, as libpq writes it down: round trips and statements; knows no page."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg.pq import Trace
from sqlalchemy import event

from webapp.store.unit_of_work import Store

_TURN = re.compile(r"^B\t\d+\tReadyForQuery", re.M)  # the server has answered and waits: one round trip is over
_EXTENDED = re.compile(r"^F\t\d+\tExecute", re.M)
_SIMPLE = re.compile(r'^F\t\d+\tQuery\t "(?!BEGIN|COMMIT|ROLLBACK)', re.M)


@dataclass
class Traffic:
    """What has been said since the watch began. Statements count set_config, not BEGIN and COMMIT."""

    round_trips: int = 0
    statements: int = 0


@contextmanager
def watched(store: Store) -> Iterator[Traffic]:
    """Counts what the store's connections say inside; warm them before, for a new connection says a good deal."""
    pool = store.engine.pool
    traffic = Traffic()
    with tempfile.TemporaryFile() as log:

        def listen(connection: object, *_: object) -> None:
            pgconn = connection.pgconn  # type: ignore[attr-defined]
            pgconn.trace(log.fileno())
            pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)

        def leave(connection: object, *_: object) -> None:
            connection.pgconn.untrace()  # type: ignore[attr-defined]

        event.listen(pool, "checkout", listen)
        event.listen(pool, "checkin", leave)
        try:
            yield traffic
        finally:
            event.remove(pool, "checkout", listen)
            event.remove(pool, "checkin", leave)
            log.seek(0)
            said = log.read().decode(errors="replace")
            traffic.round_trips = len(_TURN.findall(said))
            traffic.statements = len(_EXTENDED.findall(said)) + len(_SIMPLE.findall(said))

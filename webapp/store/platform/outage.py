"""Whether an error means that the database cannot be used just now."""

from __future__ import annotations

import psycopg
from sqlalchemy import exc

# A machine that does not answer at all is given up after seconds, not after the quarter of an hour that TCP takes.
PATIENCE = {
    "connect_timeout": 3,
    "tcp_user_timeout": 25_000,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}

_AWAY = (
    "08",  # the connection is lost, or was never made
    "25006",  # it only reads: another machine is about to take its place
    "25P03",  # it has ended a transaction that dawdled
    "40",  # it gave up one of two transactions that waited for each other
    "53",  # it has no room or no connection left
    "55P03",  # a row was locked for too long
    "57",  # it was stopped, is starting, or has ended what took too long
)


def is_away(problem: BaseException | None) -> bool:
    """Whether trying again in a moment may well help, with nothing changed on our side."""
    seen: set[int] = set()
    while problem is not None and id(problem) not in seen:
        seen.add(id(problem))
        if _says_so(problem) or (isinstance(problem, exc.DBAPIError) and _says_so(problem.orig)):
            return True
        problem = problem.__cause__ or problem.__context__
    return False


def _says_so(problem: BaseException | None) -> bool:
    match problem:
        case psycopg.OperationalError(sqlstate=None):  # it never got as far as a code
            return True
        case psycopg.Error(sqlstate=str(code)):
            return code.startswith(_AWAY)
        case exc.DBAPIError(connection_invalidated=True) | exc.TimeoutError():  # the latter: every connection is in use
            return True
    return False

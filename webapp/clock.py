"""The one clock; only doors (views, jobs, command line) read it, everything below is handed the time.

The demo and the tests may live at another time than the machine, by a number of seconds in the environment. PostgreSQL
does not: the queue's own times, which it compares with its now(), are those of the machine.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

VARIABLE = "SKYLT_CLOCK_AHEAD"  # whole seconds; refused in production
libraries = timedelta()  # how far every clock of this process is ahead already, those of libraries, too (the tests')


def now() -> datetime:
    """What time it is."""
    return machine() + ahead()


def machine() -> datetime:
    """What the machine's own clock shows."""
    return datetime.now(UTC) - libraries


def ahead() -> timedelta:
    """How far this process lives ahead of the machine: not at all, but where a demo or a test was asked to."""
    seconds = os.environ.get(VARIABLE)
    return timedelta(seconds=int(seconds)) if seconds and os.environ.get("SKYLT_MODE") in _MAY_TRAVEL else timedelta()


def in_database(moment: datetime) -> datetime:
    """The moment at which PostgreSQL's now() will show that it is `moment` here."""
    return moment - ahead()


def from_database(moment: datetime) -> datetime:
    """What time it was here when PostgreSQL's now() showed `moment`."""
    return moment + ahead()


def environment() -> dict[str, str]:
    """What a child process needs to live at the same time."""
    return {VARIABLE: os.environ[VARIABLE]} if os.environ.get(VARIABLE) else {}


def go_to(moment: datetime) -> None:
    """From now on it is `moment`, in this process and its children; for the demo and the tests."""
    os.environ[VARIABLE] = str(round((moment - machine()).total_seconds()))


_MAY_TRAVEL = ("demo", "test")

"""The one clock; only doors (views, jobs, command line) read it, everything below is handed the time."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)

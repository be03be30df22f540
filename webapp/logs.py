"""What a log line looks like: when, what, and which request it is about. An error is told by its kind and place: its text may quote people's data."""

from __future__ import annotations

import logging
import sys
import traceback
from contextvars import ContextVar
from types import TracebackType

_OURS = (TypeError, AttributeError, NameError, ImportError, NotImplementedError)
"""Mistakes in code, whose texts name code. Every other text may hold what somebody typed."""
_DIAGNOSED = ("constraint_name", "table_name", "column_name")
_about: ContextVar[str] = ContextVar("about", default="-")


def begin(request: str) -> None:
    """From now on this thread's lines are about that request."""
    _about.set(request)


def current() -> str:
    """The request this thread's lines are about; "-" when about none."""
    return _about.get()


def set_up(level: int = logging.WARNING) -> None:
    """Everything a process logs goes to its standard error, a line as this file says."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(level=level, handlers=[handler], force=True)


class Lines(logging.Formatter):
    """Writes a record; each of its lines bears the request, so that a search for an error's code finds all of them."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The lines of a record."""
        record.exc_text = None  # another formatter may have left its own there
        text = super().format(record)
        record.exc_text = None
        return "\n".join(f"[{current()}] {line}" for line in text.splitlines())

    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Kinds and places, the first cause first."""
        parts: list[str] = []
        problem, seen = ei[1], set[int]()
        while problem is not None and id(problem) not in seen:
            seen.add(id(problem))
            parts.insert(0, "".join(traceback.format_tb(problem.__traceback__)) + told(problem))
            problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
        return "\nwhich led to\n".join(parts)


def told(problem: BaseException) -> str:
    """An error by its kind; of a database's, its code and what it names; a text only where that cannot quote anybody."""
    kind = type(problem)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    found = getattr(problem, "orig", None) or problem
    if code := getattr(found, "sqlstate", None):
        diagnosis = getattr(found, "diag", None)
        return " ".join((name, code, *filter(None, (getattr(diagnosis, each, None) for each in _DIAGNOSED))))
    if type(found).__module__ == "psycopg":  # it says which server did not answer
        return f"{name}: {str(found).partition(chr(10))[0]}"
    return f"{name}: {problem}" if isinstance(problem, _OURS) else name

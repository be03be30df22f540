"""The first schema: our tables with their policies, and procrastinate's queue."""

from __future__ import annotations

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None

_QUEUE_RIGHTS = """
grant select, insert, update, delete
    on procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers to skylt_app;
grant usage, select on all sequences in schema public to skylt_app;
"""


def upgrade() -> None:
    """Make everything; the files hold SQL so that later changes of the classes do not change the past."""
    run = op.get_bind().exec_driver_sql
    run(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    run(SchemaManager.get_schema().replace("%", "%%"))
    run(_QUEUE_RIGHTS)
    run("grant select on alembic_version to skylt_app")

"""A filled installation kept as a file: every row of the database that a demo of some release has left, and how it is put back.

Made with `python -m tests.store.upgrade.filled <address of the database> <file>` from a demo in which an order was placed and
signed and two drafts were left half-way. The queue's tables stay behind: jobs live for minutes.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import psycopg

LEFT_OUT = ("alembic_version", "procrastinate")
_TABLES = """select c.relname, array_agg(quote_ident(a.attname) order by a.attnum)
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace group by c.relname order by c.relname"""


def write(address: str, path: Path) -> None:
    """The rows of every table as JSON; the role must be one that no policy binds."""
    with psycopg.connect(address) as connection:
        every: dict[str, Any] = {}
        for table, columns in connection.execute(_TABLES).fetchall():
            if not table.startswith(LEFT_OUT):
                rows = connection.execute(f'select to_jsonb(t) from "{table}" t').fetchall()
                every[table] = {"columns": columns, "rows": [row for (row,) in rows]}
    path.write_bytes(gzip.compress(json.dumps(every, ensure_ascii=False).encode(), 9, mtime=0))


def put_back(address: str, path: Path) -> dict[str, Any]:
    """Into tables that are empty and of the same migration; what was put back, by table."""
    every: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    with psycopg.connect(address) as connection:
        connection.execute("set session_replication_role = replica")  # no trigger, no order among the tables
        for table, kept in every.items():
            columns = ", ".join(kept["columns"])
            connection.execute(
                f'insert into "{table}" ({columns}) overriding system value'
                f' select {columns} from jsonb_populate_recordset(null::"{table}", %s)',
                (json.dumps(kept["rows"]),),
            )
    return {table: kept["rows"] for table, kept in every.items()}


if __name__ == "__main__":
    write(sys.argv[1], Path(sys.argv[2]))

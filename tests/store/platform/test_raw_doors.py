"""Where SQL is written by hand: in these modules only, and always with the tenant in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp import store

HOME = Path(store.__file__).parent
# Module -> what it may do beside ORM statements.
DOORS = {
    "raw.py": {"exec_driver_sql", "driver_connection", "raw", "raw_row", "first_row"},
    "scope.py": {"several"},
    "schema.py": {"exec_driver_sql"},
    "health.py": {"exec_driver_sql"},
    "audit_chain.py": {"raw"},
    "invariants.py": {"exec_driver_sql"},
    "unit_of_work.py": {"exec_driver_sql", "first_row"},
    "tables.py": {"text"},
    "company_inventory.py": {"raw", "raw_row"},
    "driver.py": set(),
    "jobs.py": {"driver_connection"},
    "tenants.py": {"raw", "raw_row"},
    "signing.py": {"raw_row"},
    **{
        name: {"raw"}
        for name in (
            "accounts.py",
            "audit.py",
            "effects.py",
            "companies.py",
            "search.py",
            "numbers.py",
            "orders.py",
            "drafts.py",
            "documents.py",
            "porting.py",
            "subscriptions.py",
            "contract_summaries.py",
            "exports.py",
            "alarms.py",
            "job_status.py",
        )
    },
}
WATCHED = {
    "text", "raw", "raw_row", "exec_driver_sql", "driver_connection", "connection", "from_statement", "bulk_save_objects",
    "first_row", "several",
}  # fmt: skip
# Questions over all tenants, and a job whose row was found and locked within the tenant.
OF_NO_TENANT = tuple(
    f"select {name}"
    for name in ("number_whereabouts", "port_whereabouts", "iccid_is_used", "procrastinate_retry_job_v2")
)


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in WATCHED:
                yield name, node


MODULES = [path for path in HOME.rglob("*.py") if "migrations" not in path.parts and "embedded" not in path.name]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(HOME)))
def test_only_known_modules_write_sql(module: Path) -> None:
    used = {name for name, _ in calls(ast.parse(module.read_text("utf-8")))}
    if module.name == "raw.py":
        used.discard("connection")
    assert used <= DOORS.get(module.name, set())


def test_every_hand_written_statement_names_the_tenant() -> None:
    seen = 0
    for module in MODULES:
        for name, call in calls(ast.parse(module.read_text("utf-8"))):
            if name not in {"raw", "raw_row"}:
                continue
            sql = " ".join(str(c.value) for c in ast.walk(call.args[1]) if isinstance(c, ast.Constant)) or "constant"
            seen += 1
            if sql == "constant":  # a named statement: found as the module's constant
                sql = module.read_text("utf-8")
            assert ":tenant" in sql or sql.startswith(OF_NO_TENANT), f"{module.name}: {sql}"
    assert seen > 15

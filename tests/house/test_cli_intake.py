"""An operator by files begins by command: customers and numbers come in all or none, and each wrong row is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from tests.own_tenants import OWN_TENANTS
from webapp import clock
from webapp.cli import cli
from webapp.operations.tenants import publishing
from webapp.settings import Settings
from webapp.store.platform.embedded import Databases
from webapp.store.platform.queue import conninfo
from webapp.store.unit_of_work import Store

Tool = Callable[..., Result]

CUSTOMERS = """name;org_id;size;agreement;street;zip;city
Granit & Gran AB;559999-0016;large;FJ-RAM;Gruvgatan 2;831 41;Östersund
Lilla Loftet AB;SE559999002401;;;Loftvägen 4;11418;Stockholm
"""


@pytest.fixture
def tool(fresh_databases: Databases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tool:
    """Runs a command on an installation in which tenants are published and nothing else."""
    settings = Settings("demo", fresh_databases.app_url, fresh_databases.owner_url, "s" * 40, data_dir=tmp_path)
    for name, value in settings.to_env().items():
        monkeypatch.setenv(name, value)
    store = Store(fresh_databases.app_url, pool_size=1)
    publishing.publish(store, OWN_TENANTS, "demo", clock.now())
    store.close()
    return lambda *words: CliRunner().invoke(cli, [str(word) for word in words])


def acts(databases: Databases) -> list[str]:
    with psycopg.connect(conninfo(databases.owner_url)) as connection:
        return [f"{what} {actor}" for what, actor in connection.execute("select what, actor from audit")]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_an_operator_begins_without_a_line_of_code(tool: Tool, tmp_path: Path, delimiter: str) -> None:
    file, pool = tmp_path / "customers.csv", tmp_path / "numbers.csv"
    file.write_text(CUSTOMERS.replace(";", delimiter), "utf-8-sig")
    assert "2 customers would come in" in tool("customers", "import", "fjallton", file, "--dry-run").output
    done = tool("customers", "import", "fjallton", file)
    assert done.exit_code == 0 and "2 customers have come in" in done.output, done.output
    pool.write_text(
        "first;last;kind;company\n070-174 06 80;070-174 06 89;mobile;\n08-465 004 90;;;559999-0016\n".replace(
            ";", delimiter
        )
    )
    done = tool("numbers", "import", "fjallton", pool)
    assert done.exit_code == 0 and "11 numbers have come in" in done.output, done.output
    add = ("users", "add", "fjallton", "anna@granit.example", "--name", "Anna Ek", "--language", "sv")
    assert tool(*add, "--role", "owner", "--company", "559999-0016").exit_code == 0
    assert tool("invariants").exit_code == 0


def test_each_wrong_row_is_told_and_none_comes_in(tool: Tool, tmp_path: Path, fresh_databases: Databases) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(
        CUSTOMERS
        + "Fel AB;559999-0017;huge;FJ-RAM2;Gatan 1;1;\n"
        + "Granit igen AB;5599990016;small;;Gatan 1;11418;Stockholm\n"
    )
    done = tool("customers", "import", "fjallton", file)
    assert done.exit_code == 1
    told = [line.partition(":")[0] for line in done.output.splitlines() if line.startswith("line ")]
    assert told == [
        "line 4, org_id",
        "line 4, size",
        "line 4, zip",
        "line 4, city",
        "line 4, agreement",
        "line 5, org_id",
    ]
    assert "FJ-RAM" in done.output and "Nothing has come in" in done.output
    assert "2 customers have come in" in tool("customers", "import", "fjallton", _only(file)).output
    again = tool("customers", "import", "fjallton", _only(file))
    assert again.exit_code == 1 and again.output.count("a customer already") == 2


def _only(file: Path) -> Path:
    file.write_text(CUSTOMERS)
    return file


def test_one_customer_is_added_and_the_trail_says_by_whom(tool: Tool, fresh_databases: Databases) -> None:
    add = ("customers", "add", "fjallton", "--name", "Granit & Gran AB", "--street", "Gatan 1", "--zip", "83141")
    done = tool(*add, "--city", "Östersund", "--org-id", "559999-0016", "--agreement", "FJ-RAM", "--size", "large")
    assert done.exit_code == 0, done.output
    assert "company.added cli" in acts(fresh_databases)
    assert tool(*add, "--city", "Östersund", "--org-id", "559999-0016").exit_code == 1


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ("0701740680;0701740670;mobile;", "line 2, last"),
        ("0701740680;;fixed;", "line 2, kind"),
        ("07017406;;mobile;", "line 2, first"),
        ("0701740680;;mobile;559999-0016", "line 2, company"),
        ("0701740680;0701740689;mobile;\n0701740685;;mobile;", "line 3, first"),
    ],
)
def test_numbers_that_cannot_be_are_told(tool: Tool, tmp_path: Path, rows: str, place: str) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text(f"first;last;kind;company\n{rows}\n")
    done = tool("numbers", "import", "fjallton", file)
    assert done.exit_code == 1 and place in done.output, done.output


def test_a_number_that_lies_there_is_not_added_twice(tool: Tool, tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text("first,last\n0701740680,0701740689\n")
    assert tool("numbers", "import", "fjallton", file).exit_code == 0
    done = tool("numbers", "import", "fjallton", file)
    assert done.exit_code == 1 and "line 2, first" in done.output


@pytest.mark.parametrize("content", [b"", b"navn;cvr\n", b"name;org_id;street;zip\n", b"\xff\xfe", b'name;"\n'])
def test_a_file_that_is_no_table_is_refused_in_a_line(tool: Tool, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "customers.csv"
    file.write_bytes(content)
    done = tool("customers", "import", "fjallton", file)
    assert done.exit_code == 1 and "Traceback" not in done.output and "customers.csv" in done.output

"""What an operator begins with, by command: customers and numbers; what may come in is decided by the operation."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from webapp import clock
from webapp.cli.installation import store
from webapp.domain.people import SIZES
from webapp.operations.tenants import publishing
from webapp.operations.tenants.intake import CUSTOMER, NUMBERS, Intake, Outcome, Unreadable, read_rows

FILE = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
DRY_RUN = click.option("--dry-run", is_flag=True, help="say what is wrong or would come in, and change nothing")


@click.group()
def customers() -> None:
    """The companies that buy at a tenant: add one, or many from a file."""


@customers.command("add")
@click.argument("tenant")
@click.option("--name", required=True)
@click.option("--org-id", required=True, help="the registration number")
@click.option("--size", type=click.Choice(SIZES), default="unknown", show_default=True)
@click.option("--agreement", default="", help="the code of its framework agreement, which must be published")
@click.option("--street", required=True)
@click.option("--zip", "zip_code", required=True)
@click.option("--city", required=True)
@DRY_RUN
def customers_add(
    tenant: str, name: str, org_id: str, size: str, agreement: str, street: str, zip_code: str, city: str, dry_run: bool
) -> None:
    """One customer; its people get accounts by `users add`."""
    values = (name, org_id, size, agreement, street, zip_code, city)
    row = dict(zip(CUSTOMER, values, strict=True))
    _tell(_intake(tenant).customers([(0, row)], dry_run=dry_run), "customers", dry_run)


@customers.command("import")
@click.argument("tenant")
@FILE
@DRY_RUN
def customers_import(tenant: str, file: Path, dry_run: bool) -> None:
    """Customers from a CSV file: name, org_id, size, agreement, street, zip, city. All of them, or none and every reason."""
    rows = _rows(file, CUSTOMER, ("name", "org_id", "street", "zip", "city"))
    _tell(_intake(tenant).customers(rows, dry_run=dry_run), "customers", dry_run)


@click.group()
def numbers() -> None:
    """The telephone numbers a tenant has to give: import series."""


@numbers.command("import")
@click.argument("tenant")
@FILE
@DRY_RUN
def numbers_import(tenant: str, file: Path, dry_run: bool) -> None:
    """Numbers from a CSV file: first, last, kind (mobile, fixed), company (reserved for it). All of them, or none and every reason."""
    _tell(_intake(tenant).numbers(_rows(file, NUMBERS, ("first",)), dry_run=dry_run), "numbers", dry_run)


def _rows(file: Path, columns: tuple[str, ...], needed: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    try:
        return [(line, dict(row)) for line, row in read_rows(file.read_bytes(), columns, needed)]
    except Unreadable as problem:
        raise click.ClickException(f"{file.name}: {problem}") from None


def _intake(tenant: str) -> Intake:
    opened = store()
    served = {each.slug: each for each in publishing.current(opened)}
    if tenant not in served:
        raise click.ClickException(f"no tenant {tenant}; there are {', '.join(served) or 'none yet'}")
    return Intake(opened, served[tenant], "cli", clock.now())


def _tell(outcome: Outcome, what: str, dry_run: bool) -> None:
    for fault in outcome.faults:
        place = f"line {fault.line}, " if fault.line else ""
        click.echo(f"{place}{fault.column}: {fault.told}", err=True)
    if outcome.faults:
        click.echo(f"Nothing has come in: {len(outcome.faults)} faults.", err=True)
        sys.exit(1)
    click.echo(f"{outcome.count} {what} {'would come in' if dry_run else 'have come in'}.")

"""The operator's tools on the command line; each is a thin door to an operation and holds no rule."""

from __future__ import annotations

from pathlib import Path

import click

from webapp import clock
from webapp.cli.checks import audit, doctor, invariants, verify_pdf
from webapp.cli.installation import DEMO, report, settings, store
from webapp.cli.intake import customers, numbers
from webapp.cli.processes import assets, serve, worker
from webapp.cli.tenants import tenants
from webapp.cli.users import users
from webapp.operations.desk import staff
from webapp.operations.platform import demo_seed
from webapp.operations.tenants import publishing
from webapp.store.platform import embedded, schema
from webapp.store.platform.outage import is_away


class _Tools(click.Group):
    """A database that is away is no bug of the tool: one line says so."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Exception as problem:
            if not is_away(problem):
                raise
            why = str(getattr(problem, "orig", problem)).strip().splitlines()[0]
            raise click.ClickException(
                f"the database cannot be reached ({why}); ./run cli doctor looks closer"
            ) from None


@click.group(cls=_Tools, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Tools for whoever runs Skylt. Without SKYLT_* variables they work on the demo in .demo."""


@cli.command()
def routes() -> None:
    """Print docs/routes.md: path, methods, who may, fields."""
    from webapp.app import create_app
    from webapp.web.routes import as_markdown

    click.echo(as_markdown(create_app(settings())), nl=False)


@cli.group()
def db() -> None:
    """The database: bring up to date, check, stop the embedded one."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Migrate to the newest shape; safe to repeat."""
    schema.upgrade(settings().owner_database_url)
    click.echo(f"The database is at {schema.head()}.")


@db.command("check")
def db_check() -> None:
    """Say what stands against serving from this database."""
    report(schema.check(settings().database_url), "The database may be served from.")


@db.command("stop")
@click.option("--data", type=click.Path(path_type=Path), default=DEMO, help="the data folder")
def db_stop(data: Path) -> None:
    """Stop the embedded PostgreSQL of a data folder."""
    embedded.stop(data / "postgres")


@cli.group()
def orders() -> None:
    """Orders: how far one has come."""


@orders.command("show")
@click.argument("tenant")
@click.argument("ref")
def orders_show(tenant: str, ref: str) -> None:
    """One order's lines, papers and mails; no names, no numbers."""
    found = staff.look(store(), tenant, ref)
    if found is None:
        raise click.ClickException(f"{tenant} has no order {ref}")
    page, progress = found
    click.echo(f"{ref} {page.label}, placed {page.order.placed_at:%Y-%m-%d %H:%M} UTC, {len(page.order.lines)} lines")
    for n, line in sorted(page.states.items()):
        click.echo(f"  line {n}: {line.state}{f' ({line.failure})' if line.failure else ''}")
    for planned, document in progress.papers:
        state = f"{document.size} bytes, SHA-256 {document.sha256}" if document else "not made yet"
        click.echo(f"  {planned.kind} {planned.number}: {'failed' if planned.number in progress.failed else state}")
    for each in progress.mails:
        click.echo(f"  mail {each.kind}: {each.sent} of {each.total} sent, {each.failed} refused")


@cli.group()
def jobs() -> None:
    """The queue: what waits, what is being done, what failed; have it tried again."""


@jobs.command("list")
@click.option("--failed", is_flag=True, help="only what will not be tried again by itself")
def jobs_list(failed: bool) -> None:
    """Every tenant's jobs that are not done: number, state, tries, kind and what they are about."""
    for tenant, job in staff.jobs(store(), ("failed",) if failed else ("todo", "doing", "failed")):
        click.echo(f"{job.number}\t{job.status}\t{job.attempts}\t{tenant}\t{job.kind}\t{job.id}")


@jobs.command("retry")
@click.argument("tenant")
@click.argument("number", type=int, required=False)
def jobs_retry(tenant: str, number: int | None) -> None:
    """Have a failed job of a tenant run again, or all of them when no number is given."""
    count = staff.retry_failed(store(), tenant, number, clock.now())
    if number is not None and not count:
        raise click.ClickException(f"{tenant} has no failed job {number}")
    click.echo(f"{count} jobs run again.")


@cli.group()
def demo() -> None:
    """The demo's customers and people."""


@demo.command("seed")
def demo_fill() -> None:
    """Give the demo tenants their customers; does nothing where there are some."""
    if not settings().demo:
        raise click.ClickException("this installation is no demo; invented customers have no place in it")
    opened = store()
    fresh = demo_seed.seed(opened, publishing.current(opened), clock.now())
    click.echo(f"Seeded: {', '.join(fresh) or 'nobody, all were'}. The password is {demo_seed.PASSWORD}.")


for tool in (serve, worker, assets, tenants, users, customers, numbers, invariants, audit, doctor, verify_pdf):
    cli.add_command(tool)

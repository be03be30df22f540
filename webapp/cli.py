"""The operator's tools on the command line; each is a thin door to an operation and holds no rule."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from webapp import clock
from webapp.operations import publishing
from webapp.server import web_command
from webapp.settings import ROOT, Settings, SettingsError
from webapp.store import embedded, proof, schema
from webapp.store.work import Store
from webapp.tenancy import Finding, load
from webapp.tenancy.models import schemas
from webapp.tenancy.scaffold import new_tenant

DEMO = ROOT / ".demo"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Tools for whoever runs Skylt. Without SKYLT_* variables they work on the demo in .demo."""


def settings() -> Settings:
    """The installation the environment names, else the demo of this checkout."""
    try:
        if any(name in os.environ for name in ("SKYLT_MODE", "SKYLT_SECRET", "SKYLT_DATABASE_URL")):
            return Settings.from_env()
        return Settings.from_env(_demo_environment())
    except (SettingsError, embedded.EmbeddedDatabaseError) as problem:
        raise click.ClickException(str(problem)) from None


def _demo_environment() -> dict[str, str]:
    mark = DEMO / "demo.env"
    if not mark.exists():
        raise click.ClickException("No SKYLT_* variables and no demo here: see docs/configuration.md or ./run demo")
    told = dict(line.split("=", 1) for line in mark.read_text("utf-8").splitlines())
    if not embedded.running(DEMO / "postgres"):  # between two runs of the demo: only for this command
        embedded.start(DEMO / "postgres")
        click.get_current_context().call_on_close(lambda: embedded.stop(DEMO / "postgres"))
    return told


@cli.command()
def serve() -> None:
    """Serve the web with gunicorn."""
    chosen = settings()
    sys.stdout.flush()
    command = web_command(chosen)
    os.execve(command[0], command, {**os.environ, **chosen.to_env()})  # noqa: S606 - no shell is wanted


@cli.command()
def routes() -> None:
    """Print docs/routes.md: path, methods, who may, fields."""
    from webapp.app import create_app  # the web side is heavy, and no other command wants it
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
    _report(schema.check(settings().database_url), "The database may be served from.")


@db.command("stop")
@click.option("--data", type=click.Path(path_type=Path), default=DEMO, help="the data folder")
def db_stop(data: Path) -> None:
    """Stop the embedded PostgreSQL of a data folder."""
    embedded.stop(data / "postgres")


@cli.command()
def invariants() -> None:
    """Say which promise is broken (docs/invariants.md), for whom and what; reads only."""
    chosen = settings()
    found = proof.broken_promises(Store(chosen.database_url), chosen.secret, clock.now())
    _report([f"{each.promise} {each.tenant} {each.subject}" for each in found], "Every promise holds.")


@cli.group()
def tenants() -> None:
    """The folders of operators and resellers: check, publish, schemas for editors."""


FOLDER = click.option(
    "--folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=ROOT / "tenants"
)


@tenants.command("check")
@FOLDER
def tenants_check(folder: Path) -> None:
    """Everything that is wrong in tenants/, at once, as the admin page tells it."""
    loaded = load(folder, "production", clock.now())
    for finding in loaded.findings:
        click.echo(_told(finding), err=True)
    if not loaded.is_clean:
        sys.exit(1)
    click.echo(f"{len(loaded.tenants)} tenants are in order: {', '.join(loaded.tenants)}.")


@tenants.command("new")
@click.argument("slug")
@click.option("--name", required=True, help="the name customers will know")
@click.option("--prefix", required=True, help="two capital letters, before order numbers and article codes")
@click.option("--like", default="fjallton", show_default=True, help="the operator to copy, or to sell for")
@click.option("--reseller", is_flag=True, help="sell for that operator rather than be one like it")
@FOLDER
def tenants_new(slug: str, name: str, prefix: str, like: str, reseller: bool, folder: Path) -> None:
    """Begin a tenant's folder; `tenants check` then asks for what only its owner knows."""
    try:
        files = new_tenant(folder, slug, name, prefix, like, reseller)
    except ValueError as refused:
        raise click.ClickException(str(refused)) from None
    click.echo(f"{len(files)} files in {folder / slug}. Exchange brand/logo.svg, then: ./run cli tenants check")


@tenants.command("publish")
def tenants_publish() -> None:
    """Put every folder without errors in force; a broken one leaves its last good revision serving."""
    chosen = settings()
    store = Store(chosen.database_url)
    findings = publishing.publish(store, chosen.tenants_dir, chosen.mode, clock.now(), chosen.base_url)
    for finding in findings:
        click.echo(_told(finding), err=True)
    if any(finding.is_error for finding in findings):
        sys.exit(1)


@tenants.command("schema")
@click.argument("target", type=click.Path(path_type=Path, file_okay=False))
def tenants_schema(target: Path) -> None:
    """Write the JSON Schemas that editors check tenant files by."""
    target.mkdir(parents=True, exist_ok=True)
    for name, schema_of_file in schemas().items():
        file = target / f"{name}.schema.json"
        file.write_text(json.dumps(schema_of_file, indent=2, ensure_ascii=False) + "\n", "utf-8")
        click.echo(file)


def _told(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    guess = f" Did you mean {finding.did_you_mean}?" if finding.did_you_mean else ""
    return f"{place} {finding.key}\n  {finding.severity}: {finding.what} {finding.why} {finding.how}{guess}"


def _report(findings: list[str], all_well: str) -> None:
    for finding in findings:
        click.echo(finding, err=True)
    if findings:
        sys.exit(1)
    click.echo(all_well)


if __name__ == "__main__":
    cli(prog_name="./run cli")

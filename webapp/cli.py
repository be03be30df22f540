"""The operator's tools on the command line; each is a thin door to an operation and holds no rule."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from webapp.server import web_command
from webapp.settings import ROOT, Settings, SettingsError
from webapp.store import embedded, schema

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
        raise click.ClickException(
            "No SKYLT_* variables and no demo here: see docs/configuration.md or ./run demo"
        )
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


def _report(findings: list[str], all_well: str) -> None:
    for finding in findings:
        click.echo(finding, err=True)
    if findings:
        sys.exit(1)
    click.echo(all_well)


if __name__ == "__main__":
    cli(prog_name="./run cli")

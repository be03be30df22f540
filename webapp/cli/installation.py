"""The installation a command works on, and how it answers; knows no command."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from webapp import clock
from webapp.operations.papers.document_verification import Seals
from webapp.settings import ROOT, Settings, SettingsError
from webapp.store.platform import embedded
from webapp.store.unit_of_work import Store

DEMO = ROOT / ".demo"
MARK = "demo.env"


def settings() -> Settings:
    """The installation the environment names, else the demo of this checkout."""
    try:
        if any(name in os.environ for name in ("SKYLT_MODE", "SKYLT_SECRET", "SKYLT_DATABASE_URL")):
            return Settings.from_env()
        told = _demo_environment()
        if clock.VARIABLE in told:  # the demo lives at another time: so does this command
            os.environ |= told
        return Settings.from_env(told)
    except (SettingsError, embedded.EmbeddedDatabaseError) as problem:
        raise click.ClickException(str(problem)) from None


def _demo_environment() -> dict[str, str]:
    if not (DEMO / MARK).exists():
        raise click.ClickException("No SKYLT_* variables and no demo here: see docs/configuration.md or ./run demo")
    told = _marked()
    if not embedded.running(DEMO / "postgres"):  # between two runs of the demo: only for this command
        embedded.start(DEMO / "postgres")
        click.get_current_context().call_on_close(lambda: embedded.stop(DEMO / "postgres"))
    return told


def _marked() -> dict[str, str]:
    return dict(line.split("=", 1) for line in (DEMO / MARK).read_text("utf-8").splitlines())


def seals() -> Seals | None:
    """Where its keys lie, without asking its database; None where no installation is named."""
    told: Mapping[str, str] = os.environ
    if not any(name in told for name in ("SKYLT_SECRET", "SKYLT_DATA_DIR", "SKYLT_SEAL_KEYS")):
        if not (DEMO / MARK).exists():
            return None
        told = _marked()
    keys = Path(told.get("SKYLT_SEAL_KEYS") or Path(told.get("SKYLT_DATA_DIR") or Settings.data_dir) / "keys")
    return Seals(keys, told.get("SKYLT_SEAL_PASSWORD", ""))


def store() -> Store:
    """Its database, until the command is over."""
    opened = Store(settings().database_url, pool_size=1)
    click.get_current_context().call_on_close(opened.close)
    return opened


def report(findings: list[str], all_well: str) -> None:
    """Prints what is wrong and ends with 1, or says that all is well."""
    for finding in findings:
        click.echo(finding, err=True)
    if findings:
        sys.exit(1)
    click.echo(all_well)

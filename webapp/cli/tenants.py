"""The folders of operators and resellers, by command; what may stand in them is not its business."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from webapp import clock
from webapp.cli.installation import DEMO, seals, settings, store
from webapp.domain.tenants.tenant import Tenant
from webapp.operations.desk import diagnosis
from webapp.operations.papers.document_verification import Seals, key_of
from webapp.operations.tenants import publishing
from webapp.settings import ROOT
from webapp.store.platform import embedded
from webapp.store.platform.outage import is_away
from webapp.tenancy.finding import Finding
from webapp.tenancy.folders import Loaded, load
from webapp.tenancy.models import schemas
from webapp.tenancy.revision import Unreadable
from webapp.tenancy.scaffold import new_tenant


@click.group()
def tenants() -> None:
    """The folders of operators and resellers: check, publish, schemas for editors."""


FOLDER = click.option(
    "--folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=ROOT / "tenants"
)


@tenants.command("check")
@FOLDER
def tenants_check(folder: Path) -> None:
    """Everything that is wrong in tenants/, at once; where there is an installation also against what serves there."""
    loaded = _held_against_what_serves(folder)
    for finding in loaded.findings:
        click.echo(_told(finding), err=True)
    if not loaded.is_clean:
        sys.exit(1)
    if here := seals():
        _tell_keys(here, loaded.tenants.values())
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
    click.echo(f"{len(files)} files in {folder / slug}. Fill in what says [[FILL IN, then: ./run cli tenants check")


@tenants.command("publish")
def tenants_publish() -> None:
    """Put every folder without errors in force; a broken one leaves its last good revision serving."""
    chosen = settings()
    findings = publishing.publish(store(), chosen.tenants_dir, chosen.mode, clock.now(), chosen.base_url)
    for finding in findings:
        click.echo(_told(finding), err=True)
    _tell_keys(Seals(chosen.keys, chosen.seal_password), publishing.current(store()))
    click.echo(f"In force: {', '.join(sorted(store().tenants())) or 'none'}.")
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


def _held_against_what_serves(folder: Path) -> Loaded:
    if any(name.startswith("SKYLT_") for name in os.environ) or embedded.running(DEMO / "postgres"):
        try:
            return publishing.look(store(), folder, "production", clock.now())
        except (click.ClickException, Unreadable) as none:
            click.echo(f"Checked by the folders alone: {none}", err=True)
        except Exception as problem:
            if not is_away(problem):
                raise
            click.echo("Checked by the folders alone: the database is out of reach.", err=True)
    return load(folder, "production", clock.now())


def _tell_keys(here: Seals, sellers: Iterable[Tenant]) -> None:
    """Warns of each key that will not seal in this installation: its papers wait until it does."""
    sellers = tuple(sellers)
    for sign in diagnosis.seal_keys(here, sellers, clock.now()):
        if sign.grade != "ok":
            whose = ", ".join(seller.slug for seller in sellers if sign.name == f"seal {key_of(seller)}")
            click.echo(f"{sign.name}\n  warning: {sign.text}. Papers of {whose} need it: docs/production.md", err=True)


def _told(finding: Finding) -> str:
    place = f"{finding.file}:{finding.line}" if finding.line else finding.file
    guess = f" Did you mean {finding.did_you_mean}?" if finding.did_you_mean else ""
    return f"{place} {finding.key}\n  {finding.severity}: {finding.what} {finding.why} {finding.how}{guess}"

"""The processes of an installation, and what they need beside the packages: serve, worker, assets."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click

from webapp.cli.installation import settings
from webapp.places import ASSETS_LIST, ROOT
from webapp.server import web_command, without_path


@click.command()
def serve() -> None:
    """Serve the web with gunicorn."""
    chosen = settings()
    sys.stdout.flush()
    command = web_command(chosen)
    os.execve(command[0], command, {**without_path(os.environ), **chosen.to_env()})  # noqa: S606 - no shell is wanted


@click.command()
def worker() -> None:
    """Take jobs: papers, mails, what comes by the clock."""
    chosen = settings()
    sys.stdout.flush()
    command = [sys.executable, "-m", "webapp.worker"]
    os.execve(command[0], command, {**os.environ, **chosen.to_env()})  # noqa: S606


@click.command()
def assets() -> None:
    """Fetch htmx and the font to SKYLT_ASSETS_DIR, by hash. `./run` does so by itself."""
    target = Path(os.environ.get("SKYLT_ASSETS_DIR") or ROOT / ".assets").absolute()
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    done = subprocess.run([*pip, "--no-deps", "--require-hashes", "--target", str(fresh), "-r", str(ASSETS_LIST)])
    if done.returncode:
        raise click.ClickException("the assets could not be fetched; pip says why above")
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    click.echo(f"The assets lie in {target}.")

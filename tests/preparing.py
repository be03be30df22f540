"""What the tests need beside packages, made ready where `./run` did not: compiled catalogues and the assets; what else is missing is named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from webapp.places import CATALOGUES, ROOT

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def prepare() -> None:
    """Quick when all is there."""
    for source in CATALOGUES.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            with open(source, "rb") as text, open(target, "wb") as compiled:
                write_mo(compiled, read_po(text, locale=source.parent.parent.name))
    if not (ROOT / ".assets").is_dir():
        fetched = subprocess.run([sys.executable, "-m", "webapp.cli", "assets"], cwd=ROOT)
        if fetched.returncode:
            raise pytest.UsageError("htmx and the font are not there, and could not be fetched by: skylt assets")
    missing = []
    if not os.environ.get("SKYLT_CHROMIUM") and not any(map(shutil.which, BROWSERS)):
        missing.append("chromium")
    if not shutil.which("pdftoppm"):
        missing.append("poppler-utils")
    if missing:
        raise pytest.UsageError(f"missing on this machine: apt-get install {' '.join(missing)} (./run test does so)")

"""The demo's tenants as the tests read them: a copy of their folders alone, whatever else somebody has added under tenants/."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

from webapp.settings import ROOT

SLUGS = ("baeltkom", "fjallton", "klitfon", "skarvox")


def _copied() -> Path:
    made = Path(tempfile.mkdtemp(prefix="skylt-tenants-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    for slug in SLUGS:
        shutil.copytree(ROOT / "tenants" / slug, made / "tenants" / slug)
    return made / "tenants"


OWN_TENANTS = _copied()

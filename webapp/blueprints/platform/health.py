"""For whoever watches the machine: is the process there, can it serve; plain text, on any host."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, current_app

from webapp.operations.platform import readiness
from webapp.web.access import may
from webapp.web.layout_context import services

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@may("anyone")
def live() -> Response:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@may("anyone")
def ready() -> Response:
    """Database, migrations, worker and fonts are there."""
    found = readiness.findings(services().store, Path(current_app.config["SKYLT_SETTINGS"].assets_dir))
    return Response("\n".join(found or ["ready"]) + "\n", 503 if found else 200, mimetype="text/plain")

"""Files with their hash in their name: the house's, and the tenant's theme, logo and favicon; shows no page."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, g

from webapp.web.access import impersonal, may
from webapp.web.assets import found, image_of, theme_of

bp = Blueprint("brand", __name__)


@bp.get("/assets/<path:name>")
@may("anyone")
@impersonal
def asset(name: str) -> Response:
    """A file of the house."""
    return found(current_app.extensions["skylt.assets"].by_url.get(f"/assets/{name}"))


@bp.get("/theme/<name>")
@may("anyone")
@impersonal
def theme(name: str) -> Response:
    """The tenant's stylesheet."""
    own = theme_of(g.tenant)
    return found(own if own.url == f"/theme/{name}" else None)


@bp.get("/logo/<name>")
@may("anyone")
@impersonal
def logo(name: str) -> Response:
    """The tenant's logo or favicon."""
    images = (image_of(g.tenant, "logo"), image_of(g.tenant, "favicon"))
    return found(next((image for image in images if image.url == f"/logo/{name}"), None))

"""Files a browser may keep for ever, each named by the hash of its bytes: styles, script, fonts, a tenant's theme and logo."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, abort, request

from webapp.domain.tenants.tenant import Tenant
from webapp.domain.tenants.theme import derive

_STATIC = Path(__file__).resolve().parent.parent / "static"
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "woff2": "font/woff2"}
_HTMX = "django_htmx/static/django_htmx/htmx-2.min.js"


@dataclass(frozen=True)
class Asset:
    """One file in memory. `zipped` is None where compression gains nothing."""

    url: str
    mimetype: str
    body: bytes
    zipped: bytes | None

    def response(self) -> Response:
        """The file, compressed if the browser can."""
        if self.zipped and "gzip" in request.headers.get("Accept-Encoding", ""):
            answer = Response(self.zipped, mimetype=self.mimetype)
            answer.headers["Content-Encoding"] = "gzip"
        else:
            answer = Response(self.body, mimetype=self.mimetype)
        if self.zipped:
            answer.vary.add("Accept-Encoding")
        return answer


def make(folder: str, name: str, body: bytes) -> Asset:
    """An asset whose URL bears its digest."""
    digest = hashlib.sha256(body).hexdigest()[:16]
    stem, _, suffix = name.rpartition(".")
    mimetype = _TYPES[suffix]  # by a list of ours: the machine's own may lack some, and takes its time to be read
    text = mimetype.startswith("text/") or mimetype == "image/svg+xml"
    return Asset(
        f"/{folder}/{stem}.{digest}.{suffix}", mimetype, body, gzip.compress(body, 9, mtime=0) if text else None
    )


class Assets:
    """All files of the house, read once."""

    def __init__(self, fetched: Path) -> None:
        paths = {str(path.relative_to(_STATIC)): path for path in _STATIC.rglob("*") if path.is_file()}
        paths["htmx.js"] = fetched / _HTMX
        named = {name: make("assets", name.replace("/", "-"), path.read_bytes()) for name, path in paths.items()}
        self.by_name = named
        self.by_url = {asset.url: asset for asset in named.values()}


def theme_of(tenant: Tenant) -> Asset:
    """The tenant's stylesheet: readable shades derived from its one colour."""
    return _theme(tenant.brand.colour, tenant.brand.corners)


@lru_cache(maxsize=1000)
def _theme(colour: str, corners: str) -> Asset:
    theme = derive(colour, corners)
    body = theme.css().encode()
    return Asset(f"/theme/{theme.digest}.css", "text/css", body, gzip.compress(body, 9, mtime=0))


@lru_cache(maxsize=2000)
def _image(slug: str, name: str, body: bytes) -> Asset:
    return make("logo", f"{slug}-{name}.svg", body)


def logo_url(tenant: Tenant, name: str) -> str:
    """Where the tenant's logo or favicon lies."""
    return image_of(tenant, name).url


def image_of(tenant: Tenant, name: str) -> Asset:
    """The tenant's logo or favicon."""
    return _image(tenant.slug, name, tenant.brand.logo if name == "logo" else tenant.brand.favicon)


def init_app(app: Flask, fetched: Path) -> None:
    """Reads the files and tells templates where they lie."""
    assets = Assets(fetched)
    app.extensions["skylt.assets"] = assets
    app.jinja_env.globals["asset"] = lambda name: assets.by_name[name].url
    # A template's global macros: rendering one block of a page does not run its imports.
    with app.app_context():
        app.jinja_env.globals["ui"] = app.jinja_env.get_template("ui.html").make_module({})


def found(asset: Asset | None) -> Response:
    """The file, or 404."""
    return asset.response() if asset else abort(404)

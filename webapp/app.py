"""The one place where the web application is put together; it decides nothing itself."""

from __future__ import annotations

import os
from datetime import timedelta
from importlib import import_module
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache, StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import clock
from webapp.operations.papers.document_verification import Seals
from webapp.operations.platform.services import Services
from webapp.operations.tenants import publishing
from webapp.settings import Settings
from webapp.store.unit_of_work import Store
from webapp.tenancy.registry import Registry
from webapp.web import (
    access,
    assets,
    errors,
    fragment_cache,
    headers,
    htmx,
    language,
    layout_context,
    request_guard,
    tenant_resolution,
)

BLUEPRINTS = (
    "platform.health",
    "tenants",
    "platform.demo",
    "people.accounts",
    "platform.home",
    "ordering.drafts",
    "ordering.lines",
    "ordering.review",
    "ordering.contract_summary",
    "ordering.orders",
    "people.company",
    "platform.help",
    "papers.verification",
    "signing.signers",
    "signing.requests",
    "desk",
    "papers.archive",
)


def create_app(settings: Settings | None = None) -> Flask:
    """A web process. Without settings they come from the environment."""
    settings = settings or Settings.from_env()
    app = Flask("webapp", static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret,
        SESSION_COOKIE_NAME="__Host-form" if settings.secure else "form",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=1),
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=512 * 1024,
        MAX_FORM_PARTS=300,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # it asks for a referrer, which private pages withhold; posts.py looks at the origin
        SKYLT_SETTINGS=settings,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.bytecode_cache = _compiled_templates(settings.data_dir / "templates")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = False
    if settings.proxy_hops:
        hops = settings.proxy_hops
        # Who serves is told by the Host header alone: a proxy that passes a caller's X-Forwarded-Host on would else choose the tenant.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0, x_port=0, x_prefix=0)  # type: ignore[method-assign]

    store = Store(settings.database_url)
    seal = settings.data_dir / "published"
    publishing.keep(store, settings.tenants_dir, settings.mode, clock.now(), settings.base_url, seal)
    tenants = Registry(publishing.current(store))
    if settings.mode != "test":
        publishing.follow(tenants, store)
    layout_context.init_app(
        app, Services(store, tenants, settings.secret, Seals(settings.keys, settings.seal_password))
    )

    # The order of the guards is the order of a request: headers are added last, so they are set up first.
    headers.init_app(app, settings.secure)
    htmx.init_app(app)
    tenant_resolution.init_app(app, tenants, settings.demo)
    access.init_app(app)
    language.init_app(app)
    fragment_cache.init_app(app)
    request_guard.init_app(app)
    errors.init_app(app)
    assets.init_app(app, Path(settings.assets_dir))
    for name in BLUEPRINTS:
        if name == "platform.demo" and not settings.demo:
            continue
        app.register_blueprint(import_module(f"webapp.blueprints.{name}").bp)
    return app


def _compiled_templates(folder: Path) -> FileSystemBytecodeCache | None:
    """Where templates lie compiled, as Python's own modules do, so that the next process need not; nowhere if it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None

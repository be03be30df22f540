"""Who is serving: the Host header decides the tenant before anything else runs; a host nobody has is told nothing."""

from __future__ import annotations

import secrets

from flask import Flask, Response, abort, g, make_response, request

from webapp import clock, logs
from webapp.tenancy.registry import Registry

TENANT_COOKIE = "demo_tenant"
HOSTLESS = frozenset({"health.live", "health.ready", "brand.asset"})
"""What answers on any host."""


def init_app(app: Flask, tenants: Registry, demo: bool) -> None:
    """Sets g.tenant and g.now for every request, or answers that there is nothing here."""

    @app.before_request
    def arrive() -> Response | None:
        logs.begin(secrets.token_hex(4))
        g.now = clock.now()
        g.tenant = None
        if request.endpoint in HOSTLESS:
            return None
        host = request.host.rsplit(":", 1)[0].lower()
        tenant = tenants.by_host(host)
        if tenant is None and demo and host in {"localhost", "127.0.0.1"}:
            if request.blueprint == "demo":
                return None
            # Browsers that resolve no *.localhost choose a tenant on plain localhost.
            tenant = tenants.by_slug(request.cookies.get(TENANT_COOKIE, ""))
            if tenant is None:
                return make_response("", 303, {"Location": "/demo"})
        elif request.blueprint == "demo":
            abort(404)
        if tenant is None:
            abort(404)
        g.tenant = tenant
        return None

    @app.teardown_request
    def leave(_: BaseException | None) -> None:
        logs.begin("-")

"""Powers of attorney that wait for a signature, and people who come by a mailed link; holds no expectation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tests.browsing import Portal, Visitor
from tests.web import order_factories
from webapp.domain.ordering.order import Order
from webapp.domain.porting.signers import SignerName
from webapp.operations.signing.signature_requests import code_of, link_secret
from webapp.store.platform.scope import Scope
from webapp.store.signing import Signer

BO = SignerName("Bo Lind", "bo@granit.example")


@dataclass
class Asked:
    """A placed order with one power of attorney that has been sent out."""

    portal: Portal
    slug: str
    order: Order

    @property
    def signers(self) -> tuple[Signer, ...]:
        """Everybody who is to sign the newest version, as the database has them."""
        with self.portal.store.work(Scope(self.slug, None, "test")) as work:
            newest = max(work.signings.of_order(self.order.ref), key=lambda request: request.version)
            return work.signings.signers(newest.id)

    @property
    def state(self) -> str:
        """How far the request is."""
        found = self.portal.sql(
            'select state from signing_request where "order" = %s order by version desc limit 1', self.order.ref
        )
        return str(found[0][0])

    @property
    def request(self) -> str:
        """The newest version's request."""
        return self.signers[0].request

    @property
    def happened(self) -> list[str]:
        """What has happened to it, in order."""
        found = self.portal.sql("select what from signing_event where request = %s order by at, id", self.request)
        return [what for (what,) in found]

    def link(self, n: int = 1) -> str:
        """The path of the link that was last mailed to a signer."""
        link = self.signers[n - 1].link
        assert link
        return f"/sign/{link_secret(self.portal.app.config['SECRET_KEY'], self.slug, link)}"

    def code(self, n: int = 1) -> str:
        """The code that was last sent to a signer."""
        with self.portal.store.work(Scope(self.slug, None, "test")) as work:
            proof = work.signings.latest_proof(self.signers[n - 1].id)
        assert proof
        return code_of(self.portal.app.config["SECRET_KEY"], self.slug, proof.id)


def ask(portal: Portal, slug: str = "fjallton", **porting: Any) -> Asked:
    """An order of which the power of attorney waits for whoever is to sign it."""
    line = order_factories.moving(1)
    assert line.porting
    order = order_factories.place(portal, slug, replace(line, porting=replace(line.porting, **porting)))
    order_factories.do_jobs(portal)
    return Asked(portal, slug, order)


def filled(page: Visitor, **more: str) -> list[tuple[str, str]]:
    """What the page's form sends when everything is ticked and the first capacity is chosen."""
    fields = [(name, value) for name, value in page.form.form_values() if name not in {"declare", "capacity", *more}]
    ticks = page.dom.xpath("//input[@name='declare']/@value")
    capacity = page.dom.xpath("//input[@name='capacity']/@value")[0]
    return [*fields, *(("declare", code) for code in ticks), *{"capacity": capacity, **more}.items()]


def consented(visitor: Visitor, asked: Asked, n: int = 1, method: str = "code_mail") -> Visitor:
    """Follows the link and says yes to everything."""
    visitor.open(asked.link(n))
    return visitor.send(visitor.path, filled(visitor, method=method))


def signed(visitor: Visitor, asked: Asked, n: int = 1) -> Visitor:
    """Goes the whole way by a mailed code."""
    consented(visitor, asked, n)
    return visitor.send(visitor.path, {**visitor.fields, "code": asked.code(n)})

"""Powers of attorney that wait for a signature, and people who come by a mailed link; holds no expectation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from tests.browsing import Portal, Visitor
from tests.web import aftermath
from webapp.domain.order import Order
from webapp.domain.paper import PaperSigner
from webapp.operations.invitations import code_of, link_secret
from webapp.store.scope import Scope
from webapp.store.signings import Signer

BO = PaperSigner("Bo Lind", "bo@granit.example")


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
            requests = [each for each in work.signings.of_order(self.order.ref)]
            newest = max(requests, key=lambda request: request.version)
            return work.signings.signers(newest.id)

    @property
    def state(self) -> str:
        """How far the request is."""
        found = self.portal.sql(
            'select state from signing_request where "order" = %s order by version desc limit 1', self.order.ref
        )
        return str(found[0][0])

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


def ask(portal: Portal, slug: str = "fjallton", *, lines: Any = None, jobs: bool = True, **porting: Any) -> Asked:
    """An order of which the power of attorney waits for whoever is to sign it."""
    moving = aftermath.moving(1) if lines is None else None
    if moving and porting:
        assert moving.porting
        moving = replace(moving, porting=replace(moving.porting, **porting))
    order = aftermath.place(portal, slug, *((moving,) if moving else lines))
    if jobs:
        aftermath.do_jobs(portal)
    return Asked(portal, slug, order)


def filled(page: Visitor, **more: str) -> list[tuple[str, str]]:
    """What the page's form sends when everything is ticked and the first capacity is chosen."""
    fields = [(name, value) for name, value in page.form.form_values() if name not in {"declare", "capacity", *more}]
    ticks = page.dom.xpath("//input[@name='declare']/@value")
    capacity = page.dom.xpath("//input[@name='capacity']/@value")[0]
    return [*fields, *(("declare", code) for code in ticks), *{"capacity": capacity, **more}.items()]


def signed(visitor: Visitor, asked: Asked, n: int = 1) -> Visitor:
    """Goes the whole way by a mailed code."""
    visitor.open(asked.link(n))
    here = visitor.path
    visitor.send(here, filled(visitor, method="code_mail"))
    return visitor.send(here.replace("document", "code"), {**visitor.fields, "code": asked.code(n)})

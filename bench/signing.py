"""A power of attorney that waits for a signature, and a browser whose link opens it: what a signer's page costs."""

from __future__ import annotations

from flask import Flask

from bench.portal import ANSWERS, TENANT, Browser, customer, encoded, ordered, store_of
from webapp import clock
from webapp.domain.market import SWEDEN
from webapp.domain.papers.facts import PowerOfAttorney
from webapp.operations.papers import production
from webapp.operations.signing import issuing, signing_mail_data
from webapp.store.platform.scope import Scope

MOVING = {
    **ANSWERS,
    "number_source": "port",
    "port.number": "070-174 06 80",
    "port.operator": "Granlinjen",
    "port.owner_type": "company",
    "port.signatory": "me",
    "port.binding_ack": "yes",
}
"""The same mobile line with a number that its owner moves here."""


def signer(app: Flask) -> tuple[Browser, str]:
    """Somebody who has opened a mailed link, and the address of their page. The paper is drawn by nobody: its bytes are not looked at."""
    store, secret = store_of(app), app.config["SECRET_KEY"]
    buyer = customer(app)
    day = SWEDEN.after_working_days(SWEDEN.today(clock.now()), 20)
    draft = ordered(buyer, {**MOVING, "port.date": day.isoformat()})
    seen = buyer.get(f"/drafts/{draft}/review").body.decode().split('name="seen" value="')[1].split('"')[0]
    buyer.post(f"/drafts/{draft}/submission", encoded({"seen": seen, "terms": "yes"}))
    with store.work(Scope(TENANT, None, "bench")) as work:
        order = work.orders.by_draft(draft)
    assert order is not None
    [number] = [each.number for each in production.plan(order) if each.kind == PowerOfAttorney.kind]
    wanted = production.paper_to_render(store, TENANT, number, secret)
    assert wanted is not None
    issuing.store_paper(store, TENANT, wanted[0], b"%PDF-1.7", "paper.pdf", clock.now())
    with store.work(Scope(TENANT, None, "bench")) as work:
        [link] = [
            each.link for request in work.signings.of_order(order.ref) for each in work.signings.signers(request.id)
        ]
    invitation = signing_mail_data.invite(store, TENANT, link or "", secret, clock.now())
    assert invitation is not None
    browser = Browser(app, f"{TENANT}.localhost")
    where = browser.get(f"/sign/{invitation.secret}").headers["location"]
    browser.get(where)  # it is noted once that it was opened
    return browser, where

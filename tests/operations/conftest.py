"""An order whose numbers wait for signatures, and hands that sign, decline and dawdle; no page, no worker, no mail."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.builders import NOW, a_company, a_danish_company, a_porting, a_tenant, an_order
from tests.builders import a_ported_line as a_moving_line
from webapp.domain.market import DENMARK, SWEDEN, Market
from webapp.domain.ordering.draft import Draft, Line
from webapp.domain.ordering.order import Order
from webapp.domain.papers.facts import PowerOfAttorney
from webapp.domain.porting.signers import SignerName
from webapp.domain.problem import Problem
from webapp.domain.signing.rules import Consent, Visitor
from webapp.domain.tenants.tenant import SigningTerms, Tenant
from webapp.operations.papers import production
from webapp.operations.papers.document_verification import Seals
from webapp.operations.signing import issuing, signature_completion, signature_requests, signing_mail_data
from webapp.operations.signing import signature_status as standing
from webapp.operations.signing.signature import Signing
from webapp.operations.signing.signing_access import SignerView
from webapp.store.platform.embedded import Databases
from webapp.store.platform.raw import raw
from webapp.store.platform.scope import Scope
from webapp.store.porting import Port
from webapp.store.signing import Signer
from webapp.store.unit_of_work import Store
from webapp.tenancy.revision import tenant_to_json

SECRET = "a secret for tests, long enough to be one"
EVERY = frozenset({"owner", "entitled", "correct", "charges", "only_numbers", "active", "compensation", "transfer"})
VISITOR = Visitor("192.0.2.77", "Prov/1.0")
_numbers = itertools.count(1)


@dataclass
class Room:
    """One order in one tenant, and everything that can happen to its powers of attorney. `now` moves on by hand."""

    store: Store
    tenant: Tenant
    order: Order
    now: datetime = NOW

    @property
    def slug(self) -> str:
        return self.tenant.slug

    @property
    def signing(self) -> Signing:
        return Signing(self.store, SECRET, self.tenant, self.now)

    def draw(self, number: str | None = None) -> None:
        """What the job make_document does with every paper (or one) that is to be signed."""
        for planned in production.plan(self.order) if number is None else ():
            if planned.kind == PowerOfAttorney.kind:
                self.draw(planned.number)
        wanted = production.paper_to_render(self.store, self.slug, number, SECRET) if number else None
        if wanted:
            paper, _ = wanted
            content = f"%PDF-1.7 {paper.number} v{paper.version} {paper.data_sha256}".encode()
            assert issuing.store_paper(self.store, self.slug, paper, content, f"{paper.number}.pdf", self.now)

    def signers(self, number: str | None = None) -> list[Signer]:
        """Everybody who is to sign what is current."""
        with self.work() as work:
            return [
                standing.signer
                for case in standing.cases(work, self.order.ref)
                if case.is_current and number in (None, case.request.number)
                for standing in case.signers
            ]

    def signer(self, n: int = 1) -> Signer:
        return next(signer for signer in self.signers() if signer.n == n)

    def state(self) -> str:
        with self.work() as work:
            return next(case.state for case in standing.cases(work, self.order.ref) if case.is_current)

    def invite(self, signer: Signer) -> str:
        """What the mail job does; the secret of the link."""
        assert signer.link
        found = signing_mail_data.invite(self.store, self.slug, signer.link, SECRET, self.now)
        assert found is not None
        return found.secret

    def visit(self, signer: Signer, link: str, browser_binding: str = "seat") -> SignerView:
        found = self.signing.visit(signer.id, link, browser_binding=browser_binding, seen=VISITOR)
        assert found is not None
        return found

    def form(self, visit: SignerView, **changes: Any) -> Consent:
        said = Consent(visit.signer.name, visit.capacities[0], EVERY, visit.methods[0], visit.document.sha256)
        return replace(said, **changes)

    def consent(
        self, visit: SignerView, link: str, browser_binding: str = "seat", **changes: Any
    ) -> dict[str, Problem]:
        return self.signing.consent(visit, link, self.form(visit, **changes), browser_binding, VISITOR)

    def code(self, signer: Signer) -> str:
        """The code that was sent last."""
        with self.work() as work:
            proof = work.signings.latest_proof(signer.id)
        assert proof
        found = signing_mail_data.code_due(self.store, self.slug, proof.id, SECRET, self.now)
        return found.code if found else signature_requests.code_of(SECRET, self.slug, proof.id)

    def sign(self, signer: Signer, link: str | None = None, browser_binding: str = "seat") -> None:
        """From the mail to the signature, by code."""
        link = link or self.invite(signer)
        visit = self.visit(signer, link, browser_binding)
        assert self.consent(visit, link, browser_binding) == {}
        assert self.signing.give_code(visit, link, self.code(signer), browser_binding, VISITOR) is None

    def seal(self) -> bool:
        """What the job seal_document does, with ink that costs nothing."""
        with self.work() as work:
            request = next(case.request.id for case in standing.cases(work, self.order.ref) if case.is_current)
        ready = signature_completion.to_seal(self.store, self.slug, request, SECRET, self.now)
        if ready is None:
            return False
        content = b"%PDF-1.7 sealed " + ready.paper.evidence.encode()
        return signature_completion.keep_sealed(
            self.store, self.slug, request, ready.paper, content, "s.pdf", {}, self.now
        )

    def work(self, company: str | None = None) -> Any:
        return self.store.work(Scope(self.slug, company, "test"))

    def jobs(self, kind: str) -> list[str]:
        """What jobs of that kind are about, of this order or all."""
        with self.work() as work:
            rows = raw(
                work.session,
                "select args->>'id' from procrastinate_jobs where task_name = :kind and args->>'tenant' = :tenant order by id",
                {"kind": kind},
            )
            return [row[0] for row in rows]

    def told(self) -> list[str]:
        """What happened, in order, over all versions."""
        with self.work() as work:
            found = [h for r in work.signings.of_order(self.order.ref)[::-1] for h in work.signings.history(r.id)]
        return [happening.what for happening in found]

    def lines(self) -> dict[int, str]:
        with self.work() as work:
            return {line.n: line.state for line in work.orders.states(self.order.ref)}

    def ports(self) -> dict[int, str]:
        with self.work() as work:
            return {port.line: port.state for port in work.portings.of_order(self.order.ref)}

    def broken(self) -> list[tuple[Any, ...]]:
        """Promises about signing that do not hold."""
        with self.work() as work:
            rows = raw(work.session, "select * from broken_signings(:now) where tenant = :tenant", {"now": self.now})
            return [tuple(row) for row in rows]

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)


Opener = Callable[..., Room]
SEALS = Seals()


@pytest.fixture(scope="module")
def store(module_databases: Databases) -> Iterator[Store]:
    made = Store(module_databases.app_url, pool_size=6)
    yield made
    made.close()


@pytest.fixture
def open_room(store: Store) -> Opener:
    """A tenant of its own with an order whose ports (facts that differ from the usual) wait for signatures."""

    def opened(
        *ports: dict[str, Any],
        market: Market = SWEDEN,
        methods: tuple[str, ...] = ("code_mail", "code_sms", "eid", "paper"),
        signers: tuple[str, ...] = (),
        in_order: bool = False,
        drawn: bool = True,
    ) -> Room:
        n = next(_numbers)
        tenant = a_tenant(market, slug=f"t{n}", signing=SigningTerms(methods=methods), revision=f"{n:064d}")
        more = tuple(SignerName(name, f"{name.split()[0].lower()}@granit.example") for name in signers)
        lines = []
        for at, facts in enumerate(ports or ({},), 1):
            number = f"+4670{n:05d}{at:02d}" if market is SWEDEN else f"+4520{n:04d}{at:02d}"
            values = {"e164": number, "signers": more, "in_order": in_order, **facts}
            lines.append(a_moving_line(at, porting=a_porting(**values)))
        company = a_company() if market is SWEDEN else a_danish_company()
        order = an_order(*lines, tenant=tenant, ref=f"PT-{n:04d}-AA", draft=f"d{n}", company=company)
        with store.work(Scope(tenant.slug, None, "test")) as work:
            work.revisions.publish(tenant.revision, tenant_to_json(tenant), now=NOW)
            work.companies.add(company)
            work.drafts.add(
                Draft(order.draft, company.id, order.language, tenant.revision, "p", "p", NOW, lines=(Line(1),))
            )
            work.orders.add(order, {line.n: "waiting_signature" for line in order.lines})
            work.drafts.mark_placed(order.draft)
            for line in order.lines:
                assert line.porting
                port = Port(
                    f"{tenant.slug}-{line.n}", company.id, order.ref, line.n, line.porting.e164, "awaiting_signature",
                    line.porting.wished_date, {}, {}, NOW,
                )  # fmt: skip
                assert work.portings.add(port)
        room = Room(store, tenant, order)
        if drawn:
            room.draw()
        return room

    return opened


__all__ = ["DENMARK", "EVERY", "SEALS", "SECRET", "VISITOR", "Opener", "Room"]

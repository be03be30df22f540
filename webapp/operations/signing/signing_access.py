"""Who comes by a mailed link, and what is theirs to see: one paper, how far it has come, their copy; signs and refuses nothing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.domain.numbers import read_email
from webapp.domain.papers.facts import PowerOfAttorney, capacities
from webapp.domain.porting.porting_day import Deadline, deadline
from webapp.domain.problem import Invalid, Problem
from webapp.domain.signing import rules
from webapp.domain.signing.rules import CODE_MAIL, CODE_SMS, EID, INVITED, PAPER, Consent, Visitor
from webapp.domain.tenants.tenant import Tenant
from webapp.operations.papers import document_verification, porting_status, production
from webapp.operations.people.sign_in import Limit, TooOften, hash_of, network_of
from webapp.operations.signing import signature_requests as signature_requests
from webapp.store.papers.documents import Document
from webapp.store.platform.scope import Scope
from webapp.store.signing import Proof, Request, Signer
from webapp.store.unit_of_work import Store, Work

SIGN, COPY = signature_requests.SIGN, signature_requests.COPY
CONSENT_LIFE = timedelta(hours=1)
"""So long a consent waits for its proof (on paper as long as the link lives); then the paper is to be read again."""
_HOUR = timedelta(hours=1)
MISSES, ASKED = Limit(60, _HOUR), Limit(5, _HOUR)
ASKED_FROM = Limit(30, _HOUR)
_STAGES = {CODE_MAIL: "code", CODE_SMS: "code", EID: "eid", PAPER: "scan"}


class Gone(Exception):
    """The link leads nowhere (any more): one and the same page, whatever the reason."""


@dataclass(frozen=True)
class SignerView:
    """What the pages show to somebody whose link is alive. `stage` says which page is theirs now:

    document | code | eid | scan | waiting (a job looks at the eID or the scan) | done.
    """

    request: Request
    signer: Signer
    signers: tuple[Signer, ...]
    company: str  # the name of the company that ordered
    paper: PowerOfAttorney
    seller: Tenant  # as it was when the paper was drawn: whose words stand on it
    document: Document  # the bytes shown; sha256 stands in the form
    methods: tuple[str, ...]  # first = offered first
    capacities: tuple[str, ...]
    stage: str
    proof: Proof | None  # the attempt that is under way at this seat
    said: Consent | None  # what was said at this seat of late, whatever became of the attempt to prove it
    is_elsewhere: bool  # another attempt, begun at another seat, has put an end to this one's
    problem: Problem | None  # why the last attempt came to nothing: eID refused, scan unreadable
    sealed: bool  # the signed paper is there to be fetched
    deadline: Deadline | None  # for the wished day, if the link holds longer

    @property
    def is_signed(self) -> bool:
        """Whether this signer has signed."""
        return self.signer.state == "signed"


class SigningAccess:
    """One tenant's place to sign, at one moment, as those see it who come there. `secret` is the installation's."""

    def __init__(self, store: Store, secret: str, tenant: Tenant, now: datetime) -> None:
        self._store, self._secret, self._tenant, self._now = store, secret, tenant, now

    def open_link(self, link: str, address: str) -> str | None:
        """The signer a mailed link is for, and nothing else happens; None for a dead one. Raises people.TooOften."""
        key, hash = f"sign:miss:{network_of(address)}", hash_of(link)
        with self._store.work(Scope.doorstep(self._tenant.slug)) as work:
            free = work.throttle.free_at(key, most=MISSES.most, window=MISSES.window, now=self._now)
            if free:
                raise TooOften(max(1, int((free - self._now).total_seconds())))
            found = work.tokens.live(SIGN, hash, self._now)
            if found is None and not work.tokens.is_known(SIGN, hash):
                found = work.tokens.live(COPY, hash, self._now)  # mailed with the copy; a link that signed is used up
            if found is None:
                work.throttle.hit(key, window=MISSES.window, now=self._now)
        return found.subject if found else None

    def visit(
        self, signer: str, link: str, *, browser_binding: str = "", seen: Visitor | None = None
    ) -> SignerView | None:
        """What is to be shown; None: 410. `seen` (a GET of the document by somebody) notes once that it was fetched.

        After signing the same link still opens the done page and the copy, and nothing else.
        """
        company = self._company(signer, link)
        if company is None:
            return None
        with self._at(signer, company) as work:
            found = self._read(work, signer, browser_binding)
            if found is None or found.signer.state == "queued":
                return None
            if seen and found.signer.opened_at is None and work.signings.fetch_once(signer, self._now):
                # Mail scanners fetch pages, too; "opened" is told of what only a person does.
                details = {"address": seen.network, "agent": seen.software}
                signature_requests.record_event(
                    work, found.request, "fetched", self._now, signer=found.signer, details=details
                )
        return found

    def copy(self, signer: str, link: str, seals: document_verification.Seals) -> tuple[Document, bytes] | None:
        """The very bytes that are to be signed; once sealed, the signed paper. None: 410.

        Checked before it leaves: raises inspection.Damaged, CannotCheck.
        """
        company = self._company(signer, link)
        if company is None:
            return None
        scope = Scope(self._tenant.slug, company, f"signer:{signer}")
        with self._store.work(scope) as work:
            one = work.signings.signer(signer)
            request = work.signings.get(one.request) if one else None
            if request is None:
                return None
            found = work.documents.get(request.sealed or request.document)
            content = work.documents.content(found.id) if found else None
        if found is None or content is None:
            return None
        document_verification.need_whole(self._store, seals, scope, found, content, self._now)
        with self._store.work(scope) as work:
            details = {"document": found.id, "kind": found.kind}
            work.audit.write("document.fetched", found.order, now=self._now, details=details, company=company)
        return found, content

    def new_link(self, email: str, address: str) -> None:
        """Has new links mailed if something waits for this address. Never tells whether. Raises people.TooOften."""
        try:
            known = read_email(email).lower()
        except Invalid:
            return
        of_address = hashlib.sha256(known.encode()).hexdigest()[:32]
        with self._store.work(Scope(self._tenant.slug, None, "signer")) as work:
            self._count(work, f"sign:new:from:{network_of(address)}", ASKED_FROM)
            often = work.throttle.hit(f"sign:new:{of_address}", window=ASKED.window, now=self._now) > ASKED.most
            for signer in () if often else work.signings.of_address(known):
                signature_requests.resend(work, signer.id, self._now)

    def _company(self, signer: str, link: str) -> str | None:
        """Whose rows this link opens; None for a link that is dead or somebody else's."""
        found = self._store.whose_link(self._tenant.slug, hash_of(link), self._now)
        return found[1] if found and found[0] == signer else None

    @contextmanager
    def _at(self, signer: str, company: str) -> Iterator[Work]:
        with self._store.work(Scope(self._tenant.slug, company, f"signer:{signer}")) as work:
            yield work

    def _read(self, work: Work, signer: str, browser_binding: str) -> SignerView | None:
        shown = work.signings.shown(signer)
        if shown is None:
            return None
        request, one, document, latest = shown.request, shown.signer, shown.document, shown.proof
        paper = signature_requests.paper_of(document)
        seller = production.drawn_with(work, document, self._tenant)
        ours = (
            latest if latest and hmac.compare_digest(latest.browser_binding, binding_digest(browser_binding)) else None
        )
        proof = ours if ours and self._goes_on(ours) and one.state in INVITED else None
        stage = "done" if one.state == "signed" else "document"
        if proof:
            stage = "waiting" if proof.state == "asked" else _STAGES[proof.method]
        market = self._tenant.market
        link_ends = market.today(request.expires_at)
        why = ours.facts.get("why") if ours and ours.state in ("failed", "open") else None
        return SignerView(
            request=request,
            signer=one,
            signers=work.signings.signers(request.id) if len(paper.signers) > 1 else (one,),
            company=shown.company,
            paper=paper,
            seller=seller,
            document=document,
            methods=rules.methods(self._tenant.signing.methods, paper),
            capacities=capacities(paper, seller.market),
            stage=stage,
            proof=proof,
            said=None if ours is None or self._is_late(ours) else _said(ours),
            is_elsewhere=latest is not None and ours is None and self._goes_on(latest),
            problem=Problem(why) if why else None,
            sealed=request.sealed is not None,
            deadline=deadline(market, porting_status.wishes(paper, shown.days), market.today(self._now), link_ends),
        )

    def _goes_on(self, proof: Proof) -> bool:
        return proof.state in ("open", "asked") and not self._is_late(proof)

    def _is_late(self, proof: Proof) -> bool:
        life = rules.LINK_LIFE if proof.method == PAPER else CONSENT_LIFE
        return proof.made_at + life <= self._now

    def _count(self, work: Work, key: str, limit: Limit) -> None:
        """Counted before it is asked, so that many at once are as many."""
        if work.throttle.hit(key, window=limit.window, now=self._now) > limit.most:
            until = work.throttle.ends(key, window=limit.window, now=self._now)
            raise TooOften(max(1, int((until - self._now).total_seconds())))


def _said(proof: Proof) -> Consent:
    return Consent(proof.name, proof.capacity, frozenset(proof.declarations), proof.method, proof.sha256)


def binding_digest(cookie: str) -> bytes:
    """By which a device is known again: its cookie is kept nowhere."""
    return hashlib.sha256(cookie.encode(errors="replace")).digest()

"""What somebody who signs a power of attorney says and proves, with a mailed link and no account; knows no cookie and calls nobody.

A signer is known by the secret of their link, a device by its seat (a random cookie). Every verb looks at both anew in the
transaction in which it changes something, so that a link that died meanwhile signs nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from webapp import faults
from webapp.domain.numbers import read_text
from webapp.domain.papers.facts import declarations
from webapp.domain.problem import Invalid, Problem
from webapp.domain.signing import rules
from webapp.domain.signing.rules import (
    CODE_LIFE,
    CODE_MAIL,
    CODE_SMS,
    CODE_TRIES,
    EID,
    INVITED,
    PAPER,
    Consent,
    Visitor,
)
from webapp.l10n import Localizer
from webapp.operations.people.sign_in import Limit, hash_of
from webapp.operations.signing import signature_requests as signature_requests
from webapp.operations.signing.signing_access import COPY, SIGN, Gone, SignerView, SigningAccess, binding_digest
from webapp.store.platform.tables import new_id
from webapp.store.signing import Proof, Request, Signer
from webapp.store.unit_of_work import Work

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
CODES, CODES_A_DAY = Limit(5, _HOUR), Limit(15, _DAY)
"""Of a signer: with five tries each, whoever has the link and guesses for its two weeks hits one code in a thousand times."""
TEXTS_A_DAY = Limit(10, _DAY)
"""To a number, whoever has them sent: its owner need not have anything to do with any of the orders."""
ATTEMPTS = Limit(40, _DAY)
"""Of a signer, by whatever method: each keeps rows for good, and a scan ten megabytes."""


class Signing(SigningAccess):
    """The same place, with the verbs: yes, step by step, and no."""

    # --- Saying yes ----------------------------------------------------------------------------------------------

    def consent(
        self, visit: SignerView, link: str, form: Consent, browser_binding: str, visitor: Visitor
    ) -> dict[str, Problem]:
        """Step one: name, capacity, declarations, method. Problems by field (name, capacity, declarations, method,
        sha256); empty: go on to the stage of the method. For a code one is sent. Raises Gone."""
        sentences = dict(declarations(visit.paper, _words_of(visit)))
        checked = rules.read_consent(
            form,
            capacities=visit.capacities,
            declarations=sentences,
            methods=visit.methods,
            sha256=visit.document.sha256,
        )
        with self._alive(visit, link, browser_binding) as work:
            if work is None:
                return {}
            self._opened(work, visit, visitor)
            if checked.consent is None:
                return checked.problems
            if often := self._too_often(work, visit) or self._too_many_codes(work, visit, form.method):
                return {"method": often}
            said, signer = checked.consent, visit.signer
            details = {
                "name": said.name, "capacity": said.capacity, "declarations": sorted(said.declarations),
                "method": said.method, "sha256": said.sha256, "address": visitor.network, "agent": visitor.software,
                "sentences_sha256": {code: hashlib.sha256(text.encode()).hexdigest() for code, text in sentences.items()},
            }  # fmt: skip
            signature_requests.record_event(work, visit.request, "consented", self._now, signer=signer, details=details)
            self._begin(work, visit, said, browser_binding, visitor.network)
            faults.point("sign.after_consent")
        return {}

    def give_code(
        self, visit: SignerView, link: str, code: str, browser_binding: str, visitor: Visitor
    ) -> Problem | None:
        """Step two by code. None: signed (also when another device was quicker). Raises Gone."""
        with self._alive(visit, link, browser_binding) as work:
            if work is None:
                return None
            proof = self._under_way(work, visit, browser_binding, CODE_MAIL, CODE_SMS)
            if proof is None or proof.expires_at <= self._now:
                return Problem("sign.code.old")
            if proof.tries >= CODE_TRIES:
                return Problem("sign.code.over")
            right, typed = signature_requests.code_of(self._secret, self._tenant.slug, proof.id), rules.read_code(code)
            if not typed:  # what can be no code was no try
                return (
                    Problem("sign.code.short", {"digits": rules.CODE_DIGITS})
                    if code.strip()
                    else Problem("sign.code.missing")
                )
            if not hmac.compare_digest(typed.encode(), right.encode()):
                left = work.signings.count_try(proof.id, CODE_TRIES)
                signature_requests.record_event(
                    work, visit.request, "code_wrong", self._now, signer=visit.signer, details={"left": left}
                )
                return Problem("sign.code.wrong", {"n": left}) if left else Problem("sign.code.over")
            shown = {"phone_masked": rules.masked(proof.facts["phone"])} if proof.method == CODE_SMS else {}
            details = {"method": proof.method, "address": visitor.network}
            signature_requests.record_event(
                work, visit.request, "code_confirmed", self._now, signer=visit.signer, details=details
            )
            if not take_signature(work, visit.request, visit.signer, proof, shown, self._now):
                raise Gone
        return None

    def another_code(self, visit: SignerView, link: str, browser_binding: str) -> Problem | None:
        """A new code for the same consent; the one before dies. Problem sign.code.often after five in an hour. Raises Gone."""
        with self._alive(visit, link, browser_binding) as work:
            if work is None:
                return None
            proof = self._under_way(work, visit, browser_binding, CODE_MAIL, CODE_SMS)
            if proof is None:
                return Problem("sign.code.old")
            if often := self._too_many_codes(work, visit, proof.method):
                return often
            said = Consent(proof.name, proof.capacity, frozenset(proof.declarations), proof.method, proof.sha256)
            self._begin(work, visit, said, browser_binding, proof.address)
        return None

    def eid_came_back(
        self,
        visit: SignerView,
        link: str,
        browser_binding: str,
        visitor: Visitor,
        *,
        code: str,
        state: str,
        error: str = "",
    ) -> Problem | None:
        """The browser is back (a POST of the callback's form): a job exchanges the code, the page polls. Raises Gone."""
        with self._alive(visit, link, browser_binding) as work:
            if work is None:
                return None
            proof = self._under_way(work, visit, browser_binding, EID)
            if proof is None or proof.state != "open" or proof.expires_at <= self._now:
                return Problem("sign.eid.old")
            if not hmac.compare_digest(state.encode(errors="replace"), proof.facts["state"].encode()):
                return Problem("sign.eid.failed")  # an answer to another question: ours still stands
            if error or not (code and code.isascii() and code.isprintable()):
                why = "sign.eid.cancelled" if error == "access_denied" else "sign.eid.failed"
                work.signings.move_proof(proof.id, was=("open",), to="failed", facts={**proof.facts, "why": why})
                details = {"error": "".join(filter(str.isprintable, error))[:100]}
                signature_requests.record_event(
                    work, visit.request, "eid_failed", self._now, signer=visit.signer, details=details
                )
                return Problem(why)
            facts = {**proof.facts, "code": code}
            work.signings.move_proof(proof.id, was=("open",), to="asked", facts=facts, address=visitor.network)
            work.jobs.defer(signature_requests.EXCHANGE_EID, proof.id)
        return None

    def upload_scan(
        self, visit: SignerView, link: str, content: bytes, name: str, browser_binding: str, visitor: Visitor
    ) -> Problem | None:
        """Step two on paper: the scan of the signed paper is kept for a job to check. Raises Gone."""
        kind = rules.kind_of_scan(content)
        if not kind:
            return Problem("sign.scan.kind")
        if len(content) > rules.LARGEST_SCAN:
            return Problem("sign.scan.large", {"n": rules.LARGEST_SCAN // 1024**2})
        with self._alive(visit, link, browser_binding) as work:
            if work is None:
                return None
            proof = self._under_way(work, visit, browser_binding, PAPER)
            if proof is None or proof.state != "open":
                return Problem("sign.document.changed")
            if often := self._too_often(work, visit):
                return often
            facts = {"kind": kind, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
            work.signings.move_proof(
                proof.id, was=("open",), to="asked", facts=facts, content=content, address=visitor.network
            )
            signature_requests.record_event(
                work, visit.request, "scan_received", self._now, signer=visit.signer, details=facts
            )
            work.jobs.defer(signature_requests.CHECK_SCAN, proof.id)
        return None

    # --- Saying no -----------------------------------------------------------------------------------------------

    def decline(self, visit: SignerView, link: str, reason: str) -> Problem | None:
        """Will not sign. The company that ordered is told, with the reason if one is given. Raises Gone."""
        try:
            why = read_text(" ".join(reason.split()), longest=rules.LONGEST_REASON, shortest=0)
        except Invalid as invalid:
            long = Problem("sign.reason.long", {"n": rules.LONGEST_REASON})
            return long if invalid.problem.code == "text.long" else invalid.problem
        self._refuse(visit, link, "declined", why)
        return None

    def not_me(self, visit: SignerView, link: str) -> None:
        """The mail reached the wrong person: the link dies, the company that ordered is told. Raises Gone."""
        self._refuse(visit, link, "not_me", "")

    def _refuse(self, visit: SignerView, link: str, how: str, reason: str) -> None:
        with self._alive(visit, link) as work:
            if work is None or not work.signings.change_signer(visit.signer.id, was=INVITED, state=how, reason=reason):
                raise Gone
            work.signings.change_state(visit.request.id, was=("waiting",), to="declined", now=self._now)
            signature_requests.close(
                work, visit.request, self._now, tells=(*signature_requests.ASKED, "signed"), but=visit.signer.id
            )
            signature_requests.record_event(
                work, visit.request, how, self._now, signer=visit.signer, details={"reason": reason}
            )

    # --- Inside --------------------------------------------------------------------------------------------------

    @contextmanager
    def _alive(self, visit: SignerView, link: str, browser_binding: str | None = None) -> Iterator[Work | None]:
        """A transaction that holds the request while it waits for this signer. None: they have signed already.

        Raises Gone when the link has died since the page was shown, or a device without a seat asks for what needs one.
        """
        signer = visit.signer
        with self._at(signer.id, signer.company) as work:
            taken = work.signings.lock_if(visit.request.id, "waiting")
            token = work.tokens.live(SIGN, hash_of(link), self._now) if browser_binding != "" else None
            one = work.signings.signer(signer.id)
            if taken and token and token.subject == signer.id and one and one.state in INVITED:
                yield work
            elif one and one.state == "signed" and work.tokens.live(COPY, hash_of(link), self._now):
                yield None
            else:
                raise Gone
            faults.point("sign.before_commit")

    def _opened(self, work: Work, visit: SignerView, visitor: Visitor) -> None:
        """A form was sent, which no mail scanner does: told once."""
        if work.signings.change_signer(visit.signer.id, was=("waiting", "bounced"), state="opened"):
            details = {"address": visitor.network, "agent": visitor.software}
            signature_requests.record_event(
                work, visit.request, "opened", self._now, signer=visit.signer, details=details
            )

    def _under_way(self, work: Work, visit: SignerView, browser_binding: str, *methods: str) -> Proof | None:
        """The attempt of this signer, begun at this very device, of these very bytes."""
        found = work.signings.latest_proof(visit.signer.id)
        if found is None or found.method not in methods or not self._goes_on(found):
            return None
        same = (
            hmac.compare_digest(found.browser_binding, binding_digest(browser_binding))
            and found.sha256 == visit.document.sha256
        )
        return found if same else None

    def _begin(self, work: Work, visit: SignerView, said: Consent, browser_binding: str, address: str) -> None:
        """A new attempt; those before lead nowhere."""
        facts: dict[str, Any] = {}
        if said.method == CODE_SMS:
            facts = {"phone": rules.mobile(visit.paper)}
        if said.method == EID:
            facts = {name: secrets.token_urlsafe(32) for name in ("state", "nonce", "verifier")}
        life = {EID: rules.EID_LIFE, PAPER: rules.LINK_LIFE}.get(said.method, CODE_LIFE)
        proof = Proof(
            id=new_id(), company=visit.signer.company, signer=visit.signer.id, method=said.method, state="open",
            browser_binding=binding_digest(browser_binding), name=said.name, capacity=said.capacity, declarations=tuple(sorted(said.declarations)),
            sha256=said.sha256, address=address, made_at=self._now, expires_at=self._now + life, tries=0, facts=facts,
        )  # fmt: skip
        work.signings.void_proofs(visit.signer.id)
        work.signings.begin_proof(proof)
        job = {
            CODE_MAIL: signature_requests.MAIL_CODE,
            CODE_SMS: signature_requests.SMS_CODE,
            EID: signature_requests.PREPARE_EID,
        }.get(said.method)
        if job:
            work.jobs.defer(job, proof.id)
        if said.method in (CODE_MAIL, CODE_SMS):
            to = rules.masked(facts["phone"]) if facts else visit.signer.email
            details = {"method": said.method, "to": to}
            signature_requests.record_event(
                work, visit.request, "code_sent", self._now, signer=visit.signer, details=details
            )

    def _too_often(self, work: Work, visit: SignerView) -> Problem | None:
        count = work.throttle.hit(f"sign:try:{visit.signer.id}", window=ATTEMPTS.window, now=self._now)
        return Problem("sign.attempts") if count > ATTEMPTS.most else None

    def _too_many_codes(self, work: Work, visit: SignerView, method: str) -> Problem | None:
        if method not in (CODE_MAIL, CODE_SMS):
            return None
        signer = f"sign:code:{visit.signer.id}"
        limits = [(signer, CODES, "sign.code.often"), (f"{signer}:day", CODES_A_DAY, "sign.code.today")]
        if method == CODE_SMS:
            number = hashlib.sha256(rules.mobile(visit.paper).encode()).hexdigest()[:32]
            limits.append((f"sign:text:{number}", TEXTS_A_DAY, "sign.code.today"))
        for key, limit, problem in limits:
            if work.throttle.hit(key, window=limit.window, now=self._now) > limit.most:
                return Problem(problem)
        return None


def take_signature(
    work: Work, request: Request, signer: Signer, proof: Proof, shown: dict[str, str], now: datetime
) -> bool:
    """The signature is given: once, by the first proof that comes; the next in order is asked, or the seal follows.

    `shown` is what the proof told: phone_masked, or provider, acr, transaction, verified_name.
    """
    if not work.signings.lock_if(request.id, "waiting"):
        return False
    given = {
        "state": "signed", "signed_at": now, "signed_name": proof.name, "capacity": proof.capacity, "method": proof.method,
        "declarations": proof.declarations, "address": proof.address, "proof": shown,
    }  # fmt: skip
    if not work.signings.change_signer(signer.id, was=INVITED, **given):
        return False
    if not work.signings.move_proof(proof.id, was=("open", "asked"), to="used"):
        raise Gone  # and nothing of this has happened
    work.tokens.pass_on(SIGN, COPY, subject=signer.id, now=now, expires_at=now + rules.LINK_LIFE)
    signature_requests.close_links(work, signer, now)
    details = {
        "name": proof.name, "capacity": proof.capacity, "method": proof.method, "sha256": proof.sha256,
        "address": proof.address, "declarations": list(proof.declarations), **shown,
    }  # fmt: skip
    signature_requests.record_event(work, request, "signed", now, signer=signer, details=details)
    others = [each for each in work.signings.signers(request.id) if each.state != "signed"]
    if others and others[0].state == "queued":
        signature_requests.send_link(work, request, others[0], now)
    if not others and work.signings.change_state(request.id, was=("waiting",), to="signed", now=now):
        work.jobs.defer(signature_requests.SEAL, request.id)
    return True


def _words_of(visit: SignerView) -> Localizer:
    """Of the paper, as it was shown."""
    seller, language = visit.seller, visit.paper.language
    return Localizer(language, seller.own_words(language), seller.market.zone, seller.market.code)

"""Which mails are written to whom, and that each is sent once in effect; knows no template and no mail server."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from webapp import faults
from webapp.domain.numbers import show_msisdn
from webapp.domain.ordering.order import Order, OrderLine
from webapp.domain.ordering.questions.question import YES
from webapp.domain.tenants.tenant import Tenant
from webapp.operations.people.sign_in import reset_mail
from webapp.store.desk.job_status import MAIL_FAILED, MAIL_SENT, MAIL_WAITS, Outcomes
from webapp.store.platform.scope import Scope
from webapp.store.unit_of_work import Store, Work, Working
from webapp.tenancy.revision import tenant_from_json

WORKER = "worker"
RECEIVED, WELCOME, ESIM, RESET = "order_received", "welcome", "esim", "reset"
SEAL_TROUBLE, PAPER_DAMAGED = ALARMS = ("seal_trouble", "paper_damaged")  # to the seller's own people, once an alarm
KINDS = (*ALARMS, RECEIVED, WELCOME, ESIM, RESET)

# So that nobody can make a cannon of us; orders of a thousand lines pass. Of each kind, and of mails that were sent: a
# day without a mail server uses nothing up, and many welcomes through one mailbox keep no link for signing waiting.
MOST_TO_ADDRESS = 100
MOST_OF_COMPANY = 5000
_DAY = timedelta(days=1)


class Pending(Exception):
    """Not now: another worker is at it, or an address has had its share of mails for today. Try again later."""


@dataclass(frozen=True)
class Due:
    """A mail that an order leads to. `n` is the line it is about, 0 for the whole order."""

    kind: str
    ref: str
    n: int
    to: str
    name: str

    @property
    def id(self) -> str:
        """What its job carries."""
        return f"{self.ref}/{self.n}" if self.n else self.ref

    @property
    def job(self) -> str:
        """The job's kind."""
        return f"mail_{self.kind}"


@dataclass(frozen=True)
class Letter:
    """One mail to be written: to whom, in which language, and the facts its template may use."""

    kind: str
    id: str
    to: str
    language: str
    tenant: Tenant
    company: str | None = None
    ref: str = ""
    n: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    template: str = ""  # where several kinds share one; else the kind's own
    attached: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)  # PDFs by file name
    is_security: bool = (
        False  # somebody sits before a form and needs it: never waits, and is limited where it is asked for
    )

    @property
    def key(self) -> str:
        """Under which it is sent once."""
        return f"mail:{self.kind}:{self.id}"

    @property
    def budgets(self) -> tuple[tuple[str, int], ...]:
        """The throttle's keys by which such mails are counted, with how many a day may be sent."""
        if self.is_security:
            return ()
        address = hashlib.sha256(self.to.lower().encode()).hexdigest()[:32]
        found = ((f"mail:{self.kind}:to:{address}", MOST_TO_ADDRESS),)
        return (*found, (f"mail:{self.kind}:of:{self.company}", MOST_OF_COMPANY)) if self.company else found

    @property
    def message_id(self) -> str:
        """Always the same for the same mail: who gets it twice can tell."""
        digest = hashlib.sha256(f"{self.tenant.slug}/{self.key}".encode()).hexdigest()[:40]
        return f"<{digest}@{self.tenant.mail.address.rpartition('@')[2]}>"


@dataclass(frozen=True)
class Sending:
    """How far the mails of one kind have come for an order."""

    kind: str
    total: int
    sent: int
    failed: int
    name: str  # of the only recipient
    waiting: int = 0  # until another day: the address, or the company, has had its share of this one

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be sent by itself, or not today."""
        return self.sent + self.failed + self.waiting == self.total


def due(order: Order, tenant: Tenant) -> tuple[Due, ...]:
    """The mails of an order: one to whoever ordered, a welcome to users as the tenant wants it, and on to the phone with an eSIM."""
    found = [Due(RECEIVED, order.ref, 0, order.ordered_by_email, order.ordered_by)]
    for line in order.lines:
        if line.user_email and _welcomes(line, tenant.welcome.mode):
            found.append(Due(WELCOME, order.ref, line.n, line.user_email, line.user_name))
        if line.answers.get("sim") == "esim" and (address := line.answers.get("esim_email")):
            found.append(Due(ESIM, order.ref, line.n, address, line.user_name))
    return tuple(found)


def _welcomes(line: OrderLine, mode: str) -> bool:
    return mode == "always" or (mode == "ask" and line.answers.get("welcome") == YES)


def sendings(work: Work, order: Order, tenant: Tenant) -> tuple[Sending, ...]:
    """How far the order's mails have come, kind by kind."""
    told, found = Outcomes(work.session).mails(order.ref), []
    every = due(order, tenant)
    for kind in dict.fromkeys(each.kind for each in every):
        mails = [each for each in every if each.kind == kind]
        states = [told.get((kind, each.n)) for each in mails]
        name = mails[0].name if len(mails) == 1 else ""
        sent, failed, waiting = (states.count(state) for state in (MAIL_SENT, MAIL_FAILED, MAIL_WAITS))
        found.append(Sending(kind, len(mails), sent, failed, name, waiting))
    return tuple(found)


def letter(store: Store, tenant: str, kind: str, id: str, secret: str, now: datetime) -> Letter | None:
    """The mail of that kind and id in the seller's present dress; None when there is nobody to write to any more."""
    with _worker_scope(store, tenant) as work:
        revision = work.revisions.current()
        if revision is None:
            return None
        seller = tenant_from_json(revision.content)
        if kind == RESET:
            return _reset(work, seller, id, secret, now)
        if kind in ALARMS:
            return _alarm(work, seller, kind, id)
        ref, _, n = id.partition("/")
        order = work.orders.get(ref)
    if order is None:
        return None
    line = order.line(int(n)) if n else None
    to = next((each.to for each in due(order, _as_asked(seller)) if (each.kind, each.id) == (kind, id)), None)
    facts = {
        "order": order, "line": line, "number": _number(line, seller), "moves": bool(order.ports),
        "signs_alone": signs_alone(order),
    }  # fmt: skip
    return Letter(kind, id, to, order.language, seller, order.company.id, ref, int(n or 0), facts) if to else None


def signs_alone(order: Order) -> bool:
    """Whether whoever ordered is the only one who is to sign, whatever moves."""
    theirs = order.ordered_by_email.casefold()
    return all(
        who.email.casefold() == theirs for line in order.ports if line.porting for who in line.porting.all_signers
    )


def _as_asked(seller: Tenant) -> Tenant:
    """Whether to welcome was settled when the order was placed; the job would not be there otherwise."""
    return replace(seller, welcome=replace(seller.welcome, mode="always"))


def _number(line: OrderLine | None, tenant: Tenant) -> str:
    e164 = (line.porting.e164 if line.porting else line.number) if line else None
    return show_msisdn(e164, tenant.market) if e164 else ""


def _reset(work: Work, seller: Tenant, id: str, secret: str, now: datetime) -> Letter | None:
    found = reset_mail(work, secret, id, now)
    if found is None:
        return None
    language = found.language if found.language in seller.languages else seller.language
    facts = {"name": found.name, "token": found.token, "expires_at": found.expires_at}
    return Letter(RESET, id, found.email, language, seller, facts=facts, is_security=True)


def _alarm(work: Work, seller: Tenant, kind: str, id: str) -> Letter | None:
    """Nobody is told of what is over by itself."""
    alarm = work.alarms.get(id)
    if alarm is None or alarm.over_at:
        return None
    facts = {"ref": alarm.ref, "raised_at": alarm.raised_at, **alarm.details}
    return Letter(kind, id, seller.support.email, seller.language, seller, facts=facts)


# --- Once in effect ----------------------------------------------------------------------------------------------


def claim(store: Store, letter: Letter, now: datetime) -> bool:
    """Takes the mail on; False when it has been sent. Raises Pending; one that waits for another day is told in the trail."""
    with _worker_scope(store, letter.tenant.slug) as work:
        if work.effects.state(letter.key) == "done":
            return False
        counts = ((work.throttle.count(key, window=_DAY, now=now), most) for key, most in letter.budgets)
        is_over = any(count >= most for count, most in counts)
        if not is_over and work.effects.claim(letter.key, letter.message_id, now=now) is None:
            raise Pending("another worker is sending it")
        if is_over and letter.id not in Outcomes(work.session).waiting(letter.ref or letter.id):
            _tell(work, MAIL_WAITS, letter, now, {"id": letter.id})
    if is_over:
        raise Pending("as many mails of this kind as may be sent in a day")
    return True


def sent(store: Store, letter: Letter, now: datetime) -> None:
    """The server has it: told in the trail, never to be sent again."""
    with _worker_scope(store, letter.tenant.slug) as work:
        if work.effects.finish(letter.key, now=now):
            for key, _ in letter.budgets:
                work.throttle.hit(key, window=_DAY, now=now)
            _tell(work, MAIL_SENT, letter, now, {"message_id": letter.message_id})
        faults.point("mail.before_commit")


def not_sent(store: Store, letter: Letter, now: datetime, why: str = "") -> None:
    """The server has not taken it, so it may be tried again at once; with `why` it never will by itself, and that is told."""
    with _worker_scope(store, letter.tenant.slug) as work:
        work.effects.give_back(letter.key)
        if why:
            _tell(work, MAIL_FAILED, letter, now, {"why": why})


def _tell(work: Work, what: str, letter: Letter, now: datetime, details: Mapping[str, Any]) -> None:
    about = {"kind": letter.kind, "n": letter.n, **details}
    work.audit.write(what, letter.ref or letter.id, now=now, details=about, company=letter.company)


def _worker_scope(store: Store, tenant: str) -> Working:
    return store.work(Scope(tenant, None, WORKER))

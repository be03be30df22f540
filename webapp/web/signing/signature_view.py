"""How far a power of attorney has come, as customers and staff see it: one chip and one sentence a signer. Decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from webapp.domain.market import Market
from webapp.domain.ordering.order import Order
from webapp.domain.porting.porting_day import Deadline, deadline
from webapp.operations.signing.signature_requests import paper_of
from webapp.operations.signing.signature_status import SignatureStatus, SignerStatus, cases, doubts

if TYPE_CHECKING:
    from webapp.store.reading.signature_reads import Awaited
    from webapp.store.unit_of_work import Work

CHANGEABLE = ("waiting", "expired", "declined")
"""States in which somebody can be asked (again)."""


@dataclass(frozen=True)
class ShownSigner:
    """A signer. `state` is that of a chip; `since` when it came to it."""

    id: str
    name: str
    email: str
    state: str  # queued | waiting | opened | signed | declined | not_me | bounced | expired | over
    since: datetime | None
    reason: str
    may_resend: bool
    may_change: bool
    mail: str = "sent"  # of the last link: queued | held | sent | failed


@dataclass(frozen=True)
class ShownCase:
    """A power of attorney. `state`: waiting | bounced | not_me | signed | sealed | declined | expired | withdrawn | replaced."""

    request: str
    number: str  # the paper's
    version: int
    line: int  # by which its pages are addressed
    state: str
    numbers: tuple[str, ...]
    is_of_one_number: bool  # no series, and no other number with it
    signers: tuple[ShownSigner, ...]
    signed: int
    unsigned: str  # document ids
    sealed: str
    expires_at: datetime
    may_withdraw: bool
    may_correct: bool
    doubts: tuple[str, ...] = ()  # for staff: own_address, other_name
    before: tuple[ShownSigner, ...] = ()  # of the versions that this one replaces

    def waits_for(self, email: str) -> bool:
        """Whether the reader, who has an account with this address, is one of those whose turn it is to sign."""
        mine = (
            each.email.casefold() == email.casefold() for each in self.signers if each.state in ("waiting", "opened")
        )
        return self.state == "waiting" and any(mine)

    @property
    def is_held(self) -> bool:
        """Whether a link waits for another day."""
        return any(each.mail == "held" for each in self.signers if each.state in ("waiting", "opened"))

    @property
    def is_mailed(self) -> bool:
        """Whether the mail server has the link of everybody who is asked now; before that nothing has been sent."""
        return all(each.mail == "sent" for each in self.signers if each.state in ("waiting", "opened"))


@dataclass(frozen=True)
class Hanging:
    """A power of attorney that waits, as the start page tells of it. `names` are of those it hangs on."""

    url: str
    order: str
    lines: tuple[int, ...]
    state: str  # waiting | bounced | not_me | declined | expired
    numbers: tuple[str, ...]
    names: tuple[str, ...]
    emails: tuple[str, ...]
    expires_at: datetime
    is_mine: bool  # the reader is the one to sign
    deadline: Deadline | None  # for the wished day, if the link holds longer

    @property
    def needs_somebody(self) -> bool:
        """Whether nothing happens until somebody acts."""
        return self.is_mine or self.state != "waiting"


_HANGS_ON = {"waiting": ("waiting", "opened"), "expired": ("waiting", "opened", "bounced")}


def hanging(found: Iterable[Awaited], market: Market, email: str, today: date) -> tuple[Hanging, ...]:
    """What waits, first the reader's own signature, then what went wrong."""
    rows = (_hanging(each, market, email.casefold(), today) for each in found)
    return tuple(sorted(rows, key=lambda row: (not row.is_mine, not row.needs_somebody)))


def _hanging(found: Awaited, market: Market, email: str, today: date) -> Hanging:
    state = state_of(found.state, {signer[2] for signer in found.signers})
    on = [signer for signer in found.signers if signer[2] in _HANGS_ON.get(state, (state,))]
    return Hanging(
        url=f"/orders/{found.order}/lines/{found.lines[0]}/signing",
        order=found.order,
        lines=found.lines,
        state=state,
        numbers=found.numbers,
        names=tuple(signer[0] for signer in on),
        emails=tuple(signer[1] for signer in on),
        expires_at=found.expires_at,
        is_mine=state == "waiting" and any(signer[1].casefold() == email for signer in on),
        deadline=deadline(market, found.wishes, today, market.today(found.expires_at)),
    )


def of_order(work: Work, order: Order) -> tuple[ShownCase, ...]:
    """The newest version of each of an order's; nothing is read of an order that moves no number."""
    found: tuple[SignatureStatus, ...] = cases(work, order.ref) if order.ports else ()
    return tuple(
        replace(shown(case), before=_before(case, found), doubts=doubts(case, order.ordered_by_email))
        for case in found
        if case.is_current
    )


def _before(case: SignatureStatus, found: Iterable[SignatureStatus]) -> tuple[ShownSigner, ...]:
    earlier = [each for each in found if each.request.number == case.request.number and each is not case]
    return tuple(_signer(standing, each.state) for each in earlier for standing in each.signers)


def shown(case: SignatureStatus) -> ShownCase:
    """One of them."""
    open_ = case.state in CHANGEABLE
    signers = tuple(_signer(each, case.state) for each in case.signers)
    return ShownCase(
        request=case.request.id,
        number=case.request.number,
        version=case.request.version,
        line=case.lines[0],
        state=state_of(case.state, [each.signer.state for each in case.signers]),
        numbers=case.numbers,
        is_of_one_number=paper_of(case.document).is_of_one_number,
        signers=signers,
        signed=sum(each.state == "signed" for each in signers),
        unsigned=case.document.id,
        sealed=case.sealed.id if case.sealed else "",
        expires_at=case.request.expires_at,
        may_withdraw=case.state == "waiting",
        may_correct=open_ or case.state in ("signed", "sealed", "withdrawn"),
    )


def state_of(request: str, signers: Collection[str]) -> str:
    """A request's state as people see it: that a link went to the wrong place is told apart from a no."""
    special = {"waiting": "bounced", "declined": "not_me"}.get(request)
    return special if special and special in signers else request


def _signer(standing: SignerStatus, state: str) -> ShownSigner:
    signer = standing.signer
    own = signer.state
    if own in ("waiting", "opened", "bounced") and state == "expired":
        own = "expired"
    elif own not in ("signed", "declined", "not_me") and state in ("withdrawn", "replaced", "declined"):
        own = "over"
    may_change = state in CHANGEABLE and own not in ("signed", "over")
    return ShownSigner(
        id=signer.id,
        name=signer.name,
        email=signer.email,
        state=own,
        since=standing.last.at if standing.last else signer.signed_at or signer.opened_at or signer.invited_at,
        reason=signer.reason,
        may_resend=may_change and signer.state in ("waiting", "opened"),
        may_change=may_change,
        mail=standing.mail,
    )

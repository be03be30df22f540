"""Powers of attorney on their way to a signature: requests, who is to sign, how they prove who they are, and what happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import and_, func, or_, select, update

from webapp.domain.signing.rules import INVITED, REMINDERS
from webapp.store.papers.documents import Document
from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw_row
from webapp.store.platform.tables import SignerRow, SigningEventRow, SigningProofRow, SigningRequestRow, new_id

_R, _S, _P, _E = SigningRequestRow, SignerRow, SigningProofRow, SigningEventRow


@dataclass(frozen=True)
class Request:
    """One version of a power of attorney that is to be signed. `document` is the unsigned paper, `sealed` the signed one."""

    id: str
    company: str
    order: str
    number: str  # of the paper
    version: int
    document: str
    state: str
    in_order: bool
    opened_at: datetime
    expires_at: datetime
    changed_at: datetime
    sealed: str | None


@dataclass(frozen=True)
class Signer:
    """Somebody who is to sign, or has. `link` is the id of the token that was last mailed to them."""

    id: str
    company: str
    request: str
    n: int  # from 1, as the paper names them
    name: str
    email: str
    state: str
    link: str | None
    invited_at: datetime | None
    reminded: int
    opened_at: datetime | None
    signed_at: datetime | None
    # What they said and proved; empty before they sign.
    signed_name: str = ""
    capacity: str = ""
    declarations: tuple[str, ...] = ()
    method: str = ""
    address: str = ""
    proof: Mapping[str, Any] = field(default_factory=dict)  # provider, acr, transaction, verified_name, phone_masked
    reason: str = ""  # of who declined


@dataclass(frozen=True)
class Proof:
    """One attempt to show who signs: a code that was sent, an eID login, a scan. It carries the consent it completes."""

    id: str
    company: str
    signer: str
    method: str  # code_mail | code_sms | eid | paper
    state: str  # open | asked (a job is at it) | used | failed | void
    browser_binding: bytes  # hash of the cookie it was begun with
    name: str
    capacity: str
    declarations: tuple[str, ...]
    sha256: str  # of the bytes consented to
    address: str
    made_at: datetime
    expires_at: datetime
    tries: int
    facts: Mapping[str, Any]  # eID: nonce, verifier, code; text message: number; scan: file name


@dataclass(frozen=True)
class SigningEvent:
    """Something that happened to a request; never changed."""

    id: str
    request: str
    signer: str | None
    at: datetime
    what: str
    details: Mapping[str, Any]


_REQUEST = tuple(getattr(_R, f.name) for f in fields(Request))
_SIGNER = tuple(getattr(_S, f.name) for f in fields(Signer))
_PROOF = tuple(getattr(_P, f.name) for f in fields(Proof))
_HAPPENING = tuple(getattr(_E, f.name) for f in fields(SigningEvent))
_UNDER_WAY = ("open", "asked")


@dataclass(frozen=True)
class SigningRequestPage:
    """What the page of a signer is made of. `proof` is the attempt they began last, `company` the name of who ordered, `days`
    are those on which the order's numbers are wished to move now, by line."""

    signer: Signer
    request: Request
    document: Document
    company: str
    days: Mapping[int, date]
    proof: Proof | None


_COLUMN = {"browser_binding": "seat"}  # fields that are called otherwise than their columns


def _columns(table: str, of: type[Request | Signer | Document | Proof]) -> str:
    return ", ".join(f'{table}."{_COLUMN.get(f.name, f.name)}"' for f in fields(of))


_SHOWN = (
    f"select {_columns('s', Signer)}, {_columns('r', Request)}, {_columns('d', Document)}, c.name,"  # noqa: S608 - our own
    ' (select json_object_agg(w.line, w.wished_date) from porting w where w.tenant = r.tenant and w."order" = r."order"'
    "  and w.wished_date is not null),"
    f" {_columns('p', Proof)}"
    " from signer s join signing_request r on r.tenant = s.tenant and r.id = s.request"
    " join document d on d.tenant = r.tenant and d.id = r.document"
    " join company c on c.tenant = s.tenant and c.id = s.company"
    f" left join lateral (select {_columns('a', Proof)} from signing_proof a where a.tenant = s.tenant and a.signer = s.id"
    "  order by a.state in ('open', 'asked') desc, a.made_at desc limit 1) p on true"
    " where s.tenant = :tenant and s.id = :signer"
)


class Signings(Repository):
    """Requests for signatures of the scope."""

    # --- Requests --------------------------------------------------------------------------------------------------

    def open(self, request: Request, signers: Iterable[Signer]) -> None:
        """A new request with those who are to sign."""
        self.session.add(_R(tenant=self.scope.tenant, **_values(request)))
        self.session.flush()
        for signer in signers:
            values = _values(signer) | {"declarations": list(signer.declarations), "proof": dict(signer.proof)}
            self.session.add(_S(tenant=self.scope.tenant, **values))
        self.session.flush()

    def get(self, request: str) -> Request | None:
        """The request of that id."""
        row = self.session.execute(select(*_REQUEST).where(_R.id == request)).one_or_none()
        return Request(*row) if row else None

    def of_order(self, order: str) -> list[Request]:
        """All of an order by number, the newest version first."""
        found = select(*_REQUEST).where(_R.order == order).order_by(_R.number, _R.version.desc())
        return [Request(*row) for row in self.session.execute(found)]

    def current(self, number: str) -> Request | None:
        """The request of a paper that no newer one has replaced."""
        found = select(*_REQUEST).where(_R.number == number, _R.state != "replaced")
        row = self.session.execute(found).one_or_none()
        return Request(*row) if row else None

    def lock_if(self, request: str, *states: str) -> bool:
        """Holds a request that is in one of these states until this work ends, so that of two verbs one comes first.

        False: it is in none of them (any more).
        """
        return self.change(_R, _R.id == request, _R.state.in_(states), changed_at=_R.changed_at)

    def change_state(self, request: str, *, was: tuple[str, ...], to: str, now: datetime, **values: Any) -> bool:
        """From one of the states `was` to the next; False when it is in none of them."""
        return self.change(_R, _R.id == request, _R.state.in_(was), state=to, changed_at=now, **values)

    def prolong(self, request: str, until: datetime) -> None:
        """Links live until then at least."""
        self.change(_R, _R.id == request, expires_at=func.greatest(_R.expires_at, until))

    def overdue(self, now: datetime, limit: int = 500) -> list[str]:
        """Requests that still wait though every link is too old."""
        found = select(_R.id).where(_R.state == "waiting", _R.expires_at <= now).order_by(_R.expires_at).limit(limit)
        return list(self.session.scalars(found))

    # --- Signers ---------------------------------------------------------------------------------------------------

    def signer(self, signer: str) -> Signer | None:
        """The signer of that id."""
        return self._signer(_S.id == signer)

    def shown(self, signer: str) -> SigningRequestPage | None:
        """Everything around a signer, at once: somebody waits for the page."""
        row = raw_row(self.session, _SHOWN, {"signer": signer})
        if row is None:
            return None
        rest = iter(row)
        one, request, document = (tuple(islice(rest, len(fields(each)))) for each in (Signer, Request, Document))
        company, days, proof = next(rest), next(rest) or {}, tuple(rest)
        return SigningRequestPage(
            _signer(one),
            Request(*request),
            Document(*document),
            company,
            {int(line): date.fromisoformat(day) for line, day in days.items()},
            _proof(proof) if proof[0] is not None else None,
        )

    def by_link(self, link: str) -> Signer | None:
        """Whoever was last mailed this link."""
        return self._signer(_S.link == link)

    def signers(self, request: str) -> tuple[Signer, ...]:
        """Everybody who is to sign, as the paper names them."""
        found = select(*_SIGNER).where(_S.request == request).order_by(_S.n)
        return tuple(_signer(row) for row in self.session.execute(found))

    def statuses(self, order: str) -> tuple[list[Signer], dict[str, SigningEvent], frozenset[str]]:
        """Of an order: all who are to sign, what happened last to each of them, and the links that were sent."""
        ours = (_R.tenant == _S.tenant) & (_R.id == _S.request)
        found = select(*_SIGNER).join(_R, ours).where(_R.order == order).order_by(_S.request, _S.n)
        signers = [_signer(row) for row in self.session.execute(found)]
        told = select(*_HAPPENING).join(_R, (_R.tenant == _E.tenant) & (_R.id == _E.request))
        events = [SigningEvent(*row) for row in self.session.execute(told.where(_R.order == order).order_by(_E.seq))]
        last = {event.signer: event for event in events if event.signer}
        return signers, last, frozenset(event.details["link"] for event in events if event.what == "sent")

    def of_address(self, email: str) -> list[Signer]:
        """Those of this address who may sign now or could with a new link."""
        found = select(*_SIGNER).join(_R, (_R.tenant == _S.tenant) & (_R.id == _S.request))
        waits = _S.state.in_(INVITED), _R.state.in_(("waiting", "expired"))
        rows = self.session.execute(found.where(func.lower(_S.email) == email.lower(), *waits).order_by(_S.id))
        return [_signer(row) for row in rows]

    def to_remind(self, now: datetime, limit: int = 1000) -> list[Signer]:
        """Those who have waited long enough for a reminder that they have not had."""
        found = select(*_SIGNER).join(_R, (_R.tenant == _S.tenant) & (_R.id == _S.request))
        waits = _S.state.in_(("waiting", "opened")), _R.state == "waiting"
        due = or_(*(and_(_S.reminded <= n, _S.invited_at <= now - after) for n, after in enumerate(REMINDERS)))
        return [_signer(row) for row in self.session.execute(found.where(*waits, due).order_by(_S.id).limit(limit))]

    def change_signer(self, signer: str, *, was: tuple[str, ...], **values: Any) -> bool:
        """A signer who is in one of the states `was` changes; False when in none of them."""
        if "declarations" in values:
            values["declarations"] = list(values["declarations"])
        return self.change(_S, _S.id == signer, _S.state.in_(was), **values)

    def fetch_once(self, signer: str, now: datetime) -> bool:
        """The signer's page has been fetched, by them or by a mail scanner; False when that is known."""
        unseen = _S.id == signer, _S.opened_at.is_(None), _S.state.in_(INVITED)
        return self.change(_S, *unseen, opened_at=now)

    def count_reminder(self, signer: str, *, was: int, to: int) -> bool:
        """So many reminders has the signer had; False when somebody else has counted."""
        return self.change(_S, _S.id == signer, _S.reminded == was, reminded=to)

    def _signer(self, *where: Any) -> Signer | None:
        row = self.session.execute(select(*_SIGNER).where(*where)).one_or_none()
        return _signer(row) if row else None

    # --- Attempts to show who signs --------------------------------------------------------------------------------

    def begin_proof(self, proof: Proof, content: bytes | None = None) -> None:
        """A new attempt; void those before. To be begun while the request is held.

        Two requests may come in one order and commit in the other: what commits later is told as made later.
        """
        before = self.session.scalar(select(func.max(_P.made_at)).where(_P.signer == proof.signer))
        if before is not None and before >= proof.made_at:
            proof = replace(proof, made_at=before + timedelta(microseconds=1))
        values = _values(proof) | {"declarations": list(proof.declarations), "facts": dict(proof.facts)}
        self.session.add(_P(tenant=self.scope.tenant, **values, content=content))
        self.session.flush()

    def proof(self, proof: str) -> Proof | None:
        """The attempt of that id."""
        return self._proof(_P.id == proof)

    def latest_proof(self, signer: str) -> Proof | None:
        """The attempt a signer began last."""
        return self._proof(_P.signer == signer)

    def proofs_used(self, request: str) -> list[Proof]:
        """Those by which a request was signed."""
        found = select(*_PROOF).join(_S, (_S.tenant == _P.tenant) & (_S.id == _P.signer))
        rows = self.session.execute(found.where(_S.request == request, _P.state == "used").order_by(_S.n))
        return [_proof(row) for row in rows]

    def count_try(self, proof: str, most: int) -> int | None:
        """One more wrong code: how many tries are left. None: there was none left, or it is over."""
        if not self.change(_P, _P.id == proof, _P.state == "open", _P.tries < most, tries=_P.tries + 1):
            return None
        tries = self.session.scalar(select(_P.tries).where(_P.id == proof))
        return most - int(tries or most)

    def move_proof(self, proof: str, *, was: tuple[str, ...], to: str, **values: Any) -> bool:
        """From one of the states `was` to the next; False when it is in none of them."""
        return self.change(_P, _P.id == proof, _P.state.in_(was), state=to, **values)

    def void_proofs(self, signer: str) -> None:
        """No attempt of this signer leads anywhere any more, and what was sent in for one is not kept."""
        over = update(_P).where(_P.signer == signer, _P.state.in_(_UNDER_WAY))
        statement = over.values(state="void", content=None)
        self.session.execute(statement, execution_options={"synchronize_session": False})

    def content(self, proof: str) -> bytes | None:
        """An uploaded scan."""
        return self.session.scalar(select(_P.content).where(_P.id == proof))

    def _proof(self, *where: Any) -> Proof | None:
        found = select(*_PROOF).where(*where).order_by(_P.state.in_(_UNDER_WAY).desc(), _P.made_at.desc()).limit(1)
        row = self.session.execute(found).one_or_none()
        return _proof(row) if row else None

    # --- What happened ---------------------------------------------------------------------------------------------

    def record_event(
        self,
        request: Request,
        what: str,
        *,
        now: datetime,
        signer: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> str:
        """One more line of the request's history; its id."""
        row = _E(
            tenant=self.scope.tenant, id=new_id(), company=request.company, request=request.id, signer=signer, at=now,
            what=what, details=dict(details or {}),
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        return row.id

    def event(self, id: str) -> SigningEvent | None:
        """One line."""
        row = self.session.execute(select(*_HAPPENING).where(_E.id == id)).one_or_none()
        return SigningEvent(*row) if row else None

    def history(self, request: str) -> list[SigningEvent]:
        """All of it, in order."""
        found = select(*_HAPPENING).where(_E.request == request).order_by(_E.seq)
        return [SigningEvent(*row) for row in self.session.execute(found)]


def _values(of: Request | Signer | Proof) -> dict[str, Any]:
    return {f.name: getattr(of, f.name) for f in fields(of)}


def _signer(row: Any) -> Signer:
    found = dict(zip((f.name for f in fields(Signer)), row, strict=True))
    return Signer(**{**found, "declarations": tuple(found["declarations"])})


def _proof(row: Any) -> Proof:
    found = dict(zip((f.name for f in fields(Proof)), row, strict=True))
    return Proof(**{**found, "declarations": tuple(found["declarations"])})

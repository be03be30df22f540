"""What an order leads to: documents made once, numbers being moved in, and subscriptions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.store.platform.base import Repository
from webapp.store.platform.raw import raw
from webapp.store.platform.search import Search
from webapp.store.platform.tables import PORT_OVER, DocumentRow, PortingRow, SubscriptionRow

_D, _P, _S = DocumentRow, PortingRow, SubscriptionRow


@dataclass(frozen=True)
class Document:
    """A paper without its bytes. `subject` is what of the order it is about: empty for the whole, or a porting's id."""

    id: str
    company: str
    order: str
    subject: str
    kind: str
    version: int
    title: str
    language: str
    sha256: str
    size: int
    verify_code: str
    made_at: datetime
    facts: Mapping[str, Any]

    @property
    def numbers(self) -> tuple[str, ...]:
        """The telephone numbers and series that a power of attorney covers, as they stand on it."""
        return numbers_on(self.facts)


def numbers_on(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """The telephone numbers and series of a paper with these facts; none of one that moves nothing."""
    return tuple(move["number"] for move in facts.get("paper", {}).get("moves", ()))


_DOCUMENT = (
    _D.id,
    _D.company,
    _D.order,
    _D.subject,
    _D.kind,
    _D.version,
    _D.title,
    _D.language,
    _D.sha256,
    _D.size,
    _D.verify_code,
    _D.made_at,
    _D.facts,
)


class Documents(Repository):
    """Papers with their bytes; never changed."""

    def add(self, document: Document, content: bytes) -> bool:
        """Keep a paper; False when this version of it is there already (somebody else made it)."""
        is_new = bool(
            raw(
                self.session,
                'insert into document (tenant, id, company, "order", subject, kind, version, title, language, sha256, size,'
                " verify_code, made_at, facts, bytes) values (:tenant, :id, :owner, :order, :subject, :kind, :version,"
                " :title, :language, :sha256, :size, :verify_code, :made_at, cast(:facts as jsonb), :content)"
                ' on conflict (tenant, "order", kind, subject, version) do nothing returning 1',
                {
                    **{field.name: getattr(document, field.name) for field in fields(document)},
                    "owner": document.company,
                    "facts": json.dumps(document.facts),
                    "content": content,
                },
            ).scalar()
        )
        if is_new:
            texts = (document.order, str(document.facts.get("number", "")))
            numbers = document.facts.get("numbers", ())
            Search(self.session).index("document", document.id, document.company, texts, numbers)
        return is_new

    def get(self, document: str) -> Document | None:
        """The paper of that id."""
        return self._one(_D.id == document)

    def latest(self, order: str, kind: str, subject: str = "") -> Document | None:
        """The newest version of a paper."""
        found = select(*_DOCUMENT).where(_D.order == order, _D.kind == kind, _D.subject == subject)
        row = self.session.execute(found.order_by(_D.version.desc()).limit(1)).one_or_none()
        return Document(*row) if row else None

    def by_sha256(self, sha256: str) -> Document | None:
        """The paper whose bytes have this digest."""
        row = self.session.execute(select(*_DOCUMENT).where(_D.sha256 == sha256).limit(1)).one_or_none()
        return Document(*row) if row else None

    def of_order(self, order: str) -> list[Document]:
        """All papers of an order, every version."""
        found = select(*_DOCUMENT).where(_D.order == order)
        return [Document(*row) for row in self.session.execute(found.order_by(_D.kind, _D.subject, _D.version))]

    def content(self, document: str) -> bytes | None:
        """A paper's bytes."""
        return self.session.scalar(select(_D.content).where(_D.id == document))

    def batch(self, after: str, limit: int) -> list[tuple[Document, bytes]]:
        """Papers with their bytes in the order of their ids, from behind the one named; empty at the end."""
        found = select(*_DOCUMENT, _D.content).where(_D.id > after).order_by(_D.id).limit(limit)
        return [(Document(*row[:-1]), row[-1]) for row in self.session.execute(found)]

    def _one(self, *where: Any) -> Document | None:
        row = self.session.execute(select(*_DOCUMENT).where(*where)).one_or_none()
        return Document(*row) if row else None


@dataclass(frozen=True)
class Port:
    """A number on its way in. `owner` and `signer` are the domain's Porting facts."""

    id: str
    company: str
    order: str
    line: int
    e164: str
    state: str
    wished_date: date | None
    owner: Mapping[str, Any]
    signer: Mapping[str, Any]
    changed_at: datetime
    series_first: str | None = None  # of a series; its main number or another of it is e164
    series_last: str | None = None
    # Once something of the order's moves was corrected: the move as it is now, and the paper that covers it.
    facts: Mapping[str, Any] | None = None
    paper: str | None = None
    paper_version: int | None = None
    paper_at: datetime | None = None


_PORT = (
    *(_P.id, _P.company, _P.order, _P.line, _P.e164, _P.state, _P.wished_date, _P.owner, _P.signer, _P.changed_at),
    *(_P.series_first, _P.series_last, _P.facts, _P.paper, _P.paper_version, _P.paper_at),
)


class Portings(Repository):
    """Numbers on their way in."""

    def add(self, port: Port) -> bool:
        """A new one; False when somebody in the installation is moving the number, or one of the series, already."""
        values = {f.name: getattr(port, f.name) for f in fields(port)}
        values |= {"owned": json.dumps(port.owner), "signed": json.dumps(port.signer)}
        return bool(
            raw(
                self.session,
                'insert into porting (tenant, id, company, "order", line, e164, state, wished_date, owner, signer, changed_at,'
                " series_first, series_last)"
                " values (:tenant, :id, :company_of, :order, :line, :e164, :state, cast(:wished_date as date),"
                " cast(:owned as jsonb), cast(:signed as jsonb), :changed_at, :series_first, :series_last) on conflict do nothing returning 1",
                {**values, "company_of": port.company},
            ).scalar()
        )

    def get(self, port: str) -> Port | None:
        """The porting of that id."""
        row = self.session.execute(select(*_PORT).where(_P.id == port)).one_or_none()
        return Port(*row) if row else None

    def of_order(self, order: str) -> list[Port]:
        """All of an order by line."""
        found = select(*_PORT).where(_P.order == order).order_by(_P.line)
        return [Port(*row) for row in self.session.execute(found)]

    def whereabouts(self, first: str, last: str) -> Literal["", "moving", "elsewhere"]:
        """Whether any of the numbers from the first to the last is on its way to this seller, or to another of the installation."""
        found = raw(self.session, "select port_whereabouts(:first, :last)", {"first": first, "last": last}).scalar()
        return "moving" if found == "seller" else "elsewhere" if found else ""

    def move(self, port: str, *, was: tuple[str, ...], to: str, now: datetime) -> bool:
        """From one of the states `was` to the next; False when it is in none of them."""
        return self.change(_P, _P.id == port, _P.state.in_(was), state=to, changed_at=now)

    def hold(self, order: str) -> None:
        """Until this work ends nobody else corrects a move of the order, or keeps a paper of it."""
        raw(
            self.session,
            'select 1 from porting where tenant = :tenant and "order" = :order for update',
            {"order": order},
        )

    def correct(self, port: str, *, now: datetime, **values: Any) -> bool:
        """Another wished_date, owner, signer or facts, while it is open."""
        if not set(values) <= {"wished_date", "owner", "signer", "facts"}:
            raise TypeError(f"of a porting only date, owner and signer change, not {sorted(values)}")
        return self.change(_P, _P.id == port, _P.state.not_in(PORT_OVER), changed_at=now, **values)

    def renumber(self, port: str, e164: str, first: str, last: str, *, now: datetime) -> bool:
        """Another number or series (empty: none) is moved; False when somebody in the installation is moving that already."""
        try:
            with self.session.begin_nested():
                return self.change(
                    _P, _P.id == port, _P.state.not_in(PORT_OVER), e164=e164, series_first=first or None, series_last=last or None,
                    changed_at=now,
                )  # fmt: skip
        except IntegrityError:
            return False

    def cover(self, port: str, *, paper: str, version: int, at: datetime) -> bool:
        """Which version of which paper covers it."""
        return self.change(_P, _P.id == port, paper=paper, paper_version=version, paper_at=at)


@dataclass(frozen=True)
class Subscription:
    """What somebody has or is about to get. `facts` are its plan, data package and term as ordered."""

    id: str
    company: str
    employee: str | None
    number: str | None
    kind: str
    plan: str
    state: str
    order: str | None
    line: int | None
    created_at: datetime
    facts: Mapping[str, Any]


_SUBSCRIPTION = (
    _S.id,
    _S.company,
    _S.employee,
    _S.number,
    _S.kind,
    _S.plan,
    _S.state,
    _S.order,
    _S.line,
    _S.created_at,
    _S.facts,
)


class Subscriptions(Repository):
    """What a company has."""

    def add(self, subscription: Subscription, user_name: str = "") -> None:
        """A new one; found by its user and number."""
        values = {f.name: getattr(subscription, f.name) for f in fields(subscription)}
        self.session.add(_S(tenant=self.scope.tenant, **values))
        self.session.flush()
        numbers = [subscription.number] if subscription.number else []
        Search(self.session).index(
            "subscription", subscription.id, subscription.company, _texts(subscription, user_name), numbers
        )

    def add_all(self, of_order: Sequence[tuple[Subscription, str, str | None]]) -> None:
        """Everything an order's lines lead to, tied to its line and number; for many at once.

        Each with its user's name and the number by which it is found, which may still be elsewhere.
        """
        for subscription, *_ in of_order:
            values = {f.name: getattr(subscription, f.name) for f in fields(subscription)}
            self.session.add(_S(tenant=self.scope.tenant, **values))
        self.session.flush()
        ids = [subscription.id for subscription, *_ in of_order]
        raw(
            self.session,
            "with ours as (select * from subscription where tenant = :tenant and id = any(:ids)),"
            " lines as (update order_line l set subscription = o.id from ours o"
            '   where l.tenant = o.tenant and l."order" = o."order" and l.n = o.line)'
            " update number n set subscription = o.id from ours o"
            " where n.tenant = o.tenant and n.company = o.company and n.e164 = o.number and n.state = 'allocated'",
            {"ids": ids},
        )
        Search(self.session).index_all(
            "subscription",
            [(s.id, s.company, _texts(s, user), [number] if number else []) for s, user, number in of_order],
        )

    def get(self, subscription: str) -> Subscription | None:
        """The subscription of that id."""
        row = self.session.execute(select(*_SUBSCRIPTION).where(_S.id == subscription)).one_or_none()
        return Subscription(*row) if row else None

    def renumber(self, order: str, line: int, number: str, instead_of: str) -> None:
        """Another number comes to what a line led to: it is found by that one."""
        for id, company in self.session.execute(select(_S.id, _S.company).where(_S.order == order, _S.line == line)):
            Search(self.session).renumber("subscription", id, company, number, instead_of)


def _texts(subscription: Subscription, user_name: str) -> list[str]:
    """What a list shows of it in words."""
    return [user_name, str(subscription.facts.get("plan_name", subscription.plan))]

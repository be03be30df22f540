"""Whose rows a session may touch, and the guard that keeps the ORM to it; knows no aggregate and refuses to work without a scope."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, event, false, or_
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, UOWTransaction, with_loader_criteria
from sqlalchemy.orm.interfaces import ORMOption

from webapp.store.platform import driver
from webapp.store.platform.tables import AtTheDoor, Base, CompanyRow, OfCompany, OfPool, OfStaff, Tenanted

EVERY_COMPANY = "*"
_BEGIN = "begin; select set_config('app.tenant', %s, true), set_config('app.company', %s, true)"
_BEGIN_LIGHTLY = _BEGIN + ", set_config('synchronous_commit', 'off', true)"


class OutsideScope(RuntimeError):
    """Code tried to read or write what its scope does not own. A bug, never a user's mistake."""


@dataclass(frozen=True)
class Scope:
    """Who works on what: one tenant, one of its companies or (None) all, and the acting person or job.

    A staff member of another tenant is named `tenant/person` in `actor`, so audit tells whose staff it was.
    """

    tenant: str
    company: str | None
    actor: str
    at_door: bool = False

    def __post_init__(self) -> None:
        if not self.tenant or self.company == "" or self.company == EVERY_COMPANY:
            raise OutsideScope("a scope names a tenant, and a company or None")

    @classmethod
    def doorstep(cls, tenant: str) -> Scope:
        """Before sign-in: people, login sessions, tokens and the throttle, nothing else."""
        return cls(tenant, None, "", at_door=True)

    @property
    def settings(self) -> tuple[str, str]:
        """What the policies of the database are told: tenant and company; no company is the doorstep."""
        return self.tenant, "" if self.at_door else (self.company or EVERY_COMPANY)


class ScopedSession(Session):
    """An ORM session that keeps one scope for life."""

    @property
    def scope(self) -> Scope:
        """The scope it was opened with."""
        scope = self.info.get("scope")
        if not isinstance(scope, Scope):
            raise OutsideScope("a session was opened without a scope")
        return scope

    def connection(self, *args: Any, **kwargs: Any) -> Connection:
        """Refused: it would pass the guard by. webapp.store.platform.raw has the door."""
        raise OutsideScope("the connection is not for use; see webapp.store.platform.raw")


class GuardedSession(ScopedSession):
    """Every statement is narrowed to the scope and every written object checked against it."""


class UnguardedSession(ScopedSession):
    """For tests that show the database's policies stop a leak alone."""


@event.listens_for(ScopedSession, "after_begin", propagate=True)
def _begin(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    # The engine commits by itself until it is told to begin: so the transaction and what its policies go by travel in
    # one round trip. They are local to it, so the pooled connection forgets them at commit and rollback alike.
    if not transaction.nested:
        assert isinstance(session, ScopedSession)
        begin = _BEGIN if session.info.get("durable", True) else _BEGIN_LIGHTLY
        driver.several(connection, begin, session.scope.settings)


@event.listens_for(GuardedSession, "do_orm_execute", propagate=True)
def _narrow(state: ORMExecuteState) -> None:
    session = state.session
    assert isinstance(session, GuardedSession)
    scope = session.scope
    if not state.is_orm_statement or state.is_from_statement:
        raise OutsideScope("text and Core tables go through webapp.store.platform.raw")
    if state.is_insert or (state.is_update and isinstance(state.parameters, list)):
        raise OutsideScope("bulk writes pass the guard by: add objects, or go through webapp.store.platform.raw")
    state.statement = state.statement.options(*_criteria(scope.tenant, scope.company, scope.at_door))


@lru_cache(maxsize=512)
def _criteria(tenant: str, company: str | None, at_door: bool) -> tuple[ORMOption, ...]:
    criteria: list[Any] = [with_loader_criteria(Tenanted, lambda cls: cls.tenant == tenant, include_aliases=True)]
    if at_door:
        closed = (m.class_ for m in Base.registry.mappers if not issubclass(m.class_, AtTheDoor))
        criteria += [with_loader_criteria(cls, false(), include_aliases=True) for cls in closed]
    elif company is not None:
        criteria += [
            with_loader_criteria(OfCompany, lambda cls: cls.company == company, include_aliases=True),
            with_loader_criteria(
                OfPool, lambda cls: or_(cls.company == company, cls.company.is_(None)), include_aliases=True
            ),
            with_loader_criteria(CompanyRow, lambda cls: cls.id == company, include_aliases=True),
            with_loader_criteria(OfStaff, lambda cls: false(), include_aliases=True),
        ]
    return tuple(criteria)


@event.listens_for(GuardedSession, "before_flush", propagate=True)
def _check_writes(session: Session, context: UOWTransaction, instances: Any) -> None:
    assert isinstance(session, GuardedSession)
    scope = session.scope
    for row in (*session.new, *session.dirty, *session.deleted):
        if not _may_write(scope, row):
            raise OutsideScope(f"{type(row).__name__} does not belong to the scope of this session")


def _may_write(scope: Scope, row: object) -> bool:
    if not isinstance(row, Tenanted) or row.tenant != scope.tenant:
        return False
    if scope.at_door:
        return isinstance(row, AtTheDoor)
    if scope.company is None:
        return True
    match row:
        case OfStaff():
            return False
        case OfPool():
            return row.company in (scope.company, None)
        case OfCompany():
            return row.company == scope.company
        case CompanyRow():
            return row.id == scope.company
    return True

"""What every repository has: the session of one unit of work, its scope, and conditional changes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, update

from webapp.store.platform.raw import changed
from webapp.store.platform.scope import OutsideScope, Scope, ScopedSession
from webapp.store.platform.tables import Tenanted


class Repository:
    """One aggregate's rows within one scope."""

    def __init__(self, session: ScopedSession) -> None:
        self.session = session

    @property
    def scope(self) -> Scope:
        """Whose rows these are."""
        return self.session.scope

    def company_for(self, company: str | None) -> str:
        """The company a new row belongs to: the scope's own, or the named one where the scope is over all."""
        found = company or self.scope.company
        if not found:
            raise OutsideScope("a scope over all companies must name the one a row is for")
        return found

    def change(self, table: type[Tenanted], *where: ColumnElement[bool], **values: Any) -> bool:
        """A conditional UPDATE of one row; False when the row was not (or no longer) as `where` says."""
        statement = update(table).where(*where).values(**values)
        return changed(self.session.execute(statement, execution_options={"synchronize_session": False}))

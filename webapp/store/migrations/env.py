"""How Alembic runs here: on the connection webapp.store.platform.schema hands it; there is no alembic.ini and no offline mode."""

from __future__ import annotations

from alembic import context

from webapp.store.platform.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()

"""Alembic's environment: runs on the connection that the program hands over, or on ``-x url=…`` for developers."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine, text

from smtpy_desktop.database.models import Base

# Any fixed number: two processes that start at once must not both migrate.
_MIGRATION_LOCK = 7_305_188_406_112


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=False)
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    engine = create_engine(context.get_x_argument(as_dictionary=True)["url"])
    with engine.connect() as own:
        _migrate(own)

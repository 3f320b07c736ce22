"""Let a delivery be closed by hand."""

from __future__ import annotations

from alembic import op

revision = "0009_closed_deliveries"
down_revision = "0008_billing"
branch_labels = None
depends_on = None

_STATES = "'queued', 'sending', 'sent', 'deferred', 'failed', 'uncertain'"


def upgrade() -> None:
    """Apply this step."""
    _allow(f"{_STATES}, 'closed'")


def downgrade() -> None:
    """Take this step back; what was closed by hand counts as failed then, so that nothing is sent."""
    op.execute("UPDATE deliveries SET state = 'failed' WHERE state = 'closed'")
    _allow(_STATES)


def _allow(states: str) -> None:
    op.execute("ALTER TABLE deliveries DROP CONSTRAINT ck_deliveries_state")
    op.execute(f"ALTER TABLE deliveries ADD CONSTRAINT ck_deliveries_state CHECK (state IN ({states}))")

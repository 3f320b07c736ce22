"""Keep the tables of the queue quick while much is sent: vacuumed early, with room for each attempt's result."""

from __future__ import annotations

from alembic import op

revision = "0018_queue_upkeep"
down_revision = "0017_raw_as_it_is"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    # The head of the queue is where all work is done: what was sent leaves dead entries there, which every look would
    # have to pass until a fifth of the whole table is dead, as is usual.
    op.execute("ALTER TABLE deliveries SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 5000)")
    # An attempt is written open and completed soon after: on the same page no index has to be written again.
    op.execute("ALTER TABLE delivery_attempts SET (fillfactor = 70)")


def downgrade() -> None:
    """Take this step back."""
    op.execute("ALTER TABLE delivery_attempts RESET (fillfactor)")
    op.execute("ALTER TABLE deliveries RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)")

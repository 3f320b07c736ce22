"""Keep the bytes of messages as they are: compressing them costs more than everything else about storing mail."""

from __future__ import annotations

from alembic import op

revision = "0017_raw_as_it_is"
down_revision = "0016_attempt_times"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.execute("ALTER TABLE message_contents ALTER COLUMN raw SET STORAGE EXTERNAL")


def downgrade() -> None:
    """Take this step back; what was stored in between stays as it is."""
    op.execute("ALTER TABLE message_contents ALTER COLUMN raw SET STORAGE EXTENDED")

"""Create the table of the senders that are too long to be written into a rewritten sender."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_srs_senders"
down_revision = "0014_forwarding"
branch_labels = None
depends_on = None

_NOW = sa.text("now()")


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "srs_senders",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_srs_senders")),
    )
    op.create_index("ix_srs_senders_used_at", "srs_senders", ["used_at"])


def downgrade() -> None:
    """Take this step back."""
    op.drop_table("srs_senders")

"""Find the attempts of the last hour without reading all that were ever made."""

from __future__ import annotations

from alembic import op

revision = "0016_attempt_times"
down_revision = "0015_srs_senders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    # Attempts lie in the table in the order of their time: a few bytes for each stretch of pages tell where to look,
    # and cost the forwarders next to nothing.
    op.create_index(
        "ix_delivery_attempts_at",
        "delivery_attempts",
        ["at"],
        postgresql_using="brin",
        postgresql_with={"pages_per_range": 16, "autosummarize": "on"},
    )


def downgrade() -> None:
    """Take this step back."""
    op.drop_index("ix_delivery_attempts_at", "delivery_attempts")

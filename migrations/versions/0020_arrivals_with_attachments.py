"""Let the index of the arrivals tell size and attachments, so that unwanted rows are left out unread."""

from __future__ import annotations

from alembic import op

revision = "0020_arrivals_with_attachments"
down_revision = "0019_forgotten_senders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    _make("created_at, id) INCLUDE (domain_id, size_bytes, status, has_attachments")


def downgrade() -> None:
    """Take this step back."""
    _make("created_at, id) INCLUDE (domain_id, status")


def _make(columns: str) -> None:
    op.execute("DROP INDEX ix_messages_created_at_id")
    op.execute(f"CREATE INDEX ix_messages_created_at_id ON messages ({columns})")

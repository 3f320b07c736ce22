"""Tell every process what changed among the messages."""

from __future__ import annotations

from alembic import op

revision = "0007_message_notices"
down_revision = "0006_message_counts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        op.execute(
            f"CREATE TRIGGER tell_{event.lower()} AFTER {event} ON messages REFERENCING {rows} TABLE AS changed_rows "
            "FOR EACH STATEMENT EXECUTE FUNCTION smtpy_tell_change('messages', 'ids')"
        )
    op.execute(
        "CREATE TRIGGER tell_truncate AFTER TRUNCATE ON messages "
        "FOR EACH STATEMENT EXECUTE FUNCTION smtpy_tell_change('messages')"
    )


def downgrade() -> None:
    """Take this step back."""
    for event in ("insert", "update", "delete", "truncate"):
        op.execute(f"DROP TRIGGER tell_{event} ON messages")

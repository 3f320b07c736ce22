"""Store what messages are sorted by, so that an index alone answers for every order together with the usual filters."""

from __future__ import annotations

from alembic import op

revision = "0010_message_sorting"
down_revision = "0009_closed_deliveries"
branch_labels = None
depends_on = None

# An index on an expression never answers alone; one on a column does. A B-tree entry holds 2,704 bytes at most: texts
# are sorted by their first 200 characters. COLLATE "C" makes the order the same on every server.
_SORT_COLUMNS = {
    "sender": "lower(sender_email)",
    "recipient": "lower(recipient_email)",
    "forwarded": "lower(COALESCE(forwarded_to, ''::text))",
    "subject": "lower(subject)",
}

# What the filters look at is carried along, so that rows that are not wanted are left out without being read.
_INDEXES = {
    "sender_id": "sender_sort, id) INCLUDE (created_at, domain_id, size_bytes, status, has_attachments",
    "recipient_id": "recipient_sort, id) INCLUDE (created_at, domain_id, size_bytes, status, has_attachments",
    "forwarded_id": "forwarded_sort, id) INCLUDE (created_at, domain_id, size_bytes, status, has_attachments",
    "subject_id": "subject_sort, id) INCLUDE (created_at, domain_id, size_bytes, status, has_attachments",
    "size_bytes_id": "size_bytes, id) INCLUDE (created_at, domain_id, status, has_attachments",
    "status_id": "status, id) INCLUDE (created_at, domain_id, size_bytes, has_attachments",
    "domain_id_id": "domain_id, id) INCLUDE (created_at, size_bytes, status, has_attachments",
    "created_at_id": "created_at, id) INCLUDE (domain_id, status",
    "domain_id_created_at_id": "domain_id, created_at, id) INCLUDE (status",
    # The messages of one domain stand close together in these orders, far from where a walk begins.
    "domain_id_recipient_id": "domain_id, recipient_sort, id) INCLUDE (created_at, size_bytes, status",
    "domain_id_forwarded_id": "domain_id, forwarded_sort, id) INCLUDE (created_at, size_bytes, status",
}

_BEFORE = {
    **{name: f'"left"({value} COLLATE "C", 200), id' for name, value in _SORT_COLUMNS.items()},
    "size_bytes": "size_bytes, id",
    "status": "status, id",
    "domain_id": "domain_id, id",
    "created_at": "created_at, id",
    "domain_id_created_at": "domain_id, created_at, id",
}


def upgrade() -> None:
    """Apply this step; it writes the table anew, which takes a few minutes for a million messages."""
    for name in _BEFORE:
        op.execute(f"DROP INDEX ix_messages_{name}_id")
    added = ", ".join(
        f'ADD COLUMN {name}_sort text COLLATE "C" NOT NULL GENERATED ALWAYS AS ("left"({value}, 200)) STORED'
        for name, value in _SORT_COLUMNS.items()
    )
    op.execute(f"ALTER TABLE messages {added}")
    for name, columns in _INDEXES.items():
        op.execute(f"CREATE INDEX ix_messages_{name} ON messages ({columns})")
    # An index answers alone only for pages that were vacuumed since: new messages must not wait for a fifth of all.
    op.execute(
        "ALTER TABLE messages SET "
        "(autovacuum_vacuum_insert_threshold = 5000, autovacuum_vacuum_insert_scale_factor = 0.01)"
    )


def downgrade() -> None:
    """Take this step back."""
    op.execute("ALTER TABLE messages RESET (autovacuum_vacuum_insert_threshold, autovacuum_vacuum_insert_scale_factor)")
    for name in _INDEXES:
        op.execute(f"DROP INDEX ix_messages_{name}")
    op.execute("ALTER TABLE messages " + ", ".join(f"DROP COLUMN {name}_sort" for name in _SORT_COLUMNS))
    for name, columns in _BEFORE.items():
        op.execute(f"CREATE INDEX ix_messages_{name}_id ON messages ({columns})")

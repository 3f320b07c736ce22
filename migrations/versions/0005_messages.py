"""Let messages be found and understood: search words, sorting, contents, deliveries, attempts, saved views."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_messages"
down_revision = "0004_change_notices"
branch_labels = None
depends_on = None

# What separates words: every ASCII character that is neither letter nor digit, and the common punctuation beyond ASCII.
# Written out, because "[[:alnum:]]" knows no letters beyond ASCII on a server with the C locale.
_WORDS = r"""
CREATE FUNCTION smtpy_words(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(
    value,
    '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7'
    '\u2000-\u206f\u3000-\u3003\u3008-\u3011\u3014-\u301f\ufeff\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+',
    ' ', 'g')
"""

# Weights tell the fields apart: A subject, B sender, C recipient and targets, D preview. The boundary word keeps a
# phrase from running out of one field into the next; it takes a position and is deleted again. The texts are cut so
# that a tsvector (1 MB at most) never overflows.
_SEARCH = """
CREATE FUNCTION smtpy_message_search(
    subject text, sender_email text, recipient_email text, forwarded_to text, body_preview text
) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ts_delete(
    setweight(to_tsvector('simple', smtpy_words("left"(subject, 2000)) || ' smtpyboundary'), 'A')
    || setweight(to_tsvector('simple', smtpy_words("left"(sender_email, 400)) || ' smtpyboundary'), 'B')
    || setweight(to_tsvector('simple', smtpy_words("left"(recipient_email, 400)) || ' smtpyboundary '
        || smtpy_words("left"(coalesce(forwarded_to, ''), 2000)) || ' smtpyboundary'), 'C')
    || setweight(to_tsvector('simple', smtpy_words("left"(body_preview, 4000))), 'D'),
    'smtpyboundary')
"""

_ERROR_SEARCH = """
CREATE FUNCTION smtpy_error_search(bounce_class text, error_message text)
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN to_tsvector('simple', smtpy_words("left"(error_message, 2000)) || ' smtpyboundary '
    || smtpy_words("left"(coalesce(bounce_class, ''), 100)))
"""

_NEW_COLUMNS = ("headers", "bounce_class", "authentication", "attachments", "delivered_at")

# A B-tree entry holds 2,704 bytes at most: texts are indexed by their first 200 characters. COLLATE "C" makes the order
# the same on every server, and lets a prefix be found by the index.
_TEXT_SORTS = {
    "sender": '"left"(lower(sender_email) COLLATE "C", 200)',
    "recipient": '"left"(lower(recipient_email) COLLATE "C", 200)',
    "forwarded": '"left"(lower(COALESCE(forwarded_to, \'\'::text)) COLLATE "C", 200)',
    "subject": '"left"(lower(subject) COLLATE "C", 200)',
}


def upgrade() -> None:
    """Apply this step."""
    _extend_messages()
    _index_messages()
    _create_contents()
    _create_deliveries()
    _create_saved_views()


def _extend_messages() -> None:
    op.execute(_WORDS)
    op.execute(_SEARCH)
    op.execute(_ERROR_SEARCH)
    # One statement: the table is written anew once for the generated column, not once for each.
    op.execute("""
        ALTER TABLE messages
            ADD COLUMN headers text NOT NULL DEFAULT '',
            ADD COLUMN bounce_class text,
            ADD COLUMN authentication jsonb NOT NULL DEFAULT '{}'::jsonb,
            ADD COLUMN attachments jsonb NOT NULL DEFAULT '[]'::jsonb,
            ADD COLUMN delivered_at timestamptz,
            ADD COLUMN search tsvector GENERATED ALWAYS AS (
                smtpy_message_search(subject, sender_email, recipient_email, forwarded_to, body_preview)) STORED
    """)


def _index_messages() -> None:
    """Serve every sort by (value, id), and the filters in the order of arrival.

    No index for what others answer within milliseconds even at ten million rows: *delivered* and *has attachments* are
    so frequent that walking the arrivals finds a page at once; the messages of one sender or recipient are either that
    frequent too, or so few that they are fetched by the sort's index and sorted.
    """
    for name, expression in _TEXT_SORTS.items():
        op.execute(f"CREATE INDEX ix_messages_{name}_id ON messages ({expression}, id)")
    op.create_index("ix_messages_status_id", "messages", ["status", "id"])
    op.create_index("ix_messages_size_bytes_id", "messages", ["size_bytes", "id"])
    op.create_index("ix_messages_domain_id_id", "messages", ["domain_id", "id"])
    op.create_index(
        "ix_messages_undelivered",
        "messages",
        ["status", "created_at", "id"],
        postgresql_where=sa.text("status <> 'delivered'"),
    )
    op.execute('CREATE INDEX ix_messages_message_id ON messages ("left"(message_id COLLATE "C", 200))')
    op.execute(
        'CREATE INDEX ix_messages_thread_id ON messages ("left"(thread_id COLLATE "C", 200), created_at, id)'
        " WHERE thread_id IS NOT NULL"
    )
    op.create_index("ix_messages_search", "messages", ["search"], postgresql_using="gin")
    op.execute(
        "CREATE INDEX ix_messages_error_search ON messages USING gin (smtpy_error_search(bounce_class, error_message))"
        " WHERE error_message IS NOT NULL"
    )


def _create_contents() -> None:
    op.create_table(
        "message_contents",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_message_contents_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_contents")),
    )
    op.create_index("ix_message_contents_expires_at", "message_contents", ["expires_at"])


def _create_deliveries() -> None:
    states = "('queued', 'sending', 'sent', 'deferred', 'failed', 'uncertain')"
    op.create_table(
        "deliveries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(f"state IN {states}", name=op.f("ck_deliveries_state")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_deliveries_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("message_id", "target", name=op.f("uq_deliveries_message_id_target")),
    )
    # The queue is short, however many deliveries there were.
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["next_attempt_at", "id"],
        postgresql_where=sa.text("state IN ('queued', 'deferred')"),
    )
    op.create_index(
        "ix_deliveries_leased", "deliveries", ["lease_until", "id"], postgresql_where=sa.text("state = 'sending'")
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("host", sa.Text(), server_default="", nullable=False),
        sa.Column("tls", sa.Text(), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("enhanced", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), server_default="", nullable=False),
        sa.Column("milliseconds", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("outcome", sa.Text(), server_default="sending", nullable=False),
        sa.CheckConstraint(f"outcome IN {states}", name=op.f("ck_delivery_attempts_outcome")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_attempts_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_attempts")),
    )
    op.create_index("ix_delivery_attempts_delivery_id_id", "delivery_attempts", ["delivery_id", "id"])


def _create_saved_views() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 200", name=op.f("ck_saved_views_name_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    op.create_index("uq_saved_views_name", "saved_views", [sa.literal_column("lower(name)")], unique=True)
    op.create_index(
        "uq_saved_views_default", "saved_views", ["is_default"], unique=True, postgresql_where=sa.text("is_default")
    )


def downgrade() -> None:
    """Take this step back."""
    for table in ("saved_views", "delivery_attempts", "deliveries", "message_contents"):
        op.drop_table(table)
    for name in (
        *(f"{name}_id" for name in _TEXT_SORTS),
        *("status_id", "size_bytes_id", "domain_id_id", "undelivered", "message_id", "thread_id"),
        *("search", "error_search"),
    ):
        op.drop_index(f"ix_messages_{name}", "messages")
    for column in ("search", *_NEW_COLUMNS):
        op.drop_column("messages", column)
    op.execute("DROP FUNCTION smtpy_error_search(text, text)")
    op.execute("DROP FUNCTION smtpy_message_search(text, text, text, text, text)")
    op.execute("DROP FUNCTION smtpy_words(text)")

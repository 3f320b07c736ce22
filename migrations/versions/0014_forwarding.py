"""Create what the forwarding engine stands on: rules, envelopes, processes, SRS keys, and the queue by destination."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014_forwarding"
down_revision = "0013_alias_keys"
branch_labels = None
depends_on = None

_NOW = sa.text("now()")
_TRUE = sa.text("true")
_EMPTY_LIST = sa.text("'[]'::jsonb")
_DUE = "state IN ('queued', 'deferred', 'uncertain') AND held_at IS NULL"

# The book of accepted mail outlives the mail: who deletes a message, by hand or by retention, leaves a note there.
_FUNCTION = """
CREATE FUNCTION smtpy_note_removed_mail() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $body$
BEGIN
    UPDATE mail_envelopes AS kept SET removed_at = now(), prefix = '' FROM gone WHERE kept.message_id = gone.id;
    RETURN NULL;
END
$body$
"""


def _time(name: str, *, is_optional: bool = False) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=None if is_optional else _NOW, nullable=is_optional
    )


def _text(name: str, default: str | None = None, *, is_optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=default, nullable=is_optional)


def upgrade() -> None:
    """Apply this step."""
    _create_rules()
    _create_envelopes()
    op.create_table(
        "forwarders",
        *(_text(name) for name in ("name", "host")),
        sa.Column("pid", sa.Integer(), nullable=False),
        *(_text(name) for name in ("version", "listen")),
        sa.Column("workers", sa.Integer(), nullable=False),
        _text("state"),
        _time("started_at"),
        _time("seen_at"),
        sa.Column("counters", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_forwarders")),
    )
    op.create_table(
        "srs_keys",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        _text("master_key_id"),
        _time("created_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_srs_keys")),
    )
    _widen_deliveries()


def _create_rules() -> None:
    op.create_table(
        "rules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("domain_id", sa.BigInteger(), nullable=False),
        sa.Column("alias_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("name", ""),
        sa.Column("conditions", JSONB(), server_default=_EMPTY_LIST, nullable=False),
        _text("action"),
        sa.Column("targets", JSONB(), server_default=_EMPTY_LIST, nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=_TRUE, nullable=False),
        _time("created_at"),
        _time("updated_at"),
        sa.CheckConstraint("action IN ('forward', 'redirect', 'refuse', 'discard')", name=op.f("ck_rules_action")),
        sa.ForeignKeyConstraint(["domain_id"], ["domains.id"], name=op.f("fk_rules_domain_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["alias_id"], ["aliases.id"], name=op.f("fk_rules_alias_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
    )
    op.create_index("ix_rules_domain_id_alias_id", "rules", ["domain_id", "alias_id", "position", "id"])
    op.create_index("ix_rules_alias_id", "rules", ["alias_id"])
    for event, rows in (("insert", "NEW"), ("update", "NEW"), ("delete", "OLD")):
        op.execute(
            f"CREATE TRIGGER tell_{event} AFTER {event.upper()} ON rules REFERENCING {rows} TABLE AS changed_rows "
            "FOR EACH STATEMENT EXECUTE FUNCTION smtpy_tell_change('rules', 'ids')"
        )
    op.create_table(
        "rule_matches",
        sa.Column("rule_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("matches", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        _time("last_at"),
        sa.ForeignKeyConstraint(["rule_id"], ["rules.id"], name=op.f("fk_rule_matches_rule_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_rule_matches")),
    )


def _create_envelopes() -> None:
    op.create_table(
        "mail_envelopes",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _time("accepted_at"),
        _time("removed_at", is_optional=True),
        *(_text(name) for name in ("kind", "sender", "forward_sender")),
        sa.Column("prefix", sa.LargeBinary(), nullable=False),
        *(sa.Column(name, sa.Boolean(), nullable=False) for name in ("may_report", "is_utf8", "is_8bit")),
        _text("client_address", ""),
        _text("client_helo", ""),
        _text("client_tls", is_optional=True),
        _text("forwarder", ""),
        sa.CheckConstraint("kind IN ('forward', 'return', 'report', 'test')", name=op.f("ck_mail_envelopes_kind")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_mail_envelopes")),
    )
    op.create_index("ix_mail_envelopes_accepted_at", "mail_envelopes", ["accepted_at"])
    op.execute(_FUNCTION)
    op.execute(
        "CREATE TRIGGER note_removed_mail AFTER DELETE ON messages REFERENCING OLD TABLE AS gone "
        "FOR EACH STATEMENT EXECUTE FUNCTION smtpy_note_removed_mail()"
    )


def _widen_deliveries() -> None:
    destination = sa.Computed("lower(regexp_replace(target, '^.*@', ''))", persisted=True)
    op.add_column("deliveries", sa.Column("destination", sa.Text(collation="C"), destination, nullable=False))
    op.add_column("deliveries", _text("leased_by", is_optional=True))
    op.add_column("deliveries", _time("held_at", is_optional=True))
    op.add_column("deliveries", sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.drop_index("ix_deliveries_due", "deliveries")
    _index("ix_deliveries_due", ["next_attempt_at", "id"], _DUE)
    _index("ix_deliveries_destination_due", ["destination", "next_attempt_at", "id"], _DUE)
    _index("ix_deliveries_held", ["destination", "id"], "held_at IS NOT NULL")


def _index(name: str, columns: list[str], condition: str) -> None:
    op.create_index(name, "deliveries", columns, postgresql_where=sa.text(condition))


def downgrade() -> None:
    """Take this step back."""
    for name in ("ix_deliveries_held", "ix_deliveries_destination_due", "ix_deliveries_due"):
        op.drop_index(name, "deliveries")
    for name in ("attempts", "held_at", "leased_by", "destination"):
        op.drop_column("deliveries", name)
    _index("ix_deliveries_due", ["next_attempt_at", "id"], "state IN ('queued', 'deferred')")
    op.execute("DROP TRIGGER note_removed_mail ON messages")
    op.execute("DROP FUNCTION smtpy_note_removed_mail()")
    for table in ("srs_keys", "forwarders", "mail_envelopes", "rule_matches", "rules"):
        op.drop_table(table)

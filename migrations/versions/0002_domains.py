"""Create domains, their DKIM keys and DNS checks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_domains"
down_revision = "0001_administration"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "domains",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unicode_name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("mx_record_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("spf_record_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("dkim_record_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("dmarc_record_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ownership_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "record_states",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("needs_attention", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("dkim_selector", sa.Text(), nullable=False),
        sa.Column("dkim_public_key", sa.Text(), nullable=False),
        sa.Column("verification_token", sa.Text(), nullable=False),
        sa.Column("catch_all", sa.Text(), nullable=True),
        sa.Column("last_checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status IN ('pending', 'verified', 'failed')", name=op.f("ck_domains_status")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_domains_organization_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domains")),
        sa.UniqueConstraint("name", name=op.f("uq_domains_name")),
    )
    op.create_index("ix_domains_created_at_id", "domains", ["created_at", "id"], unique=False)
    op.create_index("ix_domains_is_active_id", "domains", ["is_active", "id"], unique=False)
    op.create_index(
        "ix_domains_last_checked_at_id",
        "domains",
        [sa.literal_column("coalesce(last_checked_at, '-infinity'::timestamptz)"), "id"],
        unique=False,
    )
    op.create_index(
        "ix_domains_needs_attention", "domains", ["id"], unique=False, postgresql_where=sa.text("needs_attention")
    )
    op.create_index("ix_domains_next_check_at", "domains", ["next_check_at"], unique=False)
    op.create_index("ix_domains_organization_id_name", "domains", ["organization_id", "name"], unique=False)
    op.create_index("ix_domains_status_id", "domains", ["status", "id"], unique=False)
    op.create_table(
        "dkim_keys",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("domain_id", sa.BigInteger(), nullable=False),
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("private_key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("master_key_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="active", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("state IN ('published', 'active', 'retired')", name=op.f("ck_dkim_keys_state")),
        sa.ForeignKeyConstraint(["domain_id"], ["domains.id"], name=op.f("fk_dkim_keys_domain_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dkim_keys")),
        sa.UniqueConstraint("domain_id", "selector", name=op.f("uq_dkim_keys_domain_id_selector")),
    )
    op.create_table(
        "dns_checks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("domain_id", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("verdict IN ('ok', 'wrong', 'unknown')", name=op.f("ck_dns_checks_verdict")),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domains.id"], name=op.f("fk_dns_checks_domain_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dns_checks")),
    )
    op.create_index("ix_dns_checks_checked_at", "dns_checks", ["checked_at"], unique=False)
    op.create_index("ix_dns_checks_domain_id_kind_id", "dns_checks", ["domain_id", "kind", "id"], unique=False)


def downgrade() -> None:
    """Take this step back."""
    op.drop_table("dns_checks")
    op.drop_table("dkim_keys")
    op.drop_table("domains")

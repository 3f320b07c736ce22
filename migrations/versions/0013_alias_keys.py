"""Let aliases and their targets be compared without case, and give aliases a note."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013_alias_keys"
down_revision = "0012_message_marks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.add_column("aliases", sa.Column("address_key", sa.Text(), nullable=True))
    op.add_column("aliases", sa.Column("note", sa.Text(), server_default="", nullable=False))
    op.add_column("alias_targets", sa.Column("address_key", sa.Text(), nullable=True))
    # No version before this one could make aliases: what is filled in here was put there by other programs.
    op.execute(
        "UPDATE aliases SET address_key = lower(local_part) || '@' || domains.name "
        "FROM domains WHERE domains.id = aliases.domain_id"
    )
    op.execute("UPDATE alias_targets SET address_key = lower(address)")
    op.alter_column("aliases", "address_key", nullable=False)
    op.alter_column("alias_targets", "address_key", nullable=False)
    op.drop_constraint("uq_aliases_domain_id_local_part", "aliases")
    op.drop_constraint("uq_alias_targets_alias_id_address", "alias_targets")
    op.create_unique_constraint("uq_aliases_address_key", "aliases", ["address_key"])
    op.create_unique_constraint("uq_alias_targets_alias_id_address_key", "alias_targets", ["alias_id", "address_key"])
    op.create_index("ix_aliases_domain_id_address_key", "aliases", ["domain_id", "address_key"])
    op.create_index("ix_aliases_updated_at_id", "aliases", ["updated_at", "id"])
    op.create_index("ix_alias_targets_address_key", "alias_targets", ["address_key"])


def downgrade() -> None:
    """Take this step back."""
    op.drop_index("ix_alias_targets_address_key", "alias_targets")
    op.drop_index("ix_aliases_updated_at_id", "aliases")
    op.drop_index("ix_aliases_domain_id_address_key", "aliases")
    op.drop_constraint("uq_alias_targets_alias_id_address_key", "alias_targets")
    op.drop_constraint("uq_aliases_address_key", "aliases")
    op.create_unique_constraint("uq_alias_targets_alias_id_address", "alias_targets", ["alias_id", "address"])
    op.create_unique_constraint("uq_aliases_domain_id_local_part", "aliases", ["domain_id", "local_part"])
    op.drop_column("alias_targets", "address_key")
    op.drop_column("aliases", "note")
    op.drop_column("aliases", "address_key")

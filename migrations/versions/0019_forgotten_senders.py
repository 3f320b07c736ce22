"""Keep nothing of a deleted message in the book of accepted mail but that there was one, and when."""

from __future__ import annotations

from alembic import op

revision = "0019_forgotten_senders"
down_revision = "0018_queue_upkeep"
branch_labels = None
depends_on = None

_FUNCTION = """
CREATE OR REPLACE FUNCTION smtpy_note_removed_mail() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $body$
BEGIN
    UPDATE mail_envelopes AS kept SET removed_at = now(), {emptied} FROM gone WHERE kept.message_id = gone.id;
    RETURN NULL;
END
$body$
"""
_PREFIX = "prefix = ''"
_EVERYTHING = f"{_PREFIX}, sender = '', forward_sender = '', client_address = '', client_helo = '', client_tls = NULL"


def upgrade() -> None:
    """Apply this step."""
    op.execute(_FUNCTION.format(emptied=_EVERYTHING))
    op.execute(f"UPDATE mail_envelopes SET {_EVERYTHING} WHERE removed_at IS NOT NULL")  # noqa: S608 - fixed text


def downgrade() -> None:
    """Take this step back; what was forgotten stays so."""
    op.execute(_FUNCTION.format(emptied=_PREFIX))

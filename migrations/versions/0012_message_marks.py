"""Let many writers of messages commit side by side, although every process hears of their changes."""

from __future__ import annotations

from alembic import op

revision = "0012_message_marks"
down_revision = "0011_message_counts_ever"
branch_labels = None
depends_on = None

# A commit with a notice holds a lock that all commits with notices wait for, in every database of the server: eight
# writers of single messages then do half the work. So a statement that writes messages only takes the next number of a
# sequence, which waits for nobody, and a notice goes out ten times a second at most. Listeners look at the sequence
# several times a second and find the statements that they have heard no notice of (change_notices_database.py).
_FUNCTION = """
CREATE FUNCTION smtpy_tell_message_change() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    changed_ids bigint[] := '{}';
    mark bigint;
    this_moment bigint := extract(epoch FROM clock_timestamp()) * 1000;
    last_moment bigint;
BEGIN
    IF TG_OP <> 'TRUNCATE' THEN
        PERFORM FROM changed_rows LIMIT 1;
        IF NOT FOUND THEN
            RETURN NULL;
        END IF;
    END IF;
    mark := nextval('smtpy_message_marks');
    SELECT last_value INTO last_moment FROM smtpy_message_notice_moments;
    -- In both directions: a clock that was put back must not silence the notices.
    IF abs(this_moment - last_moment) < 100 THEN
        RETURN NULL;
    END IF;
    PERFORM setval('smtpy_message_notice_moments', this_moment);
    IF TG_OP <> 'TRUNCATE' THEN
        SELECT array_agg(id) INTO changed_ids FROM (SELECT id FROM changed_rows LIMIT 101) AS few;
        IF cardinality(changed_ids) > 100 THEN
            changed_ids := '{}';
        END IF;
    END IF;
    PERFORM pg_notify('smtpy_changes', json_build_object(
        'topic', 'messages', 'ids', changed_ids, 'mark', mark, 'origin', current_setting('application_name'))::text);
    RETURN NULL;
END
$body$
"""

_EVENTS = (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))


def upgrade() -> None:
    """Apply this step."""
    op.execute("CREATE SEQUENCE smtpy_message_marks")
    op.execute("SELECT nextval('smtpy_message_marks')")  # its last value says nothing until the first one is taken
    op.execute("CREATE SEQUENCE smtpy_message_notice_moments")
    op.execute(_FUNCTION)
    for event, rows in _EVENTS:
        _tell(event, f"REFERENCING {rows} TABLE AS changed_rows", "smtpy_tell_message_change()")
    _tell("TRUNCATE", "", "smtpy_tell_message_change()")


def _tell(event: str, rows: str, function: str) -> None:
    op.execute(
        f"CREATE OR REPLACE TRIGGER tell_{event.lower()} AFTER {event} ON messages {rows} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}"
    )


def downgrade() -> None:
    """Take this step back: a notice for every statement, as migration 0007 has it."""
    for event, rows in _EVENTS:
        _tell(event, f"REFERENCING {rows} TABLE AS changed_rows", "smtpy_tell_change('messages', 'ids')")
    _tell("TRUNCATE", "", "smtpy_tell_change('messages')")
    op.execute("DROP FUNCTION smtpy_tell_message_change()")
    op.execute("DROP SEQUENCE smtpy_message_marks")
    op.execute("DROP SEQUENCE smtpy_message_notice_moments")

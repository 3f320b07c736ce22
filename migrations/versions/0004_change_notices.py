"""Let the database itself tell every process what changed."""

from __future__ import annotations

from alembic import op

revision = "0004_change_notices"
down_revision = "0003_mail"
branch_labels = None
depends_on = None

_TOPICS = {
    "organizations": "organizations",
    "domains": "domains",
    "aliases": "aliases",
    "audit_log": "audit",
    "server_settings": "settings",
}

# One notice per statement, not per row. A notice has room for 8,000 bytes: beyond 100 ids it says "any of them".
# The application name is the origin, so that a process knows its own notices.
_FUNCTION = """
CREATE FUNCTION smtpy_tell_change() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    changed_ids bigint[] := '{}';
BEGIN
    IF TG_NARGS > 1 THEN
        SELECT coalesce(array_agg(id), '{}') INTO changed_ids FROM (SELECT id FROM changed_rows LIMIT 101) AS few;
        IF cardinality(changed_ids) = 0 THEN
            RETURN NULL;
        ELSIF cardinality(changed_ids) > 100 THEN
            changed_ids := '{}';
        END IF;
    END IF;
    PERFORM pg_notify('smtpy_changes', json_build_object(
        'topic', TG_ARGV[0], 'ids', changed_ids, 'origin', current_setting('application_name'))::text);
    RETURN NULL;
END
$body$
"""


def upgrade() -> None:
    """Apply this step."""
    op.execute(_FUNCTION)
    for table, topic in _TOPICS.items():
        arguments = f"'{topic}'" if table == "server_settings" else f"'{topic}', 'ids'"
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
            op.execute(
                f"CREATE TRIGGER tell_{event.lower()} AFTER {event} ON {table} "
                f"REFERENCING {rows} TABLE AS changed_rows "
                f"FOR EACH STATEMENT EXECUTE FUNCTION smtpy_tell_change({arguments})"
            )


def downgrade() -> None:
    """Take this step back."""
    for table in _TOPICS:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER tell_{event} ON {table}")
    op.execute("DROP FUNCTION smtpy_tell_change()")

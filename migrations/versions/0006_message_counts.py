"""Let the database itself count the messages, exactly, so that statistics never read them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_message_counts"
down_revision = "0005_messages"
branch_labels = None
depends_on = None

# How it works. Every statement that writes messages adds what it changed to message_count_changes: inserts alone, so
# that writers never wait for each other, however hot a domain is, and cannot deadlock. Now and then one of them folds
# the changes into the counts, alone (advisory lock). Readers add up both, in one statement, so they are always exact.
# Hours are for charts and for the ends of a range; days and months (with domain 0: all) answer for years at once.
#
# reason: the bounce class of what failed. duration: the delivery time, as round_down(4 * ln(1 + seconds)).
_DIMENSIONS = """
    date_trunc('hour', {row}.created_at, 'UTC') AS hour,
    {row}.domain_id,
    {row}.status,
    CASE WHEN {row}.status IN ('failed', 'bounced', 'rejected')
        THEN "left"(coalesce({row}.bounce_class, 'other'), 100) END AS reason,
    CASE WHEN {row}.status = 'delivered' AND {row}.delivered_at IS NOT NULL
        THEN floor(4 * ln(1 + greatest(extract(epoch FROM {row}.delivered_at - {row}.created_at), 0)))::smallint
        END AS duration,
    "left"(lower({row}.sender_email), 200) AS sender
"""

_TELL = """
    WITH told AS (
        INSERT INTO message_count_changes (hour, domain_id, status, reason, duration, sender, count, size_bytes)
        SELECT hour, domain_id, status, reason, duration, sender, sum(step), sum(step * size_bytes)
        FROM ({rows}) AS changed
        GROUP BY 1, 2, 3, 4, 5, 6
        HAVING sum(step) <> 0 OR sum(step * size_bytes) <> 0
        RETURNING id
    ) SELECT bool_or(id % 2000 = 0) INTO is_time_to_fold FROM told;
"""


def _changed(table: str, step: int) -> str:
    dimensions = _DIMENSIONS.format(row=table)
    return f"SELECT {dimensions}, {table}.size_bytes, {step} AS step FROM {table}"  # noqa: S608 - fixed names


# Folding is left to others when a snapshot of the whole transaction is in use: it could only fail.
_COUNT = f"""
CREATE FUNCTION smtpy_count_messages() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    is_time_to_fold boolean;
BEGIN
    IF TG_OP = 'INSERT' THEN
        {_TELL.format(rows=_changed("added", 1))}
    ELSIF TG_OP = 'UPDATE' THEN
        {_TELL.format(rows=_changed("removed", -1) + " UNION ALL " + _changed("added", 1))}
    ELSE
        {_TELL.format(rows=_changed("removed", -1))}
    END IF;
    IF is_time_to_fold AND current_setting('transaction_isolation') = 'read committed' THEN
        PERFORM smtpy_fold_message_counts(20000);
    END IF;
    RETURN NULL;
END
$body$
"""

_FORGET = """
CREATE FUNCTION smtpy_forget_message_counts() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    TRUNCATE message_count_changes, message_hour_counts, message_period_counts, message_sender_counts;
    RETURN NULL;
END
$body$
"""

_PERIODS = """
    SELECT period, date_trunc(period, hour, 'UTC') AS start, kind, whose, label, sum(count) AS count,
        sum(size_bytes) AS size_bytes
    FROM {rows} AS told
    CROSS JOIN (VALUES ('day'), ('month')) AS periods (period)
    CROSS JOIN LATERAL (VALUES (told.domain_id), (0)) AS owners (whose)
    CROSS JOIN LATERAL (VALUES ('status', status), ('reason', reason), ('duration', duration::text)) AS kinds
        (kind, label)
    WHERE label IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5
"""

_SENDERS = """
    SELECT start, whose, sender, sum(count) AS count
    FROM {rows} AS told
    CROSS JOIN LATERAL (VALUES (date_trunc('month', hour, 'UTC')), ('-infinity')) AS periods (start)
    CROSS JOIN LATERAL (VALUES (told.domain_id), (0)) AS owners (whose)
    GROUP BY 1, 2, 3
"""

_FOLD = f"""
CREATE FUNCTION smtpy_fold_message_counts(most integer) RETURNS integer LANGUAGE plpgsql AS $body$
DECLARE
    taken message_count_changes[];
BEGIN
    IF NOT pg_try_advisory_xact_lock(7305188406113) THEN
        RETURN 0;
    END IF;
    WITH gone AS (
        DELETE FROM message_count_changes
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM message_count_changes LIMIT most)) RETURNING *
    ) SELECT array_agg(gone::message_count_changes) INTO taken FROM gone;
    INSERT INTO message_hour_counts AS kept (hour, domain_id, status, count, size_bytes)
        SELECT hour, domain_id, status, sum(count), sum(size_bytes) FROM unnest(taken) GROUP BY 1, 2, 3
        ON CONFLICT (hour, domain_id, status) DO UPDATE
        SET count = kept.count + excluded.count, size_bytes = kept.size_bytes + excluded.size_bytes;
    INSERT INTO message_period_counts AS kept (period, start, kind, domain_id, label, count, size_bytes)
        {_PERIODS.format(rows="unnest(taken)")}
        ON CONFLICT (period, kind, domain_id, start, label) DO UPDATE
        SET count = kept.count + excluded.count, size_bytes = kept.size_bytes + excluded.size_bytes;
    INSERT INTO message_sender_counts AS kept (start, domain_id, sender, count)
        {_SENDERS.format(rows="unnest(taken)")} HAVING sum(count) <> 0
        ON CONFLICT (start, domain_id, sender) DO UPDATE SET count = kept.count + excluded.count;
    RETURN coalesce(cardinality(taken), 0);
END
$body$
"""  # noqa: S608 - fixed names

_DAYS = """(
    SELECT date_trunc('day', hour, 'UTC') AS hour, domain_id, status, reason, duration, sum(count) AS count,
        sum(size_bytes) AS size_bytes
    FROM smtpy_recount GROUP BY 1, 2, 3, 4, 5)"""

_MONTHS_OF_SENDERS = """(
    SELECT date_trunc('month', hour, 'UTC') AS hour, domain_id, sender, sum(count) AS count
    FROM smtpy_recount GROUP BY 1, 2, 3)"""

# Also repairs, should the counts ever be wrong (triggers switched off by hand, say); loading in bulk ends with it.
_RECOUNT = f"""
CREATE FUNCTION smtpy_recount_messages() RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    LOCK TABLE messages IN SHARE MODE;
    TRUNCATE message_count_changes, message_hour_counts, message_period_counts, message_sender_counts;
    CREATE TEMPORARY TABLE smtpy_recount ON COMMIT DROP AS
        SELECT hour, domain_id, status, reason, duration, sender, count(*) AS count, sum(size_bytes) AS size_bytes
        FROM ({_changed("messages", 1)}) AS found GROUP BY 1, 2, 3, 4, 5, 6;
    INSERT INTO message_hour_counts (hour, domain_id, status, count, size_bytes)
        SELECT hour, domain_id, status, sum(count), sum(size_bytes) FROM smtpy_recount GROUP BY 1, 2, 3;
    INSERT INTO message_period_counts (period, start, kind, domain_id, label, count, size_bytes)
        {_PERIODS.format(rows=_DAYS)};
    INSERT INTO message_sender_counts (start, domain_id, sender, count)
        {_SENDERS.format(rows=_MONTHS_OF_SENDERS)};
    DROP TABLE smtpy_recount;
END
$body$
"""  # noqa: S608 - fixed names

_COUNTS = """
CREATE VIEW message_counts AS
    SELECT hour, domain_id, status, sum(count)::bigint AS count, sum(size_bytes)::bigint AS size_bytes
    FROM (
        SELECT hour, domain_id, status, count, size_bytes FROM message_hour_counts
        UNION ALL SELECT hour, domain_id, status, count, size_bytes FROM message_count_changes
    ) AS told
    GROUP BY hour, domain_id, status
    HAVING sum(count) <> 0
"""


def upgrade() -> None:
    """Apply this step."""
    _create_tables()
    for statement in (_FOLD, _COUNT, _FORGET, _RECOUNT, _COUNTS):
        op.execute(statement)
    op.execute("SELECT smtpy_recount_messages()")
    for event, rows in (
        ("INSERT", "NEW TABLE AS added"),
        ("UPDATE", "OLD TABLE AS removed NEW TABLE AS added"),
        ("DELETE", "OLD TABLE AS removed"),
    ):
        op.execute(
            f"CREATE TRIGGER count_{event.lower()} AFTER {event} ON messages REFERENCING {rows} "
            "FOR EACH STATEMENT EXECUTE FUNCTION smtpy_count_messages()"
        )
    op.execute(
        "CREATE TRIGGER count_truncate AFTER TRUNCATE ON messages "
        "FOR EACH STATEMENT EXECUTE FUNCTION smtpy_forget_message_counts()"
    )


def _create_tables() -> None:
    op.create_table(
        "message_count_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("domain_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("duration", sa.SmallInteger(), nullable=True),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        # No key and no index: rows come and go, and are only ever read all together.
    )
    op.execute(
        "ALTER TABLE message_count_changes SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)"
    )
    # No foreign keys to domains: a domain's own deletion still has to be counted.
    op.create_table(
        "message_hour_counts",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("domain_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "domain_id", "status", name=op.f("pk_message_hour_counts")),
    )
    op.create_index("ix_message_hour_counts_domain_id_hour", "message_hour_counts", ["domain_id", "hour"])
    op.create_table(
        "message_period_counts",
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("domain_id", sa.BigInteger(), nullable=False),
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("period", "kind", "domain_id", "start", "label", name=op.f("pk_message_period_counts")),
    )
    op.create_index("ix_message_period_counts_start", "message_period_counts", ["period", "kind", "start"])
    op.create_table(
        "message_sender_counts",
        sa.Column("start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("domain_id", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("start", "domain_id", "sender", name=op.f("pk_message_sender_counts")),
    )
    # The busiest senders of all time, of one domain or of all, are the first entries.
    op.create_index(
        "ix_message_sender_counts_top",
        "message_sender_counts",
        ["domain_id", "count"],
        postgresql_where=sa.text("start = '-infinity'::timestamp with time zone"),
    )


def downgrade() -> None:
    """Take this step back."""
    for event in ("insert", "update", "delete", "truncate"):
        op.execute(f"DROP TRIGGER count_{event} ON messages")
    op.execute("DROP VIEW message_counts")
    op.execute("DROP FUNCTION smtpy_recount_messages()")
    op.execute("DROP FUNCTION smtpy_forget_message_counts()")
    op.execute("DROP FUNCTION smtpy_count_messages()")
    op.execute("DROP FUNCTION smtpy_fold_message_counts(integer)")
    for table in ("message_sender_counts", "message_period_counts", "message_hour_counts", "message_count_changes"):
        op.drop_table(table)

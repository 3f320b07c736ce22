"""Count also all time at once, and fold and recount in fewer steps."""

from __future__ import annotations

from typing import Any

from alembic import op

revision = "0011_message_counts_ever"
down_revision = "0010_message_sorting"
branch_labels = None
depends_on = None

# Period counts know "ever" as well, beginning at -infinity: the busiest domains of all time are then a few rows each.
# What is told is first summed up by day (senders: by month), and everything coarser is made from these sums.
_KINDS = "(VALUES ('status', status), ('reason', reason), ('duration', duration::text)) AS kinds (kind, label)"
_PERIODS = """(VALUES ('day', day), ('month', date_trunc('month', day, 'UTC')), ('ever', '-infinity'))
        AS periods (period, start)"""
_OWNERS = "(VALUES (domain_id), (0)) AS owners (whose)"

_FOLD = f"""
CREATE OR REPLACE FUNCTION smtpy_fold_message_counts(most integer) RETURNS integer LANGUAGE plpgsql AS $body$
DECLARE
    number integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7305188406113) THEN
        RETURN 0;
    END IF;
    WITH gone AS MATERIALIZED (
        DELETE FROM message_count_changes
        WHERE ctid = ANY (ARRAY(SELECT ctid FROM message_count_changes LIMIT most)) RETURNING *
    ), days AS MATERIALIZED (
        SELECT kind, domain_id, date_trunc('day', hour, 'UTC') AS day, label, sum(count)::bigint AS count,
            sum(size_bytes)::bigint AS size_bytes
        FROM gone CROSS JOIN LATERAL {_KINDS}
        WHERE label IS NOT NULL GROUP BY 1, 2, 3, 4
    ), months AS MATERIALIZED (
        SELECT domain_id, date_trunc('month', hour, 'UTC') AS month, sender, sum(count)::bigint AS count
        FROM gone GROUP BY 1, 2, 3
    ), hours_told AS (
        INSERT INTO message_hour_counts AS kept (hour, domain_id, status, count, size_bytes)
        SELECT hour, domain_id, status, sum(count), sum(size_bytes) FROM gone GROUP BY 1, 2, 3
        ON CONFLICT (hour, domain_id, status) DO UPDATE
        SET count = kept.count + excluded.count, size_bytes = kept.size_bytes + excluded.size_bytes
    ), periods_told AS (
        INSERT INTO message_period_counts AS kept (period, kind, domain_id, start, label, count, size_bytes)
        SELECT period, kind, whose, start, label, sum(count), sum(size_bytes)
        FROM days CROSS JOIN LATERAL {_PERIODS} CROSS JOIN LATERAL {_OWNERS}
        GROUP BY 1, 2, 3, 4, 5
        ON CONFLICT (period, kind, domain_id, start, label) DO UPDATE
        SET count = kept.count + excluded.count, size_bytes = kept.size_bytes + excluded.size_bytes
    ), senders_told AS (
        INSERT INTO message_sender_counts AS kept (start, domain_id, sender, count)
        SELECT start, whose, sender, sum(count)
        FROM months CROSS JOIN LATERAL (VALUES (month), ('-infinity')) AS periods (start) CROSS JOIN LATERAL {_OWNERS}
        GROUP BY 1, 2, 3 HAVING sum(count) <> 0
        ON CONFLICT (start, domain_id, sender) DO UPDATE SET count = kept.count + excluded.count
    )
    SELECT count(*) INTO number FROM gone;
    RETURN number;
END
$body$
"""  # noqa: S608 - fixed texts

# duration: the delivery time, as round_down(4 * ln(1 + seconds)); in floating point, which takes a tenth of the time.
# Who counts messages anew has to calculate it in just this way.
_DURATION = """CASE WHEN {row}status = 'delivered' AND {row}delivered_at IS NOT NULL
        THEN floor(4 * ln(1 + greatest(extract(epoch FROM {row}delivered_at - {row}created_at)::float8, 0)))::smallint
        END"""

_DIMENSIONS = """
    date_trunc('hour', {row}.created_at, 'UTC') AS hour,
    {row}.domain_id,
    {row}.status,
    CASE WHEN {row}.status IN ('failed', 'bounced', 'rejected')
        THEN "left"(coalesce({row}.bounce_class, 'other'), 100) END AS reason,
    {duration} AS duration,
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
    dimensions = _DIMENSIONS.format(row=table, duration=_DURATION.format(row=f"{table}."))
    return f"SELECT {dimensions}, {table}.size_bytes, {step} AS step FROM {table}"  # noqa: S608 - fixed names


# Folding is left to others when a snapshot of the whole transaction is in use: it could only fail.
_COUNT = f"""
CREATE OR REPLACE FUNCTION smtpy_count_messages() RETURNS trigger LANGUAGE plpgsql AS $body$
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

# Sums of bigint are numeric, and sums of these slow: what is summed up again is made bigint before.
# Sorted by the primary keys: appending to an index costs a fraction of jumping about in it.
_RECOUNT = f"""
CREATE OR REPLACE FUNCTION smtpy_recount_messages() RETURNS void LANGUAGE plpgsql SET work_mem = '128MB' AS $body$
BEGIN
    LOCK TABLE messages IN SHARE MODE;
    TRUNCATE message_count_changes, message_hour_counts, message_period_counts, message_sender_counts;
    CREATE TEMPORARY TABLE smtpy_recount ON COMMIT DROP AS
        SELECT
            hour, day, month, domain_id, status, reason, duration, sender, count(*) AS count,
            sum(size_bytes)::bigint AS size_bytes,
            CASE WHEN grouping(hour) = 0 THEN 'hour' WHEN grouping(sender) = 0 THEN 'sender'
                WHEN grouping(reason) = 0 THEN 'reason' ELSE 'duration' END AS part
        FROM (
            SELECT
                date_trunc('hour', created_at, 'UTC') AS hour,
                date_trunc('day', created_at, 'UTC') AS day,
                date_trunc('month', created_at, 'UTC') AS month,
                domain_id,
                status,
                CASE WHEN status IN ('failed', 'bounced', 'rejected')
                    THEN "left"(coalesce(bounce_class, 'other'), 100) END AS reason,
                {_DURATION.format(row="")} AS duration,
                "left"(lower(sender_email), 200) AS sender,
                size_bytes
            FROM messages
        ) AS found
        GROUP BY GROUPING SETS (
            (hour, domain_id, status), (day, domain_id, reason), (day, domain_id, duration), (month, domain_id, sender)
        );
    INSERT INTO message_hour_counts (hour, domain_id, status, count, size_bytes)
        SELECT hour, domain_id, status, count, size_bytes FROM smtpy_recount WHERE part = 'hour' ORDER BY 1, 2, 3;
    CREATE TEMPORARY TABLE smtpy_recount_days ON COMMIT DROP AS
        SELECT 'status' AS kind, domain_id, date_trunc('day', hour, 'UTC') AS day, status AS label,
            sum(count)::bigint AS count, sum(size_bytes)::bigint AS size_bytes
        FROM smtpy_recount WHERE part = 'hour' GROUP BY 2, 3, 4
        UNION ALL
        SELECT part, domain_id, day, coalesce(reason, duration::text), count, size_bytes
        FROM smtpy_recount WHERE reason IS NOT NULL OR duration IS NOT NULL;
    INSERT INTO message_period_counts (period, kind, domain_id, start, label, count, size_bytes)
        SELECT period, kind, whose, start, label, sum(count), sum(size_bytes)
        FROM smtpy_recount_days CROSS JOIN LATERAL {_PERIODS} CROSS JOIN LATERAL {_OWNERS}
        GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5;
    INSERT INTO message_sender_counts (start, domain_id, sender, count)
        SELECT start, whose, sender, sum(count)
        FROM (SELECT * FROM smtpy_recount WHERE part = 'sender') AS months
        CROSS JOIN LATERAL (VALUES (month), ('-infinity')) AS periods (start) CROSS JOIN LATERAL {_OWNERS}
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
    DROP TABLE smtpy_recount, smtpy_recount_days;
END
$body$
"""  # noqa: S608 - fixed texts


def upgrade() -> None:
    """Apply this step."""
    for statement in (_FOLD, _COUNT, _RECOUNT):
        op.execute(statement)
    op.execute("SELECT smtpy_recount_messages()")


def downgrade() -> None:
    """Take this step back: the functions are those of migration 0006 again."""
    scripts: Any = op.get_context().script
    before = scripts.get_revision("0006_message_counts").module
    for name in ("_FOLD", "_COUNT", "_RECOUNT"):
        op.execute(getattr(before, name).replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
    op.execute("SELECT smtpy_recount_messages()")

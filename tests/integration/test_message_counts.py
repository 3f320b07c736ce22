"""The counts of messages: kept by the database itself, always equal to a recount."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from benchmarks.generate import Wanted, generate
from smtpy_desktop.database import message_counts_database as counts
from smtpy_desktop.database.message_count_sources import Scope
from smtpy_desktop.schemas.messages import MessageStatus

NOON = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
STATUSES = [status.value for status in MessageStatus]
RECOUNT = """
    SELECT date_trunc('hour', created_at, 'UTC'), domain_id, status, count(*), sum(size_bytes)::bigint
    FROM messages GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
KEPT = "SELECT hour, domain_id, status, count, size_bytes FROM message_counts ORDER BY 1, 2, 3"
TIERS = {
    "message_hour_counts": "SELECT hour, domain_id, status, count, size_bytes FROM message_hour_counts",
    "message_period_counts": "SELECT period, kind, domain_id, start::text, label, count, size_bytes"
    " FROM message_period_counts",
    "message_sender_counts": "SELECT start::text, domain_id, sender, count FROM message_sender_counts",
}


@pytest.fixture
def connection(database_url):
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as opened:
        yield opened


@pytest.fixture
def domains(connection):
    connection.execute("INSERT INTO organizations (name, email) VALUES ('Example', 'a@example.com')")
    found = connection.execute("""
        INSERT INTO domains (organization_id, name, unicode_name, dkim_selector, dkim_public_key, verification_token)
        SELECT organizations.id, host, host, '', '', ''
        FROM organizations, unnest('{a.example,b.example}'::text[]) AS host
        RETURNING id
    """)
    return [row[0] for row in found]


def insert(connection, domain_id, status="delivered", size=10, hours=0, number=1):
    connection.execute(
        """
        INSERT INTO messages (message_id, domain_id, sender_email, recipient_email, status, size_bytes, created_at,
            delivered_at, bounce_class)
        SELECT 'id', %s, 'Sender' || n || '@example.com', 'b@example.com', %s, %s, %s, %s::timestamptz, 'policy'
        FROM generate_series(1, %s) AS n
        """,
        [domain_id, status, size, NOON + timedelta(hours=hours), NOON + timedelta(hours=hours, seconds=size), number],
    )


def assert_equal_to_a_recount(connection):
    assert connection.execute(KEPT).fetchall() == connection.execute(RECOUNT).fetchall()
    connection.execute("SELECT smtpy_fold_message_counts(1000000)")
    kept = {name: sorted(connection.execute(f"{query} WHERE count <> 0")) for name, query in TIERS.items()}
    connection.execute("SELECT smtpy_recount_messages()")
    again = {name: sorted(connection.execute(query)) for name, query in TIERS.items()}
    assert kept == again


one_insert = st.tuples(
    st.just("insert"),
    st.integers(0, 1),
    st.sampled_from(STATUSES),
    st.integers(0, 1000),
    st.sampled_from([0, 1, 24, 24 * 40]),
    st.integers(0, 5),
)
one_update = st.tuples(
    st.just("update"),
    st.sampled_from(
        [
            *(f"status = '{status}', updated_at = now()" for status in STATUSES),
            "created_at = created_at + interval '1 hour'",
            "created_at = created_at - interval '35 days', delivered_at = NULL",
            "size_bytes = size_bytes + 1",
            "bounce_class = NULL",
            "sender_email = 'other@example.com'",
            "subject = 'Changed'",
        ]
    ),
    st.integers(1, 4),
)
one_delete = st.tuples(st.just("delete"), st.integers(1, 4))
others = st.sampled_from([("fold",), ("truncate",), ("move",)])
statements = st.lists(one_insert | one_update | one_delete | others, max_size=8)


def run(connection, domains, statement):
    kind, *values = statement
    if kind == "insert":
        which, status, size, hours, number = values
        insert(connection, domains[which], status, size, hours, number)
    elif kind == "update":
        connection.execute(f"UPDATE messages SET {values[0]} WHERE id %% %s = 0", [values[1]])
    elif kind == "delete":
        connection.execute("DELETE FROM messages WHERE id %% %s = 0", values)
    elif kind == "fold":
        connection.execute("SELECT smtpy_fold_message_counts(3)")
    elif kind == "truncate":
        connection.execute("TRUNCATE messages CASCADE")
    else:
        connection.execute("UPDATE messages SET domain_id = %s WHERE id %% 2 = 0", [domains[0]])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), statements), max_size=4))
def test_whatever_is_written_or_rolled_back_the_counts_equal_a_recount(connection, domains, transactions):
    connection.execute("TRUNCATE messages CASCADE")

    for is_kept, written in transactions:
        with connection.transaction(force_rollback=not is_kept):
            for statement in written:
                run(connection, domains, statement)

    assert_equal_to_a_recount(connection)


def test_writers_at_the_same_time_neither_deadlock_nor_miscount(connection, domains, database_url):
    def write(number):
        with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as own:
            for turn in range(25):
                with own.transaction(force_rollback=turn % 7 == 6):
                    # In opposite orders, over and over in the same cells.
                    for domain_id in domains if number % 2 else reversed(domains):
                        insert(own, domain_id, STATUSES[turn % 6], turn, number=1 + turn % 3)
                    own.execute(
                        "UPDATE messages SET status = 'failed' WHERE size_bytes = %s AND id %% 6 = %s", [turn, number]
                    )
                own.execute("SELECT smtpy_fold_message_counts(7)")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))

    assert connection.execute("SELECT sum(count) FROM message_counts").fetchone()[0] == 516
    assert_equal_to_a_recount(connection)


def test_the_messages_of_a_deleted_domain_are_counted_no_more(connection, domains):
    insert(connection, domains[0], number=5)
    insert(connection, domains[1], number=3)

    connection.execute("DELETE FROM domains WHERE id = %s", [domains[0]])

    assert connection.execute("SELECT domain_id, count FROM message_counts").fetchall() == [(domains[1], 3)]
    assert_equal_to_a_recount(connection)


def test_writers_fold_now_and_then_by_themselves(connection, domains):
    for _ in range(5):
        insert(connection, domains[0], number=500)

    assert connection.execute("SELECT count(*) FROM message_count_changes").fetchone()[0] < 2000


@pytest.fixture
def many(connection):
    generate(connection, Wanted(3000, domains=8, organizations=2, until=NOON))
    return connection


RANGES = [
    (None, None),
    (NOON - timedelta(days=200, hours=3, minutes=7), None),
    (None, NOON - timedelta(days=90, minutes=31)),
    (NOON - timedelta(days=333, hours=5, minutes=1), NOON - timedelta(days=61, hours=2)),
    (NOON - timedelta(days=2, minutes=5), NOON - timedelta(days=1, minutes=50)),
    (NOON - timedelta(minutes=400), NOON - timedelta(minutes=390)),
    (NOON, NOON - timedelta(days=1)),
]


def oracle(connection, scope):
    """Every message of a scope, to be counted by hand."""
    return connection.execute(
        """
        SELECT messages.created_at, messages.status, size_bytes, lower(sender_email), bounce_class, domains.name,
            extract(epoch FROM delivered_at - messages.created_at)::float8
        FROM messages JOIN domains ON domains.id = domain_id
        WHERE (%(domain_id)s::bigint IS NULL OR domain_id = %(domain_id)s)
            AND (%(organization_id)s::bigint IS NULL OR organization_id = %(organization_id)s)
            AND (%(since)s::timestamptz IS NULL OR messages.created_at >= %(since)s)
            AND (%(until)s::timestamptz IS NULL OR messages.created_at < %(until)s)
        """,
        {"domain_id": None, "organization_id": None} | scope,
    ).fetchall()


def counted(values):
    found = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))


@pytest.mark.parametrize("is_folded", [True, False])
@pytest.mark.parametrize("whose", [{}, {"domain_id": 1}, {"organization_id": 1}])
async def test_every_answer_equals_counting_by_hand(database, many, whose, is_folded):
    if is_folded:
        many.execute("SELECT smtpy_fold_message_counts(1000000)")
    for since, until in RANGES:
        scope = {"since": since, "until": until, **whose}
        rows = oracle(many, scope)

        async with database.read() as db:
            totals = await counts.totals(db, Scope(**scope))
            domains = await counts.top_domains(db, 5, Scope(**scope))
            senders = await counts.top_senders(db, 5, Scope(**scope))
            reasons = await counts.top_reasons(db, 5, Scope(**scope))
            series = {step: await counts.series(db, step, Scope(**scope)) for step in ("hour", "day", "month")}

        assert (totals.total, totals.size_bytes) == (len(rows), sum(row[2] for row in rows))
        assert {status: getattr(totals, status) for status in STATUSES} == {
            status: sum(row[1] == status for row in rows) for status in STATUSES
        }
        assert [(one.label, one.count) for one in domains] == counted(row[5] for row in rows)[:5]
        assert [(one.label, one.count) for one in senders] == counted(row[3] for row in rows)[:5]
        assert [(one.label, one.count) for one in reasons] == counted(row[4] for row in rows if row[4])[:5]
        durations = sorted(row[6] for row in rows if row[1] == "delivered")
        if durations:
            middle = durations[len(durations) // 2]
            below = durations[(len(durations) - 1) // 2]
            assert totals.median_delivery_seconds is not None
            assert math.log1p(below) - 0.26 <= math.log1p(totals.median_delivery_seconds) <= math.log1p(middle) + 0.26
        else:
            assert totals.median_delivery_seconds is None
        for points in series.values():
            assert sum(sum(point.counts.values()) for point in points) == len(rows)
            assert [point.start for point in points] == sorted({point.start for point in points})


async def test_empty_counts_are_dropped_and_a_recount_changes_nothing(database, many):
    async with database.begin() as db:
        await db.execute(text("DELETE FROM messages WHERE id % 2 = 0"))
        await counts.fold_changes(db)
        while await counts.drop_empty_counts(db, 100):
            pass
        before = await counts.totals(db)
        await counts.recount(db)
        after = await counts.totals(db)
        empty = await db.scalar(text("SELECT count(*) FROM message_period_counts WHERE count = 0"))

    assert (before, empty) == (after, 0)

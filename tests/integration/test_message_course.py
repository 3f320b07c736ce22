"""The course of messages in any time zone: always what a recount by the zone's own hours, days and months gives."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from smtpy_desktop.core.calendar_steps import step_bounds
from smtpy_desktop.database import message_course_database
from smtpy_desktop.database.message_count_sources import CountKind
from smtpy_desktop.schemas.messages import MessageStatus

STATUSES = [status.value for status in MessageStatus]
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/Havana",
    "Asia/Beirut",
)
# Around the days on which the clocks of most of these zones are changed.
CHANGES = (
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 4, 4, tzinfo=UTC),
)
RECOUNT = """
    SELECT greatest(date_trunc(%(step)s, messages.created_at, %(zone)s), %(since)s), messages.status, count(*),
        sum(size_bytes)::bigint
    FROM messages JOIN domains ON domains.id = domain_id
    WHERE messages.created_at >= %(since)s AND messages.created_at < %(until)s
        AND (%(domain_id)s::bigint IS NULL OR domain_id = %(domain_id)s)
        AND (%(organization_id)s::bigint IS NULL OR organization_id = %(organization_id)s)
    GROUP BY 1, 2
"""

minutes = st.integers(-60 * 24 * 45, 60 * 24 * 45).map(lambda count: timedelta(minutes=count))
moments = st.builds(lambda change, distance: change + distance, st.sampled_from(CHANGES), minutes)
one_message = st.tuples(moments, st.sampled_from([0, 0, 59]), st.integers(0, 2), st.sampled_from(STATUSES))
scopes = st.sampled_from([{}, {"domain_id": 1}, {"organization_id": 1}, {"organization_id": 2}])


@pytest.fixture
def connection(database_url):
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as opened:
        opened.execute(
            "INSERT INTO organizations (name, email) VALUES ('One', 'a@example.com'), ('Two', 'a@example.com')"
        )
        opened.execute("""
            INSERT INTO domains (organization_id, name, unicode_name, dkim_selector, dkim_public_key,
                verification_token)
            SELECT owner, name, name, '', '', ''
            FROM (VALUES (1, 'a.example'), (1, 'b.example'), (2, 'c.example')) AS wanted (owner, name)
        """)
        yield opened


def store(connection, messages, *, is_folded):
    connection.execute("TRUNCATE messages CASCADE")
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO messages (message_id, domain_id, sender_email, recipient_email, status, size_bytes, created_at,
                delivered_at, bounce_class)
            VALUES ('id', %s, 'a@example.com', 'b@example.com', %s, %s, %s, %s, %s)
            """,
            [
                (which + 1, status, which + 1, at + timedelta(seconds=seconds), at + timedelta(seconds=90), status)
                for at, seconds, which, status in messages
            ],
        )
    if is_folded:
        connection.execute("SELECT smtpy_fold_message_counts(1000000)")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    messages=st.lists(one_message, max_size=30),
    is_folded=st.booleans(),
    zone=st.sampled_from(ZONES),
    step=st.sampled_from(["hour", "day", "month"]),
    ends=st.tuples(moments, moments),
    scope=scopes,
)
@example(
    [(CHANGES[0] + timedelta(hours=n), 0, 0, "failed") for n in range(-26, 26)],
    True,
    "Europe/Berlin",
    "day",
    (CHANGES[0] - timedelta(days=3, hours=2), CHANGES[0] + timedelta(days=2, hours=21)),
    {},
)
async def test_the_course_is_a_recount_in_the_zone(database, connection, messages, is_folded, zone, step, ends, scope):
    store(connection, messages, is_folded=is_folded)
    since, until = sorted(ends)
    since = max(since, until - timedelta(days=20)) if step == "hour" else since
    bounds = step_bounds(since, until, step, ZoneInfo(zone))

    async with database.read() as db:
        found = await message_course_database.course(db, CountKind.STATUS, bounds, step=step, **scope)

    given_scope = {"domain_id": None, "organization_id": None} | scope
    rows = connection.execute(RECOUNT, {"step": step, "zone": zone, "since": since, "until": until} | given_scope)
    assert {
        (bound, status): tuple(amount)
        for bound, amounts in zip(bounds, found, strict=False)
        for status, amount in amounts.items()
    } == {(start, status): (count, size) for start, status, count, size in rows}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    messages=st.lists(one_message, max_size=20), is_folded=st.booleans(), ends=st.lists(moments, min_size=2, max_size=5)
)
async def test_reasons_and_durations_are_counted_between_any_moments(database, connection, messages, is_folded, ends):
    store(connection, messages, is_folded=is_folded)
    bounds = sorted(ends)

    async with database.read() as db:
        reasons = await message_course_database.course(db, CountKind.REASON, bounds)
        durations = await message_course_database.course(db, CountKind.DURATION, bounds)
        first = await message_course_database.first_month(db)

    times = [(at + timedelta(seconds=seconds), status) for at, seconds, _, status in messages]
    failed = ("failed", "bounced", "rejected")
    for place, (since, until) in enumerate(pairwise(bounds)):
        within = [status for at, status in times if since <= at < until]
        assert {label: amount.messages for label, amount in reasons[place].items()} == Counter(
            status for status in within if status in failed
        )
        assert sum(amount.messages for amount in durations[place].values()) == within.count("delivered")
    assert first is None or first <= min(at for at, _ in times)
    assert (first is None) == (not times)

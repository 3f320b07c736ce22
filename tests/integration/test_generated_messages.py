"""Generated messages: the same ones whether few or many are asked for, in tables that are whole afterwards."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg

from benchmarks.generate import Wanted, generate

WANTED = Wanted(600, domains=5, organizations=2, until=datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
ROWS = "SELECT id, message_id, sender_email, subject, status, size_bytes, created_at, search FROM messages ORDER BY id"
SCHEMA = """
    SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'messages'::regclass
    UNION ALL SELECT conname::text FROM pg_constraint WHERE contype = 'f'
    UNION ALL SELECT tgname || tgenabled::text FROM pg_trigger WHERE tgrelid = 'messages'::regclass AND NOT tgisinternal
    ORDER BY 1
"""
COUNTS = "SELECT hour, domain_id, status, count, size_bytes FROM message_counts ORDER BY 1, 2, 3"


def test_many_messages_are_the_same_as_few_with_counts_and_indexes_in_place(database_url):
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        schema = connection.execute(SCHEMA).fetchall()
        generate(connection, WANTED)
        few, few_counts = connection.execute(ROWS).fetchall(), connection.execute(COUNTS).fetchall()
        connection.execute("TRUNCATE messages RESTART IDENTITY CASCADE")

        generate(connection, WANTED, many=100)

        assert connection.execute(ROWS).fetchall() == few
        assert connection.execute(COUNTS).fetchall() == few_counts
        assert connection.execute(SCHEMA).fetchall() == schema

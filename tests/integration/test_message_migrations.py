"""The migrations of messages, up and down, on tables that are full."""

from __future__ import annotations

import psycopg
from sqlalchemy import text

from benchmarks.generate import Wanted, generate
from smtpy_desktop.database import message_counts_database, migrate


async def test_filled_tables_survive_the_way_down_and_up_and_are_counted_again(database, database_url):
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        generate(connection, Wanted(500, domains=5, organizations=2))
    async with database.read() as db:
        before = await message_counts_database.totals(db)

    await migrate.downgrade(database.engine, "0004_change_notices")
    async with database.read() as db:
        kept = await db.scalar(text("SELECT count(*) FROM messages"))
    await migrate.upgrade(database.engine)
    async with database.read() as db:
        after = await message_counts_database.totals(db)
        found = await db.scalar(text("SELECT count(*) FROM messages WHERE search @@ 'example <-> org'::tsquery"))

    assert kept == found == 500
    assert (after.total, after.delivered, after.size_bytes) == (before.total, before.delivered, before.size_bytes)
    assert after.median_delivery_seconds is None  # when something was delivered was not known before


async def test_the_way_down_fails_what_was_closed_by_hand_so_that_nothing_is_sent(database, database_url):
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as connection:
        generate(connection, Wanted(20, domains=1, organizations=1))
        connection.execute("UPDATE deliveries SET state = 'closed'")

    await migrate.downgrade(database.engine, "0008_billing")
    async with database.read() as db:
        states = (await db.scalars(text("SELECT DISTINCT state FROM deliveries"))).all()
    await migrate.upgrade(database.engine)

    assert states == ["failed"]


async def test_every_process_hears_of_changed_messages_by_id_at_most_ten_times_a_second(database_url):
    address = database_url.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as listener, psycopg.connect(address, autocommit=True) as writer:
        generate(writer, Wanted(300, domains=2, organizations=1))
        listener.execute("LISTEN smtpy_changes")
        for statement in (
            "UPDATE messages SET subject = 'a' WHERE id = 7",
            "UPDATE messages SET subject = 'b'",
            "DELETE FROM messages WHERE id = 10000000",
            "DELETE FROM messages WHERE id IN (7, 8)",
        ):
            writer.execute("SELECT setval('smtpy_message_notice_moments', 1)")  # as if the last notice were long ago
            writer.execute(statement)

        heard = [notice.payload for notice in listener.notifies(timeout=5, stop_after=3)]

    assert all('"messages"' in payload for payload in heard)
    assert ['"ids" : [7]' in heard[0], '"ids" : []' in heard[1]] == [True, True]
    assert '"ids" : [7,8]' in heard[2]

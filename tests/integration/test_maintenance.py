"""Maintenance: tables that an upgrade has written anew are quick to read soon after, once, and it can be stopped."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from sqlalchemy import text

from benchmarks.generate import Wanted, generate
from smtpy_desktop.controllers.maintenance_controller import maintain, run_maintenance
from smtpy_desktop.database import maintenance_database, migrate
from smtpy_desktop.database.models import Base


@pytest.fixture
def connection(database_url):
    with psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True) as opened:
        yield opened


@pytest.fixture
async def rewritten(database, connection):
    """Messages as they are after the upgrade that writes them anew."""
    generate(connection, Wanted(300, domains=3, organizations=1))
    await migrate.downgrade(database.engine, "0009_closed_deliveries")
    await migrate.upgrade(database.engine)


def visible(connection):
    return connection.execute("SELECT relallvisible, relpages FROM pg_class WHERE relname = 'messages'").fetchone()


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.01)


def vacuums(connection):
    running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'VACUUM%' AND state = 'active'"
    return connection.execute(running).fetchone()[0]


def test_only_tables_of_the_program_are_looked_after():
    assert set(maintenance_database.BIG_TABLES) <= set(Base.metadata.tables)


@pytest.mark.usefixtures("rewritten")
async def test_a_table_that_was_written_anew_gets_its_map_and_then_is_left_alone(database, connection):
    before = visible(connection)

    first = await maintain(database, pages=1)
    again = await maintain(database, pages=1)

    assert before[0] == 0
    assert "messages" in first
    assert again == ()
    assert visible(connection)[0] == visible(connection)[1]


@pytest.mark.usefixtures("rewritten")
async def test_small_tables_are_left_to_autovacuum(database):
    assert await maintain(database) == ()


@pytest.mark.usefixtures("rewritten")
async def test_only_one_process_looks_after_the_tables(database, connect):
    async with maintenance_database.maintenance_turn(connect("other").engine):
        meanwhile = await maintain(database, pages=1)
    afterwards = await maintain(database, pages=1)

    assert meanwhile == ()
    assert "messages" in afterwards


@pytest.mark.usefixtures("rewritten")
async def test_who_stops_it_stops_the_server_too_and_gives_the_turn_back(database, connection, connect, database_url):
    with psycopg.connect(database_url.replace("+psycopg", "")) as other:
        other.execute("LOCK TABLE messages IN SHARE MODE")  # makes VACUUM wait
        work = asyncio.create_task(maintain(database, pages=1))
        await until(lambda: vacuums(connection) == 1)
        work.cancel()
        await asyncio.wait([work])
        await until(lambda: vacuums(connection) == 0)

    assert work.cancelled()
    assert "messages" in await maintain(connect("other"), pages=1)


@pytest.mark.usefixtures("rewritten")
async def test_nothing_is_left_set_for_others_on_the_connections(database):
    await maintain(database, pages=1)

    async with database.read() as db:
        assert await db.scalar(text("SHOW statement_timeout")) == "1min"


async def test_a_database_that_is_away_is_waited_for(connect, new_database_url, caplog):
    caplog.set_level("INFO")
    gone = connect("test", new_database_url().replace("port=", "port=1"))
    work = asyncio.create_task(run_maintenance(gone, first_seconds=0, every_seconds=0.01))

    await until(lambda: caplog.text.count("waits") >= 2)
    work.cancel()
    await asyncio.wait([work])

    assert work.cancelled()

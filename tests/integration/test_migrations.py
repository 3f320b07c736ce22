"""The schema: set up, upgraded, taken back, and the same as the tables of the program."""

from __future__ import annotations

import asyncio
import sys
import textwrap
from asyncio.subprocess import PIPE

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from smtpy_desktop.controllers import opening_controller, organizations_controller
from smtpy_desktop.controllers.opening_controller import SchemaUpgradeNeeded
from smtpy_desktop.database import migrate
from smtpy_desktop.database.models import Base
from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError
from smtpy_desktop.schemas.migration import SchemaState


@pytest.fixture
def empty(connect, new_database_url):
    return connect("test", new_database_url())


async def objects_in(database):
    """Everything of ours that a schema holds."""
    statement = """
        SELECT 'table ' || tablename FROM pg_tables WHERE schemaname = 'public'
        UNION ALL SELECT 'function ' || proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace
            WHERE nspname = 'public'
        UNION ALL SELECT 'type ' || typname FROM pg_type JOIN pg_namespace n ON n.oid = typnamespace
            WHERE nspname = 'public' AND typtype IN ('e', 'd')
        UNION ALL SELECT 'sequence ' || sequencename FROM pg_sequences WHERE schemaname = 'public'
    """
    async with database.read() as db:
        return set(await db.scalars(text(statement)))


async def revision_to(database, revision):
    async with database.begin() as db:
        await db.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


async def test_an_empty_database_is_set_up_to_the_newest_revision(empty):
    before = await migrate.schema_report(empty.engine)
    after = await migrate.upgrade(empty.engine)

    assert (before.state, before.found, before.pending) == (SchemaState.EMPTY, None, migrate.known_revisions())
    assert (after.state, after.found, after.pending) == (SchemaState.CURRENT, migrate.known_revisions()[-1], ())


async def test_every_migration_can_be_taken_back_and_made_again(empty):
    revisions = ("base", *migrate.known_revisions())
    on_the_way_up = []
    for revision in revisions[1:]:
        on_the_way_up.append(await objects_in(empty))
        await migrate.upgrade(empty.engine, revision)
    everything = await objects_in(empty)

    on_the_way_down = []
    for revision in reversed(revisions[:-1]):
        await migrate.downgrade(empty.engine, revision)
        on_the_way_down.append(await objects_in(empty) - {"table alembic_version"})
    await migrate.upgrade(empty.engine)

    assert on_the_way_down[::-1] == [objects - {"table alembic_version"} for objects in on_the_way_up]
    assert await objects_in(empty) == everything


async def test_the_tables_of_the_program_equal_the_migrated_schema(database):
    def difference(connection):
        options = {"compare_type": True, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata)

    async with database.engine.connect() as connection:
        found = await connection.run_sync(difference)

    assert found == []


async def test_migrations_are_named_by_their_revisions_in_order(database):
    async with database.read() as db:
        found = (await db.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()

    assert found == migrate.known_revisions()[-1]
    assert list(migrate.known_revisions()) == sorted(migrate.known_revisions())


async def upgrading(database):
    """Upgrade in a process of its own."""
    script = """
        import asyncio, sys
        from smtpy_desktop.database import migrate
        from smtpy_desktop.database.engine import Database

        async def main():
            database = Database(sys.argv[1], origin="test")
            print((await migrate.upgrade(database.engine)).state)
            await database.close()

        asyncio.run(main())
    """
    command = [sys.executable, "-c", textwrap.dedent(script), database.url.render_as_string(hide_password=False)]
    return await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)


async def until(db, condition, *, everybody=False):
    """Wait until that is so of one other connection to the database, or of all."""
    quantifier = "bool_and" if everybody else "bool_or"
    asked = f"""
        SELECT coalesce({quantifier}({condition}), {everybody}) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
    """
    async with asyncio.timeout(30):
        while not await db.scalar(text(asked)):
            await db.execute(text("SELECT pg_sleep(0.02)"))
            await db.execute(text("SELECT pg_stat_clear_snapshot()"))


async def test_two_processes_that_upgrade_at_once_upgrade_once(empty):
    processes = [await upgrading(empty) for _ in range(2)]
    answers = [await process.communicate() for process in processes]

    assert answers == [(b"current\n", b"")] * 2
    assert await organizations_controller.list_organizations(empty) == ()


@pytest.mark.parametrize("start", ["0005_messages", "0009_closed_deliveries", "0013_srs_keys"])
async def test_an_upgrade_that_was_killed_in_the_middle_leaves_what_was_there_and_is_made_up_for(empty, start, actor):
    start = next(each for each in migrate.known_revisions() if each[:4] == start[:4])
    await migrate.upgrade(empty.engine, start)
    await organizations_controller.create_organization(
        empty, "Example", "admin@example.com", actor=actor, publish=lambda change: None
    )
    before = await objects_in(empty)

    async with empty.begin() as reader:
        await reader.execute(text("SELECT count(*) FROM messages"))  # some migration has to wait for its end
        process = await upgrading(empty)
        await until(reader, "wait_event_type = 'Lock'")
        process.kill()
        await process.communicate()
    async with empty.begin() as db:
        await until(db, "query NOT LIKE '%messages%'", everybody=True)

    assert await objects_in(empty) == before
    assert (await migrate.schema_report(empty.engine)).found == start
    assert (await migrate.upgrade(empty.engine)).state is SchemaState.CURRENT
    assert [row.name for row in await organizations_controller.list_organizations(empty)] == ["Example"]


async def test_a_failed_migration_leaves_the_schema_as_it_was(empty):
    await migrate.upgrade(empty.engine, migrate.known_revisions()[0])
    async with empty.begin() as db:
        await db.execute(text("CREATE TABLE messages (mine text)"))
    before = await objects_in(empty)

    with pytest.raises(Exception, match="messages"):
        await migrate.upgrade(empty.engine)

    assert await objects_in(empty) == before
    assert (await migrate.schema_report(empty.engine)).found == migrate.known_revisions()[0]


@pytest.mark.parametrize("start", [None, 0])
async def test_a_server_is_upgraded_only_when_that_is_allowed(empty, start):
    if start is not None:
        await migrate.upgrade(empty.engine, migrate.known_revisions()[start])

    with pytest.raises(SchemaUpgradeNeeded) as refused:
        await opening_controller.open_database(empty, may_upgrade=False)
    opened = await opening_controller.open_database(empty, may_upgrade=True)

    assert refused.value.report.state is (SchemaState.EMPTY if start is None else SchemaState.OLDER)
    assert "smtpy-desktop migrate" in str(refused.value.hint)
    assert refused.value.report.pending[-1] in str(refused.value.detail)
    assert (opened.schema.state, opened.database.read_only) == (SchemaState.CURRENT, None)


async def test_tables_that_cannot_be_brought_up_to_date_are_told_and_left_as_they_were(empty):
    first = migrate.known_revisions()[1]
    await migrate.upgrade(empty.engine, first)
    async with empty.begin() as db:
        await db.execute(text("DROP TABLE domains CASCADE"))

    with pytest.raises(UserFacingError) as refused:
        await opening_controller.open_database(empty, may_upgrade=True)

    assert refused.value.code == "SCHEMA_DAMAGED"
    assert "domains" in str(refused.value.detail)
    assert (await migrate.schema_report(empty.engine)).found == first


async def test_a_newer_schema_is_read_and_never_written(database, actor):
    await organizations_controller.create_organization(
        database, "Example", "a@example.com", actor=actor, publish=lambda change: None
    )
    await revision_to(database, "9999_of_tomorrow")

    opened = await opening_controller.open_database(database, may_upgrade=True)
    with pytest.raises(UserFacingError) as refused:
        await organizations_controller.create_organization(
            opened.database, "Second", "a@example.com", actor=actor, publish=lambda change: None
        )

    assert (opened.schema.state, opened.schema.found) == (SchemaState.NEWER, "9999_of_tomorrow")
    assert refused.value.code == "READ_ONLY"
    assert [row.name for row in await organizations_controller.list_organizations(opened.database)] == ["Example"]


async def test_a_role_without_rights_is_told_so(connect, empty):
    async with empty.begin() as db:
        await db.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    reader = connect("reader", empty.url)
    # pg_monitor is a role that every server has; it may create nothing.
    reader.engine = create_async_engine(empty.url, connect_args={"options": "-c role=pg_monitor"})

    with pytest.raises(UserFacingError) as refused:
        await opening_controller.open_database(reader, may_upgrade=True)

    assert refused.value.code == "DATABASE_FORBIDDEN"


async def test_a_database_that_is_not_there_is_told_without_a_trace_of_the_driver(connect, postgres):
    gone = connect("test", postgres.url().replace("/smtpy?", "/nothing?"))

    with pytest.raises(DatabaseUnavailable) as failure:
        await opening_controller.open_database(gone, may_upgrade=True)

    assert "nothing" in str(failure.value.detail)

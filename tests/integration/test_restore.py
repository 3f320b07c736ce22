"""A restored backup takes the place of the database in use at one stroke, or nothing has happened at all."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import (
    audit_controller,
    connection_controller,
    restore_controller,
    roles_controller,
)
from smtpy_desktop.controllers.backup_work import backup_turn
from smtpy_desktop.core.backup_setting_keys import VERIFY_KEY
from smtpy_desktop.database import migrate
from smtpy_desktop.database.engine import Database
from smtpy_desktop.errors import DatabaseUnavailable, NotFoundError, UserFacingError
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.schemas.backups import BackupPhase
from smtpy_desktop.schemas.progress import Progress
from tests.helpers.backup_world import BackupWorld, cancelled, plain_url
from tests.helpers.command_line import PROGRAM
from tests.helpers.stored_messages import write_messages

BEFORE, AFTER = ("one", "two"), ("three", "four", "five")


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[BackupWorld]:
    """Give a database with two messages, and a place for its backups."""
    world = BackupWorld(database, tmp_path / "backups")
    write_messages(world.url, BEFORE)
    world.run(f"INSERT INTO server_settings (key, value) VALUES ('{VERIFY_KEY}', 'no')")  # restoring proves them
    yield world
    world.forget()


def subjects(world: BackupWorld) -> set[str]:
    return {subject for (subject,) in world.run("SELECT subject FROM messages")}


async def refused(work: object) -> UserFacingError:
    with pytest.raises(UserFacingError) as caught:
        await work  # type: ignore[misc]
    return caught.value


async def test_the_restored_database_takes_the_place_and_the_one_before_is_kept(world: BackupWorld) -> None:
    made = await world.back_up()
    write_messages(world.url, AFTER)

    proof = await world.restore(made.path)

    (kept,) = await restore_controller.previous_databases(world.tools, world.database)
    assert proof.holds
    assert subjects(world) == set(BEFORE)
    assert world.beside() == [kept.name]
    assert kept.size_bytes > 0
    assert world.run("SELECT count(*) FROM messages", kept.name) == [(len(BEFORE) + len(AFTER),)]
    assert any(kept.name in str(note) for note in proof.notes)


async def test_who_is_connected_is_disconnected_and_comes_back_to_the_restored_one(world: BackupWorld) -> None:
    made = await world.back_up()
    write_messages(world.url, AFTER)
    with psycopg.connect(plain_url(world.url, world.name)) as busy:
        busy.execute("UPDATE messages SET subject = 'never committed'")
        await world.restore(made.path)

        with pytest.raises(psycopg.OperationalError):
            busy.execute("SELECT 1")
        with contextlib.suppress(psycopg.OperationalError):
            busy.rollback()

    entries = await audit_controller.list_entries(world.database, text="backup.restored", limit=1)
    assert [entry.object_name for entry in entries] == [made.path.name]


async def test_work_goes_on_through_the_switch(world: BackupWorld) -> None:
    made = await world.back_up()
    failures: list[UserFacingError] = []
    done = asyncio.Event()

    async def read() -> None:
        while not done.is_set():
            try:
                async with world.database.read() as db:
                    await (await db.connection()).exec_driver_sql("SELECT count(*) FROM messages")
            except UserFacingError as error:
                failures.append(error)
            await asyncio.sleep(0)

    readers = [asyncio.create_task(read()) for _ in range(3)]
    await world.restore(made.path)
    done.set()
    await asyncio.gather(*readers)

    assert all(isinstance(failure, DatabaseUnavailable) for failure in failures)
    assert len(failures) < 20


async def test_the_plan_says_what_would_be_lost(world: BackupWorld) -> None:
    made = await world.back_up()
    write_messages(world.url, AFTER)
    world.run("UPDATE messages SET created_at = now() + interval '1 second' WHERE subject IN ('three', 'four', 'five')")

    plan = await restore_controller.plan_restore(world.tools, world.database, made.path)

    assert plan.file == made
    assert plan.current_rows > (made.rows or 0)
    assert "3" in str(plan.newer_rows_lost_hint)
    assert plan.pending == ()


async def test_an_older_schema_is_upgraded_before_the_switch(world: BackupWorld) -> None:
    known = migrate.known_revisions()
    await migrate.downgrade(world.database.engine, known[-3])
    made = await world.back_up()
    await migrate.upgrade(world.database.engine)

    plan = await restore_controller.plan_restore(world.tools, world.database, made.path)
    await world.restore(made.path)

    assert plan.pending == known[-2:]
    assert (await migrate.schema_report(world.database.engine)).found == known[-1]
    assert subjects(world) == set(BEFORE)


async def test_a_newer_schema_and_foreign_and_damaged_files_change_nothing(world: BackupWorld, tmp_path: Path) -> None:
    current = migrate.known_revisions()[-1]
    world.run("UPDATE alembic_version SET version_num = '9999_from_the_future'")
    newer = await world.back_up()
    world.run(f"UPDATE alembic_version SET version_num = '{current}'")
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG" + bytes(1000))
    cut = tmp_path / "cut.dump"
    cut.write_bytes((await world.back_up()).path.read_bytes()[:-2000])
    before = subjects(world)

    codes = [(await refused(world.restore(file))).code for file in (newer.path, photo, cut)]

    assert codes == ["BACKUP_NEWER", "BACKUP_FOREIGN", "BACKUP_DAMAGED"]
    assert subjects(world) == before
    assert world.beside() == []


async def test_a_backup_that_is_not_what_it_says_is_not_put_in_place(world: BackupWorld) -> None:
    made = await world.back_up()
    described = made.path.with_name(f"{made.path.name}.json")
    described.write_text(described.read_text().replace('"rows": 2', '"rows": 3'))
    write_messages(world.url, AFTER)

    error = await refused(world.restore(made.path))

    assert error.code == "BACKUP_NOT_PROVED"
    assert "public.messages" in str(error.detail)
    assert subjects(world) == {*BEFORE, *AFTER}
    assert world.beside() == []


async def test_a_backup_in_which_a_table_is_missing_is_not_put_in_place(world: BackupWorld) -> None:
    world.run("ALTER TABLE saved_views RENAME TO put_aside")
    made = await world.back_up()
    world.run("ALTER TABLE put_aside RENAME TO saved_views")
    made.path.with_name(f"{made.path.name}.json").unlink()

    error = await refused(world.restore(made.path))

    assert error.code == "BACKUP_DAMAGED"
    assert "saved_views" in str(error.detail)
    assert world.beside() == []


async def test_an_older_backup_that_cannot_be_brought_up_to_date_is_not_put_in_place(world: BackupWorld) -> None:
    await migrate.downgrade(world.database.engine, migrate.known_revisions()[1])
    world.run("DROP TABLE domains CASCADE")
    made = await world.back_up()
    made.path.with_name(f"{made.path.name}.json").unlink()

    error = await refused(world.restore(made.path))

    assert error.code == "BACKUP_DAMAGED"
    assert "domains" in str(error.detail)
    assert world.beside() == []
    assert world.run("SELECT to_regclass('domains')") == [(None,)]


@pytest.mark.parametrize("phase", [BackupPhase.RESTORING, BackupPhase.VERIFYING])
async def test_a_cancelled_restore_changes_nothing(world: BackupWorld, phase: BackupPhase) -> None:
    made = await world.back_up()
    write_messages(world.url, AFTER)
    progress = Progress()
    task = asyncio.create_task(world.restore(made.path, progress))
    while progress.note != phase.note:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)

    await cancelled(task)

    assert subjects(world) == {*BEFORE, *AFTER}
    assert world.beside() == []


@pytest.mark.parametrize("phase", [BackupPhase.RESTORING, None])
async def test_a_killed_restore_leaves_a_working_database_and_the_next_one_tidies_up(
    world: BackupWorld, tmp_path: Path, phase: BackupPhase | None
) -> None:
    made = await world.back_up()
    write_messages(world.url, AFTER)

    await asyncio.to_thread(killed_restore, world, tmp_path / "profile", made.path, phase)

    assert subjects(world) in ({*BEFORE, *AFTER}, set(BEFORE))
    async with world.database.begin():
        pass
    async with asyncio.timeout(20):  # its connection may outlive it for a moment
        while True:
            try:
                async with backup_turn(world.tools):
                    break
            except UserFacingError:
                await asyncio.sleep(0.05)
    assert [name for name in world.beside() if "_scratch_" in name] == []


OLD_SERVER = 150000
"""Servers before version 17 get what pg_restore prints through psql; newer ones take that, too."""


async def test_a_server_of_an_older_version_gets_everything(world: BackupWorld) -> None:
    made = await world.back_up()
    name = f"{world.name}_old"
    world.run(f"CREATE DATABASE {name} TEMPLATE template0", "postgres")

    await world.tools.restore(made.path, world.tools.url(name), None, OLD_SERVER, lambda size: None)

    assert {subject for (subject,) in world.run("SELECT subject FROM messages", name)} == set(BEFORE)


async def test_a_server_of_an_older_version_gets_all_or_nothing(world: BackupWorld, tmp_path: Path) -> None:
    made = await world.back_up()
    name = f"{world.name}_old"
    world.run(f"CREATE DATABASE {name} TEMPLATE template0", "postgres")
    cut = tmp_path / "cut.dump"
    cut.write_bytes(made.path.read_bytes()[:-5000])

    damaged = await refused(world.tools.restore(cut, world.tools.url(name), None, OLD_SERVER, lambda size: None))
    empty = world.run("SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace", name) == []
    world.run("CREATE TABLE messages (x int)", name)
    in_the_way = await refused(
        world.tools.restore(made.path, world.tools.url(name), None, OLD_SERVER, lambda size: None)
    )

    assert damaged.code == "BACKUP_DAMAGED"
    assert empty
    assert in_the_way.code == "BACKUP_FAILED"
    assert "already exists" in str(in_the_way.detail)


async def test_rights_and_settings_of_the_database_are_taken_over(world: BackupWorld) -> None:
    world.run(f"REVOKE CONNECT ON DATABASE {world.name} FROM PUBLIC")
    world.run(f"ALTER DATABASE {world.name} SET work_mem = '7MB'")
    made = await world.back_up()

    await world.restore(made.path)

    question = "SELECT datacl::text !~ '[{,]=[^/]*c' FROM pg_database WHERE datname = current_database()"
    assert world.run(question) == [(True,)]
    assert world.run("SHOW work_mem") == [("7MB",)]


async def test_groups_of_roles_have_their_rights_in_the_restored_database(world: BackupWorld) -> None:
    await roles_controller.set_up_roles(world.database)
    made = await world.back_up()

    await world.restore(made.path)

    assert world.run("SELECT has_table_privilege('smtpy_forwarder', 'messages', 'INSERT')") == [(True,)]
    assert world.run("SELECT has_table_privilege('smtpy_reader', 'dkim_keys', 'SELECT')") == [(False,)]


async def test_every_open_window_hears_that_everything_may_have_changed(world: BackupWorld) -> None:
    made = await world.back_up()
    told: list[UserFacingError | None] = []
    heard: list[Change] = []
    everything = asyncio.Event()

    def publish(change: Change) -> None:
        heard.append(change)
        if {change.topic for change in heard} == set(Topic):
            everything.set()

    watching = asyncio.create_task(connection_controller.watch(world.database, publish=publish, tell=told.append))
    while not world.run("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"):  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)
    await world.restore(made.path)

    async with asyncio.timeout(20):
        await everything.wait()
    await cancelled(watching)

    assert told[-1] is None


async def test_deliveries_that_will_be_tried_again_are_told(world: BackupWorld) -> None:
    world.run("INSERT INTO deliveries (message_id, target, state) SELECT id, 'me@example.net', 'queued' FROM messages")
    made = await world.back_up()

    proof = await world.restore(made.path)

    assert any("tried again: 2" in str(note) for note in proof.notes)


async def test_the_database_before_can_be_put_in_place_again_and_removed(world: BackupWorld) -> None:
    made = await world.back_up()
    write_messages(world.url, AFTER)
    await world.restore(made.path)
    (kept,) = await restore_controller.previous_databases(world.tools, world.database)

    other = await restore_controller.go_back(world.tools, world.database, kept.name, actor=world.actor)
    back = subjects(world)
    await restore_controller.drop_previous(world.tools, world.database, other, actor=world.actor)

    assert back == {*BEFORE, *AFTER}
    assert world.beside() == []


async def test_no_other_database_than_a_replaced_one_can_be_removed(world: BackupWorld) -> None:
    world.run(f"CREATE DATABASE {world.name}_before_lunch", "postgres")

    for name in ("postgres", world.name, f"{world.name}_before_lunch"):
        with pytest.raises(NotFoundError):
            await restore_controller.drop_previous(world.tools, world.database, name, actor=world.actor)
        with pytest.raises(NotFoundError):
            await restore_controller.go_back(world.tools, world.database, name, actor=world.actor)


async def test_a_name_of_greatest_length_leaves_room(
    postgres: EmbeddedPostgres, world: BackupWorld, migrated_template: str, tmp_path: Path
) -> None:
    name = ("é\"x:%s='\\ " * 3 + world.name + "x" * 60).encode()[:63].decode(errors="ignore")
    quoted = '"' + name.replace('"', '""') + '"'
    world.run(f"CREATE DATABASE {quoted} TEMPLATE {migrated_template}", "postgres")
    database = Database(world.database.url.set(database=name), origin="test")
    long = BackupWorld(database, tmp_path / "long")
    try:
        made = await long.back_up()
        await long.restore(made.path)
        (kept,) = await restore_controller.previous_databases(long.tools, database)
        await restore_controller.drop_previous(long.tools, database, kept.name, actor=long.actor)
        remaining = await restore_controller.previous_databases(long.tools, database)
    finally:
        await database.close()
        world.run(f"DROP DATABASE {quoted} WITH (FORCE)", "postgres")

    assert len(kept.name.encode()) <= 63
    assert remaining == ()


def killed_restore(world: BackupWorld, profile: Path, file: Path, phase: BackupPhase | None) -> None:
    """Let a process restore a file, and kill it as soon as it is at a phase; None: at the first sign of the switch."""
    process = subprocess.Popen(
        [PROGRAM, "--profile", str(profile), "--database-url", world.url, "restore", str(file), "--yes"],
        env=dict(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    if phase is not None:
        for line in process.stderr:
            if str(phase.note) in line:
                break
    else:
        with psycopg.connect(plain_url(world.url, "postgres"), autocommit=True) as watching:
            while process.poll() is None:
                found = watching.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'ALTER DATABASE % RENAME %'")
                if found.fetchone() is not None:
                    break
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)

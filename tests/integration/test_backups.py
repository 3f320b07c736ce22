"""Backups are what the database was at one moment, proved, complete or not there; and only what they say they are."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from smtpy_desktop.changes import Change, Topic
from smtpy_desktop.controllers import backup_controller, backup_schedule_controller, settings_controller
from smtpy_desktop.controllers.background_run import BackgroundRun
from smtpy_desktop.controllers.backup_work import backup_turn
from smtpy_desktop.core.backup_setting_keys import VERIFY_KEY
from smtpy_desktop.database.engine import Database
from smtpy_desktop.errors import NotFoundError, UserFacingError
from smtpy_desktop.schemas.backups import BackupFile, BackupPhase
from smtpy_desktop.schemas.progress import Progress
from tests.helpers.backup_world import BackupWorld, cancelled, written_to
from tests.helpers.stored_messages import write_messages

MANY_ROWS = 10_000


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[BackupWorld]:
    """Give a database with a few messages, and a place for its backups."""
    world = BackupWorld(database, tmp_path / "backups")
    write_messages(world.url, ("one", "two", 'three "x" \\ : % é 🙂'))
    world.run(f"INSERT INTO server_settings (key, value) VALUES ('{VERIFY_KEY}', 'no')")
    yield world
    world.forget()


@pytest.fixture
def keep(world: BackupWorld) -> Callable[..., object]:
    """Give a function that sets settings of backups."""

    async def change(**values: str) -> None:
        named = {f"backups.{name}": value for name, value in values.items()}
        await settings_controller.change_settings(
            world.database, named, actor=world.actor, publish=world.changes.append
        )

    return change


@pytest.fixture
def proving(world: BackupWorld) -> None:
    """Have every backup proved at once, as it is unless a setting says otherwise."""
    world.run(f"DELETE FROM server_settings WHERE key = '{VERIFY_KEY}'")


async def refused(work: object) -> UserFacingError:
    with pytest.raises(UserFacingError) as caught:
        await work  # type: ignore[misc]
    return caught.value


async def test_a_backup_is_proved_and_leaves_nothing_but_its_file(world: BackupWorld, proving: None) -> None:
    made = await world.back_up()

    assert made.verified_at is not None
    assert made.rows is not None
    assert made.rows >= 3
    assert world.files() == [made.path.name, f"{made.path.name}.json"]
    assert world.beside() == []
    assert world.changes[-1].topic is Topic.BACKUPS


async def test_only_its_owner_may_read_a_backup(world: BackupWorld) -> None:
    made = await world.back_up()

    assert stat.S_IMODE(world.directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in world.directory.iterdir()} == {0o600}
    assert made.path.read_bytes().startswith(b"PGDMP")


async def test_a_backup_is_one_moment_of_a_database_that_is_written_to(world: BackupWorld) -> None:
    world.run("CREATE TABLE written (id bigserial PRIMARY KEY, words text)")
    with written_to(world.url, world.name) as count:
        while count() < 200:  # noqa: ASYNC110 - a thread counts
            await asyncio.sleep(0)
        before = count()
        made = await world.back_up()
        proof = await backup_controller.verify_backup(world.tools, world.database, made.path)
        meanwhile = count() - before

    assert proof.holds
    assert meanwhile > 0
    assert next(table.rows_after for table in proof.tables if table.name == "public.written") > 0


async def test_tables_of_any_kind_are_compared(world: BackupWorld) -> None:
    world.run('CREATE SCHEMA "Odd schema"')
    world.run('CREATE TABLE "Odd schema"."a:b %s" ("x y" text, "é" bytea)')
    world.run("""INSERT INTO "Odd schema"."a:b %s" SELECT md5(g::text), 'raw' FROM generate_series(1, 70000) g""")
    world.run('CREATE TABLE "Odd schema".empty ()')
    world.run('CREATE UNLOGGED TABLE unlogged AS SELECT NULL::text AS "nothing"')

    proof = await backup_controller.verify_backup(world.tools, world.database, (await world.back_up()).path)

    rows = {table.name: table.rows_after for table in proof.tables}
    assert proof.holds
    assert (rows["Odd schema.a:b %s"], rows["Odd schema.empty"], rows["public.unlogged"]) == (70000, 0, 1)


async def test_one_changed_row_is_found(world: BackupWorld) -> None:
    made = await world.back_up()
    described = made.path.with_name(f"{made.path.name}.json")
    data = json.loads(described.read_text())
    data["tables"]["public.messages"]["sha256"] = "0" * 64
    described.write_text(json.dumps(data))

    proof = await backup_controller.verify_backup(world.tools, world.database, made.path)

    assert not proof.holds
    assert [table.name for table in proof.tables if not table.holds] == ["public.messages"]


async def test_a_backup_tells_which_master_key_it_needs(world: BackupWorld) -> None:
    sealed = (b"SMS\x01" + bytes(range(8)) + bytes(40)).hex()
    world.run(f"INSERT INTO srs_keys (secret_sealed, master_key_id) VALUES ('\\x{sealed}', 'x')")

    made = await world.back_up()

    assert made.master_key_id == bytes(range(8)).hex()


@pytest.mark.parametrize("phase", list(BackupPhase)[:3])
async def test_a_cancelled_backup_leaves_nothing(world: BackupWorld, proving: None, phase: BackupPhase) -> None:
    world.run(
        f"CREATE TABLE many AS SELECT g AS id, repeat(md5(g::text), 20) AS words FROM generate_series(1, {MANY_ROWS}) g"
    )
    progress = Progress()
    task = asyncio.create_task(world.back_up(progress=progress))
    while progress.note != phase.note:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)

    await cancelled(task)

    assert task.cancelled()
    assert world.files() == []
    assert world.beside() == []
    async with backup_turn(world.tools):
        pass


async def test_a_full_disk_leaves_nothing(world: BackupWorld) -> None:
    with largest_file(20_000):
        error = await refused(world.back_up())

    assert error.code in ("DISK_FULL", "BACKUP_NO_PLACE")
    assert error.hint is not None
    assert world.files() == []


async def test_a_directory_that_cannot_be_written_is_told(world: BackupWorld, tmp_path: Path) -> None:
    missing = await refused(world.back_up(file=tmp_path / "missing" / "x.dump"))
    directory = await refused(world.back_up(file=tmp_path))

    assert (missing.code, directory.code) == ("BACKUP_NO_PLACE", "BACKUP_NO_PLACE")


async def test_an_earlier_backup_of_the_same_name_stays_until_the_new_one_is_proved(
    world: BackupWorld, tmp_path: Path
) -> None:
    file = tmp_path / "mine.dump"
    await world.back_up(file=file)
    earlier = file.read_bytes()
    with largest_file(20_000):
        await refused(world.back_up(file=file))
    kept = file.read_bytes()

    await world.back_up(file=file)

    assert kept == earlier
    assert file.read_bytes() != earlier
    assert (await backup_controller.verify_backup(world.tools, world.database, file)).holds


async def test_only_one_process_backs_up_at_a_time(world: BackupWorld) -> None:
    async with backup_turn(world.tools):
        error = await refused(world.back_up())

    assert error.code == "BACKUP_BUSY"


async def test_what_a_killed_backup_left_goes_with_the_next_one(world: BackupWorld) -> None:
    half_made = f"{world.name}_scratch_20260101_030000"
    someone_elses = f"{world.name}_scratch_pad"
    for name in (half_made, someone_elses):
        world.run(f"CREATE DATABASE {name}", "postgres")
    part = world.directory / ".smtpy-backup-00aa.part"
    part.mkdir(parents=True)
    (part / "part").write_bytes(b"half")
    os.utime(part, (0, 0))

    made = await world.back_up()

    assert world.beside() == [someone_elses]
    assert world.files() == [made.path.name, f"{made.path.name}.json"]


async def test_the_list_has_the_newest_first_and_tells_what_is_of_no_use(world: BackupWorld) -> None:
    old = await world.back_up()
    new = await world.back_up()
    cut = world.directory / "cut.dump"
    cut.write_bytes(new.path.read_bytes()[:3000])
    (world.directory / "photo.dump").write_bytes(b"\x89PNG and more")
    (world.directory / "empty.dump").touch()
    with old.path.open("ab") as file:
        file.write(b"more")

    listed = {backup.path.name: backup for backup in await backup_controller.list_backups(world.tools, world.database)}

    assert listed[new.path.name] == new
    assert listed[old.path.name].problem is not None
    assert "damaged" in str(listed["cut.dump"].problem)
    assert "no backup of this program" in str(listed["photo.dump"].problem)
    assert listed["empty.dump"].problem is not None
    assert [backup.made_at for backup in listed.values()] == sorted(
        (backup.made_at for backup in listed.values()), reverse=True
    )


async def test_a_backup_without_its_description_is_still_known_and_can_be_verified(world: BackupWorld) -> None:
    world.run('CREATE TABLE "Odd ""name" ("x y" text); INSERT INTO "Odd ""name" VALUES (E\'a\\nb\'), (NULL)')
    world.run("CREATE TABLE empty ()")
    made = await world.back_up()
    made.path.with_name(f"{made.path.name}.json").unlink()

    (listed,) = await backup_controller.list_backups(world.tools, world.database)
    proof = await backup_controller.verify_backup(world.tools, world.database, made.path)

    assert (listed.kind, listed.rows, listed.schema_revision) == ("", None, made.schema_revision)
    assert proof.holds
    assert proof.rows == made.rows
    assert proof.notes


@pytest.mark.parametrize("place", [0.3, 0.9])
async def test_one_flipped_byte_is_found(world: BackupWorld, place: float) -> None:
    made = await world.back_up()
    content = bytearray(made.path.read_bytes())
    content[int(len(content) * place)] ^= 0x40
    made.path.write_bytes(content)

    error = await refused(backup_controller.verify_backup(world.tools, world.database, made.path))

    assert error.code == "BACKUP_DAMAGED"
    assert world.beside() == []


async def test_a_file_that_is_not_there_is_told(world: BackupWorld) -> None:
    with pytest.raises(NotFoundError):
        await backup_controller.verify_backup(world.tools, world.database, world.directory / "none.dump")


async def test_how_the_last_one_went_is_known_to_everybody(world: BackupWorld, keep: Callable[..., object]) -> None:
    await keep(every="daily")  # type: ignore[misc]
    first = await backup_controller.last_backup(world.database)
    made = await world.back_up()

    state = await backup_controller.last_backup(world.database)

    assert first.last_at is None
    assert first.next_at is not None
    assert first.next_at <= datetime.now(UTC)
    assert (state.file, state.problem, state.good_at) == (made.path, None, made.made_at)
    assert state.next_at is not None
    assert state.next_at > datetime.now(UTC)


async def test_rotation_keeps_as_many_as_wanted_and_every_file_that_is_not_its_own(
    world: BackupWorld, keep: Callable[..., object]
) -> None:
    await keep(keep="2", verify="no")  # type: ignore[misc]
    manual = await world.back_up()
    (world.directory / "notes.dump").write_bytes(b"mine")
    made = manual
    for _ in range(3):
        made = await backup_schedule_controller.make_scheduled(
            world.tools, world.database, publish=world.changes.append
        )

    names = [name for name in world.files() if name.endswith(".dump")]

    assert len([name for name in names if "-scheduled" in name]) == 2
    assert {manual.path.name, "notes.dump", made.path.name} <= set(names)


async def test_a_failed_backup_by_the_clock_is_told_and_tried_an_hour_later(
    world: BackupWorld, keep: Callable[..., object], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    await keep(every="daily", directory=str(tmp_path / "file" / "below"))  # type: ignore[misc]

    error = await refused(
        backup_schedule_controller.make_scheduled(world.tools, world.database, publish=world.changes.append)
    )
    state = await backup_controller.last_backup(world.database)

    assert state.problem == error.message
    assert state.last_at is not None
    assert state.next_at == state.last_at + timedelta(hours=1)


async def test_a_failed_backup_by_hand_is_known_to_everybody_until_one_goes_well(
    world: BackupWorld, tmp_path: Path
) -> None:
    made = await world.back_up()
    (tmp_path / "file").touch()
    world.changes.clear()

    error = await refused(world.back_up(file=tmp_path / "file" / "x.dump"))
    failed = await backup_controller.last_backup(world.database)
    told = list(world.changes)
    await world.back_up()
    better = await backup_controller.last_backup(world.database)

    assert (failed.problem, failed.detail, failed.hint) == (error.message, error.detail, error.hint)
    assert failed.last_at is not None
    assert failed.last_at > made.made_at
    assert failed.good_at == made.made_at
    assert told == [Change(Topic.BACKUPS)]
    assert better.problem is None


async def test_the_clock_makes_a_backup_when_it_is_due_and_one_alone(
    world: BackupWorld, keep: Callable[..., object]
) -> None:
    await keep(every="daily", verify="no")  # type: ignore[misc]
    runs: list[BackgroundRun[BackupFile]] = []
    begun = asyncio.Event()

    def on_run(run: BackgroundRun[BackupFile]) -> None:
        runs.append(run)
        begun.set()

    clocks = [
        asyncio.create_task(
            backup_schedule_controller.run_backups(
                world.tools, world.database, publish=world.changes.append, on_run=on_run, every_seconds=0.01
            )
        )
        for _ in range(2)
    ]
    async with asyncio.timeout(20):
        await begun.wait()
        await asyncio.wait([run.task for run in runs])
        while not (await backup_controller.last_backup(world.database)).good_at:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
    for clock in clocks:
        await cancelled(clock)

    assert len([name for name in world.files() if name.endswith(".dump")]) == 1


@pytest.fixture(autouse=True)
async def nothing_waits(world: BackupWorld) -> AsyncIterator[None]:
    """See after every test that the next backup is possible."""
    yield
    async with backup_turn(world.tools):
        pass


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let no file of this process and its children grow larger, as on a full disk."""
    import signal

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)

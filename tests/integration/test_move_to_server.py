"""Moving to a server: everything is there, proved, before anything is switched; and backups of a server, over TLS."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from smtpy_desktop.controllers import backup_controller, move_controller, move_leftovers, restore_controller
from smtpy_desktop.core.connection_url import ConnectionUrl
from smtpy_desktop.database import move_marks_database, settings_database
from smtpy_desktop.database.engine import Database
from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError
from smtpy_desktop.gateways.postgres_tools import OwnBackupTools
from smtpy_desktop.schemas.backups import BackupPhase, Proof
from smtpy_desktop.schemas.connection import ServerAddress, TlsMode
from smtpy_desktop.schemas.progress import Progress
from tests.helpers.backup_world import BackupWorld, cancelled, plain_url
from tests.helpers.stored_messages import write_messages
from tests.integration.certificates import Authority
from tests.integration.postgres_server import SUPERUSER, SUPERUSER_PASSWORD, PostgresServer
from tests.integration.tls_front import TlsFront

CANARY = f"canary-{secrets.token_hex(8)}"
PASSWORD = f"{CANARY}: pa:ss\\word 'é\" $(x)"
ROLE = "mover"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Give a server as an administrator would run it."""
    server = PostgresServer()
    server.start()
    quoted = PASSWORD.replace("'", "''")
    server.execute("CREATE ROLE listed", f"CREATE ROLE {ROLE} LOGIN PASSWORD '{quoted}' IN ROLE listed")
    yield server
    server.stop()


@pytest.fixture
def address(server: PostgresServer, tmp_path: Path) -> Iterator[ServerAddress]:
    """Give the address of an empty database there, with TLS in front."""
    authority = Authority()
    trusted = tmp_path / "authority.pem"
    trusted.write_bytes(authority.certificate)
    server.execute(f"CREATE DATABASE target OWNER {ROLE}", f"ALTER ROLE {ROLE} CREATEDB")
    with TlsFront(authority.issue("localhost"), tmp_path, target=server.port) as front:
        yield ServerAddress("localhost", front.port, "target", ROLE, TlsMode.VERIFY_FULL, str(trusted))
        for name in databases_of(server):
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def world(database: Database, tmp_path: Path) -> BackupWorld:
    """Give the database to move from."""
    write_messages(database.url.render_as_string(hide_password=False), ("one", "two"))
    return BackupWorld(database, tmp_path / "backups")


@pytest.fixture
async def moved(world: BackupWorld, address: ServerAddress, tmp_path: Path) -> AsyncIterator[BackupWorld]:
    """Give the server's database after the move."""
    await move(world, address)
    url = ConnectionUrl(address, PASSWORD).reveal()
    there = Database(url, origin="there")
    yield BackupWorld(there, tmp_path / "there")
    await there.close()


async def move(
    world: BackupWorld, address: ServerAddress, progress: Progress | None = None, *, removes_leftover: bool = False
) -> Proof:
    return await move_controller.move_to_server(
        world.tools,
        world.database,
        address,
        PASSWORD,
        actor=world.actor,
        progress=progress,
        removes_leftover=removes_leftover,
    )


async def refused(work: object) -> UserFacingError:
    with pytest.raises(UserFacingError) as caught:
        await work  # type: ignore[misc]
    return caught.value


def databases_of(server: PostgresServer) -> list[str]:
    return [name for name in ask(server, "SELECT datname FROM pg_database") if name.startswith("target")]


def ask(server: PostgresServer, question: str, database: str = "postgres") -> list[str]:
    with psycopg.connect(
        host="127.0.0.1", port=server.port, user=SUPERUSER, password=SUPERUSER_PASSWORD, dbname=database
    ) as connection:
        return [str(value) for (value,) in connection.execute(question.encode())]


async def test_everything_is_there_and_only_then_it_is_what_is_opened(
    world: BackupWorld, address: ServerAddress, server: PostgresServer
) -> None:
    proof = await move(world, address)

    assert proof.holds
    assert world.remembered == [(address, PASSWORD)]
    assert sorted(ask(server, "SELECT subject FROM messages", "target")) == ["one", "two"]
    assert world.files() == []


async def test_nobody_writes_to_the_database_before_any_more(world: BackupWorld, address: ServerAddress) -> None:
    await move(world, address)

    assert (await refused(opened(world.database))).code == "DATABASE_MOVED"
    with (
        psycopg.connect(plain_url(world.url, world.name), autocommit=True) as late,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        late.execute("DELETE FROM messages")
    world.database.read_only = None  # as in another process
    assert (await refused(add_setting(world.database))).code == "DATABASE_READ_ONLY"


async def test_what_was_in_use_before_can_still_be_backed_up(world: BackupWorld, address: ServerAddress) -> None:
    await move(world, address)

    made = await world.back_up()

    assert made.verified_at is not None


async def add_setting(database: Database) -> None:
    async with database.begin() as db:
        await settings_database.write_settings(db, {"a": "b"})


async def test_a_writer_waits_during_the_move_and_is_told_that_nothing_came_of_it(
    world: BackupWorld, address: ServerAddress, server: PostgresServer
) -> None:
    progress = Progress()
    moving = asyncio.create_task(move(world, address, progress))
    await reached(moving, progress, BackupPhase.RESTORING)
    other = await psycopg.AsyncConnection.connect(plain_url(world.url, world.name), autocommit=True)

    writing = asyncio.create_task(other.execute("DELETE FROM messages"))

    assert (await moving).holds
    with pytest.raises(psycopg.OperationalError):
        await writing
    assert sorted(ask(server, "SELECT subject FROM messages", "target")) == ["one", "two"]
    await other.close()


async def reached(task: asyncio.Task[Proof], progress: Progress, phase: BackupPhase) -> None:
    while progress.note != phase.note:
        assert not task.done(), task.exception()
        await asyncio.sleep(0)


async def opened(database: Database) -> None:
    async with database.begin():
        pass


async def test_a_database_that_is_not_empty_is_refused(
    world: BackupWorld, address: ServerAddress, server: PostgresServer
) -> None:
    server.execute("CREATE TABLE somebody_elses (x int)", database="target")

    plan = await move_controller.plan_move(world.tools, world.database, address, PASSWORD)
    error = await refused(move(world, address))

    assert "somebody_elses" in str(plan.obstacles[0])
    assert error.code == "MOVE_NOT_POSSIBLE"
    assert world.remembered == []


async def test_why_a_server_cannot_be_opened_is_told_with_what_to_do(
    world: BackupWorld, address: ServerAddress
) -> None:
    with pytest.raises(DatabaseUnavailable, match="Wrong password"):
        await move_controller.plan_move(world.tools, world.database, address, "wrong")


async def test_other_programs_at_work_are_in_the_way(world: BackupWorld, address: ServerAddress) -> None:
    with psycopg.connect(plain_url(world.url, world.name), application_name="smtpy-42-forwarder"):
        plan = await move_controller.plan_move(world.tools, world.database, address, PASSWORD)

    assert "Other programs" in str(plan.obstacles[0])


async def test_what_cannot_be_remembered_leaves_the_server_empty_and_everything_as_it_was(
    world: BackupWorld, address: ServerAddress, server: PostgresServer
) -> None:
    world.refuses_to_remember = UserFacingError("CONFIG_NOT_SAVED", "The disk is full.")

    error = await refused(move(world, address))

    assert error.code == "CONFIG_NOT_SAVED"
    assert ask(server, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace", "target") == []
    await opened(world.database)


async def test_a_cancelled_move_leaves_the_server_empty(
    world: BackupWorld, address: ServerAddress, server: PostgresServer
) -> None:
    progress = Progress()
    task = asyncio.create_task(move(world, address, progress))
    await reached(task, progress, BackupPhase.VERIFYING)

    await cancelled(task)

    assert ask(server, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace", "target") == []
    assert ask(server, MARKS, "target") == []
    assert world.remembered == []
    await opened(world.database)


async def broken_off(world: BackupWorld, address: ServerAddress) -> None:
    """Leave what a move leaves that is killed before it has switched."""
    made = await world.back_up()
    url = ConnectionUrl(address, PASSWORD).reveal()
    target = Database(url, origin="killed")
    async with world.database.engine.connect() as connection:
        source = await move_marks_database.source_of(connection)
    await move_leftovers.begin_copy(target, address, source, "here")
    await world.tools.restore(made.path, url, None, 180000, lambda size: None)
    await target.close()


async def test_the_copy_of_a_move_that_was_broken_off_is_removed_when_that_is_agreed_to(
    world: BackupWorld, address: ServerAddress, server: PostgresServer
) -> None:
    await broken_off(world, address)

    plan = await move_controller.plan_move(world.tools, world.database, address, PASSWORD)
    error = await refused(move(world, address))
    untouched = ask(server, "SELECT count(*) FROM messages", "target")
    proof = await move(world, address, removes_leftover=True)

    assert plan.leftover is not None
    assert plan.obstacles == ()
    assert (error.code, untouched) == ("MOVE_LEFTOVER", ["2"])
    assert proof.holds
    assert ask(server, MARKS, "target") == []


MARKS = "SELECT typname FROM pg_type WHERE typname LIKE 'smtpy%'"
OTHERS_MARK = (
    """COMMENT ON TYPE smtpy_unfinished_move IS '{"source": "1/2", "host": "far", "begun_at": "2026-11-01"}'"""
)


async def test_what_is_not_surely_ones_own_unfinished_copy_is_never_removed(
    world: BackupWorld, address: ServerAddress, server: PostgresServer
) -> None:
    await broken_off(world, address)
    told = []
    for changed in (
        "INSERT INTO server_settings (key, value) VALUES ('a', 'b')",
        "CREATE TABLE somebody_elses (x int)",
        OTHERS_MARK,
        "DROP TYPE smtpy_unfinished_move",
    ):
        server.execute(changed, database="target")
        plan = await move_controller.plan_move(world.tools, world.database, address, PASSWORD)
        told.append((plan.leftover, str(plan.obstacles[0])))

    error = await refused(move(world, address, removes_leftover=True))

    assert [leftover for leftover, _ in told] == [None] * len(told)
    parts = ["changed since", "changed since", "from the machine far", "is not empty"]
    assert [part in words for (_, words), part in zip(told, parts, strict=True)] == [True] * len(told)
    assert all(words.endswith(f'DROP DATABASE "target"; CREATE DATABASE "target" OWNER "{ROLE}";') for _, words in told)
    assert error.code == "MOVE_NOT_POSSIBLE"
    assert ask(server, "SELECT count(*) FROM messages", "target") == ["2"]


async def test_a_copy_that_somebody_is_connected_to_is_not_removed(
    world: BackupWorld, address: ServerAddress, server: PostgresServer
) -> None:
    await broken_off(world, address)

    with psycopg.connect(
        host="127.0.0.1", port=server.port, user=SUPERUSER, password=SUPERUSER_PASSWORD, dbname="target"
    ):
        plan = await move_controller.plan_move(world.tools, world.database, address, PASSWORD)

    assert plan.leftover is None
    assert "programs are connected to it: 1" in str(plan.obstacles[0])


async def test_backups_of_a_server_go_over_tls_and_no_password_is_anywhere(
    moved: BackupWorld, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    done = asyncio.Event()
    watching = asyncio.create_task(asyncio.to_thread(seen_of_processes, done))

    made = await moved.back_up()
    proof = await moved.restore(made.path)

    done.set()
    seen = await watching
    assert proof.holds
    assert any("pg_dump" in words for words in seen)
    assert not [words for words in seen if CANARY in words]
    assert all("PGPASSFILE=/proc/self/fd/" in words for words in seen if "PGHOST" in words)  # in memory, on no disk
    assert files_with(CANARY.encode(), tmp_path) == []
    assert CANARY not in caplog.text


async def test_a_server_with_the_wrong_certificate_is_not_talked_to(
    moved: BackupWorld, address: ServerAddress, tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(Authority("Somebody else").certificate)
    wrong = ServerAddress("localhost", address.port, "target", ROLE, TlsMode.VERIFY_FULL, str(stranger))
    tools = OwnBackupTools(ConnectionUrl(wrong, PASSWORD).reveal(), tmp_path / "wrong", moved.tools.remember_server)

    async with tools.draft(tmp_path / "wrong" / "x.dump") as draft:
        error = await refused(draft.dump(tools.url(), "00000003-00000001-1", lambda size: None))

    assert isinstance(error, DatabaseUnavailable)
    assert error.code == "CERTIFICATE_UNTRUSTED"


async def test_missing_rights_are_told_with_what_to_do(moved: BackupWorld, server: PostgresServer) -> None:
    made = await moved.back_up()
    server.execute(f"ALTER ROLE {ROLE} NOCREATEDB")
    no_create = [
        await refused(moved.back_up()),
        await refused(backup_controller.verify_backup(moved.tools, moved.database, made.path)),
        await refused(moved.restore(made.path)),
    ]
    server.execute(f"ALTER ROLE {ROLE} CREATEDB", "ALTER DATABASE target OWNER TO postgres")
    not_owner = await refused(moved.restore(made.path))
    server.execute(f"ALTER DATABASE target OWNER TO {ROLE}")
    with psycopg.connect(
        host="127.0.0.1", port=server.port, user=SUPERUSER, password=SUPERUSER_PASSWORD, dbname="target"
    ):
        others = await refused(moved.restore(made.path))
    server.execute("CREATE TABLE public.hidden (x int)", database="target")
    forbidden = await refused(moved.back_up())

    assert {error.code for error in no_create} == {"NO_CREATEDB"}
    assert f"ALTER ROLE {ROLE} CREATEDB" in str(no_create[0].hint)
    assert (not_owner.code, others.code, forbidden.code) == ("NOT_OWNER", "OTHERS_CONNECTED", "BACKUP_FORBIDDEN")
    assert "hidden" in str(forbidden.detail)
    assert moved.files() == [made.path.name, f"{made.path.name}.json"]
    assert await restore_controller.previous_databases(moved.tools, moved.database) == ()


def files_with(secret: bytes, directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file() and secret in path.read_bytes()]


def seen_of_processes(done: asyncio.Event) -> set[str]:
    """Return the command lines and environments of every process, looked at over and over."""
    seen: set[str] = set()
    while not done.is_set():
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                for part in ("cmdline", "environ"):
                    try:
                        content = (process / part).read_bytes()
                    except OSError:
                        continue
                    if b"PGHOST" in content or b"pg_dump" in content or b"pg_restore" in content:
                        seen.add(content.decode(errors="replace"))
    return seen

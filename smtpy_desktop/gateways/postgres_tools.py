"""What backups need of the world outside: the way to the server, PostgreSQL's own programs, and files."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from smtpy_desktop.core.backup_errors import damaged, foreign, program_failure, unreadable
from smtpy_desktop.core.connection_url import ConnectionUrl, parse_connection_url
from smtpy_desktop.core.dump_contents import parse_contents
from smtpy_desktop.errors import DatabaseUnavailable
from smtpy_desktop.gateways import backup_files
from smtpy_desktop.gateways.backup_files import BackupDraft, translated_errors
from smtpy_desktop.gateways.postgres_client import Client, client_for
from smtpy_desktop.gateways.postgres_dump import (
    ProgramFailed,
    Stop,
    WrittenDump,
    checksum_of,
    count_dump,
    list_dump,
    read_dump,
    rows_of_dump,
    stoppable,
    write_dump,
)
from smtpy_desktop.gateways.postgres_probe import explained
from smtpy_desktop.gateways.trusted_certificates import system_root_certificates
from smtpy_desktop.schemas.backups import BackupManifest, DumpFacts, FoundFile
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.text import Text

Result = TypeVar("Result")
Tell = Callable[[int], object]
"""Is told how many bytes of a dump have passed so far."""


class Draft(Protocol):
    """A backup that is being written."""

    @property
    def part(self) -> Path:
        """The file as far as it is written."""
        ...

    async def dump(self, url: str, snapshot: str, tell: Tell) -> tuple[int, str]:
        """Write what a snapshot of a database sees; return its size in bytes and its SHA-256."""
        ...

    async def publish(self, manifest: BackupManifest) -> Path:
        """Give the file its name, with its description beside it."""
        ...


class BackupTools(Protocol):
    """The server of the database in use, PostgreSQL's programs, and the files of backups. All raise UserFacingError."""

    @property
    def default_directory(self) -> Path:
        """Where backups are kept unless a setting says otherwise."""
        ...

    @property
    def host(self) -> str:
        """The name of this machine."""
        ...

    @property
    def database(self) -> str:
        """The name of the database in use."""
        ...

    def url(self, database: str | None = None) -> str:
        """Return the SQLAlchemy address (with the password) of a database of the same server."""
        ...

    def server_url(self, server: ServerAddress, password: str) -> str:
        """Return the SQLAlchemy address (with the password) of another server's database."""
        ...

    async def explained(self, error: DatabaseUnavailable, server: ServerAddress, password: str) -> DatabaseUnavailable:
        """Return why another server's database could not be opened, as far as it can be found out."""
        ...

    async def remember_server(self, server: ServerAddress, password: str) -> Text | None:
        """Make another server's database the one that is opened from now on; return what has to be done by hand."""
        ...

    def draft(self, target: Path) -> AbstractAsyncContextManager[Draft]:
        """Begin a backup for the block; unless it was published, nothing of it is left behind the block."""
        ...

    async def restore(self, file: Path, url: str, role: str | None, server_version: int, tell: Tell) -> None:
        """Restore a dump into an empty database, all or nothing, owned by ``role``."""
        ...

    async def checksum(self, file: Path) -> str:
        """Return the SHA-256 of a file."""
        ...

    async def count_rows(self, file: Path) -> Mapping[str, int]:
        """Count the rows of every table in a dump."""
        ...

    async def look_into(self, file: Path) -> DumpFacts:
        """Return what a dump says about itself; raise UserFacingError for a damaged or foreign file."""
        ...

    async def files(self, directory: Path) -> tuple[FoundFile, ...]:
        """Return the backups in a directory."""
        ...

    async def file(self, path: Path) -> FoundFile:
        """Return one backup; raise NotFoundError when there is no such file."""
        ...

    async def keep_manifest(self, path: Path, manifest: BackupManifest) -> None:
        """Write the description of a backup anew."""
        ...

    async def remove(self, path: Path) -> None:
        """Remove a backup and its description."""
        ...


Remember = Callable[[ServerAddress, str], Awaitable[Text | None]]


class OwnBackupTools:
    """The tools of one open database, over the programs of the built-in PostgreSQL."""

    def __init__(self, url: str, default_directory: Path, remember: Remember) -> None:
        self._url = parse_connection_url(url)
        self._default_directory = default_directory
        self._remember = remember

    @property
    def default_directory(self) -> Path:
        """Where backups are kept unless a setting says otherwise."""
        return self._default_directory

    @property
    def host(self) -> str:
        """The name of this machine."""
        return platform.node()

    @property
    def database(self) -> str:
        """The name of the database in use."""
        return self._url.address.database

    def url(self, database: str | None = None) -> str:
        """Return the SQLAlchemy address of a database of the same server."""
        address = replace(self._url.address, database=database or self.database)
        return replace(self._url, address=address).reveal()

    def server_url(self, server: ServerAddress, password: str) -> str:
        """Return the SQLAlchemy address of another server's database."""
        return ConnectionUrl(server, password, system_root_certificates()).reveal()

    async def explained(self, error: DatabaseUnavailable, server: ServerAddress, password: str) -> DatabaseUnavailable:
        """Return why another server's database could not be opened."""
        return await explained(error, server, password)

    async def remember_server(self, server: ServerAddress, password: str) -> Text | None:
        """Make another server's database the one that is opened from now on."""
        return await self._remember(server, password)

    @asynccontextmanager
    async def draft(self, target: Path) -> AsyncIterator[Draft]:
        """Begin a backup for the block."""
        if target.parent == self._default_directory:
            await asyncio.to_thread(backup_files.make_directory, self._default_directory)
        draft = BackupDraft(target)
        try:
            yield _OwnDraft(draft, target)
        finally:
            await asyncio.shield(asyncio.to_thread(draft.discard))

    async def restore(self, file: Path, url: str, role: str | None, server_version: int, tell: Tell) -> None:
        """Restore a dump into an empty database, all or nothing."""
        async with client_for(parse_connection_url(url)) as client:
            await _run(lambda stop: read_dump(client, file, role, server_version, stop, tell), file, client)

    async def checksum(self, file: Path) -> str:
        """Return the SHA-256 of a file."""
        try:
            return await stoppable(lambda stop: checksum_of(file, stop))
        except OSError as error:
            raise unreadable(file, error.strerror or type(error).__name__) from error

    async def count_rows(self, file: Path) -> Mapping[str, int]:
        """Count the rows of every table in a dump."""
        try:
            return await stoppable(lambda stop: count_dump(file, stop))
        except ProgramFailed as error:
            raise program_failure(error.program, error.output, file) from error
        except OSError as error:
            raise unreadable(file, error.strerror or type(error).__name__) from error

    async def look_into(self, file: Path) -> DumpFacts:
        """Return what a dump says about itself."""
        try:
            listed = await stoppable(lambda stop: list_dump(file, stop))
            facts = parse_contents(listed, "")
            if "alembic_version" not in facts.tables:
                raise foreign(file)
            rows = await stoppable(lambda stop: rows_of_dump(file, "alembic_version", stop))
        except ProgramFailed as error:
            failure = program_failure(error.program, error.output, file)
            is_dump = await asyncio.to_thread(_looks_like_dump, file)
            raise (damaged(file, failure.detail) if is_dump else foreign(file)) from error
        except OSError as error:
            raise unreadable(file, error.strerror or type(error).__name__) from error
        facts = parse_contents(listed, rows)
        if not facts.schema_revision:
            raise foreign(file)
        return facts

    async def files(self, directory: Path) -> tuple[FoundFile, ...]:
        """Return the backups in a directory."""
        return await asyncio.to_thread(backup_files.found_files, directory)

    async def file(self, path: Path) -> FoundFile:
        """Return one backup."""
        return await asyncio.to_thread(backup_files.found_file, path)

    async def keep_manifest(self, path: Path, manifest: BackupManifest) -> None:
        """Write the description of a backup anew."""
        await asyncio.to_thread(backup_files.keep_manifest, path, manifest)

    async def remove(self, path: Path) -> None:
        """Remove a backup and its description."""
        await asyncio.to_thread(backup_files.remove_backup, path)


class _OwnDraft:
    def __init__(self, draft: BackupDraft, target: Path) -> None:
        self._draft, self._target = draft, target

    @property
    def part(self) -> Path:
        return self._draft.part

    async def dump(self, url: str, snapshot: str, tell: Tell) -> tuple[int, str]:
        async with client_for(parse_connection_url(url)) as client:
            written = await _run(lambda stop: self._write(client, snapshot, stop, tell), self._target, client)
        return written.size_bytes, written.sha256

    def _write(self, client: Client, snapshot: str, stop: Stop, tell: Tell) -> WrittenDump:
        with translated_errors(self._target), self._draft.open() as part:
            return write_dump(client, snapshot, part, stop, tell)

    async def publish(self, manifest: BackupManifest) -> Path:
        return await stoppable(lambda stop: self._draft.publish(manifest))


async def _run(work: Callable[[Stop], Result], file: Path, client: Client) -> Result:
    try:
        return await stoppable(work)
    except ProgramFailed as error:
        known = client.problem
        raise known if known is not None else program_failure(error.program, error.output, file) from error
    except OSError as error:
        raise unreadable(file, error.strerror or type(error).__name__) from error


def _looks_like_dump(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(5) == b"PGDMP"

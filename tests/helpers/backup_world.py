"""A database with backups of its own: what tests of backups, restores and moves work with."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from smtpy_desktop.changes import Change
from smtpy_desktop.controllers import backup_controller, restore_controller
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.postgres_tools import OwnBackupTools
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.backups import BackupFile, Proof
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.text import Text


@dataclass(slots=True)
class BackupWorld:
    """One open database and the tools for its backups, which go to ``directory``."""

    database: Database
    directory: Path
    actor: Actor = field(default_factory=lambda: Actor("tester", "test"))
    changes: list[Change] = field(default_factory=list)
    remembered: list[tuple[ServerAddress, str]] = field(default_factory=list)
    refuses_to_remember: Exception | None = None
    tools: OwnBackupTools = field(init=False)

    def __post_init__(self) -> None:
        self.tools = OwnBackupTools(self.url, self.directory, self._remember)

    @property
    def url(self) -> str:
        return self.database.url.render_as_string(hide_password=False)

    @property
    def name(self) -> str:
        return str(self.database.url.database)

    async def back_up(self, **choices: Any) -> BackupFile:
        """Make a backup."""
        return await backup_controller.make_backup(
            self.tools, self.database, actor=self.actor, publish=self.changes.append, **choices
        )

    async def restore(self, file: Path, progress: Progress | None = None) -> Proof:
        """Restore one."""
        return await restore_controller.restore(
            self.tools, self.database, file, actor=self.actor, publish=self.changes.append, progress=progress
        )

    def run(self, statement: str, database: str = "") -> list[Any]:
        """Run a statement in a connection of its own and return what it answers, if anything."""
        with psycopg.connect(plain_url(self.url, database or self.name), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description is not None else []

    def beside(self) -> list[str]:
        """Return the names of the databases that were made beside this one."""
        rows = self.run("SELECT datname FROM pg_database ORDER BY 1", "postgres")
        return [name for (name,) in rows if name.startswith(f"{self.name}_")]

    def files(self) -> list[str]:
        """Return what lies in the directory of backups."""
        return sorted(path.name for path in self.directory.iterdir()) if self.directory.exists() else []

    def forget(self) -> None:
        """Remove every database that was made beside this one."""
        for name in self.beside():
            self.run(f'DROP DATABASE "{name}" WITH (FORCE)', "postgres")

    async def _remember(self, server: ServerAddress, password: str) -> Text | None:
        if self.refuses_to_remember is not None:
            raise self.refuses_to_remember
        self.remembered.append((server, password))
        return None


def plain_url(url: str, database: str) -> str:
    """Return libpq's address of a database on the same server."""
    return make_url(url).set(drivername="postgresql", database=database).render_as_string(hide_password=False)


@contextmanager
def written_to(url: str, database: str) -> Iterator[Callable[[], int]]:
    """Write to a table ``written`` as fast as it goes, until the end of the block; give how many rows there are."""
    done, count = threading.Event(), [0]

    def write() -> None:
        with psycopg.connect(plain_url(url, database), autocommit=True) as connection:
            while not done.is_set():
                connection.execute("INSERT INTO written (words) SELECT md5(random()::text) FROM generate_series(1, 20)")
                connection.execute("UPDATE written SET words = words || 'x' WHERE id %% 17 = 0 AND id > %s", [count[0]])
                connection.execute("DELETE FROM written WHERE id % 23 = 0")
                count[0] += 20

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield lambda: count[0]
    finally:
        done.set()
        thread.join()


async def cancelled(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task

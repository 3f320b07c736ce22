"""PostgreSQL's own programs for backups: dumping, looking into a dump, and restoring it, against any server of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.text import Text

Tell = Callable[[int], object]
"""Is told how many bytes of a dump have passed so far."""


@dataclass(frozen=True, slots=True)
class DumpFacts:
    """What a dump says about itself; ``tables`` are schema and name, ``schema_revision`` empty where it is not ours."""

    made_at: str
    server_version: str
    tables: tuple[str, ...]
    schema_revision: str


class BackupTools(Protocol):
    """What backups need of the world outside: the server, its programs, and files."""

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

    def server_url(self, server: ServerAddress, password: str | None) -> str:
        """Return the SQLAlchemy address (with the password) of another server's database."""
        ...

    async def remember_server(self, server: ServerAddress, password: str) -> Text | None:
        """Make another server's database the one that is opened from now on; return what has to be done by hand."""
        ...

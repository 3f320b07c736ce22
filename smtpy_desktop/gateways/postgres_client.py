"""How PostgreSQL's bundled client programs are told where a server is, without a password in sight of anybody."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from smtpy_desktop.core.connection_url import ConnectionUrl
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.postgres_account import ServerAccount, postgres_programs
from smtpy_desktop.gateways.server_relay import Relay, needs_relay, relayed

_CONNECT_SECONDS = "20"
_PASSED_ON = ("PATH", "SystemRoot", "TMPDIR", "TEMP", "TMP")


@dataclass(slots=True)
class Client:
    """The environment of client programs for one server."""

    environment: dict[str, str]
    relay: Relay | None = None

    @property
    def problem(self) -> UserFacingError | None:
        """Why the server could not be reached, where that is known better than the program knows it."""
        return self.relay.problem if self.relay is not None else None


def client_programs() -> Path:
    """Return the directory with pg_dump, pg_restore and psql, which run as whoever runs us."""
    return postgres_programs(ServerAccount(""))


@asynccontextmanager
async def client_for(url: ConnectionUrl) -> AsyncIterator[Client]:
    """Give the environment that leads client programs to a database for the block.

    The password lies in a file that only we may read, for as long as the block lasts.
    """
    directory = Path(tempfile.mkdtemp(prefix="smtpy-"))  # 0700
    try:
        environment = bare_environment() | {
            "PGHOST": url.address.host,
            "PGPORT": str(url.address.port),
            "PGUSER": url.address.user,
            "PGDATABASE": url.address.database,
            "PGSSLMODE": "disable",
            "PGGSSENCMODE": "disable",
            "PGCONNECT_TIMEOUT": _CONNECT_SECONDS,
            "PGAPPNAME": "SMTPy Desktop (backup)",
            "PGCLIENTENCODING": "UTF8",
            **_password(url.password, directory / "password"),
        }
        if not needs_relay(url.address):
            yield Client(environment)
            return
        async with relayed(url.address) as relay:
            yield Client(environment | {"PGHOST": relay.host, "PGPORT": str(relay.port)}, relay)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def bare_environment() -> dict[str, str]:
    """Return an environment made anew: no secret of ours reaches a child process."""
    kept = {key: value for key, value in os.environ.items() if key in _PASSED_ON}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def _password(password: str | None, file: Path) -> dict[str, str]:
    if password is None:
        return {}
    if "\n" in password or "\r" in password:
        return {"PGPASSWORD": password}  # a line of the file cannot hold it
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(f"*:*:*:*:{escaped}\n")
    return {"PGPASSFILE": str(file)}

"""How PostgreSQL's bundled client programs are told where a server is, without a password in sight of anybody."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
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
    """What client programs for one server are given: variables, open files, and the way to it."""

    environment: dict[str, str]
    descriptors: tuple[int, ...] = ()
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
    """Give what leads client programs to a database for the block."""
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
    }
    with _password(url.password) as (variables, descriptors):
        if not needs_relay(url.address):
            yield Client(environment | variables, descriptors)
            return
        async with relayed(url.address) as relay:
            there = {"PGHOST": relay.host, "PGPORT": str(relay.port)}
            yield Client(environment | variables | there, descriptors, relay)


def bare_environment() -> dict[str, str]:
    """Return an environment made anew: no secret of ours reaches a child process."""
    kept = {key: value for key, value in os.environ.items() if key in _PASSED_ON}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


@contextmanager
def _password(password: str | None) -> Iterator[tuple[dict[str, str], tuple[int, ...]]]:
    """Give the variables, and the open files, by which a program knows the password.

    It lies in a file in memory, which goes with the last process that has it open; where the system has none, in a file
    that only we may read, for as long as the block lasts.
    """
    if password is None:
        yield {}, ()
        return
    if "\n" in password or "\r" in password:
        yield {"PGPASSWORD": password}, ()  # a line of the file cannot hold it
        return
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    line = f"*:*:*:*:{escaped}\n".encode()
    in_memory = getattr(os, "memfd_create", None)  # Linux alone
    if in_memory is not None:
        descriptor: int = in_memory("password")
        try:
            os.fchmod(descriptor, 0o600)
            os.write(descriptor, line)
            yield {"PGPASSFILE": f"/proc/self/fd/{descriptor}"}, (descriptor,)
        finally:
            os.close(descriptor)
        return
    with tempfile.TemporaryDirectory(prefix="smtpy-") as directory:  # 0700
        file = Path(directory) / "password"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(line)
        yield {"PGPASSFILE": str(file)}, ()

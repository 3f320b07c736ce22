"""A way for PostgreSQL's bundled programs, which know no TLS, to a server that is to be reached by it.

They connect to a socket that only we may open; what they say goes on to the server over TLS, under the same rules as
the program's own connections. Signing in stays between them and the server.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError
from smtpy_desktop.gateways.postgres_tls import negotiate_tls
from smtpy_desktop.gateways.trusted_certificates import system_root_certificates
from smtpy_desktop.schemas.connection import ServerAddress, StepState, TlsMode
from smtpy_desktop.schemas.text import text

_PORT = 5432
_BLOCK = 256 * 1024
_CONNECT_SECONDS = 15.0


@dataclass(slots=True)
class Relay:
    """Where a program connects to instead (libpq's host and port), and why the way on to the server failed, if so."""

    host: str
    port: int
    problem: UserFacingError | None = None
    connections: set[asyncio.Task[None]] = field(default_factory=set)


def needs_relay(address: ServerAddress) -> bool:
    """Tell whether the address asks for TLS, which the bundled programs do not know."""
    return not address.host.startswith("/") and address.tls_mode is not TlsMode.DISABLE


@asynccontextmanager
async def relayed(address: ServerAddress) -> AsyncIterator[Relay]:
    """Give a way to the server for the block."""
    directory = Path(tempfile.mkdtemp(prefix="smtpy-"))  # 0700
    relay = Relay(str(directory), _PORT)

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay.connections.add(asyncio.create_task(_pass_on(relay, address, reader, writer)))

    try:
        if sys.platform == "win32":
            server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=_BLOCK)
            relay.host, relay.port = "127.0.0.1", int(server.sockets[0].getsockname()[1])
        else:
            server = await asyncio.start_unix_server(serve, str(directory / f".s.PGSQL.{_PORT}"), limit=_BLOCK)
        try:
            yield relay
        finally:
            server.close()
            for task in relay.connections:
                task.cancel()
            await asyncio.gather(*relay.connections, return_exceptions=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


async def _pass_on(
    relay: Relay, address: ServerAddress, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Carry one connection on to the server, until either side ends it."""
    onward: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            answers, onward = await asyncio.open_connection(address.host, address.port, limit=_BLOCK)
            finding = await negotiate_tls(answers, onward, address, system_root_certificates())
        if finding.state is StepState.FAILED:
            relay.problem = DatabaseUnavailable(finding.code, finding.message, hint=finding.hint)
            return
        ways = [asyncio.create_task(_copy(reader, onward)), asyncio.create_task(_copy(answers, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
    except OSError as error:  # also TimeoutError
        relay.problem = DatabaseUnavailable(
            "DATABASE_UNAVAILABLE",
            text("The database cannot be reached."),
            detail=text("{reason}.", reason=error.strerror or type(error).__name__),
            hint=text("See that its server runs and can be reached, then try again."),
        )
    finally:
        for end in (writer, onward):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_BLOCK):
        writer.write(data)
        await writer.drain()

"""A mail server on loopback that writes down every byte and answers from a script."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Self

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Answering = Callable[[bytes], bytes | None]
"""What is answered to a line (with its CRLF); None: the usual."""

_USUAL = {b"EHLO": b"250 server.example\r\n", b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[int]:
    """Let every connection to a port be served by ``talk``; give the port; at the end all connections are cut."""
    served: set[asyncio.Task[None]] = set()
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        served.add(task)
        writers.append(writer)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client is gone
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            if not writer.transport.is_closing():
                writer.transport.abort()
        if served:
            await asyncio.wait(served)
        await server.wait_closed()


async def begin_tls(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    context: ssl.SSLContext,
    offered: bytes = b"",
    *,
    injected: bytes = b"",
) -> bytes:
    """Greet, offer STARTTLS and more, begin TLS, and return what is said first after that.

    ``injected`` is said in clear right behind the answer to STARTTLS, as somebody in between would.
    """
    writer.write(b"220 hello\r\n")
    await reader.readline()
    writer.write(b"250-relay.example\r\n" + offered + b"250 STARTTLS\r\n")
    await reader.readline()
    writer.write(b"220 go\r\n" + injected)
    await writer.start_tls(context)
    return await reader.readline()


class RecordingServer:
    """Takes one mail after the other; ``received`` holds the bytes of each connection."""

    def __init__(self, answering: Answering = lambda line: None, *, greeting: bytes = b"220 hello\r\n") -> None:
        self.received: list[bytearray] = []
        self.port = 0
        self._answering = answering
        self._greeting = greeting
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self.port = await self._open.enter_async_context(talking(self._talk))
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self._open.aclose()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = bytearray()
        self.received.append(wire)
        is_data = False
        writer.write(self._greeting)
        try:
            while line := await reader.readuntil(b"\n"):
                wire += line
                if is_data:
                    if line != b".\r\n":
                        continue
                    is_data = False
                answer = self._answering(line)
                if answer is None:
                    answer = _USUAL.get(line[:4], b"250 ok\r\n")
                is_data = is_data or answer.startswith(b"354")
                writer.write(answer)
        except asyncio.IncompleteReadError as error:
            wire += error.partial

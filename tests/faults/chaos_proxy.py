"""A TCP proxy before an SMTP server that ends or holds up connections at a verb of the client's."""

from __future__ import annotations

import asyncio
import contextlib
import enum
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

VERBS = ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "CONTENT", "DOT", "QUIT")
"""Where a connection can be ended; CONTENT is in the middle of the message, DOT at its end."""

_DOT = b"\r\n.\r\n"


class Cut(enum.StrEnum):
    """What happens: before the server has seen the verb, or after it has, when its answer is not passed on."""

    BEFORE = "reset before"
    AFTER = "reset after"
    HALF_CLOSED = "half-closed after"
    HANGING = "hanging after"


@dataclass(frozen=True, slots=True)
class Chaos:
    """One way in which a connection ends."""

    verb: str
    cut: Cut


class ChaosProxy:
    """Listens on loopback before a server's port; ``plan`` says for each connection how it ends (None: well)."""

    def __init__(self, server_port: Callable[[], int], plan: Callable[[], Chaos | None]) -> None:
        self._server_port, self._plan = server_port, plan
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.happened: list[Chaos] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        server: asyncio.StreamWriter | None = None
        try:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                chaos = self._plan()
                if chaos == Chaos("CONNECT", Cut.BEFORE):
                    self.happened.append(chaos)
                    return
                answers, server = await asyncio.open_connection("127.0.0.1", self._server_port())
                await _Line(reader, writer, answers, server, chaos, self.happened).run()
        except asyncio.CancelledError:
            pass
        finally:
            self._tasks.discard(task)
            for one in (writer, server):
                if one is not None:
                    one.transport.abort()


class _Line:
    """One connection with both its ends."""

    def __init__(
        self,
        client: asyncio.StreamReader,
        to_client: asyncio.StreamWriter,
        answers: asyncio.StreamReader,
        server: asyncio.StreamWriter,
        chaos: Chaos | None,
        happened: list[Chaos],
    ) -> None:
        self._client, self._to_client, self._answers, self._server = client, to_client, answers, server
        self._chaos, self._happened = chaos, happened
        self._is_muted = self._is_swallowing = False
        self._seen = b""

    async def run(self) -> None:
        if self._chaos is not None and self._chaos.verb == "CONNECT":
            self._happened.append(self._chaos)
            self._is_muted = True
            if self._chaos.cut is Cut.AFTER:
                await self._answers.read(65536)
                return
            if self._chaos.cut is Cut.HALF_CLOSED:
                self._to_client.write_eof()
        back = asyncio.ensure_future(self._pass_back())
        try:
            await self._pass_on()
        finally:
            back.cancel()
            await asyncio.gather(back, return_exceptions=True)

    async def _pass_back(self) -> None:
        while data := await self._answers.read(65536):
            if not self._is_muted:
                self._to_client.write(data)
        if not self._is_muted and self._to_client.can_write_eof():
            self._to_client.write_eof()

    async def _pass_on(self) -> None:
        while data := await self._client.read(65536):
            if self._chaos is None or self._is_muted or not self._reaches(data):
                if not self._is_swallowing:
                    self._server.write(data)
                continue
            self._happened.append(self._chaos)
            if self._chaos.cut is Cut.BEFORE:
                return
            self._is_muted = True
            self._is_swallowing = self._chaos.verb == "CONTENT"
            self._server.write(data[: len(data) // 2] if self._is_swallowing else data)
            if self._chaos.cut is Cut.AFTER:
                await self._server.drain()
                await asyncio.sleep(0.05)  # for the server to read what it will not be able to answer
                return
            if self._chaos.cut is Cut.HALF_CLOSED:
                self._to_client.write_eof()
        if self._server.can_write_eof():
            self._server.write_eof()

    def _reaches(self, data: bytes) -> bool:
        """Tell whether the verb comes with these bytes."""
        assert self._chaos is not None
        window = self._seen[-4096:] + data
        self._seen = window
        if self._chaos.verb == "DOT":
            return _DOT in window
        if self._chaos.verb == "CONTENT":
            return b"X-Ledger: " in window
        return any(line.upper().startswith(self._chaos.verb.encode()) for line in window.split(b"\r\n"))

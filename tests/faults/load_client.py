"""Hands messages over by SMTP, several at once, and keeps the ledger of what it was told; it never sends one twice."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Sequence

from tests.faults.ledger import Entry, Fate, Ledger, message_bytes
from tests.helpers.mail_client import stuffed

_SECONDS = 20.0


class LoadClient:
    """Sends to whichever of the ports answers, one connection per message unless ``per_connection`` says more."""

    def __init__(
        self,
        ledger: Ledger,
        ports: Sequence[int],
        recipients: Sequence[str],
        rng: random.Random,
        *,
        size: int = 2048,
        per_connection: int = 1,
        pause: float = 0.0,
        silence: float = _SECONDS,
    ) -> None:
        self.ledger, self._ports, self._recipients, self._rng = ledger, tuple(ports), tuple(recipients), rng
        self._size, self._per_connection, self._pause, self._silence = size, per_connection, pause, silence
        self._left = 0
        self._is_stopped = False

    async def send(self, count: int, *, sessions: int = 4) -> None:
        """Hand so many messages over, some of which may be refused or lost on the way."""
        self._left = count
        await asyncio.gather(*(self._session() for _ in range(sessions)))

    async def send_until_stopped(self, *, sessions: int = 4) -> None:
        """Hand messages over until ``stop``."""
        await self.send(1_000_000, sessions=sessions)

    def stop(self) -> None:
        """Let every session finish the message it is at."""
        self._is_stopped = True

    async def _session(self) -> None:
        while self._left > 0 and not self._is_stopped:
            port = self._rng.choice(self._ports)
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)  # nobody there: somebody is being started
                continue
            try:
                await self._converse(reader, writer)
            finally:
                writer.transport.abort()
            await asyncio.sleep(self._pause)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(_LostError):
            if not (await self._reply(reader)).startswith("220"):
                return
            await self._ask(reader, writer, b"EHLO load.sender.example")
            for _ in range(self._per_connection):
                if self._left <= 0 or self._is_stopped:
                    break
                self._left -= 1
                await self._hand_over(reader, writer)
            await self._ask(reader, writer, b"QUIT")

    async def _hand_over(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        entry = self.ledger.begin(self._rng.choice(self._recipients), self._size)
        try:
            for command in (b"MAIL FROM:<load@sender.example>", f"RCPT TO:<{entry.recipient}>".encode(), b"DATA"):
                reply = await self._ask(reader, writer, command)
                if reply[:1] not in "23":
                    self.ledger.end(entry, Fate.REFUSED, reply)
                    await self._ask(reader, writer, b"RSET")
                    return
        except _LostError:
            self.ledger.end(entry, Fate.UNSENT)
            raise
        await self._final_dot(entry, reader, writer)

    async def _final_dot(self, entry: Entry, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # From the first byte of the content on, nobody can know any more what has arrived.
        self.ledger.end(entry, Fate.UNKNOWN)
        writer.write(stuffed(message_bytes(entry)))
        reply = await self._reply(reader)
        self.ledger.end(entry, Fate.ACKNOWLEDGED if reply.startswith("250") else Fate.REFUSED, reply)

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, command: bytes) -> str:
        writer.write(command + b"\r\n")
        return await self._reply(reader)

    async def _reply(self, reader: asyncio.StreamReader) -> str:
        try:
            async with asyncio.timeout(self._silence):
                while True:
                    line = await reader.readuntil(b"\r\n")
                    if line[3:4] != b"-":
                        return line.decode("ascii", "replace").rstrip()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise _LostError from error


class _LostError(Exception):
    """The connection has ended, or nothing came for too long."""

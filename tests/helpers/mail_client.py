"""A bare SMTP client for tests: sends exactly the bytes it is given, and reads whole replies."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

_SECONDS = 10.0


class MailConversation:
    """A connection to an SMTP server; use it with ``async with``. ``greeting`` is what the server said first."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._host, self._port = host, port
        self.greeting = ""

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(self._host, self._port)
        self.greeting = await self.reply()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.transport.abort()

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.writer.write(data)

    async def say(self, line: str) -> str:
        """Send a command and return the whole reply, lines joined by a line feed."""
        self.send(line.encode() + b"\r\n")
        return await self.reply()

    async def reply(self) -> str:
        """Return the next whole reply; empty where the connection has ended."""
        lines: list[str] = []
        async with asyncio.timeout(_SECONDS):
            while True:
                try:
                    line = await self.reader.readline()
                except ConnectionError:
                    return ""
                if not line.endswith(b"\r\n"):
                    return ""
                lines.append(line[:-2].decode("utf-8", "replace"))
                if lines[-1][3:4] != "-":
                    return "\n".join(lines)

    async def hand_over(
        self, raw: bytes, *, sender: str = "a@sender.example", recipients: tuple[str, ...] = ("b@target.example",)
    ) -> str:
        """Hand a message over as it should be done; return the first refusal, or the answer to the final dot."""
        for line in (f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{one}>" for one in recipients), "DATA"):
            reply = await self.say(line)
            if reply[:1] not in ("2", "3"):
                return reply
        self.send(stuffed(raw))
        return await self.reply()


def stuffed(raw: bytes) -> bytes:
    """Return a message that ends in CR LF as it goes over the wire, with the final dot."""
    dotted = raw.replace(b"\r\n.", b"\r\n..")
    return (b"." if dotted.startswith(b".") else b"") + dotted + b".\r\n"

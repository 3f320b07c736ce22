"""The sandbox's mail server on loopback: takes all mail for everybody, keeps it byte for byte, fails when told to."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from smtpy_desktop.sandbox.mail_sink_faults import SinkFaults
from smtpy_desktop.sandbox.mail_sink_mail import ReceivedMail
from smtpy_desktop.sandbox.mail_sink_session import LARGEST_MESSAGE, SinkConnection
from smtpy_desktop.sandbox.mail_sink_sign_in import SinkSignIn

LOOPBACK = "127.0.0.1"
EXTENSIONS = ("PIPELINING", f"SIZE {LARGEST_MESSAGE}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
_BACKLOG = 1024


class MailSink:
    """Starts and stops with ``async with`` on the running loop; listens on 127.0.0.1 and nothing else.

    ``inbox`` holds the newest ``most_kept`` messages (None: all), the oldest first. ``dump`` is a file to which every
    message is written before it is answered (mail_sink_mail.read_dump). ``followers`` hear of each one. ``moods`` may
    refuse a recipient: it is given sender and recipient, and returns a reply or None. With ``tls``
    STARTTLS is offered, or TLS is spoken from the first byte on where it ``is_implicit``. ``extensions`` are what EHLO
    offers besides. With ``sign_in`` nobody sends without signing in.
    """

    def __init__(
        self,
        *,
        hostname: str = "sink.example",
        port: int = 0,
        most_kept: int | None = None,
        dump: Path | None = None,
        tls: ssl.SSLContext | None = None,
        is_implicit: bool = False,
        sign_in: SinkSignIn | None = None,
        extensions: tuple[str, ...] = EXTENSIONS,
    ) -> None:
        self.hostname, self.port, self.tls, self.extensions = hostname, port, tls, extensions
        self.sign_in, self._is_implicit = sign_in, is_implicit
        self.faults = SinkFaults()
        self.inbox: deque[ReceivedMail] = deque(maxlen=most_kept)
        self.connections: set[SinkConnection] = set()
        self.moods: Callable[[str, str], str | None] = _take_everything
        self.followers: list[Callable[[ReceivedMail], object]] = []
        self.received = 0
        self._dump_path = dump
        self._dump: BinaryIO | None = None
        self._server: asyncio.Server | None = None
        self._news = asyncio.Event()

    @property
    def address(self) -> str:
        """Where it listens, as ``host:port`` (known once started)."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def is_down(self) -> bool:
        """Whether nobody listens at the port."""
        return self._server is None

    async def start(self) -> None:
        """Listen; raise OSError when the port is taken. A port that was had once is taken again."""
        if self._server is not None:
            return
        if self._dump_path is not None and self._dump is None:
            self._dump = await asyncio.to_thread(self._dump_path.open, "ab", 0)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SinkConnection(self),
            LOOPBACK,
            self.port,
            backlog=_BACKLOG,
            reuse_address=True,
            ssl=self.tls if self._is_implicit else None,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def go_down(self) -> None:
        """Close the port and cut every connection, until ``start``; what was received stays."""
        server, self._server = self._server, None
        if server is None:
            return
        server.close()
        for connection in tuple(self.connections):
            connection.abort()
        await server.wait_closed()

    async def stop(self) -> None:
        """Close everything."""
        await self.go_down()
        dump, self._dump = self._dump, None
        if dump is not None:
            dump.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def wait_for(self, count: int = 1, *, recipient: str = "", seconds: float = 10.0) -> list[ReceivedMail]:
        """Return what is in the inbox for a recipient (empty: anybody) once it is so many; raise TimeoutError."""
        async with asyncio.timeout(seconds):
            while len(found := self.mail_for(recipient)) < count:
                self._news.clear()
                await self._news.wait()
        return found

    def mail_for(self, recipient: str = "") -> list[ReceivedMail]:
        """Return what is in the inbox for a recipient (empty: anybody), the oldest first."""
        return [mail for mail in self.inbox if not recipient or recipient in mail.recipients]

    def next_number(self) -> int:
        """Return the number of the next message."""
        return self.received + 1

    def keep(self, mail: ReceivedMail) -> None:
        """Keep a message for good, and tell of it."""
        self.received += 1
        if self._dump is not None:
            self._dump.write(mail.written())
        self.inbox.append(mail)
        self._news.set()
        for tell in self.followers:
            tell(mail)


def _take_everything(sender: str, recipient: str) -> str | None:
    return None

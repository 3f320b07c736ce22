"""Connections that cannot be held open for nothing: aiohttp has no deadline for a request's head, and no cap."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import cast

from aiohttp import web

_log = logging.getLogger(__name__)

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how many, in seconds and connections.

    ``waiting`` bounds the connections that have not sent a whole request, ``connections`` all of them together.
    """

    head_seconds: float = 5.0
    body_seconds: float = 10.0
    answer_seconds: float = 30.0
    idle_seconds: float = 15.0
    waiting: int = 64
    connections: int = 256


_GRACE_SECONDS = 0.05
"""A connection is read from a moment after it was made; until then it is not taken for one that waits for nothing."""

_LINGER_SECONDS = 1.0
"""How long the rest of a refused body is thrown away, so that its sender gets to read why."""


class Answer(web.Response):
    """An answer that does not tell which software gives it."""

    async def _prepare_headers(self) -> None:
        await super()._prepare_headers()
        self.headers.popall("Server", None)


class GuardedServer(web.Server):
    """Makes guarded connections and lets go of the oldest idle ones when there are too many.

    So many may come at once that whoever has something to say would never get a turn otherwise.
    """

    def __init__(self, handler: Handler, limits: Limits) -> None:
        super().__init__(self._take)
        self.limits = limits
        self._handler = handler
        self._waiting: dict[GuardedConnection, float] = {}
        self._busy: set[GuardedConnection] = set()
        self._thinning: asyncio.TimerHandle | None = None

    def __call__(self) -> GuardedConnection:
        return GuardedConnection(self)

    def admit(self, connection: GuardedConnection) -> bool:
        """Take a new connection in, if need be in place of an idle one; False when all are at work."""
        if len(self._waiting) + len(self._busy) >= self.limits.connections:
            oldest = next(iter(self._waiting), None)
            if oldest is None:
                return False
            self._drop(oldest)
        self.waits(connection)
        return True

    def waits(self, connection: GuardedConnection) -> None:
        """Note that a connection has nothing to do: it counts as the newest of these."""
        self._busy.discard(connection)
        self._waiting.pop(connection, None)
        self._waiting[connection] = asyncio.get_running_loop().time()
        connection.await_head()
        self._thin_out()

    def works(self, connection: GuardedConnection) -> None:
        """Note that a connection has sent a whole request: it is not dropped until that is answered."""
        self._waiting.pop(connection, None)
        self._busy.add(connection)

    def forget(self, connection: GuardedConnection) -> None:
        """Note that a connection is gone."""
        self._waiting.pop(connection, None)
        self._busy.discard(connection)

    async def end(self, seconds: float) -> None:
        """Close every connection; those at work get so long to end."""
        for connection in tuple(self._waiting):
            self._drop(connection)
        self.pre_shutdown()
        await self.shutdown(seconds)

    async def _take(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = connection_of(request)
        connection.end_head()
        try:
            return await self._handler(request)
        finally:
            if connection.transport is not None:
                self.waits(connection)

    def _thin_out(self) -> None:
        loop = asyncio.get_running_loop()
        while len(self._waiting) > self.limits.waiting:
            oldest, since = next(iter(self._waiting.items()))
            left = since + _GRACE_SECONDS - loop.time()
            if left > 0:
                if self._thinning is None:
                    self._thinning = loop.call_later(left, self._thin_out_again)
                return
            self._drop(oldest)

    def _thin_out_again(self) -> None:
        self._thinning = None
        self._thin_out()

    def _drop(self, connection: GuardedConnection) -> None:
        self.forget(connection)
        connection.abort()


class GuardedConnection(web.RequestHandler):
    """One connection with a deadline for the head of each request."""

    __slots__ = ("_guard", "_head_deadline", "_in_head")

    def __init__(self, guard: GuardedServer) -> None:
        super().__init__(
            guard,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=guard.limits.idle_seconds,
            lingering_time=_LINGER_SECONDS,
            auto_decompress=False,
            access_log=None,  # type: ignore[arg-type]
            max_headers=64,
        )
        self._guard = guard
        self._head_deadline: asyncio.TimerHandle | None = None
        self._in_head = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless there are too many; the time for the first head runs from now on."""
        super().connection_made(transport)
        if self._guard.admit(self):
            self._expect_head()
        else:
            self.abort()

    def data_received(self, data: bytes) -> None:
        """Take bytes; with the first of a further request the time for its head begins."""
        if self._in_head and self._head_deadline is None:
            self._expect_head()
        super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        """End."""
        self._forget_deadline()
        self._guard.forget(self)
        super().connection_lost(exc)

    def end_head(self) -> None:
        """Note that the head of a request has come as a whole."""
        self._forget_deadline()
        self._in_head = False

    def work(self) -> None:
        """Note that a whole request has come and is worked on: the connection is not dropped until it is answered."""
        self._guard.works(self)

    def await_head(self) -> None:
        """Note that the next thing to come is the head of a request; its time begins with its first byte."""
        self._in_head = True

    def abort(self) -> None:
        """Cut the connection."""
        transport = self.transport
        if isinstance(transport, asyncio.Transport):
            transport.abort()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """Answer what is no HTTP; it may be anybody's and is neither repeated nor logged."""
        if status >= 500:
            _log.error("a request could not be answered", exc_info=exc)
        answer = Answer(status=status, text="this is no request that can be answered\n")
        answer.force_close()
        return answer

    def _expect_head(self) -> None:
        loop = asyncio.get_running_loop()
        self._head_deadline = loop.call_later(self._guard.limits.head_seconds, self.abort)

    def _forget_deadline(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None


def connection_of(request: web.BaseRequest) -> GuardedConnection:
    """Return the connection that a request came by."""
    return cast(GuardedConnection, request.protocol)

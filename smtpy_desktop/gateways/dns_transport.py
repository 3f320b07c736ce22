"""Sending one DNS question to one server and getting the response that belongs to it, over UDP and if need be TCP."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import secrets
import socket
import sys
from dataclasses import dataclass

from smtpy_desktop.gateways.dns_wire import BADVERS, FORMERR, NOTIMP, Query, Response, WireError
from smtpy_desktop.schemas.dns import AnswerState

RESEND_AFTER = 1 / 3
"""Part of the time-out after which an unanswered datagram is sent once more."""

_MOST_SOCKETS = 300  # a select() loop, as on Windows, takes 512
_LOWEST_PORT = 32768
_TRIES_FOR_A_PORT = 8
_LARGEST_DATAGRAM = 65535


@dataclass(frozen=True, slots=True)
class Exchange:
    """What came back, a response or the reason why there is none, and after how many milliseconds."""

    result: Response | AnswerState
    milliseconds: int


class DnsTransport:
    """Asks servers, never with more sockets open at once than allowed."""

    def __init__(self, max_sockets: int | None = None) -> None:
        self._slots = asyncio.Semaphore(max_sockets or allowed_sockets())

    async def ask(self, query: Query, address: str, port: int, timeout_seconds: float) -> Exchange:
        """Ask one server; a truncated answer is fetched by TCP, which has the same time once more."""
        loop = asyncio.get_running_loop()
        async with self._slots:
            started = loop.time()
            result = await _ask_by_udp(query, address, port, timeout_seconds, edns=True)
            if isinstance(result, Response) and result.rcode in (FORMERR, NOTIMP, BADVERS):
                # RFC 6891 section 7: so speaks a server that does not know EDNS.
                result = await _ask_by_udp(query, address, port, timeout_seconds, edns=False)
            if isinstance(result, Response) and result.truncated:
                result = await _ask_by_tcp(query, address, port, timeout_seconds)
            return Exchange(result, round((loop.time() - started) * 1000))


def allowed_sockets() -> int:
    """Return how many sockets may be open at once without starving the rest of the process."""
    if sys.platform == "win32":
        return _MOST_SOCKETS
    import resource

    soft_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _MOST_SOCKETS if soft_limit == resource.RLIM_INFINITY else max(16, min(_MOST_SOCKETS, soft_limit // 2))


@functools.lru_cache(maxsize=4096)
def _family(address: str) -> socket.AddressFamily | None:
    """The family of an IP address; None for what is no address (a name would be looked up, blocking)."""
    for family in (socket.AF_INET, socket.AF_INET6):
        with contextlib.suppress(OSError, ValueError):
            socket.inet_pton(family, address)
            return family
    return None


async def _ask_by_udp(
    query: Query, address: str, port: int, timeout_seconds: float, *, edns: bool
) -> Response | AnswerState:
    family = _family(address)
    if family is None:
        return AnswerState.UNREACHABLE
    try:
        sock = _open_socket(family, address, port)
    except OSError:  # no route, no such family, no descriptor left
        return AnswerState.UNREACHABLE
    with sock:
        return await _Datagram(query, sock, edns=edns).exchanged(timeout_seconds)


def _open_socket(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    """Open a socket of a fresh unpredictable port (RFC 5452 section 9.2) that hears this one server alone."""
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)  # noqa: FBT003
        anywhere = "0.0.0.0" if family == socket.AF_INET else "::"  # noqa: S104
        for _ in range(_TRIES_FOR_A_PORT):
            with contextlib.suppress(OSError):  # taken, or reserved by the system; connect() chooses if all are
                sock.bind((anywhere, _LOWEST_PORT + secrets.randbelow(65536 - _LOWEST_PORT)))
                break
        sock.connect((address, port))
    except BaseException:
        sock.close()
        raise
    return sock


class _Datagram:
    """One question on its way: sent at most twice, listening until the right answer or the end of patience."""

    __slots__ = ("_answered", "_id", "_loop", "_message", "_query", "_saw_malformed", "_sock")

    def __init__(self, query: Query, sock: socket.socket, *, edns: bool) -> None:
        self._loop = asyncio.get_running_loop()
        self._answered: asyncio.Future[Response | AnswerState] = self._loop.create_future()
        self._query = query
        self._sock = sock
        self._id = secrets.randbits(16)
        self._message = query.message(self._id, edns=edns)
        self._saw_malformed = False

    async def exchanged(self, timeout_seconds: float) -> Response | AnswerState:
        descriptor = self._sock.fileno()
        resending = self._loop.call_later(timeout_seconds * RESEND_AFTER, self._send)
        deadline = self._loop.call_later(timeout_seconds, self._give_up)
        self._loop.add_reader(descriptor, self._receive)
        try:
            self._send()
            return await self._answered
        finally:
            self._loop.remove_reader(descriptor)
            resending.cancel()
            deadline.cancel()

    def _send(self) -> None:
        try:
            self._sock.send(self._message)
        except BlockingIOError:
            pass  # the buffer is full for a moment: as good as lost on the way, the resend makes up for it
        except OSError:
            self._finish(AnswerState.UNREACHABLE)

    def _receive(self) -> None:
        try:
            data = self._sock.recv(_LARGEST_DATAGRAM)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:  # the host said that nobody listens there, or that it cannot be reached
            self._finish(AnswerState.UNREACHABLE)
            return
        if not self._query.is_answered_by(self._id, data):
            return  # forged or stray: the true answer may still come
        try:
            response = self._query.read(data)
        except WireError:
            self._saw_malformed = True
            return
        self._finish(response)

    def _give_up(self) -> None:
        self._finish(AnswerState.MALFORMED if self._saw_malformed else AnswerState.TIMEOUT)

    def _finish(self, result: Response | AnswerState) -> None:
        if not self._answered.done():
            self._answered.set_result(result)


async def _ask_by_tcp(query: Query, address: str, port: int, timeout_seconds: float) -> Response | AnswerState:
    try:
        async with asyncio.timeout(timeout_seconds):
            return await _converse(query, address, port)
    except TimeoutError:
        return AnswerState.TIMEOUT
    except (asyncio.IncompleteReadError, WireError):
        return AnswerState.MALFORMED
    except OSError:
        return AnswerState.UNREACHABLE


async def _converse(query: Query, address: str, port: int) -> Response | AnswerState:
    reader, writer = await asyncio.open_connection(address, port)
    try:
        message_id = secrets.randbits(16)
        message = query.message(message_id)
        writer.write(len(message).to_bytes(2) + message)
        data = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
    finally:
        writer.transport.abort()
    if not query.is_answered_by(message_id, data):
        raise WireError("the answer belongs to another question")
    response = query.read(data)
    return AnswerState.TRUNCATED if response.truncated else response

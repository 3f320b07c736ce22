"""A local DNS server in a process of its own that answers each question after a fixed delay and remembers it."""

from __future__ import annotations

import contextlib
import multiprocessing
import selectors
import socket
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.dns_answers import LOOPBACK, ReadyAnswers, Records, question_of

DELAY_SECONDS = 0.05
_RESOLVERS = 2
_BUFFER_BYTES = 32 * 1024 * 1024
_LARGEST_QUERY = 4096
_RECURSION_DESIRED = 0x01


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """One question as it came: ``wire`` is name, type and class."""

    port: int
    wire: bytes
    is_recursive: bool


@dataclass(frozen=True, slots=True)
class Responder:
    """The running server."""

    authoritative_port: int
    resolver_ports: tuple[int, ...]
    connection: Connection

    def take_questions(self) -> list[AskedQuestion]:
        """Return the questions since the last call."""
        self.connection.send("questions")
        questions: list[AskedQuestion] = self.connection.recv()
        return questions


@contextmanager
def responder(records: Records) -> Iterator[Responder]:
    """Start the server, and stop it at the end of the block."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(records, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        authoritative, *resolvers = ours.recv()
        yield Responder(authoritative, tuple(resolvers), ours)
    finally:
        with contextlib.suppress(OSError):
            ours.send("stop")
        process.join(5)
        process.kill()
        ours.close()


def _serve(records: Records, connection: Connection) -> None:
    sockets = [_socket() for _ in range(1 + _RESOLVERS)]
    authority, resolver = ReadyAnswers(records, is_resolver=False), ReadyAnswers(records, is_resolver=True)
    answers = dict(zip(sockets, [authority, *[resolver] * _RESOLVERS], strict=True))
    connection.send([listener.getsockname()[1] for listener in sockets])
    _Server(answers, connection).run()


def _socket() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.setblocking(False)  # noqa: FBT003
    for option in (getattr(socket, "SO_RCVBUFFORCE", 33), socket.SO_RCVBUF):
        with contextlib.suppress(OSError):  # the first needs a right that not everybody has
            listener.setsockopt(socket.SOL_SOCKET, option, _BUFFER_BYTES)
            break
    listener.bind((LOOPBACK, 0))
    return listener


class _Server:
    """Reads whatever is there, then answers whatever is due: one pass costs the same for one question or a hundred."""

    def __init__(self, answers: dict[socket.socket, ReadyAnswers], connection: Connection) -> None:
        self._answers = answers
        self._connection = connection
        self._selector = selectors.DefaultSelector()
        for listener in answers:
            self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(connection, selectors.EVENT_READ)
        self._waiting: deque[tuple[float, socket.socket, bytes, Any]] = deque()
        self._asked: list[tuple[int, bytes]] = []

    def run(self) -> None:
        is_running = True
        while is_running:
            wait = max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None
            for key, _ in self._selector.select(wait):
                if isinstance(key.fileobj, socket.socket):
                    self._read(key.fileobj)
                else:
                    is_running = self._obey()
            self._answer_due()

    def _read(self, listener: socket.socket) -> None:
        answers, port = self._answers[listener], listener.getsockname()[1]
        due = time.monotonic() + DELAY_SECONDS
        with contextlib.suppress(BlockingIOError):
            while True:
                query, asker = listener.recvfrom(_LARGEST_QUERY)
                self._asked.append((port, query))
                self._waiting.append((due, listener, answers.answer(query), asker))

    def _answer_due(self) -> None:
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            _, listener, answer, asker = self._waiting.popleft()
            with contextlib.suppress(OSError):  # the asker has gone
                listener.sendto(answer, asker)

    def _obey(self) -> bool:
        if self._connection.recv() != "questions":
            return False
        self._connection.send(
            [
                AskedQuestion(port, question_of(query), bool(query[2] & _RECURSION_DESIRED))
                for port, query in self._asked
            ]
        )
        self._asked.clear()
        return True

"""Writing received mail durably: all that waits goes into one transaction, and only its commit lets anybody go on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from smtpy_desktop.changes import Change, Publish, Topic, publish_nothing
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.database import spool_database
from smtpy_desktop.database.spool_database import NewDelivery, Numbers
from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError
from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.outgoing_mail import DueDelivery, OutgoingMail
from smtpy_desktop.schemas.spool import SpooledEnvelope, SpooledMessage
from smtpy_desktop.schemas.text import text

_log = logging.getLogger(__name__)

LEASE_SECONDS = 300.0
"""How long a first attempt is ours; the delivery workers renew it while it runs."""

ASKING_SECONDS = 5.0
"""How long the database is asked whether it had committed when the connection broke; clients wait for minutes."""

_PAUSE_SECONDS = 0.1

DISK_FULL = "DISK_FULL"
NOT_STORED = "MAIL_NOT_STORED"
GATHER_SECONDS = 0.02
SIBLINGS = 4
MOST_MESSAGES = 64
MOST_BYTES = 32 * 1024 * 1024
_NOBODY_CAN_WRITE = frozenset({DISK_FULL, "READ_ONLY", "DATABASE_FORBIDDEN", "DATABASE_TIMEOUT"})


@dataclass(slots=True)
class _Waiting:
    """What one caller wants to have stored, all or nothing."""

    messages: tuple[SpooledMessage, ...]
    size_bytes: int
    stored: asyncio.Future[tuple[MessageId, ...]]


@dataclass(frozen=True, slots=True)
class _Written:
    """What a transaction has written: the ids of all messages, and the deliveries that are ours to begin."""

    ids: tuple[MessageId, ...]
    due: tuple[DueDelivery, ...]


class Spool:
    """Stores mail for one process; belongs to one event loop.

    ``room`` says how many deliveries the local workers would take at once: so many are written as leased by
    ``forwarder``, with their attempt begun, and handed to ``started`` after the commit. The others wait in the queue.
    ``clients`` tells how many are connected and may be about to hand mail over.
    """

    def __init__(
        self,
        sessions: Sessions,
        *,
        forwarder: str,
        room: Callable[[], int],
        started: Callable[[Sequence[DueDelivery]], None],
        publish: Publish = publish_nothing,
        clients: Callable[[], int] = lambda: 0,
    ) -> None:
        self._sessions = sessions
        self._forwarder = forwarder
        self._room, self._started, self._publish, self._clients = room, started, publish, clients
        self._waiting: deque[_Waiting] = deque()
        self._running: asyncio.Task[None] | None = None
        self._came = asyncio.Event()
        self._is_closed = False

    async def store(self, messages: Sequence[SpooledMessage]) -> tuple[MessageId, ...]:
        """Store messages together, durably when it returns, and return their ids in order.

        Raises UserFacingError with nothing stored: DISK_FULL, DATABASE_UNAVAILABLE, MAIL_NOT_STORED. When the
        connection breaks during the commit and the database does not come back soon, they may be stored nevertheless.
        """
        if self._is_closed:
            raise _not_stored(text("The forwarder is stopping."))
        if not messages:
            return ()
        size = sum(len(message.raw or b"") + len(message.headers) for message in messages)
        waiting = _Waiting(tuple(messages), size, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._came.set()
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())
        return await waiting.stored

    async def close(self) -> None:
        """Take nothing more and return once all that waits is stored, or has failed."""
        self._is_closed = True
        if self._running is not None:
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        """Write batch after batch until nothing waits; what comes while one is written is the next one.

        While many are about to come (commit_siblings of PostgreSQL) a moment's patience makes larger batches: a
        transaction costs about as much as ten rows in it.
        """
        batch: list[_Waiting] = []
        try:
            while self._waiting:
                await self._gather()
                batch = self._next_batch()
                await self._store_together(batch)
        finally:
            self._running = None
            _fail([*batch, *self._waiting], _not_stored(text("The forwarder is stopping.")))
            self._waiting.clear()

    async def _gather(self) -> None:
        """Wait a moment for those who are about to hand mail over, but no longer than until nearly all have."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + GATHER_SECONDS
        while self._clients() - len(self._waiting) >= SIBLINGS and loop.time() < deadline:
            self._came.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(deadline):
                    await self._came.wait()

    def _next_batch(self) -> list[_Waiting]:
        """Take what waits, in order, as far as it fits; the first one always does."""
        batch: list[_Waiting] = []
        count = size = 0
        while self._waiting:
            following = self._waiting[0]
            if following.stored.done():  # its caller was cancelled meanwhile
                self._waiting.popleft()
                continue
            count, size = count + len(following.messages), size + following.size_bytes
            if batch and (count > MOST_MESSAGES or size > MOST_BYTES):
                break
            batch.append(self._waiting.popleft())
        return batch

    async def _store_together(self, batch: Sequence[_Waiting]) -> None:
        """Store a batch; one that fails is halved, so that what cannot be stored hurts itself alone."""
        if not batch:
            return
        try:
            written = await self._write([message for waiting in batch for message in waiting.messages])
        except DatabaseUnavailable as error:
            _fail(batch, error)
        except UserFacingError as error:
            if error.code in _NOBODY_CAN_WRITE:
                _fail(batch, error)
            else:
                await self._store_apart(batch, error)
        except Exception as error:  # noqa: BLE001 - whoever waits hears of it
            await self._store_apart(batch, error)
        else:
            self._settle(batch, written)

    async def _store_apart(self, batch: Sequence[_Waiting], error: Exception) -> None:
        if len(batch) > 1:
            middle = len(batch) // 2
            await self._store_together(batch[:middle])
            await self._store_together(batch[middle:])
            return
        # Without its traceback: the driver's words repeat everything that was to be written.
        _log.error("a message could not be stored: %s", type(error.__cause__ or error).__name__)
        failure = _not_stored(error if isinstance(error, UserFacingError) else "")
        failure.__cause__ = error
        _fail(batch, failure)

    async def _write(self, messages: Sequence[SpooledMessage]) -> _Written:
        deliveries = _deliveries(messages, self._room())
        numbers: Numbers | None = None
        try:
            async with self._sessions.begin() as db:
                numbers = await spool_database.store(
                    db, messages, deliveries, forwarder=self._forwarder, lease_seconds=LEASE_SECONDS
                )
        except DatabaseUnavailable:
            if numbers is None or not await self._is_stored(numbers.messages[0]):
                raise
        ids = tuple(MessageId(number) for number in numbers.messages)
        return _Written(ids, _due(messages, deliveries, numbers))

    async def _is_stored(self, message_id: int) -> bool:
        """Ask whether a transaction was committed whose end was not heard of: its client need not send again then."""
        deadline = asyncio.get_running_loop().time() + ASKING_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            try:
                async with self._sessions.read() as db:
                    return await spool_database.is_stored(db, message_id)
            except DatabaseUnavailable:
                await asyncio.sleep(_PAUSE_SECONDS)
        return False

    def _settle(self, batch: Sequence[_Waiting], written: _Written) -> None:
        """Let the callers go on, and the deliveries begin."""
        place = 0
        for waiting in batch:
            ids = written.ids[place : place + len(waiting.messages)]
            place += len(waiting.messages)
            if not waiting.stored.done():
                waiting.stored.set_result(ids)
        try:
            if written.due:
                self._started(written.due)
            self._publish(Change(Topic.MESSAGES, frozenset(written.ids)))
        except Exception:  # noqa: BLE001 - all of it is stored; what was not begun is when its lease has run out
            _log.exception("what was stored could not be told")


def _deliveries(messages: Sequence[SpooledMessage], room: int) -> list[NewDelivery]:
    """Return one delivery per target; the first ones are begun at once, as far as there is room."""
    found: list[NewDelivery] = []
    for place, message in enumerate(messages):
        if message.envelope is not None and message.raw is not None:
            found.extend(
                NewDelivery(place, target, len(found) + more < room) for more, target in enumerate(message.targets)
            )
    return found


def _due(
    messages: Sequence[SpooledMessage], deliveries: Sequence[NewDelivery], numbers: Numbers
) -> tuple[DueDelivery, ...]:
    attempts = iter(numbers.attempts)
    return tuple(
        _due_delivery(
            number, next(attempts), messages[new.place], new.target, numbers.messages[new.place], numbers.moment
        )
        for number, new in zip(numbers.deliveries, deliveries, strict=True)
        if new.is_leased
    )


def _due_delivery(
    number: int, attempt: int, message: SpooledMessage, target: str, message_id: int, moment: datetime
) -> DueDelivery:
    envelope, raw = message.envelope, message.raw
    assert envelope is not None and raw is not None  # noqa: S101, PT018 - those alone have deliveries
    return DueDelivery(
        id=number,
        attempt_id=attempt,
        message_id=MessageId(message_id),
        domain_id=message.domain_id,
        recipient_email=message.recipient_email,
        original_sender=envelope.sender,
        may_report=envelope.may_report,
        kind=envelope.kind.value,
        attempts=0,
        first_at=moment,
        mail=_outgoing(envelope, target, raw),
    )


def _outgoing(envelope: SpooledEnvelope, target: str, raw: bytes) -> OutgoingMail:
    return OutgoingMail(
        sender=envelope.forward_sender,
        recipient=target,
        prefix=envelope.prefix,
        raw=raw,
        is_utf8=envelope.is_utf8,
        is_8bit=envelope.is_8bit,
    )


def _fail(batch: Sequence[_Waiting], error: Exception) -> None:
    for waiting in batch:
        if not waiting.stored.done():
            waiting.stored.set_exception(error)


def _not_stored(reason: object) -> UserFacingError:
    return UserFacingError(
        NOT_STORED,
        text("The mail could not be stored, so it was not accepted."),
        detail=text("{reason}", reason=str(reason)) if str(reason) else None,
        hint=text("Its sender will try again; the log of the forwarder tells more."),
    )

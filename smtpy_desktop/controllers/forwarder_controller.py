"""What the Forwarder page shows and does: processes, the queue, the flow of each minute, the books."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from smtpy_desktop.changes import Change, Publish, Topic
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.books import book_lines
from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.database import (
    audit_database,
    books_database,
    forwarders_database,
    queue_changes_database,
    queue_database,
)
from smtpy_desktop.database.queue_changes_database import QueueStep
from smtpy_desktop.schemas.audit import Actor, AuditEntry
from smtpy_desktop.schemas.books import BookCount, Books
from smtpy_desktop.schemas.forwarder import ForwarderProcess
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.queue import (
    ForwarderPicture,
    MinuteFlow,
    QueueAction,
    QueueChoice,
    QueuePreview,
    QueueResult,
    QueueSnapshot,
    WaitingDelivery,
)

_BATCH = 1000
_MINUTE = timedelta(minutes=1)
_FLOW_MINUTES = 60
_OVERLAP = timedelta(minutes=3)
"""Minutes that are read again: what is committed late still belongs to them."""
_LONGEST_NAME = 200
_ACTIONS: Mapping[QueueAction, str] = {
    QueueAction.HOLD: "queue.held",
    QueueAction.RELEASE: "queue.released",
    QueueAction.RETRY: "queue.retried",
    QueueAction.GIVE_UP: "queue.given_up",
}
_WAKING = (QueueAction.RELEASE, QueueAction.RETRY)


async def processes(sessions: Sessions) -> tuple[ForwarderProcess, ...]:
    """Return the forwarder processes that were seen within a day, those that run first."""
    async with sessions.read() as db:
        return await forwarders_database.list_forwarders(db)


async def queue(sessions: Sessions) -> QueueSnapshot:
    """Return the queue by destination, the busiest first, with the totals of all."""
    async with sessions.read() as db:
        return await queue_database.queue_snapshot(db)


async def picture(sessions: Sessions, known: tuple[MinuteFlow, ...] = ()) -> ForwarderPicture:
    """Return everything that is followed while it is watched; ``known`` are the minutes of the picture before."""
    began = time.monotonic()
    seen, waiting = await processes(sessions), await queue(sessions)
    minutes = await throughput(sessions, known)
    return ForwarderPicture(seen, waiting, minutes, time.monotonic() - began)


async def destination_deliveries(sessions: Sessions, destination: str, most: int = 200) -> tuple[WaitingDelivery, ...]:
    """Return what is being sent, waits and is held for one destination, soonest first."""
    async with sessions.read() as db:
        return await queue_database.waiting_deliveries(db, destination.strip().lower(), most)


async def throughput(sessions: Sessions, known: tuple[MinuteFlow, ...] = ()) -> tuple[MinuteFlow, ...]:
    """Return the last sixty minutes, each with what was accepted and delivered; the last one is not over yet.

    ``known`` is what was returned before: only its last minutes are read again.
    """
    async with sessions.read() as db:
        now = await queue_database.database_time(db)
        last = now.replace(second=0, microsecond=0)
        first = last - (_FLOW_MINUTES - 1) * _MINUTE
        since = max(first, known[-1].minute - _OVERLAP) if known else first
        found = await queue_database.minute_flow(db, since)
    minutes = {one.minute: one for one in known if first <= one.minute < since} | {one.minute: one for one in found}
    wanted = (first + number * _MINUTE for number in range(_FLOW_MINUTES))
    return tuple(minutes.get(minute, MinuteFlow(minute)) for minute in wanted)


async def books(sessions: Sessions, hours: int = 24, *, progress: Progress | None = None) -> Books:
    """Return the books of the last hours, the newest first: every hour that accepted mail, with what is missing.

    Each hour is read in a transaction of its own, so that a long look back holds up nobody.
    """
    progress = progress if progress is not None else Progress()
    async with sessions.read() as db:
        now = await queue_database.database_time(db)
    since = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours - 1)
    before = now + timedelta(hours=1)
    counts: list[BookCount] = []
    while True:
        async with sessions.read() as db:
            hour = await books_database.last_hour(db, since, before)
            if hour is None:
                break
            counts.extend(await books_database.hour_counts(db, hour))
        before = hour
        progress.done += 1
    async with sessions.read() as db:
        suspects = await books_database.describe_suspects(db, counts)
    return Books(since, book_lines(counts), suspects)


async def preview(sessions: Sessions, choice: QueueChoice, action: QueueAction) -> QueuePreview:
    """Return how much an action would reach now."""
    async with sessions.read() as db:
        return await queue_changes_database.preview(db, _normal(choice), action)


async def change_queue(
    sessions: Sessions,
    choice: QueueChoice,
    action: QueueAction,
    *,
    actor: Actor,
    publish: Publish,
    progress: Progress | None = None,
) -> QueueResult:
    """Hold, release, retry or give up what waits of a choice; return how much that was.

    It is done in short transactions, each of them whole, with one line in the audit log that is true at every commit.
    What is being sent now is left alone, and what arrives meanwhile is not reached. Forwarders hear at once of what is
    due. ``progress.done`` is what is done also when it is stopped in the middle.
    """
    work = _Work(sessions, _normal(choice), action, actor, publish, progress if progress is not None else Progress())
    return await work.run()


@dataclass(slots=True)
class _Work:
    """One action on its way."""

    sessions: Sessions
    choice: QueueChoice
    action: QueueAction
    actor: Actor
    publish: Publish
    progress: Progress
    result: QueueResult = field(default_factory=QueueResult)
    line: int | None = None

    async def run(self) -> QueueResult:
        async with self.sessions.read() as db:
            newest = await queue_changes_database.newest_delivery(db)
            expected = await queue_changes_database.preview(db, self.choice, self.action)
        self.progress.total = expected.deliveries
        while True:
            batch = asyncio.ensure_future(self._batch(newest))
            step = await finished(batch)
            if step.is_last:
                break
        self.progress.total = self.progress.done
        return self.result

    async def _batch(self, newest: int) -> QueueStep:
        async with self.sessions.begin() as db:
            step = await queue_changes_database.act(db, self.choice, self.action, newest=newest, most=_BATCH)
            failed = 0
            if step.deliveries and self.action is QueueAction.GIVE_UP:
                failed = len(await queue_changes_database.fail_given_up(db, step.messages, given_up_by(self.actor)))
            result = QueueResult(
                self.result.deliveries + step.deliveries,
                self.result.messages + len(step.messages),
                self.result.failed + failed,
            )
            line = self.line
            if step.deliveries:
                line = await audit_database.record_part(db, self.actor, self._entry(result), self.line)
            if step.deliveries and self.action in _WAKING:
                await queue_changes_database.wake_forwarders(db)
        self.line, self.result = line, result
        self.progress.done = result.deliveries
        if step.deliveries:
            self.publish(Change(Topic.MESSAGES, frozenset(step.messages)))
        return step

    def _entry(self, result: QueueResult) -> AuditEntry:
        changes = {"deliveries": result.deliveries, "messages": result.messages}
        return AuditEntry(_ACTIONS[self.action], "queue", None, choice_name(self.choice), changes=changes)


def choice_name(choice: QueueChoice) -> str:
    """Return what the audit log calls a choice: its destinations or its messages' numbers; ``*`` for everything."""
    names = [f"#{number}" for number in choice.message_ids] if choice.message_ids is not None else []
    names.extend(choice.destinations or ())
    return visible_line(", ".join(names), _LONGEST_NAME) or "*"


def given_up_by(actor: Actor) -> str:
    """Return the reason that a message carries which somebody gave up."""
    return f"Given up by {actor.name} ({actor.via})."


async def finished(batch: asyncio.Future[QueueStep]) -> QueueStep:
    """Let a batch come to its end also when the action is stopped meanwhile, so that what is told is what is so."""
    try:
        return await asyncio.shield(batch)
    except asyncio.CancelledError:
        await asyncio.wait([batch])
        if not batch.cancelled():
            batch.exception()  # taken, so that nobody complains that it was not
        raise


def _normal(choice: QueueChoice) -> QueueChoice:
    if choice.destinations is None:
        return choice
    return QueueChoice(tuple(one.strip().lower() for one in choice.destinations), choice.message_ids)

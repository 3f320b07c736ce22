"""What the Forwarder page shows: processes, the queue, the flow of each minute, the books."""

from __future__ import annotations

import time
from datetime import timedelta

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.books import book_lines
from smtpy_desktop.database import books_database, forwarders_database, queue_database
from smtpy_desktop.schemas.books import BookCount, Books
from smtpy_desktop.schemas.forwarder import ForwarderProcess
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.queue import ForwarderPicture, MinuteFlow, QueueSnapshot, WaitingDelivery

_MINUTE = timedelta(minutes=1)
_FLOW_MINUTES = 60
_OVERLAP = timedelta(minutes=3)
"""Minutes that are read again: what is committed late still belongs to them."""


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

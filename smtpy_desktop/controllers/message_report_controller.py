"""The figures of a report on the messages of a search."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from smtpy_desktop.controllers.message_export_controller import time_zone
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.message_search import format_search
from smtpy_desktop.database import message_export_database, message_report_database, messages_list_database
from smtpy_desktop.gateways.export_files import ExportFiles
from smtpy_desktop.schemas.message_report import MessageReport
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.messages import CountPoint, MessageStatus
from smtpy_desktop.schemas.paging import Position
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.text import text

MOST_LISTED = 500
"""Messages that a report lists one by one; all of them are what the other formats are for."""

_MOST_RANKED = 10
_HOURS_UP_TO = timedelta(days=2)
_DAYS_UP_TO = timedelta(days=62)


async def save_report(
    path: Path, content: Future[bytes], *, files: ExportFiles, progress: Progress | None = None
) -> int:
    """Write a report once its bytes are there, whole or not at all; return its size in bytes.

    Raises UserFacingError when it cannot be written (DISK_FULL …). When this is cancelled, so is ``content``.
    """
    data = await asyncio.wrap_future(content)
    if progress is not None:
        progress.note = text("Bringing the file to the disk")
    return await files.save(path, data)


async def message_report(sessions: Sessions, query: MessageQuery, zone: str) -> MessageReport:
    """Return a report on the messages of a search, all of one moment; raise FieldError for an unknown time zone."""
    made_at = datetime.now(time_zone(zone))
    async with sessions.read() as db:
        await message_export_database.begin_snapshot(db, zone)
        since, until, size = await message_report_database.extent(db, query)
        step = _step(since, until)
        points = without_gaps(await message_report_database.course(db, query, step, zone), step, zone)
        return MessageReport(
            query=format_search(query.search),
            zone=zone,
            made_at=made_at,
            since=since,
            until=until,
            step=step,
            counts=_counts(points),
            size_bytes=size,
            points=points,
            domains=await message_report_database.top_domains(db, query, _MOST_RANKED),
            senders=await message_report_database.top_senders(db, query, _MOST_RANKED),
            reasons=await message_report_database.top_reasons(db, query, _MOST_RANKED),
            messages=(await messages_list_database.list_messages(db, query, Position.start(), MOST_LISTED)).rows,
        )


def without_gaps(points: tuple[CountPoint, ...], step: str, zone: str) -> tuple[CountPoint, ...]:
    """Return the points with empty ones for the hours, days or months between, so that a chart shows time as it runs.

    The points have to be in order, and each at the beginning of its stretch in the time zone.
    """
    filled: list[CountPoint] = []
    for point in points:
        if filled:
            filled += [CountPoint(start, {}) for start in _between(filled[-1].start, point.start, step, ZoneInfo(zone))]
        filled.append(point)
    return tuple(filled)


def _between(start: datetime, end: datetime, step: str, zone: ZoneInfo) -> Iterator[datetime]:
    if step == "hour":  # not by the clock, which shows one hour twice in autumn
        for hours in range(1, (end - start) // timedelta(hours=1)):
            yield start + timedelta(hours=hours)
        return
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    if step == "day":
        for days in range(1, (last - first).days):
            yield datetime.combine(first + timedelta(days=days), time.min, zone)
        return
    for month in range(12 * first.year + first.month, 12 * last.year + last.month - 1):
        yield datetime(month // 12, month % 12 + 1, 1, tzinfo=zone)


def _step(since: datetime | None, until: datetime | None) -> str:
    if since is None or until is None or until - since <= _HOURS_UP_TO:
        return "hour"
    return "day" if until - since <= _DAYS_UP_TO else "month"


def _counts(points: tuple[CountPoint, ...]) -> dict[MessageStatus, int]:
    return {status: sum(point.counts.get(status, 0) for point in points) for status in MessageStatus}

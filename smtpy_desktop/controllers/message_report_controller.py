"""The figures of a report on the messages of a search."""

from __future__ import annotations

from datetime import datetime, timedelta

from smtpy_desktop.controllers.message_export_controller import time_zone
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.message_search import format_search
from smtpy_desktop.database import message_export_database, message_report_database, messages_list_database
from smtpy_desktop.schemas.message_report import MessageReport
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.messages import CountPoint, MessageStatus
from smtpy_desktop.schemas.paging import Position

MOST_LISTED = 500
"""Messages that a report lists one by one; all of them are what the other formats are for."""

_MOST_RANKED = 10
_HOURS_UP_TO = timedelta(days=2)
_DAYS_UP_TO = timedelta(days=62)


async def message_report(sessions: Sessions, query: MessageQuery, zone: str) -> MessageReport:
    """Return a report on the messages of a search, all of one moment; raise FieldError for an unknown time zone."""
    made_at = datetime.now(time_zone(zone))
    async with sessions.read() as db:
        await message_export_database.begin_snapshot(db, zone)
        since, until, size = await message_report_database.extent(db, query)
        step = _step(since, until)
        points = await message_report_database.course(db, query, step, zone)
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


def _step(since: datetime | None, until: datetime | None) -> str:
    if since is None or until is None or until - since <= _HOURS_UP_TO:
        return "hour"
    return "day" if until - since <= _DAYS_UP_TO else "month"


def _counts(points: tuple[CountPoint, ...]) -> dict[MessageStatus, int]:
    return {status: sum(point.counts.get(status, 0) for point in points) for status in MessageStatus}

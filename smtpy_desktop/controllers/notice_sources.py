"""Where notices come from: each source looks for some kinds of conditions, in a short transaction or two."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from smtpy_desktop.changes import Topic
from smtpy_desktop.controllers import (
    backup_controller,
    billing_controller,
    forwarder_controller,
    message_statistics_controller,
    stripe_events_controller,
)
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core import notice_observations
from smtpy_desktop.core.notice_limits import FAILING_WITHIN
from smtpy_desktop.database import notices_database, queue_database, queue_figures_database
from smtpy_desktop.schemas.notices import Reading
from smtpy_desktop.schemas.text import text

_MOST_DOMAINS = 1000
_MOST_DESTINATIONS = 200
_BOOK_HOURS = 24


@dataclass(frozen=True, slots=True)
class NoticeSource:
    """Looks for conditions every so often, and soon after a change of one of its topics."""

    name: str
    read: Callable[[Services], Awaitable[Reading]]
    every_seconds: float
    topics: frozenset[Topic] = frozenset()


async def read_domains(services: Services) -> Reading:
    """Look for domains that fail their checks."""
    async with services.sessions.read() as db:
        failed = await notices_database.failed_domains(db, _MOST_DOMAINS)
    return notice_observations.domain_reading(failed)


async def read_forwarders(services: Services) -> Reading:
    """Look for forwarders that are down, and for certificates that end."""
    processes = await forwarder_controller.processes(services.sessions)
    return notice_observations.forwarder_reading(processes, datetime.now(UTC))


async def read_queue(services: Services) -> Reading:
    """Look whether mail waits for nobody, too long, or too late."""
    processes = await forwarder_controller.processes(services.sessions)
    async with services.sessions.read() as db:
        queue = await queue_database.queue_snapshot(db, _MOST_DESTINATIONS)
        figures = await queue_figures_database.queue_figures(db, "")
        now = await queue_database.database_time(db)
    return notice_observations.queue_reading(processes, queue, timedelta(seconds=figures.overdue_seconds), now)


async def read_deliveries(services: Services) -> Reading:
    """Look whether many of the newest messages fail."""
    since = datetime.now(UTC) - FAILING_WITHIN
    totals = await message_statistics_controller.message_totals(services.sessions, since=since)
    return notice_observations.delivery_reading(totals)


async def read_books(services: Services) -> Reading:
    """Look whether everything accepted within a day is accounted for."""
    books = await forwarder_controller.books(services.sessions, _BOOK_HOURS)
    return notice_observations.books_reading(books.difference)


async def read_billing(services: Services) -> Reading:
    """Look for what nobody has read yet of billing."""
    notices = await billing_controller.unseen_notices(services.sessions, services.stripe)
    return notice_observations.billing_reading(notices)


async def read_events(services: Services) -> Reading:
    """Look for events of Stripe that could not be applied."""
    totals = await stripe_events_controller.event_totals(services.sessions)
    return notice_observations.events_reading(totals.failed)


async def read_backups(services: Services) -> Reading:
    """Look how the last backup went."""
    state = await backup_controller.last_backup(services.sessions)
    return notice_observations.backup_reading(state, datetime.now(UTC))


async def read_keys(services: Services) -> Reading:
    """Look for signing keys that the present master key does not open, without asking for that key."""
    async with services.sessions.read() as db:
        domains = await notices_database.domains_with_older_keys(db)
    return notice_observations.keys_reading(domains)


async def read_disks(services: Services) -> Reading:
    """Look how much room there is."""
    disks = await services.notices.disks() if services.notices is not None else ()
    return notice_observations.disk_reading(disks)


async def read_read_only(services: Services) -> Reading:
    """Tell why nothing may be changed, where that is so."""
    reason = services.read_only_reason
    if services.is_read_only and reason is None:
        reason = text("Use a role that may write, and a program as new as the database.")
    return notice_observations.read_only_reading(reason if services.is_read_only else None)


SOURCES = (
    NoticeSource("domains", read_domains, 60, frozenset({Topic.DOMAINS})),
    NoticeSource("forwarders", read_forwarders, 15),
    NoticeSource("queue", read_queue, 60),
    NoticeSource("deliveries", read_deliveries, 60),
    NoticeSource("books", read_books, 300),
    NoticeSource("billing", read_billing, 120, frozenset({Topic.BILLING})),
    NoticeSource("events", read_events, 120, frozenset({Topic.EVENTS})),
    NoticeSource("backups", read_backups, 300, frozenset({Topic.SETTINGS})),
    NoticeSource("signing keys", read_keys, 600, frozenset({Topic.DOMAINS})),
    NoticeSource("disks", read_disks, 60),
    NoticeSource("read-only", read_read_only, 3600),
)

"""Looking at domains again by themselves, in the background."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from smtpy_desktop.changes import Publish
from smtpy_desktop.controllers.domain_checks_controller import verify_domains
from smtpy_desktop.controllers.settings_controller import parse_identity
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.setting_keys import SETTINGS
from smtpy_desktop.database import domain_checks_database, settings_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.schemas.domain_checks import StatusNotice

_log = logging.getLogger(__name__)

_LEASE = timedelta(minutes=10)
_BATCH = 50
_LOOK_SECONDS = 30.0
_CLEAN_ROWS = 1000


async def run_rechecks(
    sessions: Sessions,
    *,
    asker: DnsAsker,
    publish: Publish,
    on_notice: Callable[[StatusNotice], object],
    look_seconds: float = _LOOK_SECONDS,
) -> None:
    """Check what is due until cancelled; a database that is away is waited for."""
    while True:
        try:
            while await recheck_due(sessions, asker=asker, publish=publish, on_notice=on_notice):
                pass
            await forget_old_checks(sessions)
        except UserFacingError as error:
            _log.info("the background check waits: %s", error)
        await asyncio.sleep(look_seconds)


async def recheck_due(
    sessions: Sessions, *, asker: DnsAsker, publish: Publish, on_notice: Callable[[StatusNotice], object]
) -> int:
    """Check the domains that are due, each in one process alone, and return how many."""
    async with sessions.begin() as db:
        stored = await settings_database.read_settings(db)
        off = (stored.get("dns.recheck_minutes") or SETTINGS["dns.recheck_minutes"].default) == "0"
        if off or not parse_identity(stored).is_complete:
            return 0
        due = await domain_checks_database.claim_due(db, datetime.now(UTC), lease=_LEASE, limit=_BATCH)
    if due:
        await verify_domains(sessions, due, asker=asker, publish=publish, on_notice=on_notice)
    return len(due)


async def forget_old_checks(sessions: Sessions) -> int:
    """Delete checks past their time in small batches and return how many went."""
    async with sessions.read() as db:
        stored = await settings_database.read_settings(db)
    days = int(stored.get("dns.history_days") or SETTINGS["dns.history_days"].default)
    moment = datetime.now(UTC) - timedelta(days=days)
    gone = 0
    while True:
        async with sessions.begin() as db:
            batch = await domain_checks_database.delete_checks_before(db, moment, limit=_CLEAN_ROWS)
        gone += batch
        if batch < _CLEAN_ROWS:
            return gone

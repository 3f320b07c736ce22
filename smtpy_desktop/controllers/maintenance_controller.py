"""Keeping large tables quick to read: after an upgrade wrote them anew, PostgreSQL is told what all may see."""

from __future__ import annotations

import asyncio
import logging

from smtpy_desktop.database import maintenance_database
from smtpy_desktop.database.engine import Database, translated_errors
from smtpy_desktop.errors import UserFacingError

_log = logging.getLogger(__name__)

_FIRST_SECONDS = 5.0
_EVERY_SECONDS = 3600.0


async def run_maintenance(
    database: Database, *, first_seconds: float = _FIRST_SECONDS, every_seconds: float = _EVERY_SECONDS
) -> None:
    """Look after the large tables soon and then every hour, until cancelled, which stops the server's work as well."""
    await asyncio.sleep(first_seconds)
    while True:
        try:
            await maintain(database)
        except UserFacingError as error:
            _log.info("the maintenance of the tables waits: %s", error)
        except Exception:  # noqa: BLE001 - the next look may go well
            _log.exception("the maintenance of the tables failed unexpectedly")
        await asyncio.sleep(every_seconds)


async def maintain(database: Database, *, pages: int = maintenance_database.MANY_PAGES) -> tuple[str, ...]:
    """Have the missing maps of large tables made, and return of which; none while another process is at it.

    Raises DatabaseUnavailable and other UserFacingErrors in place of the driver's.
    """
    with translated_errors():
        async with maintenance_database.maintenance_turn(database.engine) as connection:
            if connection is None:
                return ()
            tables = await maintenance_database.unmapped_tables(connection, pages)
            for table in tables:
                _log.info("making the visibility map of the table %s", table)
                await maintenance_database.map_table(connection, table)
            return tables

"""The sign of life that a forwarder process gives, so that the window and other processes know of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.database import forwarders_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.forwarder import ForwarderProcess

_log = logging.getLogger(__name__)

EVERY_SECONDS = 5.0
_TIDY_EVERY = 720
"""Signs of life from one removal of long-gone processes to the next: an hour."""


async def give_sign_of_life(sessions: Sessions, process: ForwarderProcess) -> None:
    """Write down how a process stands now; raise DatabaseUnavailable and other UserFacingErrors."""
    async with sessions.begin() as db:
        await forwarders_database.record_forwarder(db, process)


async def run_signs_of_life(
    sessions: Sessions,
    describe: Callable[[], ForwarderProcess],
    *,
    every_seconds: float = EVERY_SECONDS,
    on_told: Callable[[UserFacingError | None], object] = lambda error: None,
) -> None:
    """Give a sign of life every few seconds until cancelled; ``on_told`` hears whether the database took it."""
    count = 0
    while True:
        error = await _try(sessions, describe(), forget=count % _TIDY_EVERY == 0)
        on_told(error)
        count += 1
        await asyncio.sleep(every_seconds)


async def _try(sessions: Sessions, process: ForwarderProcess, *, forget: bool) -> UserFacingError | None:
    try:
        async with sessions.begin() as db:
            await forwarders_database.record_forwarder(db, process)
            if forget:
                await forwarders_database.forget_forwarders(db)
    except UserFacingError as error:
        _log.info("no sign of life could be given: %s", error)
        return error
    except Exception:  # noqa: BLE001 - the next sign may go well; mail must not wait for it
        _log.exception("giving a sign of life failed unexpectedly")
    return None

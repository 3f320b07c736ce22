"""Putting one database in the place of another: both names are changed in one transaction, or none."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta

from smtpy_desktop.controllers.backup_work import database_aside, require_room_beside
from smtpy_desktop.controllers.unbroken_work import to_the_end
from smtpy_desktop.core.backup_errors import may_not_switch, others_stay
from smtpy_desktop.database import copies_database
from smtpy_desktop.database.copies_database import DatabaseInUse, Turn
from smtpy_desktop.database.engine import Database, translated_errors
from smtpy_desktop.gateways.postgres_tools import BackupTools

_ATTEMPTS = 3
_AGAIN_SECONDS = 0.05


async def require_switchable(backups: BackupTools, turn: Turn) -> None:
    """Raise UserFacingError when the switch would fail at the end, so that nobody waits for that."""
    require_room_beside(turn)
    if not turn.is_owner:
        raise may_not_switch(turn.owner)
    async with database_aside(backups):
        pass
    with translated_errors():
        connected = await copies_database.connected_roles(turn.connection, backups.database)
    stubborn = [role for role, may_end in connected if not may_end]
    if stubborn:
        raise others_stay(", ".join(stubborn))


async def put_in_place(backups: BackupTools, name: str) -> str:
    """Give a database the name of the one in use; return what that one is called now.

    Who is connected to it is disconnected. A kill at any moment leaves one or the other under the name.
    """
    async with database_aside(backups) as aside:
        return await to_the_end(_put_in_place(aside, backups.database, name))


async def _put_in_place(aside: Database, live: str, name: str) -> str:
    before = await _free_name(aside, live)
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            await _rename_both(aside, live, name, before)
        except DatabaseInUse as error:
            if attempt < _ATTEMPTS:
                continue
            with translated_errors():
                async with aside.engine.connect() as connection:
                    connected = await copies_database.connected_roles(connection, str(error))
            raise others_stay(", ".join(role for role, _ in connected)) from error
        break
    return before


async def _free_name(aside: Database, live: str) -> str:
    """Return what the database in use is to be called: a second later where one of this second is kept already."""
    moment = datetime.now(UTC)
    with translated_errors():
        async with aside.engine.connect() as connection:
            taken = {name for name, _ in await copies_database.previous(connection, live)}
    while (name := copies_database.previous_name(live, moment)) in taken:
        moment += timedelta(seconds=1)
    return name


async def _rename_both(aside: Database, live: str, name: str, before: str) -> None:
    """Rename both; while PostgreSQL waits for everybody to leave, newcomers wait too, and who stays is disconnected."""
    is_done = asyncio.Event()
    disconnecting = asyncio.create_task(_disconnect_all(aside, (live, name), is_done))
    try:
        with translated_errors():
            async with aside.engine.begin() as connection:
                await copies_database.rename(connection, live, before)
                await copies_database.rename(connection, name, live)
    finally:
        is_done.set()
        with translated_errors():
            await disconnecting


async def _disconnect_all(aside: Database, names: tuple[str, str], is_done: asyncio.Event) -> None:
    async with aside.engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        while not is_done.is_set():
            for name in names:
                await copies_database.disconnect_all(connection, name)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_AGAIN_SECONDS):
                    await is_done.wait()

"""The forwarder processes and their signs of life, by the clock of the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.database.models import ForwarderRecord
from smtpy_desktop.schemas.forwarder import ForwarderProcess, ForwarderState

_SILENT_AFTER = timedelta(seconds=30)
_LISTED_FOR = timedelta(days=1)
_KEPT_FOR = timedelta(days=30)
_OPEN = (ForwarderState.RUNNING.value, ForwarderState.STOPPING.value)


async def record_forwarder(db: AsyncSession, process: ForwarderProcess) -> None:
    """Write down a sign of life of a process; its time is the database's, whatever the machine's clock says.

    ``seen_at`` is not taken from ``process``, nor is ``started_at`` once the process is known.
    """
    values: dict[str, Any] = {
        "host": process.host,
        "pid": process.pid,
        "version": process.version,
        "listen": process.listen,
        "workers": process.workers,
        "state": process.state.value,
        "seen_at": func.now(),
        "counters": dict(process.counters),
    }
    statement = insert(ForwarderRecord).values(name=process.name, started_at=func.now(), **values)
    is_new = ForwarderRecord.pid != process.pid
    began = case((is_new, func.now()), else_=ForwarderRecord.started_at)
    await db.execute(statement.on_conflict_do_update(index_elements=["name"], set_={**values, "started_at": began}))


async def list_forwarders(db: AsyncSession) -> tuple[ForwarderProcess, ...]:
    """Return the processes that gave a sign of life within a day: those that run first, then by host and name."""
    is_open = ForwarderRecord.state.in_(_OPEN)
    is_silent = is_open & (ForwarderRecord.seen_at < func.now() - _SILENT_AFTER)
    state = case((is_silent, ForwarderState.SILENT.value), else_=ForwarderRecord.state).label("shown_state")
    statement = (
        select(ForwarderRecord, state)
        .where(ForwarderRecord.seen_at > func.now() - _LISTED_FOR)
        .order_by(is_open.desc(), is_silent, ForwarderRecord.host, ForwarderRecord.name)
    )
    return tuple(_process(record, ForwarderState(shown)) for record, shown in await db.execute(statement))


async def forget_forwarders(db: AsyncSession) -> None:
    """Remove processes that were seen last a month ago."""
    await db.execute(delete(ForwarderRecord).where(ForwarderRecord.seen_at < func.now() - _KEPT_FOR))


def _process(record: ForwarderRecord, state: ForwarderState) -> ForwarderProcess:
    return ForwarderProcess(
        name=record.name,
        host=record.host,
        pid=record.pid,
        version=record.version,
        listen=record.listen,
        workers=record.workers,
        state=state,
        started_at=record.started_at,
        seen_at=record.seen_at,
        counters={str(name): int(count) for name, count in record.counters.items()},
    )

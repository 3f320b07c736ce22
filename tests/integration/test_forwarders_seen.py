"""Forwarder processes give signs of life, and their state is told from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from smtpy_desktop.database.engine import Database
from smtpy_desktop.database.forwarders_database import forget_forwarders, list_forwarders, record_forwarder
from smtpy_desktop.schemas.forwarder import ForwarderProcess, ForwarderState

_LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
_PROCESS = ForwarderProcess(
    name="mx1-4711",
    host="mx1",
    pid=4711,
    version="1.0",
    listen="127.0.0.1:2525",
    workers=50,
    state=ForwarderState.RUNNING,
    started_at=_LONG_AGO,
    seen_at=_LONG_AGO,
    counters={"accepted": 3},
)


async def _record(database: Database, *processes: ForwarderProcess) -> None:
    for process in processes:
        async with database.begin() as db:
            await record_forwarder(db, process)


async def _listed(database: Database) -> tuple[ForwarderProcess, ...]:
    async with database.read() as db:
        return await list_forwarders(db)


async def _age(database: Database, name: str, seconds: int) -> None:
    async with database.begin() as db:
        statement = text("UPDATE forwarders SET seen_at = now() - make_interval(secs => :s) WHERE name = :n")
        await db.execute(statement, {"s": seconds, "n": name})


async def test_the_time_of_a_sign_of_life_is_the_databases_not_the_machines(database):
    await _record(database, _PROCESS)

    (found,) = await _listed(database)

    assert abs(datetime.now(UTC) - found.seen_at) < timedelta(minutes=1)
    assert replace(found, seen_at=_LONG_AGO, started_at=_LONG_AGO) == _PROCESS


async def test_a_second_sign_of_life_keeps_the_start_and_brings_the_rest_up_to_date(database):
    await _record(database, _PROCESS)
    (first,) = await _listed(database)

    await _record(database, replace(_PROCESS, state=ForwarderState.STOPPING, counters={"accepted": 9}))

    (found,) = await _listed(database)
    assert (found.state, found.counters, found.started_at) == (
        ForwarderState.STOPPING,
        {"accepted": 9},
        first.started_at,
    )


async def test_a_running_process_that_is_not_heard_of_for_half_a_minute_is_silent_a_stopped_one_is_stopped(database):
    stopped = replace(_PROCESS, name="mx2-1", host="mx2", state=ForwarderState.STOPPED)
    await _record(database, _PROCESS, stopped)
    await _age(database, _PROCESS.name, 31)
    await _age(database, stopped.name, 31)

    found = await _listed(database)

    assert [one.state for one in found] == [ForwarderState.SILENT, ForwarderState.STOPPED]


async def test_processes_that_run_come_first_and_those_of_yesterday_are_not_listed(database):
    names = [("a", ForwarderState.STOPPED), ("b", ForwarderState.RUNNING), ("c", ForwarderState.RUNNING)]
    await _record(database, *(replace(_PROCESS, name=name, host=name, state=state) for name, state in names))
    await _age(database, "b", 90_000)

    found = await _listed(database)

    assert [one.name for one in found] == ["c", "a"]


async def test_processes_of_another_month_are_forgotten(database):
    await _record(database, _PROCESS, replace(_PROCESS, name="old"))
    await _age(database, "old", 31 * 86_400)

    async with database.begin() as db:
        await forget_forwarders(db)

    async with database.read() as db:
        assert await db.scalar(text("SELECT array_agg(name) FROM forwarders")) == [_PROCESS.name]

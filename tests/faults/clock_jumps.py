"""The forwarders' clock jumps while they work: the database's counts, so nothing is lost, sent twice or forgotten."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from smtpy_desktop.sandbox.mail_sink_mail import ReceivedMail
from tests.faults.fault_world import FaultCluster, fault_world
from tests.faults.scenarios import Outcome

JUMPS = ("+3600s", "-172800s", "+0s", "+86400s", "+0s")
"""An hour ahead, two days back, right again, a day ahead, right again (libfaketime's file)."""


def faketime_library() -> Path | None:
    """Return the library that fakes a process's clock, from Debian's package faketime; None where it is missing."""
    return next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


async def jump_the_clock(cluster: FaultCluster, *, messages: int, seed: int = 10) -> Outcome:
    """Let the clock of both forwarders jump between and during messages, with a target that puts off (R8)."""
    library = faketime_library()
    assert library is not None, "needs Debian's package faketime"
    started = time.monotonic()
    dial = cluster.directory / "clock"
    _turn(dial, "+0s")
    clock = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(dial),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    async with fault_world(cluster, seed=seed, clock=clock) as world:
        await world.fleet.start_all()
        for jump in JUMPS:
            load = asyncio.create_task(world.client().send(messages))
            _turn(dial, jump)
            world.fleet.kill(0)
            await world.fleet.start(0)
            await load
            await world.settle(30.0)
        verdict = world.judge()
        (ages,) = world.ask("SELECT max(now() - accepted_at) FROM mail_envelopes")
        told = [_written_time(mail) for mail in world.sink.inbox]
        apart = (max(told) - min(told)).total_seconds() / 86_400
        assert apart > 1, "the clock was not jumping"
        figures = {"days between the times in Received": apart}
        assert ages[0].total_seconds() < time.monotonic() - started + 60, ages
        return Outcome("clock of the forwarders jumps", len(JUMPS), verdict, time.monotonic() - started, figures)


def _written_time(mail: ReceivedMail) -> datetime:
    """Return the moment that the forwarder has written into its Received line."""
    line = mail.header("Received") or ""
    return parsedate_to_datetime(line.rpartition(";")[2].strip())


def _turn(dial: Path, offset: str) -> None:
    dial.write_text(f"{offset}\n", encoding="ascii")

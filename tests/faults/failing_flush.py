"""The disk of the database says that it could not flush: what was not flushed was not acknowledged."""

from __future__ import annotations

import asyncio
import subprocess
import time
from pathlib import Path

import psycopg

from tests.faults.fault_world import FaultCluster, FaultWorld, fault_world, plain
from tests.faults.scenarios import Outcome, next_acknowledged
from tests.helpers.clusters import server_pid

_CALLS = "fsync,fdatasync"
_SECONDS = 30.0


async def fail_flushes(cluster: FaultCluster, *, rounds: int, seed: int = 10) -> Outcome:
    """Let a flush of the write-ahead log fail with EIO under load; PostgreSQL ends all sessions and recovers (R5).

    The forwarders go on by themselves: whatever waited for that flush was answered with 4xx or not at all.
    """
    started = time.monotonic()
    async with fault_world(cluster, seed=seed) as world:
        await world.fleet.start_all()
        pids = list(world.fleet.pids)
        waits: list[float] = []
        async with world.under_load():
            for _ in range(rounds):
                await next_acknowledged(world)
                await _fail_one(world, world.rng.randint(1, 6))
                waits.append(await next_acknowledged(world))
        await world.settle(90.0)
        assert world.fleet.pids == pids, "a forwarder was started again"
        figures = {"takes mail again, longest, s": max(waits)}
        return Outcome("flush of the database fails (EIO)", rounds, world.judge(), time.monotonic() - started, figures)


async def _fail_one(world: FaultWorld, call: int) -> None:
    """Let that call of every session that is open now fail, and wait until the database has ended them all."""
    watch = await psycopg.AsyncConnection.connect(plain(world.url), autocommit=True)
    sessions = [f"--attach={pid}" for pid in _sessions(world.cluster.server.home)]
    told = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={_CALLS}", "-e", f"inject={_CALLS}:error=EIO:when={call}"]
    tracer = await asyncio.to_thread(subprocess.Popen, [*told, *sessions])
    try:
        async with asyncio.timeout(_SECONDS):
            while await _answers(watch):  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.02)
    finally:
        tracer.terminate()
        await asyncio.to_thread(tracer.wait)
        await watch.close()


async def _answers(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> bool:
    try:
        await connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _sessions(home: Path) -> list[int]:
    """Return the processes of the sessions: those that come later, and the recovery, are to work."""
    parent = server_pid(home)
    assert parent is not None, "the database does not run"
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    return [int(pid) for pid in children if b"faults_" in Path(f"/proc/{pid}/cmdline").read_bytes()]

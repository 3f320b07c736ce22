"""The disk of the database runs full while mail comes in: it is refused with 452, and what was acknowledged is kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.fault_world import FaultCluster, FaultWorld, fault_world
from tests.faults.ledger import Fate
from tests.faults.scenarios import Outcome, until

_MEBIBYTES = 160
_STEP = 256 * 1024


async def fill_the_disk(cluster: FaultCluster, *, rounds: int, seed: int = 9) -> Outcome:
    """Fill the cluster's volume under load, see that mail is put off with 452, free it, and see it taken again (R5).

    The cluster lies in a ``small_volume``.
    """
    started = time.monotonic()
    async with fault_world(cluster, seed=seed) as world:
        await world.fleet.start_all()
        refused = 0
        for _ in range(rounds):
            refused = await _fill_and_free(world, cluster.directory / "ballast")
        await world.settle(90.0)
        codes = Counter(entry.reply[:3] for entry in world.ledger.entries.values() if entry.fate is Fate.REFUSED)
        assert set(codes) <= {"452", "451", "421"}, codes
        assert codes["452"], codes
        figures = {"refused": float(refused)} | {f"refused with {code}": float(n) for code, n in codes.items()}
        return Outcome("disk of the database full", rounds, world.judge(), time.monotonic() - started, figures)


async def _fill_and_free(world: FaultWorld, ballast: Path) -> int:
    """Fill the volume until mail is refused, free it until mail is taken again; return how much was refused so far."""
    ledger = world.ledger
    goal = ledger.count(Fate.REFUSED) + 20

    def is_full() -> bool:
        _fill(ballast)  # the database frees a little now and then
        return ledger.count(Fate.REFUSED) >= goal

    async with world.under_load(size=20_000):
        some = ledger.count(Fate.ACKNOWLEDGED) + 50
        await until(lambda: ledger.count(Fate.ACKNOWLEDGED) >= some, 30.0)
        await until(is_full, 30.0)
        refused = ledger.count(Fate.REFUSED)
        await asyncio.to_thread(ballast.unlink)
        taken = ledger.count(Fate.ACKNOWLEDGED) + 5
        await until(lambda: ledger.count(Fate.ACKNOWLEDGED) >= taken, 30.0)
    assert refused >= goal, "the disk was full and mail was not refused"
    assert ledger.count(Fate.ACKNOWLEDGED) >= taken, "no mail is taken again"
    return refused


@contextmanager
def small_volume() -> Iterator[Path]:
    """Mount a small file system in memory (as root), and unmount it at the end."""
    directory = Path(tempfile.mkdtemp(prefix="smtpy-faults-disk-", dir="/var/tmp"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_MEBIBYTES}m,mode=0711", "tmpfs", str(directory)], check=True)
    try:
        yield directory
    finally:
        subprocess.run(["umount", "--lazy", str(directory)], check=True)
        with contextlib.suppress(OSError):
            directory.rmdir()


def _fill(path: Path) -> None:
    """Write until nothing fits any more."""
    with contextlib.suppress(OSError), path.open("ab", buffering=0) as file:
        while file.write(b"\0" * _STEP) == _STEP:
            pass
    with contextlib.suppress(OSError):
        os.sync()

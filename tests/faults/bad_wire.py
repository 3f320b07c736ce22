"""A wire that is too narrow, loses packets and is pulled out: in a network of this process alone."""

from __future__ import annotations

import asyncio
import ctypes
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.fault_world import FaultCluster, fault_world
from tests.faults.forwarder_host import SEND_VARIABLE
from tests.faults.scenarios import Outcome

_NEW_NETWORK = 0x4000_0000  # CLONE_NEWNET
_NARROW = "tc qdisc replace dev lo root tbf rate 400kbit burst 2kb limit 6kb"
"""A queue of four packets: what does not fit is lost, and TCP has to send it again."""
_WIDE = "tc qdisc del dev lo root"


async def spoil_the_wire(cluster: FaultCluster, *, rounds: int, seed: int = 11) -> Outcome:
    """Narrow the wire under load until it loses packets, then pull it out for longer than a lease, and put it back.

    Nobody hears of it: there is no reset and no end of a connection, only silence. Run it in an ``own_network``.
    """
    started = time.monotonic()
    async with fault_world(cluster, seed=seed, environment={SEND_VARIABLE: "3"}) as world:
        await world.fleet.start_all()
        lost = 0
        for _ in range(rounds):
            async with world.under_load(silence=3.0):
                await asyncio.sleep(world.rng.uniform(0.2, 1.0))
                _run(_NARROW)
                await asyncio.sleep(2.0)
                lost += _dropped()
                _run("ip link set lo down")
                await asyncio.sleep(world.rng.uniform(0.5, 4.0))
                _run("ip link set lo up")
                _run(_WIDE)
                await asyncio.sleep(0.5)
            await world.settle(90.0)
        assert lost, "the wire has lost nothing"
        figures = {"packets lost": float(lost)}
        return Outcome("wire narrow, then pulled out", rounds, world.judge(), time.monotonic() - started, figures)


@contextmanager
def own_network() -> Iterator[None]:
    """Give this thread, and what it starts, a network that has nothing but a loopback interface (as root)."""
    library = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        if library.unshare(_NEW_NETWORK):
            raise OSError(ctypes.get_errno(), "there is no network of its own to be had")
        try:
            _run("ip link set lo mtu 1500 up")
            yield
        finally:
            library.setns(before, _NEW_NETWORK)
    finally:
        os.close(before)


def _dropped() -> int:
    """Return how many packets the narrow wire has lost."""
    told = subprocess.run(["tc", "-s", "qdisc", "show", "dev", "lo"], check=True, capture_output=True, text=True).stdout
    return int(told.split("dropped ", 1)[1].split(",", 1)[0])


def _run(command: str) -> None:
    subprocess.run(command.split(), check=True)

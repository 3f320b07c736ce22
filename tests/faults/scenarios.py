"""The faults themselves: each scenario does its worst for as long as it is told, and returns what was found."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from smtpy_desktop.sandbox.mail_sink_faults import SinkFault, SinkVerb
from tests.faults.chaos_proxy import VERBS, Chaos, ChaosProxy, Cut
from tests.faults.fault_world import LEASE_SECONDS, FaultCluster, FaultWorld, fault_world
from tests.faults.forwarder_host import SEND_VARIABLE
from tests.faults.judge import Verdict
from tests.helpers.clusters import kill_server

_SETTLE_SECONDS = 90.0
_MOST_BATCHES = 12


@dataclass(slots=True)
class Outcome:
    """What a scenario came to: its name, how often it did its worst, the verdict, and figures of its own."""

    name: str
    faults: int
    verdict: Verdict
    seconds: float
    figures: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the line of build/faults.json."""
        verdict = self.verdict
        return {
            "scenario": self.name,
            "faults": self.faults,
            "acknowledged": verdict.acknowledged,
            "unknown": verdict.unknown,
            "refused": verdict.refused,
            "delivered": verdict.delivered,
            "lost": len(verdict.lost),
            "duplicates_explained": len(verdict.explained),
            "duplicates_unexplained": len(verdict.unexplained),
            "changed": len(verdict.changed),
            "stuck": len(verdict.stuck),
            "misreported": len(verdict.misreported),
            "seconds": round(self.seconds, 1),
            "is_clean": verdict.is_clean,
            "figures": {name: round(value, 2) for name, value in self.figures.items()},
        }


async def kill_forwarders(cluster: FaultCluster, *, kills: int, seed: int = 1, longest: float = 0.6) -> Outcome:
    """Kill one of two forwarders at random moments while mail comes in and goes out (R1, R2)."""
    started = time.monotonic()
    async with fault_world(cluster, seed=seed) as world:
        await world.fleet.start_all()
        readiness: list[float] = []
        async with world.under_load():
            for number in range(kills):
                await asyncio.sleep(world.rng.uniform(0.0, longest))
                victim = number % len(world.fleet.ports)
                world.fleet.kill(victim)
                await world.fleet.start(victim)
                readiness.append(await world.fleet.wait_until_ready(victim))
        settled = await world.settle(_SETTLE_SECONDS)
        figures = {"ready again, longest, s": max(readiness), "settled after, s": settled}
        return Outcome("kill -9 of a forwarder", kills, world.judge(), time.monotonic() - started, figures)


async def kill_database(cluster: FaultCluster, *, kills: int, seed: int = 2, longest: float = 1.0) -> Outcome:
    """Kill the postmaster under load and start it again; the forwarders go on by themselves (R3)."""
    started = time.monotonic()
    async with fault_world(cluster, seed=seed) as world:
        await world.fleet.start_all()
        pids = list(world.fleet.pids)
        waits: list[float] = []
        async with world.under_load():
            for _ in range(kills):
                await asyncio.sleep(world.rng.uniform(0.1, longest))
                await asyncio.to_thread(kill_server, cluster.server.home)
                await asyncio.to_thread(cluster.server.ensure_running)
                waits.append(await next_acknowledged(world))
        settled = await world.settle(_SETTLE_SECONDS)
        assert world.fleet.pids == pids, "a forwarder was started again"
        figures = {"takes mail again, longest, s": max(waits), "settled after, s": settled}
        return Outcome("kill -9 of the postmaster", kills, world.judge(), time.monotonic() - started, figures)


async def cut_lines_in(cluster: FaultCluster, *, rounds: int, seed: int = 3) -> Outcome:
    """End client connections at every verb in every way."""
    started = time.monotonic()
    async with fault_world(cluster, seed=seed) as world:
        await world.fleet.start_all()
        plans = iter(all_chaos() * rounds)
        ports = itertools.cycle(world.fleet.ports)
        async with ChaosProxy(lambda: next(ports), lambda: next(plans, None)) as proxy:
            client = world.client(proxy.port, silence=1.0)
            await client.send(len(all_chaos()) * rounds + 8)
            happened = len(proxy.happened)
        await world.settle(_SETTLE_SECONDS)
        return Outcome("line of a client cut at every verb", happened, world.judge(), time.monotonic() - started)


async def cut_lines_out(cluster: FaultCluster, *, rounds: int, seed: int = 4, patience: float = 2.0) -> Outcome:
    """End connections to the targets' server at every verb in every way."""
    started = time.monotonic()
    async with fault_world(cluster, seed=seed, environment={SEND_VARIABLE: str(patience)}) as world:
        plans = list(all_chaos() * rounds)
        world.rng.shuffle(plans)
        async with ChaosProxy(lambda: world.sink.port, lambda: plans.pop() if plans else None) as proxy:
            await world.route_to(f"127.0.0.1:{proxy.port}")
            await world.fleet.start_all()
            for _ in range(_MOST_BATCHES * rounds):  # connections are kept, so that messages are more than these
                await world.client().send(16)
                await world.settle(_SETTLE_SECONDS)
                if not plans:
                    break
            happened = len(proxy.happened)
        return Outcome("line to the target cut at every verb", happened, world.judge(), time.monotonic() - started)


async def failing_target(cluster: FaultCluster, *, messages: int, seed: int = 5, patience: float = 2.0) -> Outcome:
    """Let the targets' server be down, slow, refuse for now, send away and hang at every verb, and mend it."""
    started = time.monotonic()
    async with fault_world(cluster, seed=seed, environment={SEND_VARIABLE: str(patience)}) as world:
        await world.fleet.start_all()
        count = 0
        for verb, fault in _target_faults():
            world.sink.faults.verbs = {verb: fault}
            world.sink.faults.times = messages
            await world.client().send(messages)
            await until(lambda: world.sink.faults.times == 0 or world.live() == 0, 15.0)
            world.sink.faults.clear()
            count += 1
        await world.sink.go_down()
        await world.client().send(messages)
        await world.sink.start()
        world.sink.faults.delay_seconds = 0.2
        await world.client().send(messages)
        await world.settle(_SETTLE_SECONDS)
        world.sink.faults.clear()
        return Outcome("target down, slow, 4xx, 421, hanging", count + 2, world.judge(), time.monotonic() - started)


async def refusing_target(cluster: FaultCluster, *, messages: int, seed: int = 6) -> Outcome:
    """Let the target refuse for good: nothing arrives, and every message is told as bounced."""
    started = time.monotonic()
    async with fault_world(cluster, seed=seed) as world:
        await world.fleet.start_all()
        verbs = (SinkVerb.MAIL, SinkVerb.RCPT, SinkVerb.DATA, SinkVerb.CONTENT)
        for verb in verbs:
            world.sink.faults.verbs = {verb: SinkFault.PERMANENT}
            world.sink.faults.only_for = "target.example" if verb is not SinkVerb.MAIL else ""
            await world.client().send(messages)
            await world.settle(_SETTLE_SECONDS)
        world.sink.faults.clear()
        await world.settle(_SETTLE_SECONDS)
        (bounced,) = world.ask("SELECT count(*) FROM deliveries WHERE state = 'failed'")
        figures = {"refused deliveries": float(bounced[0])}
        return Outcome("target refuses for good", len(verbs), world.judge(), time.monotonic() - started, figures)


async def race_for_rows(cluster: FaultCluster, *, messages: int, forwarders: int = 2, seed: int = 7) -> Outcome:
    """Queue mail while nothing goes out, then let several forwarders race for each row."""
    started = time.monotonic()
    async with fault_world(cluster, seed=seed, forwarders=forwarders) as world:
        await world.sink.go_down()
        await world.fleet.start_all()
        await world.client(per_connection=20).send(messages, sessions=8)
        await world.sink.start()
        settled = await world.settle(_SETTLE_SECONDS)
        verdict = world.judge()
        figures = {"deliveries": float(len(world.sink.inbox)), "settled after, s": settled}
        return Outcome("several forwarders race for each row", 1, verdict, time.monotonic() - started, figures)


async def frozen_forwarder(cluster: FaultCluster, *, rounds: int, seed: int = 8) -> Outcome:
    """Stop a forwarder (SIGSTOP) past its leases, let the other one take over, and wake it: it must not do it again."""
    started = time.monotonic()
    async with fault_world(cluster, seed=seed) as world:
        await world.fleet.start_all()
        for _ in range(rounds):
            world.sink.faults.delay_seconds = 0.3
            await world.client().send(20)
            world.fleet.kill(0, signal.SIGSTOP)
            await world.client(world.fleet.ports[1]).send(5)
            world.sink.faults.clear()
            await asyncio.sleep(LEASE_SECONDS + 1.5)
            world.fleet.kill(0, signal.SIGCONT)
            await world.settle(_SETTLE_SECONDS)
        return Outcome("forwarder frozen past its leases", rounds, world.judge(), time.monotonic() - started)


def all_chaos() -> list[Chaos]:
    """Return every way in which a connection can end."""
    return [Chaos(verb, cut) for verb in VERBS for cut in Cut]


def _target_faults() -> list[tuple[SinkVerb, SinkFault]]:
    verbs = (SinkVerb.CONNECT, SinkVerb.HELO, SinkVerb.MAIL, SinkVerb.RCPT, SinkVerb.DATA, SinkVerb.CONTENT)
    found = [
        (verb, fault)
        for verb in verbs
        for fault in (SinkFault.TEMPORARY, SinkFault.CLOSING, SinkFault.HANG, SinkFault.HALF_CLOSE, SinkFault.CUT)
    ]
    return [*found, (SinkVerb.CONTENT, SinkFault.HANG_STORED), (SinkVerb.CONTENT, SinkFault.CUT_STORED)]


async def next_acknowledged(world: FaultWorld) -> float:
    """Wait until a message is acknowledged that was not before, and return how long that took."""
    started, now = time.monotonic(), time.time()
    await until(lambda: any(entry.at > now and entry.reply.startswith("250") for entry in _newest(world)), 30.0)
    return time.monotonic() - started


def _newest(world: FaultWorld) -> list[Any]:
    return list(itertools.islice(reversed(world.ledger.entries.values()), 40))


async def until(condition: Callable[[], bool], seconds: float) -> None:
    """Wait until something is so, or for so many seconds at most."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - what is waited for happens in other processes
                await asyncio.sleep(0.05)

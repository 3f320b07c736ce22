"""Figure *forward_latency*: time from the final dot of a client until the sink has the message, at half load."""

from __future__ import annotations

import asyncio
import contextlib
import time

from benchmarks.figure import Figure, tell
from benchmarks.forward_world import ALIAS, PROCESSES, TARGET, forward_world
from benchmarks.listener_world import Told, served
from benchmarks.mail_programs import (
    LOOPBACK,
    MESSAGE_BYTES,
    SESSIONS,
    counting_sink,
    forwarding_postfix,
    measure,
    require_programs,
)
from benchmarks.measuring import percentile
from smtpy_desktop.sandbox.mail_sink import MailSink

_FULL_LOAD_MESSAGES = 3000
_SECONDS = 20.0
_WARM_RATE, _WARM_SECONDS = 100.0, 2.0
_LIMIT = 1000.0
_LINE = b"x" * 62 + b"\r\n"


def main() -> None:
    """Measure and tell the figure."""
    require_programs()
    with counting_sink() as sink, forward_world(sink.port) as world:
        measure(world.ports, sink, _FULL_LOAD_MESSAGES, ALIAS)
        full = measure(world.ports, sink, _FULL_LOAD_MESSAGES, ALIAS).end_to_end
    with served(_timing_sink) as (port, report), forward_world(port) as world:
        ours = _measure(world.ports, report, full / 2)
    with served(_timing_sink) as (port, report), forwarding_postfix(port, ALIAS, TARGET) as postfix:
        theirs = _measure((postfix,), report, full / 2)
    mine, reference = percentile(ours, 99), percentile(theirs, 99)
    note = (
        f"p99 of {len(ours):,} messages of {MESSAGE_BYTES:,} bytes at {full / 2:,.0f}/s, half of the {full:,.0f}/s that"
        f" {PROCESSES} processes deliver at full load; median {percentile(ours, 50):.0f} ms; the reference is Debian's"
        f" Postfix at the same load, median {percentile(theirs, 50):.0f} ms"
    )
    tell(Figure("forward_latency", mine, reference, "ms", limit=_LIMIT, bounds_ours=True, note=note))


def _measure(ports: tuple[int, ...], report: int, rate: float) -> list[float]:
    asyncio.run(_send(ports, report, _WARM_RATE, _WARM_SECONDS))
    return asyncio.run(_send(ports, report, rate, _SECONDS))


async def _timing_sink(tell: Told) -> None:
    """Be a sink that tells at another port when each message came; tell both ports."""
    async with MailSink() as sink:

        async def report(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            lines = (f"{mail.header('X-Number')} {mail.at}\n" for mail in sink.inbox)
            writer.write("".join(lines).encode())
            await writer.drain()
            writer.close()
            sink.inbox.clear()

        server = await asyncio.start_server(report, LOOPBACK, 0)
        tell((sink.port, server.sockets[0].getsockname()[1]))
        await asyncio.Event().wait()


async def _send(ports: tuple[int, ...], report: int, rate: float, seconds: float) -> list[float]:
    """Send at a steady rate, and return the milliseconds from each final dot until the sink had the message."""
    sent: dict[str, float] = {}
    count = int(rate * seconds)
    free = asyncio.Semaphore(SESSIONS)
    started = time.perf_counter()

    async def one(number: int) -> None:
        async with free:
            sent[str(number)] = await _hand_over(ports[number % len(ports)], number)

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            await asyncio.sleep(max(0.0, started + number / rate - time.perf_counter()))
            group.create_task(one(number))
    arrived: dict[str, float] = {}
    deadline = time.monotonic() + 30
    while len(arrived) < count and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        arrived |= await _arrived(report)
    assert len(arrived) == count, f"{len(arrived)} of {count} messages came"
    return [(arrived[number] - at) * 1000 for number, at in sent.items()]


async def _hand_over(port: int, number: int) -> float:
    """Hand one message over on a connection of its own, and return when the final dot was sent."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    with contextlib.closing(writer):
        await reader.readuntil(b"\r\n")
        for command in ("EHLO load", "MAIL FROM:<load@sender.example>", f"RCPT TO:<{ALIAS}>", "DATA"):
            writer.write(f"{command}\r\n".encode())
            while (await reader.readuntil(b"\r\n"))[3:4] == b"-":
                pass
        head = f"From: load@sender.example\r\nMessage-ID: <{number}@load>\r\nX-Number: {number}\r\n\r\n".encode()
        writer.write(head + _LINE * ((MESSAGE_BYTES - len(head)) // len(_LINE)) + b".\r\n")
        at = time.time()
        answer = await reader.readuntil(b"\r\n")
        assert answer.startswith(b"250"), answer
        return at


async def _arrived(port: int) -> dict[str, float]:
    """Return what the sink has received since it was asked last: number and moment (time.time)."""
    reader, _ = await asyncio.open_connection(LOOPBACK, port)
    lines = (await reader.read()).decode().splitlines()
    return {number: float(at) for number, _, at in (line.partition(" ") for line in lines)}


if __name__ == "__main__":
    main()

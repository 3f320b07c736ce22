"""Real forwarder processes on fixed ports, started fast and killed at any moment."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.helpers.clusters import is_running

_READY_SECONDS = 30.0


class Fleet:
    """So many forwarders of one database, each at a port that stays its own; use it with ``async with``."""

    def __init__(
        self,
        directory: Path,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        *,
        count: int = 2,
        clock: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare them; ``clock`` are variables that the processes get before they are loaded (libfaketime)."""
        self._directory, self._arguments, self._environment = directory, tuple(arguments), dict(environment)
        self._clock = dict(clock or {})
        self.ports = tuple(_free_ports(count))
        self.pids: list[int] = [0] * count
        self.starts = 0
        self._host: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._host = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.forwarder_host"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            env=os.environ | self._clock,
        )
        assert await self._line() == "ready"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in range(len(self.ports)):
            self.kill(number)
        assert self._host is not None
        self._host.kill()
        await self._host.wait()

    @property
    def output(self) -> Path:
        """Where all of them write what they have to say."""
        return self._directory / "forwarders.log"

    async def start(self, number: int) -> None:
        """Start one and return at once; its process id is in ``pids``."""
        assert self._host is not None
        assert self._host.stdin is not None
        profile = self._directory / f"profile{number}"
        arguments = ["--profile", str(profile), *self._arguments, "forwarder"]
        arguments += ["--listen", f"127.0.0.1:{self.ports[number]}", "--drain-seconds", "5"]
        told = {
            "arguments": arguments,
            "output": str(self.output),
            "environment": self._environment,
        }
        self._host.stdin.write(json.dumps(told).encode() + b"\n")
        self.pids[number] = int(await self._line())
        self.starts += 1

    async def start_all(self) -> None:
        """Start all of them, and wait until they take mail."""
        for number in range(len(self.ports)):
            await self.start(number)
        for number in range(len(self.ports)):
            await self.wait_until_ready(number)

    async def wait_until_ready(self, number: int) -> float:
        """Wait until a forwarder takes mail, and return how many seconds that took; fail when it never does."""
        started = time.monotonic()
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self.ports[number])
                greeting = await reader.readuntil(b"\r\n")
                writer.transport.abort()
                if greeting.startswith(b"220"):
                    return time.monotonic() - started
            if time.monotonic() > started + _READY_SECONDS or not is_running(self.pids[number]):
                said = self.output.read_text(errors="replace")[-3000:]
                raise AssertionError(f"forwarder {number} is not ready: {said}")
            await asyncio.sleep(0.01)

    def kill(self, number: int, how: signal.Signals = signal.SIGKILL) -> None:
        """End one; as a crash would, unless another signal is meant."""
        pid = self.pids[number]
        if pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
        if how is signal.SIGKILL:
            self.pids[number] = 0

    async def _line(self) -> str:
        assert self._host is not None
        assert self._host.stdout is not None
        return (await self._host.stdout.readline()).decode().strip()


def _free_ports(count: int) -> list[int]:
    trials = [socket.socket() for _ in range(count)]
    for trial in trials:
        trial.bind(("127.0.0.1", 0))
    ports = [trial.getsockname()[1] for trial in trials]
    for trial in trials:
        trial.close()
    return ports

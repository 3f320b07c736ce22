"""Keeps the webhook listener running: tries again where it cannot listen, and moves when its port is changed."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from smtpy_desktop.core.listener_errors import CannotListen, PortInUse
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.listener_state import ListenerPhase, ListenerState

_log = logging.getLogger(__name__)

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0


class Listener(Protocol):
    """What is kept running."""

    async def start(self, port: int) -> str:
        """Listen at a port and return the address; raise UserFacingError when that is not possible."""
        ...

    async def stop(self) -> None:
        """Stop listening."""
        ...


def wait_after(failures: int, chance: float) -> float:
    """Return how many seconds to wait after so many failures in a row; ``chance`` from 0 to 1 spreads several of us."""
    return min(FIRST_WAIT * 2.0 ** min(failures - 1, 10), LONGEST_WAIT) * (0.75 + 0.25 * chance)


class ListenerSupervisor:
    """Runs one listener at a time; belongs to one event loop.

    ``make`` makes a listener for each try, ``wanted_port`` tells the port that is wanted now, ``on_state`` hears of
    every change. With ``gives_up`` the first failure ends ``run``.
    """

    def __init__(
        self,
        make: Callable[[], Awaitable[Listener]],
        wanted_port: Callable[[], Awaitable[int]],
        on_state: Callable[[ListenerState], object],
        *,
        gives_up: bool = False,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._make, self._wanted_port, self._on_state = make, wanted_port, on_state
        self._gives_up, self._chance = gives_up, chance
        self._woken = asyncio.Event()
        self._is_restart_wanted = False
        self.state = ListenerState(ListenerPhase.OFF, 0)

    async def run(self) -> None:
        """Keep listening until cancelled; raises UserFacingError only where it gives up."""
        failures = 0
        try:
            while True:
                self._woken.clear()
                self._is_restart_wanted = False
                port = self.state.port
                try:
                    port = await self._wanted_port()
                    await self._listen(port)
                    failures = 0
                except UserFacingError as error:
                    if self._gives_up:
                        raise
                    failures += 1
                    await self._wait(port, error, wait_after(failures, self._chance()))
                except Exception as error:  # noqa: BLE001 - a fault of ours must not end the listening for good
                    _log.exception("the listener ended unexpectedly")
                    failures += 1
                    reason = CannotListen(port, type(error).__name__)
                    await self._wait(port, reason, wait_after(failures, self._chance()))
        finally:
            self._tell(ListenerState(ListenerPhase.OFF, self.state.port))

    def restart(self) -> None:
        """Stop listening if need be, and try at once."""
        self._is_restart_wanted = True
        self._woken.set()

    def look_again(self) -> None:
        """See whether another port is wanted now."""
        self._woken.set()

    async def _listen(self, port: int) -> None:
        """Listen at a port for as long as it is the wanted one; raise UserFacingError when that is not possible."""
        self._tell(ListenerState(ListenerPhase.STARTING, port))
        listener = await self._make()
        try:
            address = await listener.start(port)
            _log.info("listening at %s", address)
            self._tell(ListenerState(ListenerPhase.LISTENING, port, address=address))
            while not self._is_restart_wanted and await self._wanted_port_or(port) == port:
                await self._woken.wait()
                self._woken.clear()
        finally:
            await listener.stop()

    async def _wanted_port_or(self, port: int) -> int:
        """Return the wanted port, or the one in use while the setting cannot be read."""
        try:
            return await self._wanted_port()
        except UserFacingError:
            return port

    async def _wait(self, port: int, error: UserFacingError, seconds: float) -> None:
        phase = ListenerPhase.PORT_IN_USE if isinstance(error, PortInUse) else ListenerPhase.FAILED
        _log.info("the listener waits for %.0f s: %s", seconds, error)
        next_try = datetime.now(UTC) + timedelta(seconds=seconds)
        reason = error.detail if error.detail is not None and phase is ListenerPhase.FAILED else error.message
        free_port = error.free_port if isinstance(error, PortInUse) else None
        self._tell(ListenerState(phase, port, reason=reason, next_try=next_try, free_port=free_port))
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass

    def _tell(self, state: ListenerState) -> None:
        self.state = state
        self._on_state(state)

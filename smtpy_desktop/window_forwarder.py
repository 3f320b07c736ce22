"""The forwarder that runs in the window, for a trial. Part of the composition root."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from smtpy_desktop.changes import Change
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.forwarding_state import Endpoint, ForwardingPhase, ForwardingState

if TYPE_CHECKING:
    from smtpy_desktop.forwarding import Forwarding

_log = logging.getLogger(__name__)


class WindowForwarder:
    """Starts and stops a forwarder on one open database; belongs to the asyncio thread.

    ``on_state`` hears of every change, also there. Without ``listen`` the setting says where mail is taken in.
    """

    def __init__(
        self,
        services: Services,
        on_state: Callable[[ForwardingState], object],
        *,
        listen: Sequence[Endpoint] | None = None,
    ) -> None:
        self._services, self._on_state, self._listen = services, on_state, listen
        self._forwarding: Forwarding | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether it runs, or is about to."""
        return self._running is not None and not self._running.done()

    async def start(self) -> None:
        """Let it run, if it does not; how that goes is told as its state."""
        if not self.is_running:
            self._on_state(ForwardingState(ForwardingPhase.STARTING))
            self._running = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Let it finish what is under way and end; that is told as its state."""
        if self._forwarding is not None:
            self._forwarding.stop()

    async def close(self) -> None:
        """End it now and give back what it had leased, as the database is about to be left."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    def hear(self, change: Change) -> None:
        """Let it heed what was changed."""
        if self._forwarding is not None:
            self._forwarding.hear(change)

    async def _run(self) -> None:
        try:
            make = await asyncio.to_thread(_forwarding)
            self._forwarding = make(self._services, listen=self._listen, on_state=self._on_state)
            await self._forwarding.run()
        except UserFacingError as error:
            # Its state has told why, and what to do; the page shows that until somebody starts it again.
            _log.info("the forwarder in the window ended: %s", error)
        finally:
            self._forwarding = None


def _forwarding() -> type[Forwarding]:
    """Load what it takes to forward mail, off the event loop."""
    from smtpy_desktop.forwarding import Forwarding

    return Forwarding

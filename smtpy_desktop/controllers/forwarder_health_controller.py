"""How a forwarder process is doing, for its /health and /metrics; nothing in it is secret."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from smtpy_desktop.controllers.forwarder_counters import ForwarderCounters
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.forwarder_metrics import ProcessFigures, forwarder_metrics
from smtpy_desktop.core.forwarder_settings import format_endpoint
from smtpy_desktop.core.prometheus_text import prometheus_text
from smtpy_desktop.database import health_database
from smtpy_desktop.database.queue_figures_database import queue_figures
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState, QueueFigures

_log = logging.getLogger(__name__)

_SECONDS = 3.0
_KEPT_SECONDS = 5.0
_SPARING = 20.0
Part = dict[str, Any]


class ForwarderHealth:
    """Answers for one process; the queue is counted at most every few seconds, however often it is asked for."""

    def __init__(
        self,
        sessions: Sessions,
        counters: ForwarderCounters,
        state: Callable[[], ForwardingState],
        *,
        version: str,
        process: Callable[[], ProcessFigures],
    ) -> None:
        self._sessions = sessions
        self._counters = counters
        self._state = state
        self._version = version
        self._process = process
        self._figures: QueueFigures | None = None
        self._problem: str | None = None
        self._kept_until = 0.0
        self._looking = asyncio.Lock()

    async def health(self) -> Mapping[str, Any]:
        """Return the state of each part and of the whole: ok, or failed when mail cannot be taken."""
        state = self._state()
        await self._look()
        is_running = state.phase is ForwardingPhase.RUNNING
        parts: dict[str, Part] = {
            "forwarder": {"state": "ok" if is_running else state.phase.value, "name": state.name},
            "smtp": _listening(state.smtp),
            "lmtp": _listening(state.lmtp),
            "database": {"state": "ok"} if self._problem is None else {"state": "failed", "code": self._problem},
            "queue": _queue_part(self._figures),
        }
        return {
            "status": "ok" if is_running and self._problem is None else "failed",
            "service": "smtpy-desktop forwarder",
            "version": self._version,
            "parts": parts,
        }

    async def metrics(self) -> str:
        """Return the figures in Prometheus' text format."""
        await self._look()
        is_up = self._problem is None
        families = forwarder_metrics(
            self._counters, self._figures, self._process(), self._state(), self._version, has_database=is_up
        )
        return prometheus_text(families)

    async def _look(self) -> None:
        """Ask the database whether it answers, and for the queue, if that is some time ago."""
        async with self._looking:
            now = time.monotonic()
            if now < self._kept_until and self._problem is None:
                return
            self._problem = await self._ask()
            if self._problem is not None:
                self._figures = None
                return
            await self._count()
            # A queue that takes long to be counted is counted less often.
            took = time.monotonic() - now
            self._kept_until = time.monotonic() + max(_KEPT_SECONDS, _SPARING * took)

    async def _ask(self) -> str | None:
        """Return the code of what is wrong with the database, None when it answers."""
        try:
            async with asyncio.timeout(_SECONDS), self._sessions.read() as db:
                await health_database.server_version(db)
        except UserFacingError as error:
            return error.code
        except TimeoutError:
            return "DATABASE_TIMEOUT"
        return None

    async def _count(self) -> None:
        """Count the queue; figures that take too long stay as they were: mail goes on meanwhile."""
        try:
            async with asyncio.timeout(_SECONDS), self._sessions.read() as db:
                self._figures = await queue_figures(db, self._state().name)
        except (UserFacingError, TimeoutError) as error:
            _log.info("the queue could not be counted: %s", error)


def _listening(endpoints: tuple[tuple[str, int], ...]) -> Part:
    if not endpoints:
        return {"state": "off"}
    return {"state": "ok", "addresses": [format_endpoint(*endpoint) for endpoint in endpoints]}


def _queue_part(figures: QueueFigures | None) -> Part:
    if figures is None:
        return {"state": "unknown"}
    return {
        "state": "ok",
        "waiting": figures.waiting,
        "sending": figures.sending,
        "held": figures.held,
        "overdue_seconds": round(figures.overdue_seconds, 3),
    }

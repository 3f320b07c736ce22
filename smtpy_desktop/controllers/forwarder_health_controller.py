"""How a forwarder process is doing, for its /health and /metrics; nothing in it is secret."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from smtpy_desktop.controllers.forwarder_counters import ForwarderCounters
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.core.forwarder_metrics import ProcessFigures, forwarder_metrics
from smtpy_desktop.core.forwarder_settings import format_endpoint
from smtpy_desktop.core.prometheus_text import prometheus_text
from smtpy_desktop.database.queue_figures_database import queue_figures
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState, QueueFigures

_SECONDS = 3.0
_KEPT_SECONDS = 5.0
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
        self._figures: QueueFigures | UserFacingError = QueueFigures()
        self._counted_at = float("-inf")
        self._counting = asyncio.Lock()

    async def health(self) -> Mapping[str, Any]:
        """Return the state of each part and of the whole: ok, or failed when mail cannot be taken."""
        state = self._state()
        figures = await self._queue()
        is_running = state.phase is ForwardingPhase.RUNNING
        parts: dict[str, Part] = {
            "forwarder": {"state": "ok" if is_running else state.phase.value, "name": state.name},
            "smtp": _listening(state.smtp),
            "lmtp": _listening(state.lmtp),
            "database": _database(figures),
            "queue": _queue_part(figures),
        }
        is_well = is_running and isinstance(figures, QueueFigures)
        return {
            "status": "ok" if is_well else "failed",
            "service": "smtpy-desktop forwarder",
            "version": self._version,
            "parts": parts,
        }

    async def metrics(self) -> str:
        """Return the figures in Prometheus' text format."""
        figures = await self._queue()
        known = figures if isinstance(figures, QueueFigures) else None
        counters = self._counters
        families = forwarder_metrics(counters, known, self._process(), self._state(), self._version)
        return prometheus_text(families)

    async def _queue(self) -> QueueFigures | UserFacingError:
        async with self._counting:
            if time.monotonic() - self._counted_at > _KEPT_SECONDS or isinstance(self._figures, UserFacingError):
                self._figures = await self._count()
                self._counted_at = time.monotonic()
            return self._figures

    async def _count(self) -> QueueFigures | UserFacingError:
        try:
            async with asyncio.timeout(_SECONDS), self._sessions.read() as db:
                return await queue_figures(db, self._state().name)
        except UserFacingError as error:
            return error
        except TimeoutError:
            return UserFacingError("DATABASE_TIMEOUT", "")


def _listening(endpoints: tuple[tuple[str, int], ...]) -> Part:
    if not endpoints:
        return {"state": "off"}
    return {"state": "ok", "addresses": [format_endpoint(*endpoint) for endpoint in endpoints]}


def _database(figures: QueueFigures | UserFacingError) -> Part:
    return {"state": "ok"} if isinstance(figures, QueueFigures) else {"state": "failed", "code": figures.code}


def _queue_part(figures: QueueFigures | UserFacingError) -> Part:
    if not isinstance(figures, QueueFigures):
        return {"state": "unknown"}
    return {
        "state": "ok",
        "waiting": figures.waiting,
        "sending": figures.sending,
        "held": figures.held,
        "overdue_seconds": round(figures.overdue_seconds, 3),
    }

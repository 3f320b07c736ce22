"""A forwarder as a service without a window, with everything that only a process of its own needs. Composition root."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import nullcontext
from typing import Any

from smtpy_desktop.commands.frame import ForwarderChoices
from smtpy_desktop.controllers.backup_schedule_controller import run_backups
from smtpy_desktop.controllers.connection_controller import watch
from smtpy_desktop.controllers.maintenance_controller import run_maintenance
from smtpy_desktop.controllers.retention_controller import run_retention
from smtpy_desktop.controllers.services import Services
from smtpy_desktop.database.engine import Database
from smtpy_desktop.forwarding import Forwarding
from smtpy_desktop.gateways.service_manager import READY, STOPPING, tell_service_manager
from smtpy_desktop.listeners.tls_context import TlsCertificate
from smtpy_desktop.logs import logging_to_stream
from smtpy_desktop.schemas.forwarding_state import ForwardingPhase, ForwardingState


class ForwardingService:
    """A forwarder without a window: it logs, hears of changes, and does the house's chores beside the mail."""

    def __init__(
        self, services: Services, choices: ForwarderChoices, on_state: Callable[[ForwardingState], object]
    ) -> None:
        self._services = services
        self._log_format = choices.log_format
        self._on_state = on_state
        self._forwarding = Forwarding(
            services,
            listen=choices.listen,
            lmtp=choices.lmtp,
            health=choices.health,
            tls=TlsCertificate(*choices.tls) if choices.tls is not None else None,
            workers=choices.workers,
            drain_seconds=choices.drain_seconds,
            shares_port=choices.shares_port,
            on_state=self._note_state,
        )
        self.stop = self._forwarding.stop
        self.reload_certificate = self._forwarding.reload_certificate

    async def run(self) -> None:
        """Forward mail until ``stop``; raise UserFacingError where it cannot start."""
        chores: list[asyncio.Task[None]] = []
        with logging_to_stream(sys.stderr, self._log_format) if self._log_format else nullcontext():
            chores = [asyncio.get_running_loop().create_task(work) for work in self._chores()]
            try:
                await self._forwarding.run()
            finally:
                for task in chores:
                    task.cancel()
                await asyncio.gather(*chores, return_exceptions=True)

    def _chores(self) -> Iterator[Coroutine[Any, Any, None]]:
        sessions = self._services.sessions
        yield run_retention(sessions, publish=self._services.publish, on_run=lambda run: None)
        if self._services.backups is not None and not self._services.is_read_only:
            yield run_backups(self._services.backups, sessions, publish=self._services.publish, on_run=lambda run: None)
        if isinstance(sessions, Database):
            yield run_maintenance(sessions)
            yield watch(sessions, publish=self._forwarding.hear, tell=lambda error: None)

    def _note_state(self, state: ForwardingState) -> None:
        """Pass the state on, and tell a service manager what concerns it."""
        words = {ForwardingPhase.RUNNING: READY, ForwardingPhase.STOPPING: STOPPING}.get(state.phase)
        if words is not None:
            tell_service_manager(os.environ, words)
        self._on_state(state)

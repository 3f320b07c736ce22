"""Stands in for what the first page has done: answers as data, one call after the other, and keeps what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from smtpy_desktop.controllers.services import Services
from smtpy_desktop.core.keyring_errors import KeyringUnavailable
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.connection import ServerAddress, StepResult
from smtpy_desktop.views.start_actions import StartActions


class ScriptedStart:
    """``opening`` holds what each opening gives: services, or the error to raise; the last one goes on for ever.

    ``steps`` is what a connection test yields; after them it waits while ``is_stuck``.
    """

    def __init__(self, *opening: Services | UserFacingError) -> None:
        self.opening = list(opening)
        self.steps: list[StepResult] = []
        self.is_stuck = False
        self.stored: str | UserFacingError = "stored"
        self.unkept: KeyringUnavailable | None = None
        self.opened: list[tuple[str, str, bool]] = []
        self.probed: list[tuple[ServerAddress, str]] = []
        self.ended_probes = 0
        self.kept: list[str] = []

    @property
    def actions(self) -> StartActions:
        """What the page is given."""
        return StartActions(self._probe, self._open_embedded, self._open_server, self._stored_password, self._keep)

    async def _probe(self, address: ServerAddress, password: str) -> AsyncIterator[StepResult]:
        self.probed.append((address, password))
        try:
            for step in self.steps:
                yield step
            if self.is_stuck:
                await asyncio.sleep(3600)
        finally:
            self.ended_probes += 1

    async def _open_embedded(self) -> Services:
        return self._open("embedded", "", may_upgrade=True)

    async def _open_server(self, address: ServerAddress, password: str, may_upgrade: bool) -> Services:
        return self._open(str(address), password, may_upgrade=may_upgrade)

    async def _stored_password(self) -> str:
        if isinstance(self.stored, UserFacingError):
            raise self.stored
        return self.stored

    async def _keep(self, password: str) -> KeyringUnavailable | None:
        self.kept.append(password)
        return self.unkept

    def _open(self, what: str, password: str, *, may_upgrade: bool) -> Services:
        self.opened.append((what, password, may_upgrade))
        answer = self.opening.pop(0) if len(self.opening) > 1 else self.opening[0]
        if isinstance(answer, UserFacingError):
            raise answer
        return answer

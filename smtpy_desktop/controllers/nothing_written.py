"""Transactions that leave no trace: what is written in them is seen in them alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.errors import SmtpyError


class _Undone(SmtpyError):
    """Rolls a transaction back that went well."""


class NothingWritten:
    """The ``Sessions`` of a trial: the engine's own functions run over it, and nothing stays."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction that is rolled back at the end of the block, however it ends."""
        try:
            async with self._sessions.read() as db:
                yield db
                raise _Undone  # noqa: TRY301 - so that the block above rolls back
        except _Undone:
            return

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction for reading alone."""
        async with self._sessions.read() as db:
            yield db

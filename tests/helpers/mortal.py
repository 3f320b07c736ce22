"""A process that dies between two steps: everything that it does goes through here, until its steps are used up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from smtpy_desktop.controllers.transactions import Sessions
from tests.helpers.book_api import BookAccess, BookApi


class Life:
    """Counts steps; from the last one on, everything in it is cancelled, whatever it still wants to tidy up."""

    def __init__(self, steps: int | None = None) -> None:
        self._left = steps

    @property
    def is_over(self) -> bool:
        return self._left == 0

    def step(self) -> None:
        """Go on, or die here."""
        if self._left is None:
            return
        if self._left == 0:
            raise asyncio.CancelledError
        self._left -= 1
        if self._left == 0:
            raise asyncio.CancelledError


class MortalSessions:
    """Transactions of a process that may die before one, in it (nothing of it stays) and right after its commit."""

    def __init__(self, sessions: Sessions, life: Life) -> None:
        self._sessions, self._life = sessions, life

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        self._life.step()
        async with self._sessions.begin() as db:
            yield db
            self._life.step()
        self._life.step()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        self._life.step()
        async with self._sessions.read() as db:
            yield db


class MortalAccess(BookAccess):
    """A way to Stripe of a process that may die before a call and before it hears the answer."""

    def __init__(self, api: BookApi, life: Life) -> None:
        super().__init__(api)
        self._life = life

    async def connect(self) -> Any:
        self._life.step()
        return _MortalApi(self.api, self._life)


class _MortalApi:
    def __init__(self, api: BookApi, life: Life) -> None:
        self._api, self._life = api, life

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._api, name)
        if not asyncio.iscoroutinefunction(found):
            return found

        async def call(*given: Any, **named: Any) -> Any:
            self._life.step()
            answer = await found(*given, **named)
            self._life.step()
            return answer

        return call

"""What controllers need of the database: transactions as ``async with``."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession


class Sessions(Protocol):
    """Opens transactions; never keep one open across a network call."""

    def begin(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Open a transaction that commits at the end of the block and rolls back when it raises."""
        ...

    def read(self) -> AbstractAsyncContextManager[AsyncSession]:
        """Open a transaction for reading alone."""
        ...

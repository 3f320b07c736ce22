"""Work that takes as long as one lets it, to see how the window shows it."""

from __future__ import annotations

import asyncio

_SECONDS = 600.0


async def long_work() -> None:
    """Do nothing until cancelled, or for ten minutes."""
    await asyncio.sleep(_SECONDS)

"""Saying what the program is made of, with versions and licences."""

from __future__ import annotations

import asyncio

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.database import health_database
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.about import Component, ProgramFacts

SERVER = "PostgreSQL (the server in use)"


async def list_components(sessions: Sessions, facts: ProgramFacts) -> tuple[Component, ...]:
    """Return the database server (its version is empty while it cannot be asked) and then every part."""
    parts = await asyncio.to_thread(facts.read_parts)
    text = next((part.text for part in parts if part.name == "PostgreSQL"), "")
    return (Component(SERVER, await _postgres_version(sessions), "PostgreSQL", text), *parts)


async def _postgres_version(sessions: Sessions) -> str:
    try:
        async with sessions.read() as db:
            number = await health_database.server_version(db)
    except UserFacingError:
        return ""
    return f"{number // 10000}.{number % 10000}"

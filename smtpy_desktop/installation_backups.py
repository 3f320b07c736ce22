"""What backups need of one installation, put together for an open database. Part of the composition root."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from smtpy_desktop.config import save_config, with_server
from smtpy_desktop.database.engine import Database
from smtpy_desktop.gateways.postgres_tools import OwnBackupTools
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.text import Text, text

if TYPE_CHECKING:
    from smtpy_desktop.installation import Installation


def backup_tools(installation: Installation, database: Database) -> OwnBackupTools:
    """Return the tools for backups of an open database, which lie in the profile unless a setting says otherwise."""

    async def remember(server: ServerAddress, password: str) -> Text | None:
        return await asyncio.to_thread(_remember, installation, server, password)

    url = database.url.render_as_string(hide_password=False)
    return OwnBackupTools(url, installation.profile.directory / "backups", remember)


def _remember(installation: Installation, server: ServerAddress, password: str) -> Text | None:
    """Open this server's database from now on; return what to do where its password cannot be kept."""
    problem = installation.keep_password(password)
    config = with_server(installation.config, server)
    save_config(installation.profile, config)
    installation.config = config
    if problem is None:
        return None
    return text(
        "The password is not kept: {reason} Have it ready at the next start, or set SMTPY_DATABASE_PASSWORD.",
        reason=problem.message,
    )

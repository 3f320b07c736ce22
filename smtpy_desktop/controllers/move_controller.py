"""Moving from the built-in database to a PostgreSQL server, with the proof that everything has arrived."""

from __future__ import annotations

from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.gateways.postgres_tools import BackupTools
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.backups import MovePlan, Proof
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.progress import Progress


async def plan_move(backups: BackupTools, sessions: Sessions, server: ServerAddress, password: str) -> MovePlan:
    """Return what moving to a server would do and what is in the way; raise UserFacingError when it is out of reach."""
    raise NotImplementedError


async def move_to_server(
    backups: BackupTools,
    sessions: Sessions,
    server: ServerAddress,
    password: str,
    *,
    actor: Actor,
    progress: Progress | None = None,
) -> Proof:
    """Copy everything into an empty database of a server, prove it, and make that the one that is opened from now on.

    Nobody can write meanwhile: who tries waits. Until the proof nothing is switched, and a failure leaves the server's
    database empty. What was in use is kept and only to be read from then on. Raises UserFacingError.
    """
    raise NotImplementedError

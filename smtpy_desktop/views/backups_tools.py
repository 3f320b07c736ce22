"""What the backups of the window are given by the composition root besides the services."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smtpy_desktop.controllers.connection_test_controller import Probe
from smtpy_desktop.schemas.backups import Proof
from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.text import Text


@dataclass(frozen=True, slots=True)
class BackupsTools:
    """The coroutines run on the asyncio thread and raise UserFacingError when it does not work.

    ``database``: what the user types to confirm that it is to be replaced. ``kept_at``: where the built-in database
    lies and stays. ``server``: the server in use, None for the built-in database. ``restore``, ``move`` and
    ``go_back`` (to what a restore has replaced) rest the window's own forwarder and listener meanwhile; ``open_again``
    goes on with what came of it. A ``move`` is told whether it may remove the unfinished copy of an earlier one.
    ``probe``: try a server out. ``no_move``: why there can be no move to a server here, None where there can.
    """

    database: str
    kept_at: str
    server: ServerAddress | None
    restore: Callable[[Path, Progress], Coroutine[Any, Any, Proof]]
    move: Callable[[ServerAddress, str, Progress, bool], Coroutine[Any, Any, Proof]]
    go_back: Callable[[str], Coroutine[Any, Any, str]]
    open_again: Callable[[], object]
    probe: Probe
    no_move: Text | None = None

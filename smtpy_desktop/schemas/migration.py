"""How the database's schema stands to the program's."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class SchemaState(enum.StrEnum):
    """Empty (to be set up), older (to be upgraded), current, or newer than this program (read-only)."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer"


@dataclass(frozen=True, slots=True)
class SchemaReport:
    """What was found in a database and which steps an upgrade would take, in order."""

    state: SchemaState
    found: str | None
    wanted: str
    pending: tuple[str, ...]

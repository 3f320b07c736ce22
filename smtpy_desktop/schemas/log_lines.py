"""Lines of the program's logs, and what is asked of them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


class LogLevel(enum.IntEnum):
    """How serious a line is; more is worse."""

    DEBUG = 10
    INFO = 20
    WARNING = 30
    ERROR = 40
    CRITICAL = 50


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file of a log; ``source`` is the same for a log and its older parts ("window", "command", "database")."""

    path: Path
    source: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class LogLine:
    """One record; ``id`` stays the same while its file exists, also when the log is turned over.

    ``is_damaged``: it could not be read as a record, and ``text`` is what stands there. ``more`` is what belongs to it
    in further lines, such as a traceback. Secrets are taken out of all texts.
    """

    id: int
    at: datetime | None
    level: LogLevel
    source: str
    process: str
    logger: str
    text: str
    more: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    is_damaged: bool = False


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which lines are wanted: at least of this level, with every word of ``text``, from one source, in a time."""

    level: LogLevel = LogLevel.DEBUG
    text: str = ""
    source: str = ""
    since: datetime | None = None
    until: datetime | None = None

"""Backups of the database: their files, what restoring or moving would do, and the proof that nothing was lost."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from smtpy_desktop.schemas.connection import ServerAddress
from smtpy_desktop.schemas.text import Text, text

MANUAL = "manual"
SCHEDULED = "scheduled"
BEFORE_RESTORE = "before-restore"


@dataclass(frozen=True, slots=True)
class BackupFile:
    """One backup on the disk, as far as it can be told without restoring it.

    ``kind`` is ``manual``, ``scheduled`` or ``before-restore``; empty for a file that came without its description.
    ``rows`` is then None, and ``schema_revision`` empty until the file is looked into. ``problem`` says why it is of no
    use. ``master_key_id`` names the master key that the sealed secrets in it need, where there are any.
    """

    path: Path
    made_at: datetime
    size_bytes: int
    kind: str
    schema_revision: str
    rows: int | None = None
    verified_at: datetime | None = None
    problem: Text | None = None
    master_key_id: str | None = None


class BackupPhase(enum.StrEnum):
    """What a backup, a restore or a move is at."""

    DUMPING = "dumping"
    RESTORING = "restoring"
    VERIFYING = "verifying"
    SWITCHING = "switching"
    CLEANING_UP = "cleaning-up"

    @property
    def note(self) -> Text:
        """What is told while it lasts."""
        return _PHASE_NOTES[self]


_PHASE_NOTES = {
    BackupPhase.DUMPING: text("Writing the backup"),
    BackupPhase.RESTORING: text("Restoring into a new database"),
    BackupPhase.VERIFYING: text("Comparing every table"),
    BackupPhase.SWITCHING: text("Switching over"),
    BackupPhase.CLEANING_UP: text("Cleaning up"),
}


@dataclass(frozen=True, slots=True)
class TableContent:
    """How many rows a table has, and the SHA-256 of all of them in order (hexadecimal)."""

    name: str
    rows: int
    hash: str


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What is known of a backup from its making; it lies beside the file. No secret is in it.

    ``installation`` and ``database`` tell whose it is. ``sequences`` are how far each had counted. ``master_key_ids``
    name the master keys that the sealed secrets in it need.
    """

    made_at: datetime
    kind: str
    installation: str
    database: str
    host: str
    schema_revision: str
    size_bytes: int
    sha256: str
    tables: tuple[TableContent, ...]
    sequences: Mapping[str, int]
    master_key_ids: tuple[str, ...] = ()
    verified_at: datetime | None = None

    @property
    def rows(self) -> int:
        """How many rows there are in all tables."""
        return sum(table.rows for table in self.tables)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file in a directory of backups; ``manifest`` None where it came without, ``problem`` where it is of no use."""

    path: Path
    size_bytes: int
    changed_at: datetime
    manifest: BackupManifest | None = None
    problem: Text | None = None


@dataclass(frozen=True, slots=True)
class DumpFacts:
    """What a dump says about itself; ``made_at`` None where it does not say. ``tables`` are their names alone."""

    made_at: datetime | None
    tables: frozenset[str]
    schema_revision: str


@dataclass(frozen=True, slots=True)
class TableProof:
    """One table before and after; ``before`` is what was backed up or moved, ``after`` what came out of it."""

    name: str
    rows_before: int
    rows_after: int
    hash_before: str
    hash_after: str

    @property
    def holds(self) -> bool:
        """Whether every row is there, unchanged."""
        return self.rows_before == self.rows_after and self.hash_before == self.hash_after


@dataclass(frozen=True, slots=True)
class Proof:
    """The comparison of every table; ``lagging`` are sequences that would give out numbers a second time.

    ``notes`` are worth telling beside it, for instance what has to be done next.
    """

    tables: tuple[TableProof, ...]
    lagging: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is missing and nothing differs."""
        return bool(self.tables) and not self.lagging and all(table.holds for table in self.tables)

    @property
    def rows(self) -> int:
        """How many rows there are now."""
        return sum(table.rows_after for table in self.tables)


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What restoring a file would do: ``current_rows`` are replaced by those of the file.

    ``newer_rows_lost_hint`` says what came in since and would be gone; ``pending`` are the steps by which an older
    schema is upgraded afterwards; ``key_problem`` says that the master key at hand does not open the file's secrets.
    """

    file: BackupFile
    current_rows: int
    newer_rows_lost_hint: Text | None = None
    pending: tuple[str, ...] = ()
    key_problem: Text | None = None


@dataclass(frozen=True, slots=True)
class PreviousDatabase:
    """The database that was in use before a restore, kept beside the present one."""

    name: str
    replaced_at: datetime
    size_bytes: int


@dataclass(frozen=True, slots=True)
class BackupState:
    """How the last backup went (``problem`` None: well), where it lies, when the next is due.

    ``detail`` and ``hint`` say more about a problem, and what to do.
    ``last_at`` is None before the first one; ``good_at`` is when one last went well, ``next_at`` None without a
    schedule. ``host`` names the machine that made it.
    """

    last_at: datetime | None = None
    file: Path | None = None
    problem: Text | None = None
    good_at: datetime | None = None
    next_at: datetime | None = None
    host: str = ""
    hint: Text | None = None
    detail: Text | None = None


@dataclass(frozen=True, slots=True)
class MovePlan:
    """What moving to a server would do, and what is in the way (``obstacles``, each saying what to do).

    ``leftover``: when the move began that was broken off there; its unfinished copy is removed first, once that is
    agreed to.
    """

    server: ServerAddress
    rows: int
    size_bytes: int
    obstacles: tuple[Text, ...] = ()
    leftover: datetime | None = None

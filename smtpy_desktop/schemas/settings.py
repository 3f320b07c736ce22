"""Settings as they are listed, and as a file would change them."""

from __future__ import annotations

from dataclasses import dataclass, field

from smtpy_desktop.schemas.retention import RetentionNumbers
from smtpy_desktop.schemas.text import Text


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting: what holds now, what holds when it is not set, and what it is for."""

    key: str
    value: str
    default: str
    explanation: Text


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting of a file: its line from 1, what is to be stored (empty: the default), and what is wrong."""

    line: int
    key: str
    value: str
    fault: Text | None = None


@dataclass(frozen=True, slots=True)
class SettingChange:
    """What a file changes about one setting; both values are those that hold."""

    line: int
    key: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SettingsPlan:
    """What an import does: all of ``changes`` when there are no ``refused`` lines, and nothing otherwise.

    ``removed`` is what is past its time by the file's settings, where they keep things for a shorter time than now.
    """

    changes: tuple[SettingChange, ...]
    unchanged: int
    refused: tuple[SettingLine, ...]
    removed: RetentionNumbers = field(default_factory=RetentionNumbers)

    @property
    def total(self) -> int:
        """How many settings the file holds."""
        return len(self.changes) + self.unchanged + len(self.refused)

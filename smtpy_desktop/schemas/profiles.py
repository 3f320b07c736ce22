"""Installations that are known by a name: where each has its things, and how it is told from the others."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path

from smtpy_desktop.schemas.text import Text


class ProfileColor(enum.StrEnum):
    """The colours that a profile can have; each is one that the window's themes know."""

    BLUE = "blue"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    GREY = "grey"


class ProfileKind(enum.StrEnum):
    """What an installation is for. In production, what destroys something is asked before by the profile's name."""

    PRODUCTION = "production"
    TEST = "test"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ProfileEntry:
    """One installation in the registry."""

    name: str
    directory: Path
    color: ProfileColor = ProfileColor.BLUE
    kind: ProfileKind = ProfileKind.OTHER


@dataclass(frozen=True, slots=True)
class ProfileRegistry:
    """Every known installation by name; ``problem`` says what was wrong with the file that they were read from."""

    entries: tuple[ProfileEntry, ...] = ()
    problem: Text | None = None

    def named(self, name: str) -> ProfileEntry | None:
        """Return the profile of that name, however its letters are written."""
        wanted = name.strip().casefold()
        return next((entry for entry in self.entries if entry.name.casefold() == wanted), None)

    def at(self, directory: Path) -> ProfileEntry | None:
        """Return the profile in that directory."""
        return next((entry for entry in self.entries if entry.directory == directory), None)


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A profile as it is listed: ``is_default`` is used when none is named, ``is_registered`` has an entry."""

    entry: ProfileEntry
    is_default: bool
    is_registered: bool
    exists: bool


@dataclass(frozen=True, slots=True)
class RemovedProfile:
    """What came of removing one: whether its data was deleted, and what was left because it is not the program's."""

    entry: ProfileEntry
    is_data_deleted: bool = False
    left: tuple[str, ...] = ()

"""The list of installations: what names they may have, how the list is written, and how damage to it is survived."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from smtpy_desktop.errors import FieldError, NotFoundError
from smtpy_desktop.schemas.profiles import ProfileColor, ProfileEntry, ProfileKind, ProfileRegistry
from smtpy_desktop.schemas.text import text

VERSION = 1
LONGEST_NAME = 40
DEFAULT_NAME = "Default"
_NOT_AT_THE_BEGINNING = (".", "~", "-")
_SEPARATORS = ("/", "\\")

Change = Callable[[ProfileRegistry], ProfileRegistry]
"""Returns the registry as it is to be; raises UserFacingError where the change is not possible."""


def parse_registry(content: str) -> ProfileRegistry:
    """Read the registry's file; entries that cannot be read are left out, with a word about it.

    Raises ValueError when nothing of it can be read.
    """
    data = json.loads(content)
    if not isinstance(data, dict) or not isinstance(data.get("profiles"), list):
        raise ValueError("this is no registry of profiles")  # noqa: TRY004 - what it holds is wrong, not its type
    entries: list[ProfileEntry] = []
    written = data["profiles"]
    for one in written:
        entry = _parse_entry(one)
        known = ProfileRegistry(tuple(entries))
        if entry is not None and known.named(entry.name) is None and known.at(entry.directory) is None:
            entries.append(entry)
    lost = len(written) - len(entries)
    problem = text("Profiles in the list that cannot be read and are left out: {count}.", count=lost) if lost else None
    return ProfileRegistry(tuple(entries), problem)


def format_registry(entries: Iterable[ProfileEntry]) -> str:
    """Return the registry's file."""
    profiles = [
        {"name": one.name, "directory": str(one.directory), "color": one.color.value, "kind": one.kind.value}
        for one in entries
    ]
    return json.dumps({"version": VERSION, "profiles": profiles}, ensure_ascii=False, indent=2) + "\n"


def is_name(given: str) -> bool:
    """Return whether ``--profile`` can mean a name by this, and not only a directory."""
    return _name_fault(given) is None


def check_name(name: str, registry: ProfileRegistry, *, besides: str = "") -> str:
    """Return a name as it is kept; raise FieldError when it cannot be one or another profile has it."""
    name = " ".join(name.split())
    fault = _name_fault(name)
    if fault is not None:
        raise fault
    taken = registry.named(name)
    if taken is not None and taken.name.casefold() != besides.casefold():
        raise FieldError(
            "name",
            "PROFILE_NAME_TAKEN",
            text("There is a profile {name} already.", name=taken.name),
            hint=text("Choose another name."),
        )
    return name


def add_entry(entry: ProfileEntry) -> Change:
    """Return the change that adds a profile; its name and its directory have to be new."""

    def change(registry: ProfileRegistry) -> ProfileRegistry:
        name = check_name(entry.name, registry)
        other = registry.at(entry.directory)
        if other is not None:
            raise FieldError(
                "directory",
                "PROFILE_DIRECTORY_TAKEN",
                text("The profile {name} has this directory already.", name=other.name),
                hint=text("Choose another directory; two profiles never share anything."),
            )
        return replace(registry, entries=(*registry.entries, replace(entry, name=name)))

    return change


def check_place(directory: Path, others: Iterable[ProfileEntry]) -> None:
    """Raise FieldError when a directory lies inside another profile's or around it: deleting one would reach both."""
    for other in others:
        if directory != other.directory and (
            directory.is_relative_to(other.directory) or other.directory.is_relative_to(directory)
        ):
            raise FieldError(
                "directory",
                "PROFILE_DIRECTORY_NESTED",
                text("This directory and that of the profile {name} lie inside each other.", name=other.name),
                hint=text("Choose another directory; two profiles never share anything."),
            )


def change_entry(name: str, changed: Callable[[ProfileEntry], ProfileEntry]) -> Change:
    """Return the change that gives a profile another name, colour or kind; its directory stays."""

    def change(registry: ProfileRegistry) -> ProfileRegistry:
        before = require(registry, name)
        after = changed(before)
        after = replace(after, name=check_name(after.name, registry, besides=before.name))
        return replace(registry, entries=tuple(after if one == before else one for one in registry.entries))

    return change


def remove_entry(name: str) -> Change:
    """Return the change that forgets a profile; what is in its directory stays."""

    def change(registry: ProfileRegistry) -> ProfileRegistry:
        entry = require(registry, name)
        return replace(registry, entries=tuple(one for one in registry.entries if one != entry))

    return change


def require(registry: ProfileRegistry, name: str) -> ProfileEntry:
    """Return a profile by its name; raise NotFoundError naming those there are."""
    found = registry.named(name)
    if found is not None:
        return found
    names = ", ".join(entry.name for entry in registry.entries)
    raise NotFoundError(
        "PROFILE_UNKNOWN",
        text("There is no profile {name}.", name=name),
        hint=text("The profiles are: {names}.", names=names) if names else text("None has been added yet."),
    )


def default_entry(registry: ProfileRegistry, directory: Path) -> ProfileEntry:
    """Return what the profile is called that is used when none is named, as long as it has no entry."""
    name, number = DEFAULT_NAME, 1
    while registry.named(name) is not None:
        number += 1
        name = f"{DEFAULT_NAME} {number}"
    return ProfileEntry(name, directory, ProfileColor.GREY)


def unregistered_default(registry: ProfileRegistry, directory: Path, name: str) -> ProfileEntry | None:
    """Return the profile that is used when none is named, where it is meant by a name and has no entry."""
    if registry.at(directory) is not None:
        return None
    entry = default_entry(registry, directory)
    return entry if entry.name.casefold() == name.strip().casefold() else None


def _parse_entry(data: Any) -> ProfileEntry | None:
    try:
        name, directory = data["name"], Path(data["directory"])
        color, kind = ProfileColor(data.get("color", "blue")), ProfileKind(data.get("kind", "other"))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    is_usable = isinstance(name, str) and is_name(name) and directory.is_absolute() and "\0" not in str(directory)
    return ProfileEntry(name, directory, color, kind) if is_usable else None


def _name_fault(name: str) -> FieldError | None:
    """Return why something is no name: it must not be mistaken for a directory or an option, and has to be seen."""
    fits = 0 < len(name) <= LONGEST_NAME and name == name.strip()
    is_seen = all(not unicodedata.category(letter).startswith("C") for letter in name)
    is_path = any(sign in name for sign in _SEPARATORS) or name.startswith(_NOT_AT_THE_BEGINNING)
    if fits and is_seen and not is_path:
        return None
    return FieldError(
        "name",
        "PROFILE_NAME_INVALID",
        text("This cannot be the name of a profile."),
        detail=text(
            "It has 1 to {most} letters, no slashes, and begins with no dot, tilde or hyphen.", most=LONGEST_NAME
        ),
        hint=text("Choose another name, such as Production."),
    )

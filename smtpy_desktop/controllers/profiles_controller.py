"""Installations known by a name: listing, adding, changing and forgetting them; data goes only when that is typed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from smtpy_desktop.core.profile_registry import (
    add_entry,
    change_entry,
    check_name,
    check_place,
    default_entry,
    remove_entry,
    require,
    unregistered_default,
)
from smtpy_desktop.errors import FieldError
from smtpy_desktop.gateways.profile_files import ProfileFiles
from smtpy_desktop.schemas.profiles import (
    ProfileColor,
    ProfileEntry,
    ProfileKind,
    ProfileRegistry,
    ProfileRow,
    RemovedProfile,
)
from smtpy_desktop.schemas.text import Text, text


class ProfileTools(Protocol):
    """What looking after profiles needs; its functions block for a moment."""

    @property
    def files(self) -> ProfileFiles:
        """The registry."""
        ...

    @property
    def default(self) -> Path:
        """The directory of the profile that is used when none is named."""
        ...

    def place(self, directory: str) -> Path:
        """Return a directory given by the user as it is kept: however it is spelt, it is the same profile."""
        ...

    def uses_server(self, directory: Path) -> bool:
        """Return whether the database is on a server, where it stays."""
        ...

    def remove_cluster(self, directory: Path) -> None:
        """Delete a built-in database; raise ConflictError while a program uses it."""
        ...

    def delete_secrets(self, directory: Path, *, keeps_key: bool) -> None:
        """Delete what the keyring holds for a profile, as far as it can be reached."""
        ...


async def list_profiles(tools: ProfileTools) -> tuple[tuple[ProfileRow, ...], Text | None]:
    """Return every profile, the one that is used when none is named first, and what is wrong with the list."""
    files, default = tools.files, tools.default

    def look() -> tuple[tuple[ProfileRow, ...], Text | None]:
        registry = files.read()
        own = registry.at(default) or default_entry(registry, default)
        others = [entry for entry in registry.entries if entry.directory != default]
        rows = [_row(files, registry, entry, default) for entry in (own, *others)]
        return tuple(rows), registry.problem

    return await asyncio.to_thread(look)


async def add_profile(tools: ProfileTools, entry: ProfileEntry) -> ProfileEntry:
    """Add a profile, make its directory where there is none, and return it as it is kept.

    Raises FieldError for a name or directory that another one has.
    """
    files = tools.files

    def add() -> ProfileEntry:
        registry = files.read()
        check_name(entry.name, registry)
        check_place(entry.directory, (*registry.entries, default_entry(registry, tools.default)))
        files.make(entry.directory)
        changed = files.change(add_entry(entry))
        return changed.at(entry.directory) or entry

    return await asyncio.to_thread(add)


async def change_profile(
    tools: ProfileTools,
    name: str,
    *,
    new_name: str | None = None,
    color: ProfileColor | None = None,
    kind: ProfileKind | None = None,
) -> ProfileEntry:
    """Give a profile another name, colour or kind and return it; its directory and its secrets stay where they are.

    Raises NotFoundError, and FieldError for a name that another one has.
    """

    def changed(entry: ProfileEntry) -> ProfileEntry:
        return replace(
            entry,
            name=entry.name if new_name is None else new_name,
            color=entry.color if color is None else color,
            kind=entry.kind if kind is None else kind,
        )

    def change() -> ProfileEntry:
        files = tools.files
        _register_default(files, tools.default, name)
        directory = require(files.read(), name).directory
        registry = files.change(change_entry(name, changed))
        found = registry.at(directory)
        return found if found is not None else require(registry, new_name or name)

    return await asyncio.to_thread(change)


async def remove_profile(tools: ProfileTools, name: str) -> RemovedProfile:
    """Forget a profile; everything in its directory stays. Raises NotFoundError."""

    def forget() -> RemovedProfile:
        entry = require(tools.files.read(), name)
        tools.files.change(remove_entry(name))
        return RemovedProfile(entry)

    return await asyncio.to_thread(forget)


async def delete_profile(tools: ProfileTools, name: str, typed: str) -> RemovedProfile:
    """Delete what the program keeps for a profile, its backups excepted, and forget the profile.

    The master key stays where something is left that only it can read: backups, or the database of a server. ``typed``
    has to be the profile's name. Raises FieldError when it is not, NotFoundError, and ConflictError while it is in use.
    """

    def delete() -> RemovedProfile:
        entry = require(tools.files.read(), name)
        if typed.strip() != entry.name:
            raise FieldError(
                "typed",
                "PROFILE_NAME_NOT_TYPED",
                text("Nothing was deleted: that is not the name of the profile."),
                hint=text("To delete the data of {name}, type exactly that name.", name=entry.name),
            )
        on_server = tools.uses_server(entry.directory)
        left = tools.files.delete_data(entry.directory, tools.remove_cluster, keeps_key=on_server)
        tools.delete_secrets(entry.directory, keeps_key=on_server or bool(left))
        tools.files.change(remove_entry(entry.name))
        return RemovedProfile(entry, is_data_deleted=True, left=left)

    return await asyncio.to_thread(delete)


def _register_default(files: ProfileFiles, default: Path, name: str) -> None:
    """Give the profile that is used when none is named an entry, when it is the one that is to be changed."""
    entry = unregistered_default(files.read(), default, name)
    if entry is not None:
        files.change(add_entry(entry))


def _row(files: ProfileFiles, registry: ProfileRegistry, entry: ProfileEntry, default: Path) -> ProfileRow:
    return ProfileRow(
        entry,
        is_default=entry.directory == default,
        is_registered=registry.at(entry.directory) is not None,
        exists=files.exists(entry.directory),
    )

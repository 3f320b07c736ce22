"""Which profile is meant: by its name, by its directory, or the default one. Part of the composition root."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from smtpy_desktop.config import load_config
from smtpy_desktop.core.profile_registry import default_entry, unregistered_default
from smtpy_desktop.errors import ConflictError, NotFoundError, UserFacingError
from smtpy_desktop.gateways.file_lock import FileLock
from smtpy_desktop.gateways.profile_files import DiskProfileFiles
from smtpy_desktop.paths import Profile, default_profile, profile_at, profiles_file
from smtpy_desktop.schemas.text import text

if TYPE_CHECKING:
    from smtpy_desktop.schemas.profiles import ProfileEntry, ProfileRegistry

_SEPARATORS = ("/", os.sep)
_PATH_BEGINNINGS = (".", "~")


@dataclass(frozen=True, slots=True)
class ProfileTools:
    """What looking after profiles needs: the registry, which one is used when none is named, and deleting."""

    files: DiskProfileFiles
    default: Path

    def place(self, directory: str) -> Path:
        """Return a directory given by the user as it is kept: however it is spelt, it is the same profile."""
        return profile_at(directory).directory

    def remove_cluster(self, directory: Path) -> None:
        """Delete the built-in database of a profile; raise ConflictError while a program uses it."""
        remove_cluster(directory)

    def uses_server(self, directory: Path) -> bool:
        """Return whether the database of a profile is on a server."""
        try:
            return load_config(Profile(directory)).server is not None
        except UserFacingError:
            return True  # nobody knows: then nothing is deleted that a server's data may need

    def delete_secrets(self, directory: Path, *, keeps_key: bool) -> None:
        """Delete what the keyring holds for a profile, as far as it can be reached."""
        delete_secrets(directory, keeps_key=keeps_key)


def profile_tools() -> ProfileTools:
    """Return what looking after profiles needs."""
    return ProfileTools(profile_files(), default_profile().directory)


def profile_files() -> DiskProfileFiles:
    """Return the registry of this user."""
    return DiskProfileFiles(profiles_file())


def chosen_profile(given: str | os.PathLike[str] | None) -> Profile:
    """Return the profile that ``--profile`` means: a name of the registry before a directory of that name.

    What begins like a path or has a slash in it is always a directory; nothing is the default profile. Raises
    NotFoundError for a word that is neither, where there are names that it may be a slip of.
    """
    if not given:
        return default_profile()
    words = os.fspath(given)
    if any(sign in words for sign in _SEPARATORS) or words.startswith(_PATH_BEGINNINGS):
        return profile_at(words)
    registry, own = profile_files().read(), default_profile()
    entry = registry.named(words) or unregistered_default(registry, own.directory, words)
    if entry is not None:
        return Profile(entry.directory)
    if registry.entries and not Path(words).is_dir():
        raise NotFoundError(
            "PROFILE_UNKNOWN",
            text("There is no profile {name}, and no directory of that name.", name=words),
            hint=text(
                "The profiles are: {names}. For a new directory write ./{name}.", names=_names(registry), name=words
            ),
        )
    return profile_at(words)


def entry_of(profile: Profile) -> ProfileEntry | None:
    """Return how a profile is told from the others; None where nobody has given it a name."""
    return profile_files().read().at(profile.directory)


def profile_name(directory: Path) -> str:
    """Return what the profile in a directory is called: its name, or the directory where it has none."""
    registry, own = profile_files().read(), default_profile().directory
    entry = registry.at(directory) or (default_entry(registry, own) if directory == own else None)
    return entry.name if entry is not None else str(directory)


def remove_cluster(directory: Path) -> None:
    """Delete the cluster of a built-in database, wherever it lies; raise ConflictError while a program uses it."""
    from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
    from smtpy_desktop.gateways.postgres_account import known_home

    home = known_home(directory)
    in_use = FileLock(home / "users.lock")
    if home.is_dir():
        if not in_use.acquire(wait=False):
            raise ConflictError(
                "PROFILE_IN_USE",
                text("A program uses the database of this profile."),
                hint=text("End forwarders and commands that use it and try again; nothing was deleted."),
            )
        in_use.release()
        if (home / "data" / "postmaster.pid").exists():  # left by a killed program: the server still runs
            left_over = EmbeddedPostgres(directory)
            left_over.start()
            left_over.stop()
    for place in _once(home, directory):
        shutil.rmtree(place, ignore_errors=True)


def delete_secrets(directory: Path, *, keeps_key: bool) -> None:
    """Delete the items of a profile in the keyring, as far as it can be reached; with ``keeps_key`` not that one."""
    from smtpy_desktop.core.keyring_errors import KeyringUnavailable
    from smtpy_desktop.gateways.keyring_gateway import KeyringGateway
    from smtpy_desktop.schemas.secrets import SecretName

    keyring = KeyringGateway(Profile(directory).profile_id)
    try:
        for name in SecretName:
            if name is not SecretName.MASTER_KEY or not keeps_key:
                keyring.delete(name)
    except KeyringUnavailable:
        return  # what it holds is of no use to anybody without the data


def _names(registry: ProfileRegistry) -> str:
    return ", ".join(entry.name for entry in registry.entries)


def _once(*places: Path) -> Sequence[Path]:
    return tuple(dict.fromkeys(places))

"""Where one installation keeps its things: everything of it lies in one profile directory."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.text import text

APP_NAME = "smtpy-desktop"


@dataclass(frozen=True, slots=True)
class Profile:
    """One installation's directory; two profiles never share anything."""

    directory: Path

    @property
    def config_file(self) -> Path:
        """The settings that must be known before there is a database."""
        return self.directory / "config.json"

    @property
    def window_file(self) -> Path:
        """Geometry, columns and other memories of the window (an INI file of Qt's)."""
        return self.directory / "window.ini"

    @property
    def logs(self) -> Path:
        """The directory of the log files."""
        return self.directory / "logs"

    @property
    def postgres(self) -> Path:
        """The directory of the embedded database."""
        return self.directory / "postgres"

    @property
    def sandbox(self) -> Path:
        """The sandbox's own profile inside this one."""
        return self.directory / "sandbox"

    @property
    def profile_id(self) -> str:
        """A short name that is the same for the same directory, for keyring items and local sockets."""
        return hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:16]

    def create(self) -> None:
        """Make the directory for its owner alone; raise UserFacingError when that cannot be done."""
        try:
            str(self.directory).encode("utf-8")
        except UnicodeEncodeError as error:  # PostgreSQL's client could not find its own socket there
            raise UserFacingError(
                "PROFILE_NOT_WRITABLE",
                text("The profile directory {path} cannot be used.", path=self.directory),
                detail=text("Its name is not written in UTF-8."),
                hint=text("Choose another one with --profile, or rename it."),
            ) from error
        try:
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.logs.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise UserFacingError(
                "PROFILE_NOT_WRITABLE",
                text("The profile directory {path} cannot be used.", path=self.directory),
                detail=text("{reason}.", reason=error.strerror or str(error)),
                hint=text("Choose another one with --profile, or correct its owner and rights."),
            ) from error


def default_profile() -> Profile:
    """The profile that is used when none is named.

    As root the embedded database runs under an unprivileged user, so that its files must lie where that user may go.
    """
    if sys.platform == "linux" and os.geteuid() == 0:
        return Profile(Path("/var/lib") / APP_NAME)
    return Profile(Path(platformdirs.user_data_dir(APP_NAME, appauthor=False)))


def profiles_file() -> Path:
    """The list of installations that are known by a name; it belongs to the user, not to a profile."""
    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False)) / "profiles.json"


def profile_at(directory: str | Path) -> Profile:
    """The profile in a directory given by the user, the same however it is spelt; raise UserFacingError."""
    path = Path(directory)
    with contextlib.suppress(RuntimeError):  # there is no such user: then it is a directory of that name
        path = path.expanduser()
    try:
        return Profile(path.resolve())
    except (OSError, RuntimeError) as error:
        raise UserFacingError(
            "PROFILE_NOT_WRITABLE",
            text("The profile directory {path} cannot be used.", path=path),
            detail=text("Its links lead in a circle, or nowhere that can be read."),
            hint=text("Choose another one with --profile, or correct the links."),
        ) from error

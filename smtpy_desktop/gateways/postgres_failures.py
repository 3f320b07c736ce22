"""What went wrong with the embedded PostgreSQL, told to the user."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smtpy_desktop.errors import FULL_DISK, UserFacingError
from smtpy_desktop.schemas.text import text

_FULL_SIGNS = ("No space left on device", "Disk quota exceeded", "Check free disk space")


def is_disk_full(output: str) -> bool:
    """Tell whether a message of PostgreSQL's says that there is no room left."""
    return any(sign in output for sign in _FULL_SIGNS)


def creation_error(output: str, data: Path) -> UserFacingError:
    """Return why a new cluster could not be made."""
    if is_disk_full(output):
        return UserFacingError(
            "DISK_FULL",
            text("The disk is full: the built-in database could not be set up in {path}.", path=data.parent),
            detail=text("Nothing half-made was left behind. About 100 MB are needed."),
            hint=text("Make room and start again, or choose another place with --profile."),
        )
    return UserFacingError(
        "POSTGRES_INIT",
        text("The built-in database could not be set up in {path}.", path=data.parent),
        detail=text("{output}", output=_end_of(output)),
        hint=text("Correct the cause and start again, or use a PostgreSQL server."),
    )


def start_error(output: str, log_file: Path) -> UserFacingError:
    """Return why a cluster did not start."""
    if is_disk_full(output):
        return _start_full(log_file.parent)
    return UserFacingError(
        "POSTGRES_START",
        text("The built-in database does not start."),
        detail=text("{output}", output=_end_of(output) or "PostgreSQL gave no reason."),
        hint=text("Its log is {path}.", path=log_file),
    )


@contextmanager
def translated_os_errors(directory: Path) -> Iterator[None]:
    """Turn what the system says about files of the cluster into errors with a text for the user."""
    try:
        yield
    except OSError as error:
        raise _file_error(error, directory) from error


def _file_error(error: OSError, directory: Path) -> UserFacingError:
    if error.errno in FULL_DISK:
        return _start_full(directory)
    return UserFacingError(
        "POSTGRES_FILES",
        text("The files of the built-in database in {path} cannot be used.", path=directory),
        detail=text("{reason}", reason=str(error)),
        hint=text("Correct their owner and rights and start again, or choose another place with --profile."),
    )


def _start_full(directory: Path) -> UserFacingError:
    return UserFacingError(
        "DISK_FULL",
        text("The disk is full: the built-in database cannot start."),
        hint=text("Make room on the disk that holds {path} and try again.", path=directory),
    )


def _end_of(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-5:])

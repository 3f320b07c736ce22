"""The files of backups: complete under their name or not there at all, readable by their owner alone. Blocking."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from smtpy_desktop.core.backup_errors import unreadable
from smtpy_desktop.core.backup_manifest import SUFFIX, manifest_name, manifest_text, parse_manifest
from smtpy_desktop.errors import FULL_DISK, NotFoundError, UserFacingError
from smtpy_desktop.gateways.unfinished_parts import UnfinishedPart
from smtpy_desktop.schemas.backups import BackupManifest, FoundFile
from smtpy_desktop.schemas.text import text
from smtpy_desktop.whole_file import sync_directory, write_whole

_DUMP_SIGN = b"PGDMP"
_LARGEST_MANIFEST = 5_000_000


class BackupDraft:
    """A backup that is being written, in a directory of its own beside where it goes to."""

    def __init__(self, target: Path) -> None:
        self._target = target.expanduser().absolute()
        self._unfinished = UnfinishedPart(self._target.parent, "smtpy-backup")

    @property
    def part(self) -> Path:
        """The file as far as it is written."""
        return self._unfinished.file

    def open(self) -> IO[bytes]:
        """Make the place for it and open it; raise UserFacingError (DISK_FULL, BACKUP_NO_PLACE …)."""
        with translated_errors(self._target):
            _require_replaceable(self._target)
            self._unfinished.make()
            return os.fdopen(os.open(self.part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def publish(self, manifest: BackupManifest) -> Path:
        """Give the file its name, with its description beside it; raise UserFacingError.

        Killed on the way it leaves the earlier file or this one, at worst without a description: never with another's.
        """
        with translated_errors(self._target):
            beside = self._target.with_name(manifest_name(self._target.name))
            written = self._unfinished.directory / "manifest"
            write_whole(written, manifest_text(manifest))
            beside.unlink(missing_ok=True)
            self.part.replace(self._target)
            written.replace(beside)
            sync_directory(self._target.parent)
        return self._target

    def discard(self) -> None:
        """Remove what was written and got no name."""
        self._unfinished.remove()


def make_directory(directory: Path) -> None:
    """Make a directory for backups for its owner alone, if there is none; raise UserFacingError."""
    with translated_errors(directory):
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)


def found_files(directory: Path) -> tuple[FoundFile, ...]:
    """Return the backups in a directory (none when there is no such directory); raise UserFacingError."""
    try:
        paths = sorted(path for path in directory.iterdir() if path.name.endswith(SUFFIX) and path.is_file())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise unreadable(directory, error.strerror or type(error).__name__) from error
    return tuple(found for found in map(_looked_at, paths) if found is not None)


def found_file(path: Path) -> FoundFile:
    """Return one backup; raise NotFoundError when there is no such file, UserFacingError when it cannot be read."""
    path = path.expanduser().absolute()
    try:
        _require_readable(path)
    except FileNotFoundError as error:
        raise NotFoundError(
            "BACKUP_NOT_FOUND",
            text("There is no file {path}.", path=str(path)),
            hint=text("Choose one of the backups in the list, or give the whole path of the file."),
        ) from error
    except OSError as error:
        raise unreadable(path, error.strerror or type(error).__name__) from error
    found = _looked_at(path)
    if found is None:
        raise unreadable(path, "it is gone")
    return found


def keep_manifest(path: Path, manifest: BackupManifest) -> None:
    """Write the description of a backup anew (it was verified); one that cannot be written stays as it was."""
    with contextlib.suppress(OSError):
        write_whole(path.with_name(manifest_name(path.name)), manifest_text(manifest))


def remove_backup(path: Path) -> None:
    """Remove a backup and its description; raise UserFacingError."""
    try:
        path.unlink(missing_ok=True)
        path.with_name(manifest_name(path.name)).unlink(missing_ok=True)
    except OSError as error:
        raise UserFacingError(
            "BACKUP_NOT_REMOVED",
            text("{path} could not be removed.", path=str(path)),
            detail=text("{reason}.", reason=error.strerror or type(error).__name__),
            hint=text("Correct the rights of its directory, or remove it by hand."),
        ) from error


@contextmanager
def translated_errors(target: Path) -> Iterator[None]:
    """Turn what the system says about writing a backup into errors with a text for the user."""
    try:
        yield
    except OSError as error:
        raise _translated(error, target) from error


def _translated(error: OSError, target: Path) -> UserFacingError:
    if error.errno in FULL_DISK:
        return UserFacingError(
            "DISK_FULL",
            text("The disk is full; {path} was not written.", path=str(target)),
            hint=text("Nothing half-made was left behind. Make room or choose another directory, and try again."),
        )
    return UserFacingError(
        "BACKUP_NO_PLACE",
        text("{path} could not be written.", path=str(target)),
        detail=text("{reason}.", reason=error.strerror or type(error).__name__),
        hint=text("Choose a directory that exists and where you may write, and try again."),
    )


def _require_readable(path: Path) -> None:
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EISDIR, "It is no file")
    with path.open("rb"):
        pass


def _require_replaceable(target: Path) -> None:
    """Raise UserFacingError where a backup of this name, or its description, would take the place of something else."""
    beside = target.with_name(manifest_name(target.name))
    if target.exists():
        _require_readable(target)
        with target.open("rb") as stream:
            if stream.read(len(_DUMP_SIGN)) not in (_DUMP_SIGN, b""):
                raise _occupied(target)
    elif beside.exists() and _manifest_of(target) is None:
        raise _occupied(beside)


def _occupied(path: Path) -> UserFacingError:
    return UserFacingError(
        "BACKUP_OCCUPIED",
        text("{path} is there already, and is no backup.", path=str(path)),
        hint=text("Nothing was written over. Choose another name for the backup, such as one that ends in .dump."),
    )


def _looked_at(path: Path) -> FoundFile | None:
    try:
        status = path.stat()
    except OSError:
        return None  # removed just now
    changed_at = datetime.fromtimestamp(status.st_mtime, UTC)
    manifest = _manifest_of(path)
    problem = None
    if status.st_size == 0:
        problem = text("It is empty.")
    elif manifest is not None and manifest.size_bytes != status.st_size:
        problem = text(
            "It is damaged: it has {size} bytes in place of {wanted}.", size=status.st_size, wanted=manifest.size_bytes
        )
    return FoundFile(path, status.st_size, changed_at, manifest, problem)


def _manifest_of(path: Path) -> BackupManifest | None:
    beside = path.with_name(manifest_name(path.name))
    try:
        if beside.stat().st_size > _LARGEST_MANIFEST:
            return None
        return parse_manifest(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None

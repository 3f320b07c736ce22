"""Directories in which files are made before they get their names; a killed program's are removed later. Blocking."""

from __future__ import annotations

import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

from smtpy_desktop.gateways.file_lock import FileLock

_LOCK = "lock"
_ABANDONED_SECONDS = 60


class UnfinishedPart:
    """A directory beside where a file goes to, for its owner alone, locked as long as something is made in it.

    ``kind`` begins its name: ``.KIND-….part``.
    """

    def __init__(self, parent: Path, kind: str) -> None:
        self._parent, self._kind = parent, kind
        self.directory = parent / f".{kind}-{secrets.token_hex(6)}.part"
        self._lock = FileLock(self.directory / _LOCK)
        self._is_made = False

    @property
    def file(self) -> Path:
        """What is to become the file; whoever makes it chooses its rights."""
        return self.directory / "part"

    def make(self) -> None:
        """Make the directory, and remove those of its kind that were abandoned there; raise OSError."""
        _remove_abandoned(self._parent, self._kind)
        self.directory.mkdir(mode=0o700)
        self._is_made = True
        with suppress(OSError):  # some network disks know no locks
            self._lock.acquire(wait=False)

    def remove(self) -> None:
        """Remove the directory and what is left in it."""
        self._lock.release()
        if self._is_made:
            shutil.rmtree(self.directory, ignore_errors=True)


def _remove_abandoned(parent: Path, kind: str) -> None:
    """Remove what killed programs left: nobody holds its lock, and it was not made just now."""
    for directory in parent.glob(f".{kind}-*.part"):
        with suppress(OSError):
            if time.time() - directory.stat().st_mtime < _ABANDONED_SECONDS:
                continue
            lock = FileLock(directory / _LOCK)
            is_abandoned = lock.acquire(wait=False)
            lock.release()
            if is_abandoned:
                shutil.rmtree(directory, ignore_errors=True)

"""Which installation of this user listens at which port, so that a port in use can be told by its holder's name."""

from __future__ import annotations

import contextlib
import socket
import sys
from pathlib import Path

from smtpy_desktop.gateways.file_lock import FileLock
from smtpy_desktop.whole_file import write_whole

_LOOPBACK = "127.0.0.1"
_LAST = 65_535
_MOST_TRIED = 200


class ListenerPorts:
    """Notes in a directory of the user's which installation listens where; ``own`` is the directory of this one.

    A note is a lock, which the system gives back when its holder dies, and the holder's directory beside it. That
    stays, so that a port that is another installation's is not offered while that one is closed. Nothing here raises:
    where the directory cannot be used, nobody is known.
    """

    def __init__(self, directory: Path, own: Path) -> None:
        self._directory, self._own = directory, own
        self._lock: FileLock | None = None

    def take(self, port: int) -> None:
        """Note that this installation listens at a port now, and at no other one any more."""
        self.release()
        with contextlib.suppress(OSError):
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = FileLock(self._lock_file(port))
            if not lock.acquire(wait=False):
                lock.release()
                return
            self._lock = lock
            for note in self._directory.glob("*.profile"):
                if _read(note) == str(self._own):
                    note.unlink(missing_ok=True)
            write_whole(self._note(port), str(self._own))

    def release(self) -> None:
        """Note that this installation listens no more."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def holder(self, port: int) -> Path | None:
        """Return the directory of the installation that listens at a port now; None where that is not known."""
        whose = _read(self._note(port))
        return Path(whose) if whose and self._is_locked(port) else None

    def next_free(self, port: int) -> int | None:
        """Return the next port of this machine that nobody listens at and no other installation had last."""
        for candidate in range(port + 1, min(port + _MOST_TRIED, _LAST) + 1):
            whose = _read(self._note(candidate))
            is_others = bool(whose) and whose != str(self._own) and Path(whose).is_dir()
            if not is_others and _is_free(candidate):
                return candidate
        return None

    def _is_locked(self, port: int) -> bool:
        lock = FileLock(self._lock_file(port))
        try:
            return not lock.acquire(shared=True, wait=False)
        except OSError:
            return False
        finally:
            lock.release()

    def _lock_file(self, port: int) -> Path:
        return self._directory / f"{port}.lock"

    def _note(self, port: int) -> Path:
        return self._directory / f"{port}.profile"


def _read(note: Path) -> str:
    try:
        return note.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as trial:
        if sys.platform != "win32":  # there it would let two programs listen at once
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((_LOOPBACK, port))
        except OSError:
            return False
    return True

"""The registry of installations on disk: whole or not at all, one writer at a time, and nothing lost to damage."""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from smtpy_desktop.core.profile_registry import Change, format_registry, parse_registry
from smtpy_desktop.errors import ConflictError, UserFacingError
from smtpy_desktop.gateways.file_lock import FileLock
from smtpy_desktop.schemas.profiles import ProfileRegistry
from smtpy_desktop.schemas.text import Text, text
from smtpy_desktop.whole_file import write_whole

_log = logging.getLogger(__name__)

_LARGEST = 1_000_000
_OWN_FILES = ("config.json", "config.json.bak", "window.ini", "window.socket", "notices.json", "notices.damaged.json")
_OWN_DIRECTORIES = ("logs", "postgres", "sandbox", "tour")
_KEY_FILES = ("master.key", "master.key.lock")
_BACKUPS = "backups"
_WINDOW_LOCK = "window.lock"
_SURE_SIGNS = frozenset({"postgres", "window.ini", _WINDOW_LOCK, *_KEY_FILES})
_OWN = frozenset({*_OWN_FILES, *_OWN_DIRECTORIES, *_SURE_SIGNS, _BACKUPS})
_SIGN_IN_CONFIG = b'"first_run_done"'


class ProfileFiles(Protocol):
    """Where the registry and the directories of profiles are."""

    def read(self) -> ProfileRegistry:
        """Return what is known; never fails, whatever is in the file."""
        ...

    def change(self, change: Change) -> ProfileRegistry:
        """Read, change and write the registry while nobody else does; raise UserFacingError."""
        ...

    def exists(self, directory: Path) -> bool:
        """Return whether there is something of an installation in a directory."""
        ...

    def make(self, directory: Path) -> None:
        """Make a profile's directory for its owner alone; raise UserFacingError where that cannot be."""
        ...

    def delete_data(
        self, directory: Path, remove_cluster: Callable[[Path], None], *, keeps_key: bool
    ) -> tuple[str, ...]:
        """Delete what the program has put into a directory, and return what else is in there and was left.

        Backups always stay, and with ``keeps_key`` the master key. Raises ConflictError while a window has it open.
        """
        ...


class DiskProfileFiles:
    """The registry in one JSON file with its last good copy beside it; all functions block for a moment."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> ProfileRegistry:
        """Return what is known: from the file, or from its copy where the file is damaged."""
        missing = 0
        for candidate in (self._path, self._backup):
            try:
                registry = _read(candidate)
            except FileNotFoundError:
                missing += 1
                continue
            except (OSError, ValueError, RecursionError) as error:
                _log.info("%s cannot be read: %s", candidate, error)
                continue
            if candidate == self._path:
                return registry
            words = text("The list of profiles was damaged; the last good one is used.")
            return ProfileRegistry(registry.entries, words)
        if missing == len((self._path, self._backup)):
            return ProfileRegistry()
        return ProfileRegistry((), _unreadable(self._path))

    def change(self, change: Change) -> ProfileRegistry:
        """Read, change and write the registry while nobody else does."""
        with self._translated(), self._locked():
            changed = change(self.read())
            self._keep_damaged()
            if self._is_readable(self._path):
                write_whole(self._backup, self._path.read_text(encoding="utf-8"))
            write_whole(self._path, format_registry(changed.entries))
        return ProfileRegistry(changed.entries)

    def exists(self, directory: Path) -> bool:
        """Return whether there is something of an installation in a directory."""
        with contextlib.suppress(OSError):
            return any((directory / name).exists() for name in ("config.json", "postgres", "logs"))
        return False

    def make(self, directory: Path) -> None:
        """Make a profile's directory for its owner alone; one that holds other things is refused."""
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            is_foreign = _is_foreign(directory)
        except OSError as error:
            raise UserFacingError(
                "PROFILE_NOT_WRITABLE",
                text("The profile directory {path} cannot be used.", path=str(directory)),
                detail=text("{reason}.", reason=error.strerror or str(error)),
                hint=text("Choose another one, or correct its owner and rights."),
            ) from error
        if is_foreign:
            raise ConflictError(
                "PROFILE_FOREIGN",
                text("The directory {path} holds other things, and no profile.", path=str(directory)),
                hint=text("Choose one that is empty, or not there yet: what is in a profile can be deleted with it."),
            )

    def delete_data(
        self, directory: Path, remove_cluster: Callable[[Path], None], *, keeps_key: bool
    ) -> tuple[str, ...]:
        """Delete what the program has put into a directory, and return what else is in there and was left."""
        if not directory.is_dir():
            return ()
        places = [place for place in (directory, directory / "sandbox", directory / "tour") if place.is_dir()]
        with self._translated():
            with ExitStack() as stack:
                for place in places:
                    stack.enter_context(_not_open(place))
                for place in places:
                    if (place / "postgres").exists():
                        remove_cluster(place / "postgres")
                _delete_own(directory, keeps_key=keeps_key)
            (directory / _WINDOW_LOCK).unlink(missing_ok=True)
            left = tuple(sorted(one.name for one in directory.iterdir()))
            if not left:
                directory.rmdir()
        return left

    @property
    def _backup(self) -> Path:
        return self._path.with_suffix(".json.bak")

    def _is_readable(self, path: Path) -> bool:
        try:
            _read(path)
        except (OSError, ValueError, RecursionError):
            return False
        return True

    def _keep_damaged(self) -> None:
        """Keep a file that cannot be read under another name: somebody may want to look what was in it."""
        if self._path.exists() and not self._is_readable(self._path):
            self._path.replace(self._path.with_name(f"{self._path.name}.damaged-{int(time.time())}"))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(self._path.with_suffix(".lock")):
            yield

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UserFacingError(
                "PROFILES_NOT_SAVED",
                text("The profiles could not be changed."),
                detail=text(
                    "{path}: {reason}.", path=str(error.filename or self._path), reason=error.strerror or str(error)
                ),
                hint=text("Make room or correct the directory's rights, and try again."),
            ) from error


def _is_foreign(directory: Path) -> bool:
    """Tell whether a directory holds things and nothing by which it is known to be a profile."""
    names = {one.name for one in directory.iterdir()}
    if names <= _OWN or names & _SURE_SIGNS:
        return False
    with contextlib.suppress(OSError), (directory / "config.json").open("rb") as config:
        return _SIGN_IN_CONFIG not in config.read(_LARGEST)
    return True


def _unreadable(path: Path) -> Text:
    return text(
        "The list of profiles cannot be read: {path}. Correct it, or add the profiles anew: then it is put aside.",
        path=str(path),
    )


def _read(path: Path) -> ProfileRegistry:
    if path.is_fifo():
        raise ValueError("a pipe would never end")
    with path.open("rb") as file:
        content = file.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError("too large to be a list of profiles")
    return parse_registry(content.decode("utf-8"))


@contextmanager
def _not_open(directory: Path) -> Iterator[None]:
    """Make sure that no window opens a directory within the block; raise ConflictError where one has."""
    lock = FileLock(directory / _WINDOW_LOCK)
    try:
        if not lock.acquire(wait=False):
            raise ConflictError(
                "PROFILE_OPEN",
                text("A window has this profile open."),
                hint=text("Close it and try again; nothing was deleted."),
            )
        yield
    finally:
        lock.release()


def _delete_own(directory: Path, *, keeps_key: bool) -> None:
    for name in _OWN_DIRECTORIES:
        own = directory / name
        if own.is_dir() and not own.is_symlink():
            shutil.rmtree(own)
    # Without the master key nobody could read the DKIM keys in the backups, which stay.
    is_key_needed = keeps_key or (directory / _BACKUPS).exists()
    for name in _OWN_FILES if is_key_needed else (*_OWN_FILES, *_KEY_FILES):
        (directory / name).unlink(missing_ok=True)

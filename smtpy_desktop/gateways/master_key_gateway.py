"""Where the master key comes from: a file named by the environment, the keyring, or a file of the profile.

The last is for machines without any keyring alone; a locked or refusing keyring is never passed by. A key that was in
use is never replaced: where it cannot be found, an error says so.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from smtpy_desktop.core.master_key_errors import (
    MasterKeyError,
    file_is_open_to_others,
    key_can_be_moved,
    key_file_unreadable,
    key_is_in_plain_file,
    key_lost,
    key_malformed,
    key_mismatch,
    key_not_created,
    keyring_holds_another,
    nothing_to_move,
)
from smtpy_desktop.core.master_key_text import format_master_key, parse_master_key
from smtpy_desktop.core.sealing import key_id, new_master_key
from smtpy_desktop.gateways.file_lock import FileLock
from smtpy_desktop.gateways.memory_keyring import KeyringLike
from smtpy_desktop.schemas.secrets import KeyringState, MasterKey, MasterKeySource, SecretName
from smtpy_desktop.whole_file import sync_directory

ENVIRONMENT_VARIABLE = "SMTPY_MASTER_KEY_FILE"
FILE_NAME = "master.key"

_LONGEST_FILE = 4096


class MasterKeyMover(Protocol):
    """What moves the master key into the keyring (blocking: call through ``asyncio.to_thread``)."""

    def move_to_keyring(self) -> MasterKey:
        """Move the key from the profile's file into the keyring."""
        ...


class MasterKeyGateway:
    """The master key of one profile. ``profile_directory`` is the profile's own directory (0700)."""

    def __init__(self, keyring: KeyringLike, profile_directory: Path, environment: Mapping[str, str]) -> None:
        self._keyring = keyring
        self._directory = profile_directory
        self._file = profile_directory / FILE_NAME
        self._named_file = environment.get(ENVIRONMENT_VARIABLE, "")

    def master_key(self, *, known_key_id: str | None) -> MasterKey:
        """Return the master key; one is made and kept when there never was any.

        ``known_key_id`` is the id (``sealing.sealed_key_id``) that the database's sealed keys need, None when it holds
        none. Raises MasterKeyError (missing, malformed, another than the known one), and KeyringLocked or KeyringDenied
        when the keyring cannot be asked.
        """
        if self._named_file:
            named = Path(self._named_file).expanduser()
            return _expect(self._from_file(named, MasterKeySource.KEY_FILE), known_key_id)
        with self._lock():
            if self._file.exists():
                return self._from_profile(known_key_id)
            if self._keyring.state() is KeyringState.MISSING:
                return self._create_file(known_key_id)
            return self._from_keyring(known_key_id) or self._create_in_keyring(known_key_id)

    def move_to_keyring(self) -> MasterKey:
        """Move the key from the profile's file into the keyring, and remove the file when it is safely there.

        Raises KeyringUnavailable, NotFoundError without a file, MasterKeyError when the keyring holds another key.
        """
        with self._lock():
            if not self._file.exists():
                raise nothing_to_move(self._file)
            in_file = self._from_file(self._file, MasterKeySource.PROFILE_FILE)
            problem = self._keyring.problem()
            if problem is not None:
                raise problem
            stored = self._from_keyring(None)
            if stored is None:
                self._keyring.write(SecretName.MASTER_KEY, format_master_key(in_file.value))
                stored = self._from_keyring(None)
            if stored is None or stored.value != in_file.value:
                raise keyring_holds_another()
            self._file.unlink()
            return stored

    def _lock(self) -> FileLock:
        """Return the lock that lets one process at a time look for, make or move the key."""
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = FileLock(self._directory / f"{FILE_NAME}.lock")
            if not lock.acquire():
                raise TimeoutError("another process holds it")  # Windows gives up after ten seconds
        except OSError as error:
            raise key_not_created(self._file, error.strerror or str(error)) from error
        return lock

    def _from_profile(self, known_key_id: str | None) -> MasterKey:
        """Return the key of the profile's file; the keyring's where that one, but not the file's, is the known one.

        Once there is a file it stays in use until it is moved, also when a keyring appears: two keys would be one too
        many.
        """
        key = self._from_file(self._file, MasterKeySource.PROFILE_FILE)
        has_keyring = self._keyring.state() is KeyringState.AVAILABLE
        if known_key_id not in (None, key_id(key.value)) and has_keyring:
            with suppress(MasterKeyError):
                stored = self._from_keyring(known_key_id)
                if stored is not None:
                    return stored
        why = key_can_be_moved(self._file) if has_keyring else key_is_in_plain_file(self._file)
        return _expect(replace(key, warnings=(why, *key.warnings)), known_key_id)

    def _from_keyring(self, known_key_id: str | None) -> MasterKey | None:
        written = self._keyring.read(SecretName.MASTER_KEY)
        if written is None:
            return None
        value = parse_master_key(written)
        if value is None:
            raise key_malformed("the keyring")
        return _expect(MasterKey(value, MasterKeySource.KEYRING, "the keyring"), known_key_id)

    def _create_in_keyring(self, known_key_id: str | None) -> MasterKey:
        if known_key_id is not None:
            raise key_lost(known_key_id)
        self._keyring.write(SecretName.MASTER_KEY, format_master_key(new_master_key()))
        stored = self._from_keyring(None)
        if stored is None:
            raise key_malformed("the keyring")
        return stored

    def _create_file(self, known_key_id: str | None) -> MasterKey:
        if known_key_id is not None:
            raise key_lost(known_key_id)
        try:
            _write_new_file(self._file, f"{format_master_key(new_master_key())}\n")
        except OSError as error:
            raise key_not_created(self._file, error.strerror or str(error)) from error
        return self._from_profile(None)

    def _from_file(self, path: Path, source: MasterKeySource) -> MasterKey:
        try:
            with path.open("rb") as file:
                content = file.read(_LONGEST_FILE)
                mode = os.fstat(file.fileno()).st_mode
        except OSError as error:
            raise key_file_unreadable(path, error.strerror or str(error)) from error
        value = parse_master_key(content.decode("utf-8", "replace"))
        if value is None:
            raise key_malformed(str(path))
        # Windows has no such bits; there the profile's directory inherits the rights of the user's own.
        is_open = sys.platform != "win32" and bool(mode & (stat.S_IRWXG | stat.S_IRWXO))
        return MasterKey(value, source, str(path), (file_is_open_to_others(path),) if is_open else ())


def _expect(key: MasterKey, known_key_id: str | None) -> MasterKey:
    """Return the key when it is the known one; raise MasterKeyError when it is another."""
    found = key_id(key.value)
    if known_key_id not in (None, found):
        raise key_mismatch(str(known_key_id), found, key.location)
    return key


def _write_new_file(path: Path, content: str) -> None:
    """Write a file that appears complete or not at all, for its owner alone; raise FileExistsError when it is there.

    The name beside it may be a leftover of a process that died here: only the holder of the lock touches it.
    """
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            raise FileExistsError(path)
        unfinished.rename(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)

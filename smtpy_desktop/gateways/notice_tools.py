"""What notices need of the machine: a file that outlives the run, and how much room its disks have.

What it takes to read that file is loaded when it is read: this file belongs to the start of the window.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from smtpy_desktop.whole_file import write_whole

if TYPE_CHECKING:
    from smtpy_desktop.schemas.notices import DiskSpace, NoticeState

_MOST_DATABASES = 16
_LARGEST_FILE = 4 * 1024 * 1024
_log = logging.getLogger(__name__)


class NoticeTools(Protocol):
    """Remembers what was told, for each database apart, and looks at the disks."""

    async def remembered(self, database: str) -> NoticeState:
        """Return what was remembered last; nothing where there is nothing, or where it is damaged."""
        ...

    async def remember(self, database: str, state: NoticeState) -> None:
        """Keep a state for the next run; that it cannot be kept is logged and disturbs nobody."""
        ...

    async def disks(self) -> tuple[DiskSpace, ...]:
        """Return the room on the disks that the program writes to, each disk once."""
        ...


class OwnNoticeTools:
    """Keeps one JSON file in the profile, whole or not at all; ``directories`` are those that are written to.

    A damaged file is put aside (``notices.damaged.json``) when it is read.
    """

    def __init__(self, file: Path, directories: Sequence[Path]) -> None:
        self._file, self._directories = file, tuple(directories)
        self._writing = asyncio.Lock()
        self._logged = ""

    async def remembered(self, database: str) -> NoticeState:
        """Return what was remembered last."""
        from smtpy_desktop.gateways.notice_json import state_from_json

        known = (await asyncio.to_thread(self._read)).get(database)
        return state_from_json(known if isinstance(known, dict) else {})

    async def remember(self, database: str, state: NoticeState) -> None:
        """Keep a state for the next run."""
        async with self._writing:
            await asyncio.to_thread(self._write, database, state)

    async def disks(self) -> tuple[DiskSpace, ...]:
        """Return the room on the disks that the program writes to."""
        return await asyncio.to_thread(_disks, self._directories)

    def _read(self) -> dict[str, Any]:
        try:
            with self._file.open(encoding="utf-8") as stream:
                return _databases(json.loads(stream.read(_LARGEST_FILE)))
        except FileNotFoundError:
            return {}
        except OSError as error:
            self._log_once(error)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            self._log_once(error)
            # Somebody may want to look what was in it; and it is not to be stumbled over again.
            with contextlib.suppress(OSError):
                self._file.replace(self._file.with_suffix(f".damaged{self._file.suffix}"))
        return {}

    def _log_once(self, error: Exception) -> None:
        if str(error) != self._logged:
            self._logged = str(error)
            _log.info("what was told before is not known, %s cannot be read: %s", self._file, error)

    def _write(self, database: str, state: NoticeState) -> None:
        from smtpy_desktop.gateways.notice_json import state_to_json

        now = datetime.now(UTC).isoformat()
        known = {**self._read(), database: {"saved_at": now, **state_to_json(state)}}
        newest = sorted(known, key=lambda name: _saved_at(known[name]))[-_MOST_DATABASES:]
        content = json.dumps({"databases": {name: known[name] for name in newest}}, indent=1) + "\n"
        try:
            write_whole(self._file, content)
        except OSError as error:
            _log.info("what was told cannot be kept for the next run: %s", error)


def _databases(content: Any) -> dict[str, Any]:
    """Return what is known of each database; raise KeyError or TypeError where that is of another shape."""
    found = content["databases"]
    if not isinstance(found, dict):
        raise TypeError("its databases are no object")
    return found


def _saved_at(known: object) -> str:
    return str(known.get("saved_at", "")) if isinstance(known, dict) else ""


def _disks(directories: Sequence[Path]) -> tuple[DiskSpace, ...]:
    from smtpy_desktop.schemas.notices import DiskSpace

    found: dict[int, DiskSpace] = {}
    for directory in directories:
        with contextlib.suppress(OSError):  # it may not be there yet, or be nobody's to look at
            usage = shutil.disk_usage(directory)
            found.setdefault(directory.stat().st_dev, DiskSpace(str(directory), usage.free, usage.total))
    return tuple(found.values())

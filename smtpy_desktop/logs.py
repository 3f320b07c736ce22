"""Where the program writes what it does: JSON lines in the profile, without secrets, turned over at a size."""

from __future__ import annotations

import json
import logging
import logging.handlers
import queue
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path

from smtpy_desktop.core.redaction import redact
from smtpy_desktop.paths import Profile

_LARGEST = 2_000_000
_KEPT = 5


class JsonLines(logging.Formatter):
    """One JSON object per line; texts and tracebacks pass the redaction."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of one record."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "process": record.process,
            "text": redact(record.getMessage()),
        }
        if record.exc_info:
            line["traceback"] = redact("".join(traceback.format_exception(*record.exc_info)))
        return json.dumps(line, ensure_ascii=False)


@contextmanager
def logging_to(profile: Profile, name: str) -> Iterator[None]:
    """Log into ``<name>.log`` of the profile, from a thread of its own so that no caller waits for the disk."""
    file = _File(
        profile.logs / f"{name}.log",
        maxBytes=_LARGEST,
        backupCount=_KEPT,
        encoding="utf-8",
        errors="backslashreplace",
        delay=True,
    )
    file.setFormatter(JsonLines())
    waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    handler = _Unformatted(waiting)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    listener = logging.handlers.QueueListener(waiting, file)
    listener.start()
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        listener.stop()
        file.close()


class _File(logging.handlers.RotatingFileHandler):
    """For its owner alone; gives up quietly where nothing can be written.

    A full disk is told by what needs it, not by the log.
    """

    def _open(self) -> TextIOWrapper:
        with suppress(OSError):
            Path(self.baseFilename).touch(mode=0o600)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's own name
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


class _Unformatted(logging.handlers.QueueHandler):
    """Hands records over as they are (they never leave the process), so that the traceback survives."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record

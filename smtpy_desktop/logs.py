"""Where the program writes what it does: JSON lines in the profile, without secrets, turned over at a size."""

from __future__ import annotations

import json
import logging
import logging.handlers
import queue
import sys
import traceback
from datetime import UTC, datetime

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


def start_logging(profile: Profile, name: str, *, to_stderr: bool = False) -> logging.handlers.QueueListener:
    """Log into ``<name>.log`` of the profile from a thread of its own, so that no caller waits for the disk.

    ``to_stderr`` shows warnings and errors there as well (head-less use). Stop the listener at the end.
    """
    file = logging.handlers.RotatingFileHandler(
        profile.logs / f"{name}.log", maxBytes=_LARGEST, backupCount=_KEPT, encoding="utf-8", delay=True
    )
    file.setFormatter(JsonLines())
    targets: list[logging.Handler] = [file]
    if to_stderr:
        stream = logging.StreamHandler(sys.stderr)
        stream.setLevel(logging.WARNING)
        stream.setFormatter(JsonLines())
        targets.append(stream)
    waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    root = logging.getLogger()
    root.handlers = [_Unformatted(waiting)]
    root.setLevel(logging.INFO)
    listener = logging.handlers.QueueListener(waiting, *targets, respect_handler_level=True)
    listener.start()
    return listener


class _Unformatted(logging.handlers.QueueHandler):
    """Hands records over as they are (they never leave the process), so that the traceback survives."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record

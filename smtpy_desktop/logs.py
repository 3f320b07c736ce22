"""Where the program writes what it does: JSON lines in the profile, without secrets, turned over at a size."""

from __future__ import annotations

import faulthandler
import json
import logging
import logging.handlers
import os
import queue
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from smtpy_desktop.core.redaction import redact
from smtpy_desktop.paths import Profile

MAIL_LOG = "smtpy_desktop.mail"
"""The logger of single mails (``extra={"mail": {…}}``); silent but for a stream: the database has them."""

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
        mail = getattr(record, "mail", None)
        if isinstance(mail, Mapping):
            line.update({name: redact(value) if isinstance(value, str) else value for name, value in mail.items()})
        if record.exc_info:
            line["traceback"] = redact("".join(traceback.format_exception(*record.exc_info)))
        return json.dumps(line, ensure_ascii=False)


def wants_details(environment: Mapping[str, str]) -> bool:
    """Tell whether DEBUG asks for detailed logs."""
    return environment.get("DEBUG", "").strip().lower() in ("1", "true", "yes", "on")


@contextmanager
def native_faults_to(profile: Profile) -> Iterator[None]:
    """Write the stacks of a process that the system ends for a fault (SIGSEGV, SIGABRT …) into ``crash.log``."""
    was_enabled = faulthandler.is_enabled()
    try:
        path = profile.logs / "crash.log"
        path.touch(mode=0o600)
        file = path.open("a", encoding="utf-8")
    except OSError:
        yield
        return
    with file:
        faulthandler.enable(file)
        try:
            yield
        finally:
            faulthandler.disable()
            if was_enabled:
                faulthandler.enable()


@contextmanager
def logging_to(profile: Profile, name: str, *, is_detailed: bool | None = None) -> Iterator[None]:
    """Log into ``<name>.log`` of the profile, from a thread of its own so that no caller waits for the disk.

    ``is_detailed`` (default: what DEBUG in the environment says) writes everything that this program has to say; what
    libraries say in detail, such as rows of the database, is never written.
    """
    is_detailed = wants_details(os.environ) if is_detailed is None else is_detailed
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
    levels = {
        root: logging.INFO,
        # Stripe's library writes every address that it asks, and with it whose billing is looked at.
        logging.getLogger("stripe"): logging.WARNING,
        logging.getLogger("smtpy_desktop"): logging.DEBUG if is_detailed else logging.NOTSET,
        logging.getLogger(MAIL_LOG): logging.WARNING,
    }
    before = {logger: logger.level for logger in levels}
    root.addHandler(handler)
    for logger, level in levels.items():
        logger.setLevel(level)
    listener = logging.handlers.QueueListener(waiting, file)
    listener.start()
    try:
        yield
    finally:
        root.removeHandler(handler)
        for logger, level in before.items():
            logger.setLevel(level)
        listener.stop()
        file.close()


class _Lines(logging.Formatter):
    """One line a record for people; a mail's facts as ``name=value``. Texts and tracebacks pass the redaction."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        mail = getattr(record, "mail", None)
        facts = "".join(f" {name}={value}" for name, value in mail.items()) if isinstance(mail, Mapping) else ""
        line = redact(f"{at} {record.levelname.lower()} {record.getMessage()}{facts}").replace("\n", " ")
        return (
            line if not record.exc_info else f"{line}\n{redact(''.join(traceback.format_exception(*record.exc_info)))}"
        )


@contextmanager
def logging_to_stream(stream: TextIO, form: str) -> Iterator[None]:
    """Log to a stream as well, in ``json`` or ``text``, with a line for each mail; from a thread of its own."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines() if form == "json" else _Lines())
    waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    feeding = _Unformatted(waiting)
    mail, root = logging.getLogger(MAIL_LOG), logging.getLogger()
    levels = {root: root.level, mail: mail.level}
    mail.setLevel(logging.INFO)
    mail.propagate = False
    for logger in levels:
        logger.addHandler(feeding)
    if root.level > logging.INFO or root.level == logging.NOTSET:
        root.setLevel(logging.INFO)
    listener = logging.handlers.QueueListener(waiting, handler)
    listener.start()
    try:
        yield
    finally:
        for logger, level in levels.items():
            logger.removeHandler(feeding)
            logger.setLevel(level)
        mail.propagate = True
        listener.stop()


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

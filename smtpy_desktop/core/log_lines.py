"""Reading what the logs hold: JSON lines of ours, and the lines of the database server; damaged ones stay as they are.

Finding where records begin must be quick, since there may be many megabytes: only what is seen is read in full.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from smtpy_desktop.core.redaction import redact
from smtpy_desktop.schemas.log_lines import LogLevel, LogLine

DATABASE_SOURCE = "database"
"""The source whose lines are PostgreSQL's own."""

_JSON_START = b'{"at": "'
_LEVEL_START = b'", "level": "'
_LEVELS = {level.name.lower(): level for level in LogLevel}
_OUR_NAMES = frozenset({"at", "level", "logger", "process", "text", "traceback"})
_FRAME = '{"at": "", "level": "", "logger": "", "process": , "text": "", "traceback": ""}'

# log_line_prefix '%m [%p] ' with log_timezone UTC (gateways/postgres_cluster.py).
_SERVER_LINE = re.compile(rb"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) UTC \[(\d+)\] (?:[^:\n]{0,200}? )??([A-Z]+\d?):  ")
_SERVER_LEVELS = {
    b"LOG": LogLevel.INFO,
    b"INFO": LogLevel.INFO,
    b"NOTICE": LogLevel.INFO,
    b"WARNING": LogLevel.WARNING,
    b"ERROR": LogLevel.ERROR,
    b"FATAL": LogLevel.CRITICAL,
    b"PANIC": LogLevel.CRITICAL,
    **{b"DEBUG%d" % number: LogLevel.DEBUG for number in range(1, 6)},
}
_MILLISECOND = 1000


class LogMark(NamedTuple):
    """Where a record stands in its file (bytes), when it was written (ms since 1970, UTC), and its level."""

    at: int
    offset: int
    length: int
    level: LogLevel


def marks_of(data: bytes, offset: int, source: str, before: int) -> Iterator[LogMark]:
    """Yield the marks of the records in a piece of a log that begins at ``offset`` with a record.

    ``before`` is the time of the record before it, which lines have that tell none.
    """
    find = _server_marks if source == DATABASE_SOURCE else _json_marks
    return find(data, offset, before)


def line_of(record: bytes, mark: LogMark, source: str, number: int) -> LogLine:
    """Read one record in full."""
    words = record.decode("utf-8", "backslashreplace").rstrip("\n")
    if source == DATABASE_SOURCE:
        return _server_line(record, words, mark, number)
    try:
        values = json.loads(words)
        return _json_line(values, mark, source, number)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return _damaged(words, mark, source, number)


def raw_needles(words: str, source: str) -> tuple[tuple[bytes, bool], ...]:
    """Return what to look for in the bytes of a log, in small letters, and whether a hit proves nothing yet."""
    if source == DATABASE_SOURCE:
        return tuple((word.encode("utf-8", "backslashreplace"), False) for word in words.lower().split())
    written = (json.dumps(word, ensure_ascii=False)[1:-1] for word in words.lower().split())
    return tuple((word.encode("utf-8", "backslashreplace"), word in _FRAME) for word in written)


def record_has_words(record: bytes, words: str) -> bool:
    """Tell whether every word stands in what a record of ours says, and not merely in how it is written down."""
    written = record.decode("utf-8", "backslashreplace")
    try:
        values = json.loads(written)
        said = {name: value for name, value in values.items() if name not in ("at", "level")}
        written = "\n".join(f"{'' if name in _OUR_NAMES else name}={value}" for name, value in said.items())
    except (ValueError, AttributeError, RecursionError):
        pass  # damaged: it is looked for as it stands there
    written = written.lower()
    return all(word in written for word in words.lower().split())


def log_text(line: LogLine) -> str:
    """Return a line as people read it, in English, to be copied or printed; what goes with it follows indented."""
    at = line.at.astimezone(UTC).isoformat(timespec="milliseconds") if line.at is not None else "?"
    facts = "".join(f" {name}={value}" for name, value in line.facts.items())
    level = "damaged" if line.is_damaged else line.level.name.lower()
    first = f"{at} {level:8} {line.source}[{line.process}] {line.text}{facts}"
    return "\n".join((first, *(f"    {more}" for more in line.more.splitlines())))


def log_shape(line: LogLine) -> dict[str, Any]:
    """Return a line as scripts read it."""
    return {
        "at": line.at.astimezone(UTC).isoformat(timespec="milliseconds") if line.at is not None else None,
        "level": line.level.name.lower(),
        "source": line.source,
        "process": line.process,
        "logger": line.logger,
        "text": line.text,
        "more": line.more or None,
        "facts": dict(line.facts),
        "is_damaged": line.is_damaged,
    }


def _json_marks(data: bytes, offset: int, before: int) -> Iterator[LogMark]:
    at = before
    for line in data.split(b"\n"):
        length = len(line) + 1
        if line:
            at, level = _read_mark(line, at)
            yield LogMark(at, offset, length, level)
        offset += length


def _read_mark(line: bytes, before: int) -> tuple[int, LogLevel]:
    """Return time and level of a line; what is no record of ours has the time before and is worth a warning."""
    level_at = line.find(_LEVEL_START, len(_JSON_START), 64)
    if line.startswith(_JSON_START) and level_at > 0 and line.endswith(b"}"):
        try:
            at = datetime.fromisoformat(line[len(_JSON_START) : level_at].decode())
            name = line[level_at + len(_LEVEL_START) : level_at + len(_LEVEL_START) + 8]
            return int(at.timestamp() * _MILLISECOND), _LEVELS[name.partition(b'"')[0].decode()]
        except (ValueError, KeyError, OverflowError):
            pass
    return before, LogLevel.WARNING


def _server_marks(data: bytes, offset: int, before: int) -> Iterator[LogMark]:
    """Yield whole records: lines that go on (tabs, DETAIL, HINT, STATEMENT …) belong to the one that they follow."""
    at, level, start, place = before, LogLevel.WARNING, 0, 0
    for line in data.split(b"\n"):
        found = _SERVER_LINE.match(line)
        known = _SERVER_LEVELS.get(found[3]) if found is not None else None
        if found is not None and known is not None:
            if place > start:
                yield LogMark(at, offset + start, place - start, level)
            start, level = place, known
            at = int(datetime.fromisoformat(found[1].decode()).replace(tzinfo=UTC).timestamp() * _MILLISECOND)
        place += len(line) + 1
    end = len(data)
    if end > start and data[start:].strip():
        yield LogMark(at, offset + start, end - start, level)


def _json_line(values: Any, mark: LogMark, source: str, number: int) -> LogLine:
    return LogLine(
        number,
        datetime.fromisoformat(values["at"]),
        _LEVELS[values["level"]],
        source,
        str(values["process"]),
        str(values["logger"]),
        redact(str(values["text"])),
        redact(str(values.get("traceback", ""))).rstrip(),
        {str(name): redact(str(value)) for name, value in values.items() if name not in _OUR_NAMES},
    )


def _server_line(record: bytes, words: str, mark: LogMark, number: int) -> LogLine:
    found = _SERVER_LINE.match(record)
    if found is None:
        return _damaged(words, mark, DATABASE_SOURCE, number)
    first, _, more = words.partition("\n")
    text = first[len(found[0].decode("utf-8", "backslashreplace")) :]
    more = "\n".join(_SERVER_LINE.sub(rb"\3:  ", line.encode()).decode() for line in more.splitlines())
    return LogLine(
        number,
        datetime.fromtimestamp(mark.at / _MILLISECOND, UTC),
        mark.level,
        DATABASE_SOURCE,
        found[2].decode(),
        f"postgres {found[3].decode()}",
        redact(text),
        redact(more),
    )


def _damaged(words: str, mark: LogMark, source: str, number: int) -> LogLine:
    at = datetime.fromtimestamp(mark.at / _MILLISECOND, UTC) if mark.at else None
    first, _, more = redact(words).partition("\n")
    return LogLine(number, at, mark.level, source, "", "", first, more, is_damaged=True)

"""The log files of a profile and of its database server: found, followed and read, older parts included."""

from __future__ import annotations

import os
import re
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from smtpy_desktop.core.log_lines import DATABASE_SOURCE, LogMark, line_of, marks_of, raw_needles, record_has_words
from smtpy_desktop.gateways.postgres_account import known_home
from smtpy_desktop.schemas.log_lines import LogFile, LogLine, LogQuery
from smtpy_desktop.schemas.paging import Key

_LOG_NAME = re.compile(r"([\w-]+)\.log(?:\.\d+)?")
_NATIVE_FAULTS = "crash"
_BEGINNING = 256
_NUMBER_BITS = 40
"""A line's id is its file's number above so many bits, and its offset in them."""


@dataclass(slots=True)
class _KnownFile:
    """What was found in one file so far. ``beginning``: its first bytes, by which another file is told from it."""

    number: int
    path: Path
    source: str
    beginning: bytes
    size: int = 0
    marks: list[LogMark] = field(default_factory=list)


class LogFiles:
    """Remembers where the records of every file begin, so that only what is new or seen has to be read."""

    def __init__(self, directory: Path, server_log: Callable[[], Path]) -> None:
        self._directory, self._server_log = directory, server_log
        self._known: dict[tuple[int, int], _KnownFile] = {}
        self._next_number = 1
        self._state = 0
        self._found: tuple[LogQuery, Sequence[Key]] | None = None
        self._lock = threading.Lock()

    def files(self) -> tuple[LogFile, ...]:
        """Return the files that there are, by source, the newest of each first."""
        found = []
        for path, source in self._paths():
            try:
                found.append(LogFile(path, source, path.stat().st_size))
            except OSError:  # it was turned over at this moment, or may not be looked at
                continue
        return tuple(found)

    def refresh(self) -> int:
        """Look for what was written since; return a number that grows when there is something new or gone."""
        with self._lock:
            before = {key: (known.number, known.size) for key, known in self._known.items()}
            seen: set[tuple[int, int]] = set()
            for path, source in self._paths():
                key = self._take(path, source)
                if key is not None:
                    seen.add(key)
            for gone in set(self._known) - seen:
                del self._known[gone]
            if before != {key: (known.number, known.size) for key, known in self._known.items()}:
                self._found = None
                self._state += 1
            return self._state

    def find(self, query: LogQuery) -> Sequence[Key]:
        """Return the keys (time in ms, id) of the lines that match, the oldest first."""
        with self._lock:
            if self._found is None or self._found[0] != query:
                keys = [key for known in self._known.values() for key in self._matching(known, query)]
                keys.sort()
                self._found = (query, keys)
            return self._found[1]

    def lines(self, keys: Sequence[Key]) -> tuple[LogLine, ...]:
        """Read lines in full; what has gone meanwhile is left out."""
        with self._lock:
            by_number = {known.number: known for known in self._known.values()}
            wanted = [(by_number.get(row_id >> _NUMBER_BITS), row_id & ((1 << _NUMBER_BITS) - 1)) for _, row_id in keys]
            read: dict[int, bytes] = {}
            lines = []
            for known, offset in wanted:
                if known is None:
                    continue
                if known.number not in read:
                    read[known.number] = _content(known)
                line = _line_at(known, read[known.number], offset)
                if line is not None:
                    lines.append(line)
            return tuple(lines)

    def _paths(self) -> Iterator[tuple[Path, str]]:
        named = [(path, found[1]) for path in _listed(self._directory) if (found := _LOG_NAME.fullmatch(path.name))]
        yield from sorted(named, key=lambda each: (each[1], len(each[0].name), each[0].name))
        server = self._server_log()
        for path in (server, server.with_suffix(".log.1")):
            if path.is_file():
                yield path, DATABASE_SOURCE

    def _take(self, path: Path, source: str) -> tuple[int, int] | None:
        """Find the records of a file that are not known yet; return what the file is known by."""
        try:
            with path.open("rb") as stream:
                status = os.fstat(stream.fileno())
                key = (status.st_dev, status.st_ino)
                beginning = stream.read(_BEGINNING)
                known = self._same_file(key, status.st_size, beginning)
                if known is None:
                    known = _KnownFile(self._next_number, path, source, beginning)
                    self._next_number += 1
                    self._known[key] = known
                known.path, known.beginning = path, beginning
                if status.st_size != known.size:
                    # The last record may have been cut off, or have got further lines.
                    last = known.marks.pop() if known.marks else None
                    start = last.offset if last is not None else 0
                    stream.seek(start)
                    data = stream.read(status.st_size - start)
                    # Stacks of native faults bear no time: they are as old as their file.
                    first = int(status.st_mtime * 1000) if source == _NATIVE_FAULTS else 0
                    before = known.marks[-1].at if known.marks else first
                    known.marks.extend(marks_of(data, start, source, before))
                    known.size = start + len(data)
        except OSError:
            return None
        return key

    def _same_file(self, key: tuple[int, int], size: int, beginning: bytes) -> _KnownFile | None:
        known = self._known.get(key)
        is_same = known is not None and size >= known.size and beginning.startswith(known.beginning)
        return known if is_same else None

    def _matching(self, known: _KnownFile, query: LogQuery) -> Iterator[Key]:
        if query.source and known.source != query.source:
            return
        since, until = _milliseconds(query.since, 0), _milliseconds(query.until, 1 << 62)
        wanted = [mark for mark in known.marks if mark.level >= query.level and since <= mark.at <= until]
        needles = raw_needles(query.text, known.source)
        if not needles:
            yield from ((mark.at, _id(known, mark)) for mark in wanted)
            return
        data = _content(known)
        lowered = data.lower() if query.text.isascii() else None  # many times as quick, and nearly always enough
        needs_proof = any(unproven for _, unproven in needles)
        for mark in wanted:
            if not _holds(lowered, data, mark, needles):
                continue
            if not needs_proof or record_has_words(data[mark.offset : mark.offset + mark.length], query.text):
                yield mark.at, _id(known, mark)


def logs_of(directory: Path, postgres: Path) -> LogFiles:
    """Return the logs of a profile, given the directories of its logs and of its built-in database; makes nothing."""
    return LogFiles(directory, lambda: known_home(postgres) / "server.log")


def _listed(directory: Path) -> list[Path]:
    try:
        return [path for path in directory.iterdir() if path.is_file()]
    except OSError:
        return []


def _id(known: _KnownFile, mark: LogMark) -> int:
    return known.number << _NUMBER_BITS | mark.offset


def _milliseconds(moment: datetime | None, otherwise: int) -> int:
    return otherwise if moment is None else int(moment.timestamp() * 1000)


def _holds(lowered: bytes | None, data: bytes, mark: LogMark, needles: Sequence[tuple[bytes, bool]]) -> bool:
    end = mark.offset + mark.length
    if lowered is not None:
        return all(lowered.find(needle, mark.offset, end) >= 0 for needle, _ in needles)
    record = data[mark.offset : end].decode("utf-8", "replace").lower().encode("utf-8", "replace")
    return all(needle in record for needle, _ in needles)


def _content(known: _KnownFile) -> bytes:
    """Return what was found in a file so far; nothing of it when another file has taken its name or its place."""
    for path in (known.path, *_listed(known.path.parent)):
        try:
            with path.open("rb") as stream:
                if stream.read(len(known.beginning)) == known.beginning:
                    stream.seek(0)
                    return stream.read(known.size)
        except OSError:
            continue
    return b""


def _line_at(known: _KnownFile, data: bytes, offset: int) -> LogLine | None:
    place = bisect_left(known.marks, offset, key=lambda mark: mark.offset)
    if place == len(known.marks) or known.marks[place].offset != offset or offset >= len(data):
        return None
    return _read(known, data, known.marks[place])


def _read(known: _KnownFile, data: bytes, mark: LogMark) -> LogLine:
    return line_of(data[mark.offset : mark.offset + mark.length], mark, known.source, _id(known, mark))

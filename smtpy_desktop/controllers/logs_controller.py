"""Looking at what the program has written down: pages of it for the window, the newest lines, and following it."""

from __future__ import annotations

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from smtpy_desktop.schemas.log_lines import LogFile, LogLine, LogQuery
from smtpy_desktop.schemas.paging import Key, ListShape, Page, Position

_FOLLOW_SECONDS = 0.4


class LogReader(Protocol):
    """Reads the logs; every call blocks for as long as the disk takes, so call it from a thread."""

    def files(self) -> tuple[LogFile, ...]:
        """Return the files that there are, by source, the newest of each first."""
        ...

    def refresh(self) -> int:
        """Look for what was written since; return a number that grows when there is something new or gone."""
        ...

    def find(self, query: LogQuery) -> Sequence[Key]:
        """Return the keys (time in ms, id) of the lines that match, the oldest first."""
        ...

    def lines(self, keys: Sequence[Key]) -> tuple[LogLine, ...]:
        """Read lines in full; what has gone meanwhile is left out."""
        ...


async def list_files(reader: LogReader) -> tuple[LogFile, ...]:
    """Return the files of the logs."""
    return await asyncio.to_thread(reader.files)


async def list_page(reader: LogReader, query: LogQuery, position: Position, limit: int) -> Page[LogLine]:
    """Return some of the lines that match, the newest first."""
    return await asyncio.to_thread(_page, reader, query, position, limit)


async def list_shape(reader: LogReader, query: LogQuery, step: int) -> ListShape:
    """Return how many lines match, and every ``step``-th key."""
    return await asyncio.to_thread(_shape, reader, query, step)


async def look_for_more(reader: LogReader) -> int:
    """Look for what was written since; return a number that grows when there is something new or gone."""
    return await asyncio.to_thread(reader.refresh)


async def newest_lines(reader: LogReader, query: LogQuery, most: int) -> tuple[LogLine, ...]:
    """Return the last lines that match, at most so many, the oldest first."""

    def read() -> tuple[LogLine, ...]:
        reader.refresh()
        return reader.lines(reader.find(query)[-most:] if most else ())

    return await asyncio.to_thread(read)


async def follow(reader: LogReader, query: LogQuery, *, seconds: float = _FOLLOW_SECONDS) -> AsyncIterator[LogLine]:
    """Yield every line that matches and is written from now on, once; looks every ``seconds``."""

    def look(known: frozenset[int]) -> tuple[frozenset[int], tuple[LogLine, ...]]:
        keys = reader.find(query)
        return frozenset(key[1] for key in keys), reader.lines([key for key in keys if key[1] not in known])

    def begin() -> tuple[int, frozenset[int]]:
        return reader.refresh(), frozenset(key[1] for key in reader.find(query))

    state, seen = await asyncio.to_thread(begin)
    while True:
        await asyncio.sleep(seconds)
        before, state = state, await asyncio.to_thread(reader.refresh)
        if state != before:
            seen, lines = await asyncio.to_thread(look, seen)
            for line in lines:
                yield line


def _page(reader: LogReader, query: LogQuery, position: Position, limit: int) -> Page[LogLine]:
    if position == Position.start():  # a list is read anew
        reader.refresh()
    keys = _keys_at(reader.find(query), position, limit)
    lines = {line.id: line for line in reader.lines(keys)}
    there = [key for key in keys if key[1] in lines]
    return Page(tuple(lines[key[1]] for key in there), tuple(there))


def _keys_at(ascending: Sequence[Key], position: Position, limit: int) -> list[Key]:
    """Cut a page out of the list that begins with the newest."""
    total = len(ascending)
    if position.backwards:
        end = total if position.key is None else total - bisect_right(ascending, position.key)
        start = max(0, end - limit)
    else:
        start, end = position.skip, 0
        if position.key is not None:
            cut = bisect_right if position.inclusive else bisect_left
            start += total - cut(ascending, position.key)
        end = start + limit
    start, end = min(start, total), min(end, total)
    return list(reversed(ascending[total - end : total - start]))


def _shape(reader: LogReader, query: LogQuery, step: int) -> ListShape:
    keys = reader.find(query)
    return ListShape(len(keys), step, tuple(keys[::-1][::step]))

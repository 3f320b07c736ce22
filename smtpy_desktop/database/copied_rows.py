"""The rows of a ``COPY … TO STDOUT``, taken as fast as the server sends them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import psycopg.pq.abc
from psycopg.generators import fetch_many
from psycopg.waiting import Ready, Wait, wait

# What is small enough for the processor's cache is put together twice as fast.
_BLOCK_BYTES = 256 * 1024
_LOOK_SECONDS = 0.05
"""How often a reader that waits for the database looks whether it is to stop."""


async def read_ahead(connection: psycopg.pq.abc.PGconn) -> AsyncGenerator[list[bytes], None]:
    """Yield the rows of a COPY under way, about ``_BLOCK_BYTES`` at a time; close it when leaving early.

    They are read on a thread of its own, always a block ahead: the server never waits for what is done with the rows.
    Nobody else may use the connection meanwhile. Raises the driver's error that ended the rows.
    """
    reader = _Reader(connection)
    executor = ThreadPoolExecutor(1, "export-reader")
    loop = asyncio.get_running_loop()
    reading = loop.run_in_executor(executor, reader.block)
    try:
        while rows := await asyncio.shield(reading):
            reading = loop.run_in_executor(executor, reader.block)
            yield rows
    finally:
        reader.stop()
        # Nobody else may use the connection before the reader has left it; whatever it says now, nobody asks any more.
        await asyncio.shield(asyncio.wait([reading]))
        executor.shutdown(wait=False)


class _Reader:
    """Takes rows as they arrive; psycopg hands out one at each ``await``, which costs more than all else together."""

    def __init__(self, connection: psycopg.pq.abc.PGconn) -> None:
        self._connection = connection
        self._is_over = False

    def stop(self) -> None:
        """Let ``block``, on its thread, return soon."""
        self._is_over = True

    def block(self) -> list[bytes]:
        """Take rows up to a block's size, none at the end; blocking. Raises the error that ended them."""
        return wait(self._taken(), self._connection.socket, interval=_LOOK_SECONDS)

    def _taken(self) -> Generator[Wait, Ready | int, list[bytes]]:
        rows: list[bytes] = []
        size = 0
        while not self._is_over and size < _BLOCK_BYTES:
            length, row = self._connection.get_copy_data(1)
            if length == 0:
                # Often more has come meanwhile: to take it costs far less than to wait for it.
                self._connection.consume_input()
                length, row = self._connection.get_copy_data(1)
            if length > 0:
                rows.append(bytes(row))  # a view would make the garbage collector look at every row
                size += length
            elif length < 0:
                yield from self._end()
            elif (yield Wait.R):
                self._connection.consume_input()
        return rows

    def _end(self) -> Generator[Wait, Ready | int, None]:
        self._is_over = True
        for result in (yield from fetch_many(self._connection)):
            if result.status != psycopg.pq.ExecStatus.COMMAND_OK:
                raise psycopg.errors.error_from_result(result)

"""Waiting for several servers at once, without leaving a task behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

T = TypeVar("T")

Ask = Callable[[], Coroutine[Any, Any, T]]


async def gather_all(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return the results of all, in order; when one raises, the others are cancelled."""
    coroutines = list(work)
    if len(coroutines) == 1:
        return [await coroutines[0]]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(coroutine) for coroutine in coroutines]
    return [task.result() for task in tasks]


async def first_good(asks: Sequence[Ask[T]], is_good: Callable[[T], bool], patience_seconds: float) -> T:
    """Return the first good result, else the first result at all.

    The next one is asked when the one before failed or has not answered within the patience; at least one is needed.
    """
    if len(asks) == 1:
        return await asks[0]()
    results: list[T] = []
    async with _cancelled_at_the_end() as pending:
        for position, ask in enumerate(asks, 1):
            pending.add(asyncio.create_task(ask()))
            is_last = position == len(asks)
            while pending:
                done, _ = await asyncio.wait(
                    pending, timeout=None if is_last else patience_seconds, return_when=asyncio.FIRST_COMPLETED
                )
                pending.difference_update(done)
                results.extend(task.result() for task in done)
                good = next(filter(is_good, results), None)
                if good is not None:
                    return good
                if not is_last:
                    break
    return results[0]


async def until(
    work: Iterable[Coroutine[Any, Any, T]],
    is_enough: Callable[[list[T]], bool],
    grace_seconds: Callable[[list[T]], float | None],
) -> list[T]:
    """Return results as they come until they are enough; ``grace_seconds`` says how long to wait for one more."""
    results: list[T] = []
    async with _cancelled_at_the_end() as pending:
        pending.update(asyncio.create_task(coroutine) for coroutine in work)
        while pending and not is_enough(results):
            done, _ = await asyncio.wait(pending, timeout=grace_seconds(results), return_when=asyncio.FIRST_COMPLETED)
            if not done:
                break
            pending.difference_update(done)
            results.extend(task.result() for task in done)
    return results


@asynccontextmanager
async def _cancelled_at_the_end() -> AsyncIterator[set[asyncio.Task[Any]]]:
    pending: set[asyncio.Task[Any]] = set()
    try:
        yield pending
    finally:
        for task in pending:
            task.cancel()
        if pending:
            await asyncio.wait(pending)

"""Work that runs side by side and fails as one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


@contextmanager
def first_failure() -> Iterator[None]:
    """Raise the first failure itself in place of the group that ``asyncio.TaskGroup`` makes of it.

    So a lost database is told as such wherever in the run it is noticed.
    """
    try:
        yield
    except BaseExceptionGroup as group:
        failure = _first(group)
        raise failure from failure.__cause__


async def all_of(work: Iterable[Coroutine[Any, Any, T]]) -> tuple[T, ...]:
    """Run coroutines side by side; the first failure cancels the others."""
    with first_failure():
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    return tuple(task.result() for task in tasks)


def _first(error: BaseException) -> BaseException:
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error

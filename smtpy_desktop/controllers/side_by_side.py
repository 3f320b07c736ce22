"""Work that runs side by side and fails as one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


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


def _first(error: BaseException) -> BaseException:
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error

"""Work that is done together: one group at a time, and nobody fails for another's sake."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from smtpy_desktop.controllers.group_work import GroupWork
from smtpy_desktop.errors import DatabaseUnavailable, UserFacingError


class Doubling:
    """Doubles numbers, notes the groups, and fails as it is told."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.refused: dict[int, Exception] = {}
        self.begun, self.gate = asyncio.Event(), asyncio.Event()

    async def work(self, given: Sequence[int]) -> list[int]:
        self.groups.append(list(given))
        self.begun.set()
        await self.gate.wait()
        for number in given:
            if number in self.refused:
                raise self.refused[number]
        return [2 * number for number in given]


async def test_what_comes_meanwhile_is_the_next_group() -> None:
    doubling = Doubling()
    group = GroupWork(doubling.work)
    first = asyncio.ensure_future(group.do(1))
    await doubling.begun.wait()

    others = asyncio.gather(group.do(2), group.do(3))
    await asyncio.sleep(0)
    doubling.gate.set()

    assert (await first, await others) == (2, [4, 6])
    assert doubling.groups == [[1], [2, 3]]


async def test_one_that_is_refused_does_not_take_the_others_with_it() -> None:
    doubling = Doubling()
    doubling.gate.set()
    doubling.refused[2] = UserFacingError("NO", "no")
    group = GroupWork(doubling.work)

    results = await asyncio.gather(*(group.do(number) for number in (1, 2, 3)), return_exceptions=True)

    assert results == [2, doubling.refused[2], 6]


async def test_without_a_database_nobody_is_tried_alone() -> None:
    doubling = Doubling()
    doubling.gate.set()
    doubling.refused[2] = DatabaseUnavailable("AWAY", "away")
    group = GroupWork(doubling.work)

    results = await asyncio.gather(*(group.do(number) for number in (1, 2, 3)), return_exceptions=True)

    assert results == [doubling.refused[2]] * 3
    assert doubling.groups == [[1, 2, 3]]


async def test_a_bug_is_heard_by_all_who_wait_and_later_ones_are_served() -> None:
    doubling = Doubling()
    doubling.gate.set()
    doubling.refused[2] = ValueError("a bug")
    group = GroupWork(doubling.work)

    results = await asyncio.gather(group.do(1), group.do(2), return_exceptions=True)

    assert results == [doubling.refused[2]] * 2
    assert await group.do(3) == 6


async def test_closing_cancels_whoever_waits() -> None:
    doubling = Doubling()
    group = GroupWork(doubling.work, largest=1)
    waiting = [asyncio.ensure_future(group.do(number)) for number in (1, 2)]
    await doubling.begun.wait()

    await group.close()

    for one in waiting:
        with pytest.raises(asyncio.CancelledError):
            await one

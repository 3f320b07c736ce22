"""The memory of answers: bounded, short, and shared by those who ask at the same time."""

from __future__ import annotations

import asyncio

import pytest

from smtpy_desktop.gateways.dns_cache import SharedAnswers

KEY = ("a.example.com", "TXT")


class Worker:
    """Counts how often it is asked and answers when told to."""

    def __init__(self, seconds: float = 60.0) -> None:
        self.calls = 0
        self.seconds = seconds
        self.may_finish = asyncio.Event()
        self.was_cancelled = False

    async def __call__(self) -> tuple[int, float]:
        self.calls += 1
        number = self.calls
        try:
            await self.may_finish.wait()
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        return number, self.seconds


async def _turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_equal_questions_at_the_same_time_share_one_answer():
    answers, work = SharedAnswers[int](10), Worker()
    waiting = [asyncio.create_task(answers.get(KEY, work)) for _ in range(5)]
    await _turns()
    work.may_finish.set()

    assert await asyncio.gather(*waiting) == [1] * 5
    assert work.calls == 1


async def test_an_answer_is_remembered_unless_its_time_is_zero():
    answers, lasting, passing = SharedAnswers[int](10), Worker(60), Worker(0)
    lasting.may_finish.set()
    passing.may_finish.set()

    assert [await answers.get(("a.com", 1), lasting), await answers.get(("a.com", 1), lasting)] == [1, 1]
    assert [await answers.get(("b.com", 1), passing), await answers.get(("b.com", 1), passing)] == [1, 2]


async def test_the_memory_is_bounded():
    answers, work = SharedAnswers[int](3), Worker()
    work.may_finish.set()

    for key in range(10):
        await answers.get((f"d{key}.com", 1), work)

    assert len(answers._kept) == 3
    assert not answers._flights


async def test_cancelling_one_waiter_leaves_the_others_alone():
    answers, work = SharedAnswers[int](10), Worker()
    first, second = (asyncio.create_task(answers.get(KEY, work)) for _ in range(2))
    await _turns()
    first.cancel()
    await _turns()
    work.may_finish.set()

    assert await second == 1
    assert first.cancelled()


async def test_cancelling_the_last_waiter_stops_the_work():
    answers, work = SharedAnswers[int](10), Worker()
    waiter = asyncio.create_task(answers.get(KEY, work))
    await _turns()

    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter

    assert work.was_cancelled
    assert len(asyncio.all_tasks()) == 1


async def test_what_was_asked_before_forgetting_is_not_remembered():
    answers, old, new = SharedAnswers[int](10), Worker(), Worker()
    waiter = asyncio.create_task(answers.get(KEY, old))
    await _turns()
    answers.forget("example.com")
    old.may_finish.set()
    await waiter
    new.may_finish.set()

    await answers.get(KEY, new)

    assert new.calls == 1


async def test_a_failure_reaches_every_waiter_and_is_not_remembered():
    answers = SharedAnswers[int](10)

    async def fail() -> tuple[int, float]:
        raise RuntimeError("no")

    for _ in range(2):
        with pytest.raises(RuntimeError):
            await answers.get(KEY, fail)


@pytest.mark.parametrize(
    ("forgotten", "calls"),
    [("example.com", 2), ("a.example.com", 2), ("", 2), ("b.a.example.com", 1), ("xample.com", 1), ("example.org", 1)],
)
async def test_forgetting_a_name_forgets_what_is_below_and_nothing_else(forgotten, calls):
    answers, work = SharedAnswers[int](10), Worker()
    work.may_finish.set()
    await answers.get(KEY, work)

    answers.forget(forgotten)
    await answers.get(KEY, work)
    await answers.get(KEY, work)

    assert work.calls == calls


async def test_nothing_forgotten_comes_back_however_much_is_forgotten():
    answers, work = SharedAnswers[int](3), Worker()
    work.may_finish.set()
    await answers.get(KEY, work)
    answers.forget("example.com")

    for number in range(10):
        answers.forget(f"d{number}.org")
    await answers.get(KEY, work)

    assert work.calls == 2
    assert len(answers._marks) <= 3


async def test_whoever_asks_after_forgetting_does_not_join_who_asked_before():
    answers, old, new = SharedAnswers[int](10), Worker(), Worker()
    first = asyncio.create_task(answers.get(KEY, old))
    await _turns()
    answers.forget("example.com")
    second = asyncio.create_task(answers.get(KEY, new))
    await _turns()
    old.may_finish.set()
    new.may_finish.set()

    await asyncio.gather(first, second)

    assert (old.calls, new.calls) == (1, 1)

"""What keeps the window's thread from waiting for the others."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from collections.abc import Iterator

import pytest

from smtpy_desktop.runtime.responsiveness import (
    begin_starting,
    end_starting,
    end_starting_again,
    search_garbage,
    share_interpreter,
)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    seconds = sys.getswitchinterval()
    yield
    sys.setswitchinterval(seconds)
    gc.unfreeze()


def test_what_was_made_at_the_start_is_never_searched_for_garbage() -> None:
    begin_starting()
    made = [[] for _ in range(1000)]

    end_starting()

    assert gc.get_freeze_count() >= len(made)


class Knot:
    """Something in a cycle that tells in which thread it is collected."""

    def __init__(self, collected_in: list[int]) -> None:
        self.itself = self
        weakref.finalize(self, lambda: collected_in.append(threading.get_ident()))


def test_what_another_thread_made_is_collected_on_the_windows_thread() -> None:
    collected_in: list[int] = []
    kept: list[list[int]] = []

    def make_many() -> None:
        for _ in range(20):
            Knot(collected_in)
        kept.extend([number] for number in range(100_000))  # the interpreter would search many times

    begin_starting()
    end_starting()
    thread = threading.Thread(target=make_many)
    thread.start()
    thread.join()
    search_garbage()

    assert collected_in == [threading.get_ident()] * 20


def test_what_has_gone_since_the_start_is_collected_when_the_start_is_made_again() -> None:
    collected_in: list[int] = []
    begin_starting()
    Knot(collected_in)
    end_starting()
    search_garbage()
    before = list(collected_in)

    end_starting_again()

    assert before == []
    assert len(collected_in) == 1
    assert gc.get_freeze_count() > 0


def test_threads_take_turns_quickly() -> None:
    share_interpreter()

    assert sys.getswitchinterval() <= 0.001

"""What keeps the window's thread from waiting for the others."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator

import pytest

from smtpy_desktop.runtime.responsiveness import begin_starting, end_starting, share_interpreter


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    seconds, threshold = sys.getswitchinterval(), gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    sys.setswitchinterval(seconds)
    gc.unfreeze()
    gc.enable()


def test_what_was_made_at_the_start_is_never_searched_for_garbage() -> None:
    begin_starting()
    is_collecting = gc.isenabled()
    made = [[] for _ in range(1000)]

    end_starting()

    assert not is_collecting
    assert gc.isenabled()
    assert gc.get_freeze_count() >= len(made)


def test_threads_take_turns_quickly() -> None:
    share_interpreter()

    assert sys.getswitchinterval() <= 0.001

"""Settings of the interpreter that keep the window's thread from waiting for the others."""

from __future__ import annotations

import gc
import sys

_SWITCH_SECONDS = 0.0005
SEARCH_MILLISECONDS = 250
_FEWEST_MADE = 700
_SEARCHES_BEFORE_NEXT = (5, 100)  # CPython's are 10, 10: here middle searches are shorter, and full ones seldom


def begin_starting() -> None:
    """Collect no garbage while modules and widgets are made: almost all of it stays.

    From then on the interpreter never searches by itself. It would do so in whatever thread makes objects, mostly the
    asyncio thread; a widget or a timer that is in a cycle was then deleted there while the window's thread still
    delivered its events, and the program ended.
    """
    gc.disable()


def end_starting() -> None:
    """Leave what has been made until now out of every later search for garbage.

    A full search among half a million objects stops all threads for 150 ms (measured), as often as twice a second
    while a bulk verification runs.
    """
    gc.freeze()


def end_starting_again() -> None:
    """Leave out what is there now, in place of what has gone: without one full search that would stay for ever."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def search_garbage() -> None:
    """Search in this thread, the window's, as far as that is due; call it every ``SEARCH_MILLISECONDS``."""
    made, young, middle = gc.get_count()
    most_young, most_middle = _SEARCHES_BEFORE_NEXT
    if made > _FEWEST_MADE:
        gc.collect(2 if middle > most_middle else 1 if young > most_young else 0)


def share_interpreter() -> None:
    """Let threads take turns quickly.

    Painting one table hands the interpreter over some hundred times; with CPython's 5 ms each time the window would
    stand still for a second while another thread computes.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)

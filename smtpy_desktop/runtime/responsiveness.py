"""Settings of the interpreter that keep the window's thread from waiting for the others."""

from __future__ import annotations

import gc
import sys

_SWITCH_SECONDS = 0.0005
_SEARCHES = (700, 5, 100)  # CPython's are 700, 10, 10: here middle searches are shorter, and full ones seldom


def begin_starting() -> None:
    """Collect no garbage while modules and widgets are made: almost all of it stays."""
    gc.disable()


def end_starting() -> None:
    """Leave what has been made until now out of every later search for garbage.

    A full search among half a million objects stops all threads for 150 ms (measured), as often as twice a second
    while a bulk verification runs.
    """
    gc.freeze()
    gc.set_threshold(*_SEARCHES)
    gc.enable()


def share_interpreter() -> None:
    """Let threads take turns quickly.

    Painting one table hands the interpreter over some hundred times; with CPython's 5 ms each time the window would
    stand still for a second while another thread computes.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)

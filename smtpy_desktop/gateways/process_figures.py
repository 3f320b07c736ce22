"""What this process uses of the machine."""

from __future__ import annotations

import os
import time
from pathlib import Path

from smtpy_desktop.core.forwarder_metrics import ProcessFigures

_STATM = Path("/proc/self/statm")
_FILES = Path("/proc/self/fd")


def process_figures(started: float) -> ProcessFigures:
    """Return the figures; what a system does not tell is 0. ``started`` in Unix time."""
    return ProcessFigures(started, time.process_time(), _memory(), _open_files())


def _memory() -> int:
    try:
        return int(_STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, AttributeError, ValueError, IndexError):
        return 0


def _open_files() -> int:
    try:
        return sum(1 for _ in _FILES.iterdir())
    except OSError:
        return 0

"""Long work of the window's own thread, done in small slices between which the window lives."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer

SLICE_SECONDS = 0.004
"""How long one slice may take; with one step and one frame more it stays below 16 ms."""


class SlicedWork(QObject):
    """Walks through an iterator in slices of a few milliseconds and calls back at its end.

    It is for what has to be done on the window's thread although it takes long. ``on_slice`` is called after each
    slice; an error in a step ends the work and goes the way of every error of the window. It ends with its parent and
    keeps nothing once it is over: nobody needs to delete it.
    """

    def __init__(
        self,
        steps: Iterator[object],
        parent: QObject,
        on_done: Callable[[], object],
        on_slice: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(parent)
        self._steps, self._on_done, self._on_slice = steps, on_done, on_slice
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._do_slice)
        self._timer.start()

    @property
    def is_running(self) -> bool:
        """Whether there is more to do."""
        return self._timer.isActive()

    def stop(self) -> None:
        """Do no more; nobody is called back."""
        self._timer.stop()
        self._let_go()

    def _do_slice(self) -> None:
        end = time.perf_counter() + SLICE_SECONDS
        is_over = True
        try:
            is_over = self._is_over_by(end)
        finally:
            if is_over:
                self._timer.stop()
        on_slice, on_done = self._on_slice, self._on_done
        if is_over:
            self._let_go()
        if on_slice is not None:
            on_slice()
        if is_over:
            on_done()

    def _let_go(self) -> None:
        self._steps, self._on_done, self._on_slice = iter(()), lambda: None, None

    def _is_over_by(self, end: float) -> bool:
        return all(time.perf_counter() < end for _ in self._steps)

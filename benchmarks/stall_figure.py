"""Figure *stall*: how long the window does not react while a thousand domains are verified."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.figure import Figure, tell
from benchmarks.measuring import percentile
from benchmarks.trial_profile import trial_profile
from benchmarks.verify_figure import DOMAINS, trial
from benchmarks.window_trial import Script, run_in_window, until_calm
from smtpy_desktop.views.domains_view import DomainsView
from smtpy_desktop.views.widgets.confirm import ConfirmDialog
from smtpy_desktop.window_app import WindowApp

_TICK_MILLISECONDS = 5
_IDLE_SECONDS = 5.0
_ROUNDS = 3
_PERCENT = 99


class Ticks(QObject):
    """A timer on the GUI thread; ``gaps`` are the times between two of its ticks, in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MILLISECONDS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin to measure."""
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> list[float]:
        """Return the gaps since the start."""
        self._timer.stop()
        gaps, self.gaps = self.gaps, []
        return gaps

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000)
        self._last = now


def main() -> None:
    """Measure and tell the figure."""
    idle: list[float] = []
    busy: list[float] = []

    def script(app: WindowApp, page: DomainsView) -> Script:
        ticks = Ticks()
        for _ in range(_ROUNDS):
            ticks.start()
            begun = time.monotonic()
            yield lambda begun=begun: time.monotonic() - begun > _IDLE_SECONDS  # type: ignore[misc]
            idle.extend(ticks.stop())
            yield from _verify_all(app, page, ticks)
            busy.extend(ticks.stop())
            yield until_calm(app)

    with trial_profile() as profile, trial(profile):
        run_in_window(profile, script)
    tell(_figure(busy, idle))


def _verify_all(app: WindowApp, page: DomainsView, ticks: Ticks) -> Script:
    """Press the buttons that a person presses, and wait until the verification is over."""
    page.verify_all_button.click()
    yield lambda: _question() is not None
    question = _question()
    assert question is not None
    ticks.start()
    question.action_button.click()
    yield lambda: _verifies(app)
    yield lambda: not _verifies(app)


def _verifies(app: WindowApp) -> bool:
    return any(handle.progress is not None for handle in app.runner.running)


def _question() -> ConfirmDialog | None:
    shown = (top for top in QApplication.topLevelWidgets() if isinstance(top, ConfirmDialog) and top.isVisible())
    return next(shown, None)


def _figure(busy: list[float], idle: list[float]) -> Figure:
    worst = max(busy)
    note = (
        f"p{_PERCENT} of the gaps of a {_TICK_MILLISECONDS} ms timer while {DOMAINS:,} domains are verified "
        f"({len(busy):,} gaps, the longest {worst:.0f} ms), against the idle window ({len(idle):,} gaps)"
    )
    return Figure(
        "stall", percentile(busy, _PERCENT), percentile(idle, _PERCENT), "ms", limit=16, bounds_ours=True, note=note
    )


if __name__ == "__main__":
    main()

"""Figure *messages_jump*: from the press of End, Home or a drop of the thumb until the rows there are painted."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QTableView

from benchmarks.figure import Figure, tell
from benchmarks.measuring import percentile
from benchmarks.message_world import message_world
from benchmarks.messages_trial import Act, bare_table, messages_page, open_messages, press, shows_all_rows
from benchmarks.window_trial import Script, run_in_window, until_calm
from smtpy_desktop.views.domains_view import DomainsView
from smtpy_desktop.window_app import WindowApp

_ROUNDS = 30
_PERCENT = 95


class ShownWatch(QObject):
    """Takes the time from an act to the end of the first paint event with every row there."""

    def __init__(self, table: QTableView, is_there: Callable[[], bool]) -> None:
        super().__init__(table)
        self.milliseconds: float | None = None
        self._is_there = is_there
        self._begun: float | None = None
        table.viewport().installEventFilter(self)

    def begin(self, act: Act) -> None:
        """Act, and take the time from now on."""
        self.milliseconds, self._begun = None, time.perf_counter()
        act()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._begun is not None and event.type() == QEvent.Type.Paint and self._is_there():
            QTimer.singleShot(0, self._end)  # after this event, when everything is painted
        return False

    def _end(self) -> None:
        if self._begun is not None:
            self.milliseconds, self._begun = (time.perf_counter() - self._begun) * 1000, None


def main() -> None:
    """Measure and tell the figure."""
    ours: list[float] = []
    reference: list[float] = []

    def script(app: WindowApp, domains: DomainsView) -> Script:
        yield from open_messages(app)
        yield from _measure(app, ours, reference)

    with message_world() as world:
        run_in_window(world, script)
    tell(_figure(ours, reference))


def _measure(app: WindowApp, ours: list[float], reference: list[float]) -> Script:
    page = messages_page(app)
    bare = bare_table(page.list.table)
    watches = (
        (page.list.table, ShownWatch(page.list.table, lambda: shows_all_rows(page)), ours),
        (bare, ShownWatch(bare, lambda: True), reference),
    )
    for number in range(_ROUNDS):
        for table, watch, times in watches:
            press(table, Qt.Key.Key_Home)
            yield until_calm(app)
            # A jump between two others goes somewhere else each time: to a part that was not seen before.
            place = table.verticalScrollBar().maximum() * (number + 1) // (_ROUNDS + 1)
            for act in (lambda: press(table, Qt.Key.Key_End), lambda: table.verticalScrollBar().setValue(place)):  # noqa: B023
                watch.begin(act)
                yield lambda: watch.milliseconds is not None  # noqa: B023
                assert watch.milliseconds is not None
                times.append(watch.milliseconds)
                yield until_calm(app)
    bare.close()


def _figure(ours: list[float], reference: list[float]) -> Figure:
    note = (
        f"p{_PERCENT} of {len(ours)} jumps to the end and to places in the middle, until every row that is seen is "
        f"painted; the longest {max(ours):.0f} ms; reference: a bare QTableView on a constant model"
    )
    return Figure(
        "messages jump to the end until painted",
        percentile(ours, _PERCENT),
        percentile(reference, _PERCENT),
        "ms",
        limit=300,
        bounds_ours=True,
        note=note,
    )


if __name__ == "__main__":
    main()

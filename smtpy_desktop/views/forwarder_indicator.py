"""How forwarding stands in the top bar, whichever page is seen; pressing it leads to the Forwarder page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from smtpy_desktop.controllers import forwarder_controller
from smtpy_desktop.runtime.task_runner import say_nothing
from smtpy_desktop.schemas.forwarder import ForwarderProcess
from smtpy_desktop.schemas.forwarding_state import ForwardingState
from smtpy_desktop.views.forwarder_words import forwarder_standing
from smtpy_desktop.views.main_window import MainWindow
from smtpy_desktop.views.view_context import ViewContext

PART = "forwarder"
"""The id of the indicator in the top bar."""

_EVERY_MILLISECONDS = 5_000


class ForwarderIndicator(QObject):
    """Asks every few seconds which processes gave a sign of life. ``pressed``: the page is wanted."""

    pressed = Signal()

    def __init__(
        self, context: ViewContext, window: MainWindow, here: Callable[[], ForwardingState], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context, self._window, self._here = context, window, here
        self._processes: tuple[ForwarderProcess, ...] | None = None
        window.top_bar.status_pressed.connect(self._on_pressed)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MILLISECONDS)
        self._timer.timeout.connect(self.read)

    def begin(self) -> None:
        """Show how it stands, and follow it from now on."""
        self.read()
        self._timer.start()

    def read(self) -> None:
        """Ask now; without a database what was known stays, as the banner tells that."""
        self._context.runner.run(
            forwarder_controller.processes(self._context.services.sessions),
            owner=self,
            on_success=self.show_processes,
            on_error=say_nothing,
            replaces="forwarder/indicator",
        )

    def show_processes(self, processes: Sequence[ForwarderProcess]) -> None:
        """Show how forwarding stands with these processes."""
        self._processes = tuple(processes)
        standing = forwarder_standing(self._processes, self._here())
        self._window.set_status(PART, standing.word, standing.tone, standing.sentences)

    def follow_here(self) -> None:
        """Show that the forwarder in this window is in another state."""
        if self._processes is not None:
            self.show_processes(self._processes)

    def _on_pressed(self, part: str) -> None:
        if part == PART:
            self.pressed.emit()
